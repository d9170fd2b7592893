"""Find the word of each part of a cue's lines, for formats that mark words within cues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aligner.captions.formats.base import one_line
from aligner.types import Captions, CaptionWord, Cue

AHEAD = 8
"""How many words may be missing from the cues before the next one is not looked for."""
EARLY_MS = 1500
"""No standard lets a word be shown later after it was said: words older than that are past."""


@dataclass(frozen=True, slots=True)
class LinePart:
    """A part of a line."""

    text: str
    word: CaptionWord | None
    """None for what is no word: a speaker's dash, a sound in brackets."""
    space_before: bool
    rises_at: int | None = None
    """When the word begins, if that is later than all before it in its cue."""


Line = tuple[LinePart, ...]


def by_word(captions: Captions) -> list[tuple[Line, ...]]:
    """For each cue its lines, divided into the words that they show."""
    texts = [one_line(word.text) for word in captions.words]
    reader = _WordMatcher(captions.words, texts)
    return [reader.cue(cue) for cue in captions.cues]


class _WordMatcher:
    """Walks once through the words while the cues are read."""

    def __init__(self, words: Sequence[CaptionWord], texts: Sequence[str]) -> None:
        self.words, self.texts = words, texts
        self.next = 0
        self.latest = -1

    def cue(self, cue: Cue) -> tuple[Line, ...]:
        self.latest = cue.start_ms
        early = cue.start_ms - EARLY_MS
        while self.next < len(self.words) and self.words[self.next].end_ms < early:
            self.next += 1
        return tuple(self.line(one_line(line), cue) for line in cue.lines)

    def line(self, line: str, cue: Cue) -> Line:
        pieces: list[LinePart] = []
        at = 0
        while at < len(line):
            space = line[at] == " "
            at += space
            found = self.word(line, at, cue)
            if found is None:
                end = line.find(" ", at) if " " in line[at:] else len(line)
                pieces.append(LinePart(line[at:end], None, space))
                at = end
                continue
            word, text = self.words[found], self.texts[found]
            pieces.append(LinePart(text, word, space, self.rising(word)))
            at += len(text)
            self.next = found + 1
        return tuple(pieces)

    def word(self, line: str, at: int, cue: Cue) -> int | None:
        """The next word that stands here; None if none does."""
        for k in range(self.next, min(self.next + AHEAD, len(self.words))):
            if self.words[k].start_ms >= cue.end_ms:
                return None
            if self.texts[k] and line.startswith(self.texts[k], at):
                return k
        return None

    def rising(self, word: CaptionWord) -> int | None:
        if word.start_ms <= self.latest:
            return None
        self.latest = word.start_ms
        return word.start_ms
