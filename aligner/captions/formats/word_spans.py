"""Finds the words that a cue's lines show, for formats that mark words within cues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aligner.captions.formats.base import one_line
from aligner.types import Captions, CaptionWord, Cue

AHEAD = 8
"""How many words may be missing from the cues between two words that are found."""
EARLY_MS = 1500
"""Words that ended this long before a cue are not in it: no standard lets captions be so late."""


@dataclass(frozen=True, slots=True)
class LinePart:
    """A part of a line: a word, or text that is no word."""

    text: str
    word: CaptionWord | None
    """None for a text that is no word: a speaker's dash, or a sound in brackets."""
    space_before: bool
    rises_at: int | None = None
    """When the word begins in ms, if that is later than every word before it in its cue."""


Line = tuple[LinePart, ...]


def by_word(captions: Captions) -> list[tuple[Line, ...]]:
    """Returns the lines of each cue, divided into the words that they show."""
    texts = [one_line(word.text) for word in captions.words]
    matcher = _WordMatcher(captions.words, texts)
    return [matcher.cue(cue) for cue in captions.cues]


class _WordMatcher:
    """Goes through the words once, in step with the cues."""

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
        parts: list[LinePart] = []
        at = 0
        while at < len(line):
            space = line[at] == " "
            at += space
            found = self.word(line, at, cue)
            if found is None:
                end = line.find(" ", at) if " " in line[at:] else len(line)
                parts.append(LinePart(line[at:end], None, space))
                at = end
                continue
            word, text = self.words[found], self.texts[found]
            parts.append(LinePart(text, word, space, self.rising(word)))
            at += len(text)
            self.next = found + 1
        return tuple(parts)

    def word(self, line: str, at: int, cue: Cue) -> int | None:
        """Returns the index of the word at a position of a line; None if there is no word."""
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
