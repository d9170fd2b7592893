"""A recording that is still being decoded -> what is said in it: it is listened to meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, TypeVar

from aligner.audio import vad
from aligner.types import Audio, AudioSoFar

Heard = TypeVar("Heard")
Progress = Callable[[int, int], None]


class Cancelled(Exception):
    """Nobody waits any longer for what is heard."""


class StreamingTranscriber(Generic[Heard]):
    """Takes sound as it comes in; in threads, speech is found in it, and heard.

    ``hear`` is given what has arrived, again and again, at last all of it, and whom to tell how far
    it is.
    """

    def __init__(
        self, hear: Callable[[Iterable[AudioSoFar], Progress], Heard], progress: Progress
    ) -> None:
        self._progress = progress
        self._shown = self._closed = False
        self._sounds: SimpleQueue[tuple[Audio, bool] | None] = SimpleQueue()
        self._found: SimpleQueue[AudioSoFar | None] = SimpleQueue()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="ear")
        self._finding = self._threads.submit(self._find)
        self._hearing = self._threads.submit(hear, self._arrivals(), self._advance)

    def more(self, audio: Audio) -> None:
        """There is more of the sound; ``audio`` is all of it so far."""
        self._sounds.put((audio, False))

    def whole(self, audio: Audio) -> Heard:
        """That was all; wait for what is heard. Raises what hearing raises."""
        self._shown = True
        self._sounds.put((audio, True))
        try:
            return self._hearing.result()
        finally:
            self.close()

    def close(self) -> None:
        """Stop listening, soon, and wait for it."""
        self._closed = True
        self._sounds.put(None)
        self._threads.shutdown()

    def _find(self) -> None:
        try:
            for arrived in vad.stream(self._latest()):
                self._found.put(arrived)
        finally:
            self._found.put(None)

    def _latest(self) -> Iterator[tuple[Audio, bool]]:
        """The sound each time that there is more; what is outdated is passed over."""
        whole = False
        while not whole:
            sound = self._sounds.get()
            while sound and not sound[1] and not self._sounds.empty():
                sound = self._sounds.get()
            if sound is None:
                raise Cancelled
            _, whole = sound
            yield sound

    def _arrivals(self) -> Iterator[AudioSoFar]:
        while arrived := self._found.get():
            yield arrived
            if arrived.whole:
                return
        self._finding.result()  # raises why there is no more

    def _advance(self, done: int, total: int) -> None:
        """Tell how far it is, once all is decoded."""
        if self._closed:
            raise Cancelled
        if self._shown:
            self._progress(done, total)
