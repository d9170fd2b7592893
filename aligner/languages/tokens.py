"""Splits printed words into tokens, each of which is read aloud as one thing."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from aligner.languages.base import UNSPACED
from aligner.languages.rules import Rules

KEPT = "%‰&@#°+=№§′″½¼¾⅓⅔"
"""Signs that are said; currency signs are said too."""
PERCENTS = {"％": "%", "٪": "%"}
CLOSING = tuple(".,;:!?…)]»”。，、")
JOINTS = re.compile(r"([-‐-―−…/]+)")
DOMAINS = "com|org|net|gov|edu|mil|int|info|news|io|tv|eu|uk|us|ca|au|de|fr|es|it|pt|nl|ru|ua|pl|jp"
ADDRESS = re.compile(
    rf"(?:https?://)?[\w.-]+\.(?:{DOMAINS})(?:/\S*)?|https?://\S+|[\w.+-]+@[\w-]+\.[\w.-]+",
    re.IGNORECASE,
)
SLASHED = re.compile(r"\d{1,4}(?:/\d{1,4}){1,2}")
TIED = re.compile(r"(?<=[^\W\d]\.)(?=\d+$)|(?<=\d)(?=[ap]\.?m$)", re.IGNORECASE)
"""Where two things are written as one word: No.1, 3:17pm."""
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?")


SpokenForm = tuple[tuple[str, int], ...]
"""The texts of spoken tokens, each with the index of its printed word."""
Found = tuple[int, Iterable[SpokenForm]]
"""The number of tokens read, and their readings."""


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a printed word that is read as one thing, without the punctuation around it."""

    text: str
    word: int
    """Index of its printed word."""
    after: str = ""
    """The punctuation that follows it in its word."""
    joint: str = ""
    """The dash or slash between it and the token before it."""

    @property
    def stop(self) -> bool:
        return self.after.startswith(".")

    @property
    def closed(self) -> bool:
        """Whether a punctuation mark separates it from the next token."""
        return any(mark in self.after for mark in CLOSING)


def tokenise(words: Sequence[str], rules: Rules) -> list[Token]:
    """Returns the tokens of printed words in order; punctuation alone makes none."""
    out: list[Token] = []
    dash = ""
    for index, word in enumerate(words):
        before, core, after = _edges(_plain_digits(word))
        if not core:
            dash = word if JOINTS.fullmatch(word) else ""
            continue
        if before.endswith(("-", "−", "–")) and core[0].isdecimal():
            if out and out[-1].text[-1:].isdecimal() and not out[-1].after:
                dash = before[-1]  # recognisers write 55-38 as two words
            else:
                core = before[-1] + core
        tokens = _inside(core, index, rules)
        first, last = tokens[0], tokens[-1]
        tokens[0] = Token(first.text, index, first.after, dash)
        tokens[-1] = Token(last.text, index, after, tokens[-1].joint)
        out += tokens
        dash = ""
    return out


def _plain_digits(word: str) -> str:
    """Replaces digits and percent signs of any script by 0 to 9 and %."""
    if word.isascii():
        return word
    return "".join(
        str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else PERCENTS.get(c, c)
        for c in word
    )


def _edges(word: str) -> tuple[str, str, str]:
    """Returns the punctuation before a word, what is said of it, and the punctuation after it."""
    said = [k for k, char in enumerate(word) if _is_said(char)]
    if not said:
        return "", "", word
    first, last = said[0], said[-1] + 1
    return word[:first], word[first:last], word[last:]


@cache
def _is_said(char: str) -> bool:
    return char in KEPT or unicodedata.category(char)[0] in "LNM" or _is_money(char)


def _is_money(char: str) -> bool:
    return unicodedata.category(char) == "Sc"


def _inside(core: str, index: int, rules: Rules) -> list[Token]:
    """Returns the tokens of a word without its outer punctuation; at least one."""
    if _is_whole(core, rules):
        return [Token(core, index)]
    head = core[0] if core[0] in "-−–" else ""
    out: list[Token] = []
    joint = ""
    for part in JOINTS.split(core[len(head) :]):
        if JOINTS.fullmatch(part):
            joint = part
            continue
        for piece in _pieces(part):
            _, text, after = _edges(piece)
            if text:
                out.append(Token((head if not out else "") + text, index, after, joint))
                joint = ""
    return out


def _pieces(part: str) -> list[str]:
    """Separates numbers from unspaced scripts, "No." from "1" and "3:17" from "pm"."""
    if UNSPACED.search(part):
        return re.findall(r"\d+(?:[.,]\d+)*%?|[^\d]+", part)
    pieces: list[str] = TIED.split(part)
    return pieces


def _is_whole(core: str, rules: Rules) -> bool:
    """Whether a word with hyphens, slashes or full stops inside is one token."""
    if SLASHED.fullmatch(core) or ADDRESS.fullmatch(core) or re.fullmatch(rules.clock, core):
        return True
    if core[0] in "@#" and len(core) > 1:
        return True
    found = rules.number.fullmatch(core)
    return bool(found and "/" in (found["tail"] or "") and found["tail"].lower() in rules.units)


def complete(way: SpokenForm, words: list[int]) -> SpokenForm:
    """Returns a spoken form in which each of its printed words has a part, in order."""
    owners = [word for _, word in way]
    if owners == sorted(owners) and set(owners) == set(words):
        return way
    texts = [text for text, _ in way]
    if len(texts) < len(words):
        joined = "".join(texts)
        cuts = [len(joined) * k // len(words) for k in range(len(words) + 1)]
        parts = [joined[a:b] for a, b in itertools.pairwise(cuts)]
        return tuple((part, word) for part, word in zip(parts, words, strict=True) if part)
    return tuple((text, words[k * len(words) // len(texts)]) for k, text in enumerate(texts))


def on(token: Token, texts: Iterable[str]) -> SpokenForm:
    """Returns the spoken form of one token from the texts in which it is said."""
    return tuple((text, token.word) for text in texts)
