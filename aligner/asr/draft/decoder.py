"""Decodes a recording's windows with the article as a draft (speculative decoding).

Where the draft's words are probable, they are what was said. A passage in doubt is decoded by
itself, and the decoded words replace the draft's up to where the speech returns to the draft.

Several windows are decoded at a time, so that the passages of all of them are decoded together.
Each starts where the one before it seems to end; if that turns out to be wrong, it starts anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from aligner.asr.draft.context import DecodeContext, DraftPosition, OpenWindow
from aligner.asr.draft.index import Draft
from aligner.asr.draft.window import WindowDecoder
from aligner.asr.whisper.model import ScoringModel
from aligner.asr.whisper.word_timestamps import WordTiming

MAX_OPEN_WINDOWS = 4
"""Windows that are decoded at a time."""


class DraftDecoder:
    """Decodes the windows of a recording with a draft, from the first to the last."""

    def __init__(self, model: ScoringModel, language: str, draft: Draft) -> None:
        self.context = DecodeContext(model, language, draft)
        self.position = DraftPosition()

    def locate(self, words: Sequence[str]) -> None:
        """Sets the position to the place after words that were decoded without the draft."""
        self.position = replace(self.position, at=self.context.draft.after(words))

    def decode(self, windows: Sequence[OpenWindow]) -> Iterator[list[WordTiming]]:
        """Yields the words of each window in order, up to one that does not follow the draft."""
        active: deque[WindowDecoder] = deque()
        done = 0
        while self._open_more(active, windows[done:]):
            waiting = [window for window in active if window.requests]
            requests = [request for window in waiting for request in window.requests]
            hypotheses = iter(self.context.decode(requests))
            for window in waiting:
                window.resume([next(hypotheses) for _ in window.requests])
            _drop_stale(active)
            while active and not active[0].requests:
                window = active.popleft()
                self.position, done = window.position, done + 1
                if window.words is None:
                    return
                yield window.words

    def _open_more(self, active: deque[WindowDecoder], windows: Sequence[OpenWindow]) -> bool:
        """Opens windows while the next one's position is known; returns whether any is open."""
        for open_window in windows[len(active) : MAX_OPEN_WINDOWS]:
            position = active[-1].position if active else self.position
            if active and position.at is None:
                break
            active.append(WindowDecoder(self.context, open_window, position))
        return bool(active)


def _drop_stale(active: deque[WindowDecoder]) -> None:
    """Drops windows that started at a wrong position, and those after them."""
    for k in range(1, len(active)):
        if active[k].started_at.at != active[k - 1].position.at:
            while len(active) > k:
                active.pop()
            return
