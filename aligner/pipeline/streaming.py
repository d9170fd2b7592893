"""Speech recognition of a recording while it is still being decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, TypeVar

from aligner.audio import vad
from aligner.types import Audio, AudioSoFar

Result = TypeVar("Result")
Progress = Callable[[int, int], None]


class TranscriptionStopped(Exception):
    """The result is no longer wanted."""


class StreamingTranscriber(Generic[Result]):
    """Receives audio as it is decoded, and detects and recognises speech in two threads.

    ``recognise`` is called once, in a thread. Its first argument yields the audio so far whenever
    there is more of it, and at last the whole; its second receives progress.
    """

    def __init__(
        self, recognise: Callable[[Iterable[AudioSoFar], Progress], Result], progress: Progress
    ) -> None:
        self._progress = progress
        self._shown = self._closed = False
        self._incoming: SimpleQueue[tuple[Audio, bool] | None] = SimpleQueue()
        self._arrived: SimpleQueue[AudioSoFar | None] = SimpleQueue()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="transcriber")
        self._detection = self._threads.submit(self._detect)
        self._recognition = self._threads.submit(recognise, self._arrivals(), self._advance)

    def more(self, audio: Audio) -> None:
        """Pass on more audio; ``audio`` is all of it so far."""
        self._incoming.put((audio, False))

    def whole(self, audio: Audio) -> Result:
        """Pass on the whole audio, and wait for the result. Raises what ``recognise`` raises."""
        self._shown = True
        self._incoming.put((audio, True))
        try:
            return self._recognition.result()
        finally:
            self.close()

    def close(self) -> None:
        """Stop the threads, and wait for them."""
        self._closed = True
        self._incoming.put(None)
        self._threads.shutdown()

    def _detect(self) -> None:
        try:
            for arrived in vad.stream(self._latest()):
                self._arrived.put(arrived)
        finally:
            self._arrived.put(None)

    def _latest(self) -> Iterator[tuple[Audio, bool]]:
        """Yields the latest audio whenever there is more, and whether it is the whole."""
        whole = False
        while not whole:
            latest = self._incoming.get()
            while latest and not latest[1] and not self._incoming.empty():
                latest = self._incoming.get()
            if latest is None:
                raise TranscriptionStopped
            _, whole = latest
            yield latest

    def _arrivals(self) -> Iterator[AudioSoFar]:
        while arrived := self._arrived.get():
            yield arrived
            if arrived.whole:
                return
        self._detection.result()  # raises what ended the detection

    def _advance(self, done: int, total: int) -> None:
        """Report progress, but only after decoding, which reports its own."""
        if self._closed:
            raise TranscriptionStopped
        if self._shown:
            self._progress(done, total)
