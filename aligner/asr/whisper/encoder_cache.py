"""A cache of the encoder's output, so that each window is encoded once.

The output is kept in 16 bits in an unnamed temporary file, because rescoring may need any window
again: 1.5 MB a window with the base model, about 200 MB for an hour of speech.
"""

from __future__ import annotations

import logging
import math
import tempfile
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from io import FileIO
from threading import Lock
from time import sleep

import numpy as np
from numpy.typing import NDArray

from aligner.asr.whisper.model import EncoderOutput, WhisperModel
from aligner.types import Audio, Span

log = logging.getLogger(__name__)

MAX_PREFETCH = 12
"""Most windows encoded before they are needed: those are lost if the speech leaves the draft."""
FLOAT16_BYTES = 2
IDLE_S = 0.05
"""How often an idle thread looks for a window to encode."""

Key = tuple[Span, bool]
"""A window, and whether its encoding is tight."""


class EncoderCache:
    """The encoder output of a recording's windows; several threads may use it."""

    def __init__(self, model: WhisperModel, audio: Audio) -> None:
        self.model = model
        self.audio = audio
        """The audio that has arrived so far."""
        self._file = _SpillFile()
        self._futures: dict[Key, Future[_SpilledEncoding]] = {}
        self._prefetched: set[Key] = set()
        self._lock = Lock()

    def get(
        self, windows: Sequence[Span], *, tight: bool = True, prefetch: bool = False
    ) -> list[EncoderOutput]:
        """Returns the encodings of windows; encodes those that are missing.

        ``tight`` encodings will do if set (see ``WhisperModel.encode``). ``prefetch`` marks
        windows that are encoded before they are needed. Raises what the encoder raises.
        """
        with self._lock:
            keys = [(w, tight and (w, False) not in self._futures) for w in windows]
            missing = {key: Future[_SpilledEncoding]() for key in keys if key not in self._futures}
            self._futures |= missing
            futures = [self._futures[key] for key in keys]
            unused = self._prefetched
            self._prefetched = unused.union(keys) if prefetch else unused.difference(keys)
        self._make(missing, tight=tight)
        return [future.result().encoded() for future in futures]

    def prefetch(self, coming: Callable[[], Iterable[Span]], over: Callable[[], bool]) -> None:
        """Encodes windows that will be asked for (``coming``) until the work is over."""
        while not over():
            window = next((w for w in coming() if self._lacks(w)), None)
            if window is None:
                sleep(IDLE_S)
            else:
                self.get([window], prefetch=True)

    def _lacks(self, window: Span) -> bool:
        """Whether a window may be prefetched: it is not encoded, and few others are unused."""
        with self._lock:
            made = (window, True) in self._futures or (window, False) in self._futures
            return not made and len(self._prefetched) < MAX_PREFETCH

    def _make(self, missing: Mapping[Key, Future[_SpilledEncoding]], *, tight: bool) -> None:
        """Encodes windows for all threads that wait for them."""
        if not missing:
            return
        try:
            sounds = [self.audio.window(window.start, window.end) for window, _ in missing]
            stored = [self._file.put(one) for one in self.model.encode(sounds, tight=tight)]
        except BaseException as error:
            for future in missing.values():
                future.set_exception(error)
            raise
        for future, one in zip(missing.values(), stored, strict=True):
            future.set_result(one)


@dataclass(frozen=True, slots=True)
class _SpilledEncoding:
    """An encoding in the spill file."""

    file: _SpillFile
    at: int | NDArray[np.float16]
    """Offset in the file; the array itself if the file could not be written."""
    shape: tuple[int, ...]
    frames: int

    def encoded(self) -> EncoderOutput:
        """Returns the encoding in 32 bits. Raises OSError if the file cannot be read."""
        features = self.file.read(self.at, self.shape) if isinstance(self.at, int) else self.at
        return EncoderOutput(features.astype(np.float32), self.frames)


class _SpillFile:
    """Arrays in 16 bits in a temporary file, which goes with its last user."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._end = 0

    @cached_property
    def _file(self) -> FileIO:
        file = tempfile.TemporaryFile(buffering=0, prefix="aligner-")  # noqa: SIM115  for all
        weakref.finalize(self, file.close)
        return file

    def put(self, encoded: EncoderOutput) -> _SpilledEncoding:
        """Stores an encoding; in memory if the disk is full."""
        features = np.ascontiguousarray(encoded.features, dtype=np.float16)
        with self._lock:
            at: int | NDArray[np.float16] = self._end
            try:
                self._file.seek(self._end)
                if self._file.write(features.data) < features.nbytes:
                    raise OSError("the disk is full")
            except OSError as error:
                log.warning("encoder output is kept in memory: %s", error)
                at = features
            else:
                self._end += features.nbytes
        return _SpilledEncoding(self, at, features.shape, encoded.frames)

    def read(self, at: int, shape: tuple[int, ...]) -> NDArray[np.float16]:
        """Returns the array at an offset."""
        with self._lock:
            self._file.seek(at)
            data = self._file.read(FLOAT16_BYTES * math.prod(shape))
        return np.frombuffer(data, np.float16).reshape(shape)
