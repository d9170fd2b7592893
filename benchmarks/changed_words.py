"""Changes words of articles, so that their recordings say other ones; counts what captions claim.

Used by ``noise.py --changed``. In each article about one spoken word in twelve is changed:

    calendar    another weekday or month
    closed      another word of a closed class: north for south, more for less, he for she
    number      another digit
    name        a name of another article: a random one of about the same length, or the most alike
    look-alike  another word with the same ending: the most alike of those in the other articles

The recording stays. A changed word is claimed if the captions show it, as the article's, at the
time when the word in its place is said.
"""

from __future__ import annotations

import calendar
import html
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from aligner import languages

APART, USUAL = 8, 16
"""Fewest spoken words from a changed word to the next one, and to the next look-alike."""
CALENDAR = (tuple(calendar.day_name), tuple(calendar.month_name[1:]))
TOO_OFTEN = frozenset({"for"})
"""Words of closed classes that are seldom the opposite of another."""
ENDINGS = ("ing", "ed", "ly", "tion", "er", "s")
NEAREST = 4
"""Of so many most similar words a random one is taken."""
NEAR_MS = 500
"""Before and after a spoken word, where a claim in its place may stand."""
CLAIMS = ("verified", "respelled", "found")
"""Origins of words that are shown as the article's."""


@dataclass(frozen=True, slots=True)
class Change:
    """A word of an article that is changed."""

    kind: str
    index: int
    """Among all words of the article."""
    old: str
    new: str
    start_ms: int
    end_ms: int
    """When the word in its place is said."""


@dataclass(frozen=True, slots=True)
class Others:
    """Words of other articles that may take the place of changed ones."""

    words: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, articles: Sequence[Sequence[str]]) -> Others:
        """Collects the words of articles, given by their paragraphs."""
        words: set[str] = set()
        names: set[str] = set()
        for paragraphs in articles:
            split = " ".join(paragraphs).split()
            for before, word in pairwise(split):
                core = parts(word)[1]
                if re.fullmatch(r"[a-z]{4,}", core):
                    words.add(core)
                if _is_name(core, before):
                    names.add(core)
        return cls(tuple(sorted(words)), tuple(sorted(names)))


def parts(word: str) -> tuple[str, str, str]:
    """Divides a printed word into the marks before it, itself, and the marks after it."""
    found = re.match(r"^(\W*)(.*?)((?:['’]s)?\W*)$", word)
    assert found  # noqa: S101  it always matches
    return found[1], found[2], found[3]


def _is_name(core: str, before: str) -> bool:
    in_calendar = any(core in names for names in CALENDAR)
    inside = bool(before) and not before.endswith((".", "?", "!", ":", "”", '"'))
    return bool(re.fullmatch(r"[A-Z][a-z]{2,}", core)) and inside and not in_calendar


def changes(truth: dict[str, Any], others: Others) -> Iterator[Change]:
    """Yields the changes of an article, the same every time.

    ``truth`` has "article", its paragraphs, and for each spoken word "start", "end" and
    "article_index", its index among the words of the article.
    """
    written = " ".join(truth["article"]).split()
    chance = random.Random(truth["id"])  # noqa: S311  the same every time
    since = chance.randint(0, USUAL)
    for word in truth["spoken"]:
        since += 1
        at = word.get("article_index")
        alone = not word.get("group") or " " not in word.get("written", " ")
        known = at is not None and word["start"] is not None and word.get("in_article", True)
        if not (alone and known) or since <= APART:
            continue
        core, before = parts(written[at])[1], written[at - 1] if at else ""
        if found := _changed(core, before, others, chance, usual=since > USUAL):
            since = 0
            yield Change(
                found[0], at, core, found[1],
                round(word["start"] * 1000), round(word["end"] * 1000),
            )  # fmt: skip


def _changed(
    core: str, before: str, others: Others, chance: random.Random, *, usual: bool
) -> tuple[str, str] | None:
    """Returns the kind of a change and the new word; None for a word that stays.

    ``usual``: whether look-alikes are taken too.
    """
    if digits := [at for at, char in enumerate(core) if char.isdigit()]:
        at = chance.choice(digits)
        other = chance.choice([d for d in "123456789" if d != core[at]])
        return "number", core[:at] + other + core[at + 1 :]
    for names in CALENDAR:
        if core in names:
            return "calendar", chance.choice([name for name in names if name != core])
    for group in languages.get("en").contrasts:
        if core.lower() in group - TOO_OFTEN:
            other = chance.choice(sorted(group - {core.lower()}))
            return "closed", other.capitalize() if core[0].isupper() else other
    if _is_name(core, before) and others.names:
        every = [name for name in others.names if name != core]
        if chance.random() < 0.5:
            long = sorted(every, key=lambda n: (abs(len(n) - len(core)), chance.random()))
            return ("name", chance.choice(long[:12])) if long else None
        return _nearest("name", core, every, chance)
    if usual and re.fullmatch(r"[a-z]{4,}", core):
        ending = _ending(core)
        words = [word for word in others.words if word != core and _ending(word) == ending]
        return _nearest("look-alike", core, words, chance)
    return None


def _nearest(
    kind: str, core: str, words: Sequence[str], chance: random.Random
) -> tuple[str, str] | None:
    near = sorted(words, key=lambda word: Levenshtein.distance(core.lower(), word.lower()))
    return (kind, chance.choice(near[:NEAREST])) if near else None


def _ending(word: str) -> str:
    return next((e for e in ENDINGS if word.endswith(e) and len(word) > len(e) + 2), "")


def with_changes(page: str, article: Sequence[str], made: Sequence[Change]) -> str:
    """Returns the page of an article with words changed. Raises ValueError without its text."""
    words = " ".join(article).split()
    for change in made:
        before, _, after = parts(words[change.index])
        words[change.index] = before + change.new + after
    at = 0
    for paragraph in article:
        count = len(paragraph.split())
        changed = " ".join(words[at : at + count])
        at += count
        if changed == " ".join(paragraph.split()):
            continue
        for escaped in (str, html.escape, lambda text: html.escape(text, quote=False)):
            if escaped(paragraph) in page:
                page = page.replace(escaped(paragraph), escaped(changed))
                break
        else:
            raise ValueError(f"the page has no such paragraph: {paragraph[:60]}")
    return page


def claimed(made: Sequence[Change], record: dict[str, Any] | None) -> list[Change]:
    """Returns the changed words that captions claim; ``record`` is their sidecar."""
    shown = [word for word in (record or {}).get("words", ()) if word["origin"] in CLAIMS]
    return [
        change
        for change in made
        if any(
            word["start_ms"] < change.end_ms + NEAR_MS
            and word["end_ms"] > change.start_ms - NEAR_MS
            and parts(word["text"])[1].casefold() == change.new.casefold()
            for word in shown
        )
    ]


def row(name: str, every: Sequence[Change], those: Sequence[Change]) -> str:
    """Returns the row of a condition: how many changed words are claimed, by kind."""
    counts, claims = (Counter(change.kind for change in some) for some in (every, those))
    kinds = (f"{claims[kind]} of {counts[kind]}" for kind in KINDS)
    return f"| {name} | {len(those)} of {len(every)} | " + " | ".join(kinds) + " |"


KINDS = ("calendar", "closed", "number", "name", "look-alike")


def others_of(cases: Path, case: Path) -> Others:
    """Returns the words of all cases of a folder but one."""
    truths = sorted(path for path in cases.glob("*/truth.json") if path.parent != case)
    read = [json.loads(path.read_text("utf-8")) for path in truths]
    return Others.of([truth["article"] for truth in read if truth.get("lang", "en") == "en"])
