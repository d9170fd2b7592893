"""Spoken words -> the phones that they may be said in: by a dictionary of English, else by rule.

The dictionary is the one that pocketsphinx brings: 134,000 words in ARPAbet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count, takewhile
from pathlib import Path

from aligner.timing import pronounce

AROUND = ".,;:!?\"“”()[]…'-–—"
"""What may stand around a word in print."""

Phones = tuple[str, ...]


def model() -> Path:
    """The folder of pocketsphinx's model of English. Nothing of it is run, nor imported."""
    found = find_spec("pocketsphinx")
    assert found  # noqa: S101  it is installed with aligner
    assert found.origin  # noqa: S101
    return Path(found.origin).parent / "model" / "en-us"


@dataclass(frozen=True, slots=True)
class Said:
    """One spoken word: how it is printed (for abbreviations), and how it reads in lower case."""

    printed: str
    atom: str
    also: str | None = None
    """Words that may be said in its place."""


@cache
def ways(word: Said) -> tuple[Phones, ...]:
    """The ways in which a word may be said; none for what has no sound."""
    printed = word.printed.lower().replace("’", "'").strip(AROUND)
    if printed.replace("'", "") != word.atom or " " in printed:
        printed = word.atom
    found = _listed(printed) or _listed(word.atom)
    if not found and (phones := pronounce.sounded(printed)):
        found.append(phones)
    if pronounce.is_abbreviation(word.printed):
        found.append(pronounce.spelt(word.printed))
    if word.also is not None:
        found.append(" ".join(_listed(part)[0] for part in word.also.split()))
    return tuple(dict.fromkeys(tuple(way.split()) for way in found))


def _listed(word: str) -> list[str]:
    """The phones of each of a word's pronunciations; none for a word that is not listed."""
    lines = _dictionary()
    names = (f"{word}({number})" if number > 1 else word for number in count(1))
    return [lines[name] for name in takewhile(lines.__contains__, names)]


@cache
def _dictionary() -> dict[str, str]:
    """Words in lower case -> their phones; a word's other pronunciations are named "word(2)"."""
    text = (model() / "cmudict-en-us.dict").read_text("utf-8")
    parted = (line.partition(" ") for line in text.splitlines())
    return {name: phones for name, _, phones in parted}
