"""The people whom an article names, by their full names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aligner.languages.attribution import Attribution

PARTICLES = frozenset("de da di du del della la van von der den bin ibn al el ben ter dos".split())
"""Small words within names."""
MOST_WORDS = 4
_EDGES = "\"'“”„«»‘’()[]{},.;:!?…—–-"
_NAME = re.compile(r"[^\W\d_][\w'’.-]*")


def bare(word: str) -> str:
    """Returns a word without marks around it and without the English genitive."""
    text = word.strip(_EDGES)
    return text[:-2] if text.endswith(("'s", "’s")) else text


def is_capitalised(word: str) -> bool:
    """Whether a word begins with a capital and looks like a part of a name."""
    text = bare(word)
    return len(text) > 1 and text[0].isupper() and bool(_NAME.fullmatch(text))


class People:
    """The people of an article."""

    def __init__(self, paragraphs: Sequence[Sequence[str]], words: Attribution) -> None:
        """``paragraphs``: the words of each paragraph of running text."""
        self._words = words
        small = {w.strip(_EDGES) for p in paragraphs for w in p}
        self._common = {w for w in small if w[:1].islower()}
        found = (name for paragraph in paragraphs for name in self._names(paragraph))
        self.full_names = tuple(dict.fromkeys(found))

    def _names(self, paragraph: Sequence[str]) -> Iterator[str]:
        """Yields the full names in a paragraph, without titles."""
        for run in capitalised_runs(paragraph):
            if name := self.person(run, begins_sentence=_begins_sentence(paragraph, run)):
                yield name

    def person(self, run: Sequence[str], *, begins_sentence: bool = False) -> str | None:
        """Returns the full name in a run of capitalised words; None if it is nobody's for sure.

        A full name has two or three words, none of them a title or of an organisation.
        """
        parts = [bare(word) for word in run]
        while parts and (parts[0].lower() in self._words.titles or parts[0].lower() in PARTICLES):
            parts = parts[1:]
        if begins_sentence and len(parts) == len(run) > 2:
            parts = parts[1:]  # the first word has its capital from the sentence
        solid = [part for part in parts if part.lower() not in PARTICLES]
        if not 2 <= len(solid) <= 3 or len(parts) > MOST_WORDS:
            return None
        lowered = {part.lower() for part in solid}
        if lowered & (self._words.not_people | self._words.titles):
            return None
        if begins_sentence and parts[0].lower() in self._common:
            return None
        return " ".join(parts)

    def full_name_of(self, run: Sequence[str]) -> str | None:
        """Returns the one full name of the article that a run of words stands for.

        The run is the full name, perhaps after a title, or the last name alone. None if it may be
        that of two people, or the article has no full name for it.
        """
        parts = [bare(word) for word in run]
        while len(parts) > 1 and parts[0].lower() in self._words.titles:
            parts = parts[1:]
        tail = " " + " ".join(parts)
        fits = {name for name in self.full_names if f" {name}".endswith(tail)}
        return fits.pop() if len(fits) == 1 else None


def capitalised_runs(words: Sequence[str]) -> Iterator[list[str]]:
    """Yields the longest runs of capitalised words, with particles within; marks end a run."""
    run: list[str] = []
    for word in [*words, ""]:
        joins = is_capitalised(word) or (bool(run) and word in PARTICLES)
        if joins and not (run and word[0] in _EDGES):
            run.append(word)
        else:
            yield from _trimmed(run)
            run = [word] if is_capitalised(word) else []
        if run and (word[-1:] in _EDGES or word.endswith(("'s", "’s"))) and not _is_initial(word):
            yield from _trimmed(run)
            run = []


def _is_initial(word: str) -> bool:
    """Whether a word is an initial or a short title with its full stop: "J.", "Dr."."""
    return word.endswith(".") and len(word) <= 4


def _trimmed(run: list[str]) -> Iterator[list[str]]:
    while run and run[-1] in PARTICLES:
        run = run[:-1]
    if run:
        yield run


def _begins_sentence(paragraph: Sequence[str], run: Sequence[str]) -> bool:
    """Whether a run stands at the beginning of a sentence anywhere in the paragraph."""
    size = len(run)
    for at in range(len(paragraph) - size + 1):
        if list(paragraph[at : at + size]) == list(run):
            before = paragraph[at - 1] if at else "."
            if before.rstrip("\"'”’»)").endswith((".", "?", "!", ":", "…")):
                return True
    return False
