"""Windows -> what the encoder makes of them: each is made once, and kept.

They are kept in 16 bits, in a file without a name (1.5 MB a window with the base model, so some 200
MB for an hour of speech): the second hearing may ask for any of them again.
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
"""Windows that may be encoded before a listener asks for them: the speech may leave the draft."""
FLOAT16_BYTES = 2
IDLE_S = 0.05
"""How often a core that has nothing to do looks for something."""

Key = tuple[Span, bool]
"""A window, and whether its encoding is a tight one."""


class EncoderCache:
    """The encodings of a recording's windows, for several listeners at the same time."""

    def __init__(self, model: WhisperModel, audio: Audio) -> None:
        self.model = model
        self.audio = audio
        """As much of the recording as is there."""
        self._shelf = _SpillFile()
        self._made: dict[Key, Future[_Kept]] = {}
        self._unasked: set[Key] = set()
        self._lock = Lock()

    def of(
        self, windows: Sequence[Span], *, tight: bool = True, asked: bool = True
    ) -> list[EncoderOutput]:
        """The encodings of some windows; ``tight`` ones will do (see ``WhisperModel.encode``).

        Not ``asked``: made before a listener needs them.
        """
        with self._lock:
            keys = [(w, tight and (w, False) not in self._made) for w in windows]
            missing = {key: Future[_Kept]() for key in keys if key not in self._made}
            self._made |= missing
            wanted = [self._made[key] for key in keys]
            self._unasked = self._unasked.difference(keys) if asked else self._unasked.union(keys)
        self._make(missing, tight=tight)
        return [future.result().encoded() for future in wanted]

    def ahead(self, coming: Callable[[], Iterable[Span]], over: Callable[[], bool]) -> None:
        """Encodes windows that will be asked for (``coming``) until the work is over."""
        while not over():
            window = next((w for w in coming() if self._lacks(w)), None)
            if window is None:
                sleep(IDLE_S)
            else:
                self.of([window], asked=False)

    def _lacks(self, window: Span) -> bool:
        """Whether a window should be encoded before it is asked for."""
        with self._lock:
            made = (window, True) in self._made or (window, False) in self._made
            return not made and len(self._unasked) < MAX_PREFETCH

    def _make(self, missing: Mapping[Key, Future[_Kept]], *, tight: bool) -> None:
        """Encode windows for all who wait for them."""
        if not missing:
            return
        try:
            sounds = [self.audio.window(window.start, window.end) for window, _ in missing]
            kept = [self._shelf.put(one) for one in self.model.encode(sounds, tight=tight)]
        except BaseException as error:
            for future in missing.values():
                future.set_exception(error)
            raise
        for future, one in zip(missing.values(), kept, strict=True):
            future.set_result(one)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An encoding on a shelf."""

    shelf: _SpillFile
    at: int | NDArray[np.float16]
    """Where in the file; itself, if that could not be written."""
    shape: tuple[int, ...]
    frames: int

    def encoded(self) -> EncoderOutput:
        """It, as the recogniser needs it. Raises OSError if it cannot be read."""
        features = self.shelf.read(self.at, self.shape) if isinstance(self.at, int) else self.at
        return EncoderOutput(features.astype(np.float32), self.frames)


class _SpillFile:
    """Arrays in a file that is gone when nobody needs it, in 16 bits."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._end = 0

    @cached_property
    def _file(self) -> FileIO:
        file = tempfile.TemporaryFile(buffering=0, prefix="aligner-")  # noqa: SIM115  for all
        weakref.finalize(self, file.close)
        return file

    def put(self, encoded: EncoderOutput) -> _Kept:
        """Keep an encoding; in memory if the disk is full."""
        features = np.ascontiguousarray(encoded.features, dtype=np.float16)
        with self._lock:
            at: int | NDArray[np.float16] = self._end
            try:
                self._file.seek(self._end)
                if self._file.write(features.data) < features.nbytes:
                    raise OSError("the disk is full")
            except OSError as error:
                log.warning("what was encoded is kept in memory: %s", error)
                at = features
            else:
                self._end += features.nbytes
        return _Kept(self, at, features.shape, encoded.frames)

    def read(self, at: int, shape: tuple[int, ...]) -> NDArray[np.float16]:
        """An array that was put at some place."""
        with self._lock:
            self._file.seek(at)
            data = self._file.read(FLOAT16_BYTES * math.prod(shape))
        return np.frombuffer(data, np.float16).reshape(shape)
