"""Printed words -> tokens: what is read aloud as one thing, without the punctuation around it."""

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
"""Signs that are said; currency signs are, too."""
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
"""Where two things are written as one: No.1, 3:17pm."""
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?")


SpokenForm = tuple[tuple[str, int], ...]
"""Atoms, each with the index of its printed word."""
Found = tuple[int, Iterable[SpokenForm]]
"""How many tokens were read, and the ways to say them."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is read as one thing."""

    text: str
    word: int
    """Index of its printed word."""
    after: str = ""
    """The punctuation that follows it in its word."""
    joint: str = ""
    """The sign that ties it to the token before."""

    @property
    def stop(self) -> bool:
        return self.after.startswith(".")

    @property
    def closed(self) -> bool:
        """Whether a mark parts it from what comes next."""
        return any(mark in self.after for mark in CLOSING)


def tokenise(words: Sequence[str], rules: Rules) -> list[Token]:
    """Printed words -> tokens, in order. Punctuation alone is none."""
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
    """Digits and percent signs of any script -> 0 to 9 and %."""
    if word.isascii():
        return word
    return "".join(
        str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else PERCENTS.get(c, c)
        for c in word
    )


def _edges(word: str) -> tuple[str, str, str]:
    """A printed word -> the punctuation before it, what is said, the punctuation after it."""
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
    """A word without its edges -> its tokens; at least one."""
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
    """Numbers apart from characters of unspaced scripts, "No." from "1", "3:17" from "pm"."""
    if UNSPACED.search(part):
        return re.findall(r"\d+(?:[.,]\d+)*%?|[^\d]+", part)
    pieces: list[str] = TIED.split(part)
    return pieces


def _is_whole(core: str, rules: Rules) -> bool:
    """Whether a word with hyphens, slashes or stops inside is one thing."""
    if SLASHED.fullmatch(core) or ADDRESS.fullmatch(core) or rules.clock.fullmatch(core):
        return True
    if core[0] in "@#" and len(core) > 1:
        return True
    found = rules.number.fullmatch(core)
    return bool(found and "/" in (found["tail"] or "") and found["tail"].lower() in rules.units)


def complete(way: SpokenForm, words: list[int]) -> SpokenForm:
    """A way to say some printed words, with a share of it for each, in order."""
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
    """Atoms of one token."""
    return tuple((text, token.word) for text in texts)
