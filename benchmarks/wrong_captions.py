"""Right captions of cases, and captions that are made wrong on purpose (see ``existing.py``)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aligner.types import Article, Paragraph, Span

CUE_WORDS = 7
OFFSETS_MS = (200, -1_500, 7_000, -30_000, 90_000)
DRIFTS = {
    "25 against 23.976": 24_000 / 1001 / 25,
    "23.976 against 25": 25 * 1001 / 24_000,
    "25 against 24": 24 / 25,
    "24 against 23.976": 1000 / 1001,
}
"""By which the right times are multiplied."""
UNEVEN_MS = 250
"""How far each cue of a file that was timed by ear lies from its words, at most."""
SECONDS = 1_000


@dataclass(frozen=True, slots=True)
class Cue:
    """A right cue: its words, and when they are said."""

    words: tuple[str, ...]
    start_ms: int
    end_ms: int

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)


@dataclass(frozen=True, slots=True)
class Case:
    """A recording, its article and its right captions."""

    name: str
    media: Path
    article: Article
    cues: tuple[Cue, ...]
    transcript: Path


# ---------------------------------------------------------------- right captions


def cues_of(truth: dict[str, Any]) -> tuple[Cue, ...]:
    """Returns the right captions of a case."""
    found: list[Cue] = []
    run: list[dict[str, Any]] = []

    def end() -> None:
        words = tuple(w.get("written", w["w"]) for w in run)
        first, last = run[0]["start"], run[-1]["end"]
        found.append(Cue(words, round(first * SECONDS), round(last * SECONDS)))
        run.clear()

    for word in truth["spoken"]:
        run.append(word)
        if word.get("sentence_end") or len(run) == CUE_WORDS:
            end()
    if run:
        end()
    return tuple(found)


def cases(folder: Path, only: str, transcripts: Path) -> Iterator[Case]:
    wanted = set(only.split(",")) - {""}
    for path in sorted(folder.glob("*/truth.json")):
        truth = json.loads(path.read_text("utf-8"))
        if truth["expect"] != "captioned" or (wanted and truth["id"] not in wanted):
            continue
        paragraphs = tuple(map(Paragraph, truth["article"]))
        yield Case(
            truth["id"], path.parent / truth["media"], Article(None, None, "en", paragraphs),
            cues_of(truth), transcripts / f"{truth['id']}.json",
        )  # fmt: skip


def vtt(cues: Sequence[Cue], times: Sequence[Span] | None = None) -> bytes:
    """Returns WebVTT with settings and markup."""
    blocks = ["WEBVTT\n\nSTYLE\n::cue(b) { color: red }\n"]
    for at, cue in enumerate(cues):
        span = times[at] if times else cue.span
        text = " ".join(cue.words).replace("&", "&amp;")
        blocks.append(
            f"c{at}\n{clock(span.start)} --> {clock(span.end)} line:80%\n<v Reader><b>{text}</b>\n"
        )
    return "\n".join(blocks).encode()


def clock(ms: int) -> str:
    seconds, fraction = divmod(max(0, ms), SECONDS)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{fraction:03d}"


# ---------------------------------------------------------------- wrong times


def jumped(cues: Sequence[Cue], chance: random.Random, count: int) -> tuple[list[Span], list[int]]:
    """Returns times that jump, and the cues from which on they do."""
    places = sorted(chance.sample(range(5, len(cues) - 5), count)) if len(cues) > 12 + count else []
    places = [at for k, at in enumerate(places) if not k or at - places[k - 1] >= 5]
    by = [chance.choice((-1, 1)) * chance.randrange(2_000, 45_000) for _ in places]
    start = sum(-ms for ms in by if ms < 0)  # no time is below 0
    delays = [
        start + sum(ms for at, ms in zip(places, by, strict=True) if k >= at)
        for k in range(len(cues))
    ]
    return [
        Span(cue.start_ms + delay, cue.end_ms + delay)
        for cue, delay in zip(cues, delays, strict=True)
    ], places


def wrong_times(case: Case) -> Iterator[tuple[str, list[Span], list[int]]]:
    """Yields kinds of wrong times: their name, the times, and the cues at which they jump."""
    for by in OFFSETS_MS:
        least = max(0, -by - case.cues[0].start_ms)
        move = by + least if least else by
        yield "offset", [Span(c.start_ms + move, c.end_ms + move) for c in case.cues], []
    for ratio in DRIFTS.values():
        spans = [Span(round(c.start_ms * ratio), round(c.end_ms * ratio)) for c in case.cues]
        yield "drift", spans, []
    for count in (1, 2, 3):
        chance = random.Random(f"{case.name} {count}")  # noqa: S311  the same every time
        times, places = jumped(case.cues, chance, count)
        if places:
            yield "jumps", times, places
    chance = random.Random(f"{case.name} uneven")  # noqa: S311
    off = [3_000 + chance.randint(-UNEVEN_MS, UNEVEN_MS) for _ in case.cues]
    pairs = zip(case.cues, off, strict=True)
    yield "uneven", [Span(c.start_ms + by, c.end_ms + by) for c, by in pairs], []


# ---------------------------------------------------------------- wrong words


def is_name(words: Sequence[str], at: int) -> bool:
    word = words[at]
    return at > 0 and word[:1].isupper() and len(word) > 3 and words[at - 1][-1] not in '.?!"”:'


def is_number(word: str) -> bool:
    return any(character.isdigit() for character in word)


def other_number(word: str, chance: random.Random) -> str:
    """Returns a number with one digit changed."""
    digits = [k for k, character in enumerate(word) if character.isdigit()]
    at = chance.choice(digits)
    new = chance.choice([d for d in "123456789" if d != word[at]])
    return word[:at] + new + word[at + 1 :]
