"""What a sidecar tells -> the places to look at, worst first.

A mark on every doubtful word helps nobody. Here neighbouring divergences become one place, each
place says what is doubtful about it in one line, and its weight (0 to 100) orders the list.
Reading speed is not here: the page works it out of the cues as they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz.distance import Levenshtein

from aligner import languages
from aligner.languages import Language, capitals, normalise
from aligner.languages.capitals import Sure
from aligner.review.article_view import Text, joined, spoken_span, text_of
from aligner.types import CaptionResult, Captions, CaptionWord, Cue, Divergence, Json, Span

Group = Literal[
    "uncaptioned",
    "not_understood",
    "number",
    "name",
    "extra",
    "times",
    "weak",
    "unspoken",
    "wording",
]

NEAR = 5
"""Divergences of at most so many words on either side may be parts of one place."""
NEAR_MS = 120
EXTRA_WORDS = 4
"""Fewer words of extra speech are a matter of wording."""
UNSPOKEN_WORDS = 8
WEAK, WEAK_ALONE = 0.45, 0.2
"""The recogniser's probability of a word: below the first twice in a row, or below the second
once, it is worth a look."""
TELLING_LETTERS = 4
NAME_LIKENESS = 0.3
"""Share of letters of a word that opens a sentence and of what was heard in its place."""
UNCAPTIONED_MS = 600
"""Speech for longer without a caption is reported; the detector's edges are not exact."""
EDGE_MS = 250


NAMED: dict[Group, tuple[str, str]] = {
    "uncaptioned": ("stretch of speech without a caption", "stretches of speech without a caption"),
    "not_understood": (
        "stretch of speech that was not understood",
        "stretches of speech that were not understood",
    ),
    "number": ("number", "numbers"),
    "name": ("name", "names"),
    "extra": ("passage that is not in the article", "passages that are not in the article"),
    "times": ("time that is a guess", "times that are a guess"),
    "weak": ("word heard with doubt", "words heard with doubt"),
}
"""The groups of places that somebody must look at, worst first, in words for one and for more."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A place to look at."""

    group: Group
    weight: float
    written: str
    """The article's words; "" where it has none."""
    said: str
    """The speaker's words; "" where there are none."""
    start_ms: int | None
    end_ms: int | None
    article: Span | None


def find_issues(
    outcome: CaptionResult, text: Text, speech: Sequence[Span]
) -> tuple[ReviewItem, ...]:
    """The places to look at, worst first; ``speech`` is where somebody speaks, in ms."""
    captions = outcome.captions
    if captions is None:
        return ()
    divergence = outcome.alignment.divergence if outcome.alignment else ()
    language = languages.get(captions.language)
    starts = frozenset(passage.words.start for passage in text.passages)
    known = capitals.names(text.words, starts, language)
    parted = [_of_place(p, text, language, known) for p in places(divergence, captions.words, text)]
    found = [d for d in parted if d]
    found += _guessed_times(captions.words)
    found += [d for d in _weak(captions.words) if not any(_covers(f, d) for f in found)]
    found += _not_understood(outcome.not_understood)
    found += [
        d
        for d in _uncaptioned(captions.cues, speech)
        if not any(_in_common(d, lost) for lost in outcome.not_understood)
    ]
    return tuple(sorted(found, key=lambda d: (-d.weight, d.start_ms or 0)))


def to_look_at(outcome: CaptionResult, speech: Sequence[Span] = ()) -> tuple[ReviewItem, ...]:
    """The places that somebody must still look at, worst first.

    Without those of other wording, and without those where a person has been already.
    """
    found = find_issues(outcome, text_of(outcome), speech)
    return tuple(d for d in found if d.group in NAMED and not _settled(d, outcome.captions))


def places_to_look_at(outcome: CaptionResult) -> Json | None:
    """An outcome -> how many places there are to look at, for programs; None without captions.

    >>> places_to_look_at(outcome)  # doctest: +SKIP
    {'total': 3, 'number': 1, 'name': 2}
    """
    if outcome.captions is None:
        return None
    counts = Counter(d.group for d in to_look_at(outcome))
    return {"total": counts.total()} | {group: counts[group] for group in NAMED if counts[group]}


def told(places: Json) -> str:
    """What ``places_to_look_at`` gives -> a clause: "3 places to look at (1 number, 2 names)"."""
    total = places["total"]
    kinds = [f"{n} {NAMED[kind][n > 1]}" for kind in NAMED if (n := places.get(kind))]
    listed = f" ({', '.join(kinds)})" if kinds else ""
    return f"{total} place{'s' * (total != 1)} to look at{listed}"


def _settled(doubt: ReviewItem, captions: Captions | None) -> bool:
    """Whether a person has corrected what is shown there; the page judges in the same way."""
    if captions is None or doubt.start_ms is None or doubt.end_ms is None:
        return False
    for cue in captions.cues:
        if cue.origin != "edited" or not _overlap(cue, doubt):
            continue
        if doubt.group in ("uncaptioned", "not_understood", "times"):
            return True
        if any(w.origin == "edited" and _overlap(w, doubt) for w in captions.words):
            return True
    return False


def _overlap(shown: Cue | CaptionWord, doubt: ReviewItem) -> bool:
    start, end = doubt.start_ms or 0, doubt.end_ms or 0
    return shown.start_ms < end and shown.end_ms > start


def _in_common(doubt: ReviewItem, stretch: Span) -> bool:
    return (doubt.start_ms or 0) < stretch.end and stretch.start < (doubt.end_ms or 0)


def _covers(wide: ReviewItem, narrow: ReviewItem) -> bool:
    """Whether a place is looked at anyway when another one is."""
    if None in (wide.start_ms, wide.end_ms, narrow.start_ms, narrow.end_ms):
        return False
    return bool(wide.start_ms <= narrow.start_ms and narrow.end_ms <= wide.end_ms)  # type: ignore[operator]


# ---------------------------------------------------------------- where speech and article part


@dataclass(frozen=True, slots=True)
class Place:
    """Neighbouring divergences as one."""

    article: Span | None
    spoken: Span | None
    start_ms: int | None
    end_ms: int | None
    said: str
    at: int | None
    """The article's word before which it stands, as far as that is known."""
    after: int | None
    """The article's word with which the text goes on."""


def places(
    divergence: Sequence[Divergence], words: Sequence[CaptionWord], text: Text
) -> tuple[Place, ...]:
    """Divergences, the short ones joined to their neighbours."""
    starts = [w.start_ms for w in words]
    out: list[Place] = []
    for part in divergence:
        place = _place(part, words, starts)
        if place.article and place.article.end > len(text.words):
            place = replace(place, article=None)
        if out and _is_one(out[-1], place):
            out[-1] = _one(out[-1], place)
        else:
            out.append(place)
    return tuple(out)


def _place(part: Divergence, words: Sequence[CaptionWord], starts: Sequence[int]) -> Place:
    spoken = spoken_span(part, starts)
    if part.article:
        at, after = part.article.start, part.article.end
    else:
        before = words[spoken.start - 1].article_word if spoken and spoken.start else None
        at = after = -1 if before is None else before + 1
    said = "" if part.kind == "not_spoken" else part.text
    known = at >= 0
    return Place(
        part.article, spoken, part.start_ms, part.end_ms, said,
        at if known else None, after if known else None,
    )  # fmt: skip


def _is_one(last: Place, place: Place) -> bool:
    if not all(_short(p) for p in (last, place)):
        return False
    if last.end_ms is not None and place.start_ms is not None:
        return 0 <= place.start_ms - last.end_ms <= NEAR_MS
    return last.after is not None and last.after == place.at


def _short(place: Place) -> bool:
    sizes = (len(span) for span in (place.article, place.spoken) if span)
    return all(size <= NEAR for size in sizes)


def _one(a: Place, b: Place) -> Place:
    spans = [p.article for p in (a, b) if p.article]
    said = [p.spoken for p in (a, b) if p.spoken]
    starts = [p.start_ms for p in (a, b) if p.start_ms is not None]
    ends = [p.end_ms for p in (a, b) if p.end_ms is not None]
    return Place(
        article=Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None,
        spoken=Span(said[0].start, said[-1].end) if said else None,
        start_ms=min(starts, default=None),
        end_ms=max(ends, default=None),
        said=" ".join(p.said for p in (a, b) if p.said).replace(" -", "-"),
        at=a.at,
        after=b.after if b.after is not None else a.after,
    )


def _of_place(
    place: Place, text: Text, language: Language, names: Mapping[int, Sure]
) -> ReviewItem | None:
    group, weight = _judged(place, text, language, names)
    if group is None:
        return None
    written = text.between(place.article) if place.article else ""
    return ReviewItem(
        group, weight, written, place.said, place.start_ms, place.end_ms, place.article
    )


def _judged(
    place: Place, text: Text, language: Language, names: Mapping[int, Sure]
) -> tuple[Group | None, float]:
    """What is doubtful about a place, and how much; None for what is only left out at the edges."""
    count = len(place.said.split())
    if not place.said:
        length = len(place.article) if place.article else 0
        amid = place.article is not None and _amid(place.article, text)
        if amid and length >= UNSPOKEN_WORDS:
            return "unspoken", 30 + min(length, 100) / 10
        return ("wording", 12) if amid else (None, 0)
    short = count <= 2 * NEAR and (not place.article or len(place.article) <= 2 * NEAR)
    if short and _has_number(place, text, language):
        return "number", 86
    if short and place.article and _has_name(place, text, names):
        return "name", 82
    if not place.article and count >= EXTRA_WORDS:
        return "extra", 55 + min(count, 250) / 10
    return "wording", 18 + min(count, 20) / 10


def _amid(span: Span, text: Text) -> bool:
    """Whether the article is read both before and after a passage."""
    return "said" in text.fates[: span.start] and "said" in text.fates[span.end :]


def _has_number(place: Place, text: Text, language: Language) -> bool:
    """Whether either side has a figure, a number in words or a negation."""
    written = [w.text for w in _written(place, text)]
    words = (*written, *place.said.split())
    atoms = {atom.text for atom in language.say(words)}
    return any(c.isdigit() for w in words for c in w) or bool(atoms & language.guarded)


def _written(place: Place, text: Text) -> Sequence[languages.SurfaceWord]:
    return text.words[place.article.start : place.article.end] if place.article else ()


def _has_name(place: Place, text: Text, names: Mapping[int, Sure]) -> bool:
    """Whether one of the article's words is a name, or may be one by what was heard for it."""
    assert place.article  # noqa: S101  the caller has seen it
    said = [normalise(word) for word in place.said.split()]
    return any(
        names.get(n) == "sure"
        or (n in names and any(_alike(normalise(text.words[n].text), word) for word in said))
        for n in range(place.article.start, place.article.end)
    )


def _alike(written: str, said: str) -> bool:
    """Whether a word may be a name that was misheard: it begins alike, and shares letters."""
    likeness = Levenshtein.normalized_similarity(written, said)
    return written[:1] == said[:1] and likeness >= NAME_LIKENESS


# ---------------------------------------------------------------- times, scores, silence


def _guessed_times(words: Sequence[CaptionWord]) -> Iterator[ReviewItem]:
    """Runs of words whose times nobody measured."""
    for run in _runs(words, [w.origin == "interpolated" for w in words]):
        yield _of_words("times", 42 + min(len(run), 100) / 10, words[run.start : run.end])


def _weak(words: Sequence[CaptionWord]) -> Iterator[ReviewItem]:
    """Runs of words that the recogniser doubts."""
    doubted = [w.score < WEAK and w.origin != "edited" for w in words]
    for run in _runs(words, doubted):
        part = words[run.start : run.end]
        least = min(w.score for w in part)
        telling = any(len(w.text) >= TELLING_LETTERS for w in part)
        if telling and (len(part) > 1 or least < WEAK_ALONE):
            yield _of_words("weak", 36 + 5 * (1 - least), part)


def _runs(words: Sequence[CaptionWord], wanted: Sequence[bool]) -> Iterator[Span]:
    """Runs of wanted words, as long as no long pause divides them."""
    start: int | None = None
    for k, yes in enumerate([*wanted, False]):
        broken = k and k < len(words) and words[k].start_ms - words[k - 1].end_ms > 1000
        if start is not None and (not yes or broken):
            yield Span(start, k)
            start = None
        if yes and start is None:
            start = k


def _of_words(group: Group, weight: float, words: Sequence[CaptionWord]) -> ReviewItem:
    end = max(w.end_ms for w in words)
    return ReviewItem(group, weight, "", joined(words), words[0].start_ms, end, None)


def _not_understood(stretches: Sequence[Span]) -> Iterator[ReviewItem]:
    """Stretches of speech of which the recogniser gave no words."""
    for lost in stretches:
        weight = 88 + min(len(lost), 12_000) / 1000
        yield ReviewItem("not_understood", weight, "", "", lost.start, lost.end, None)


def _uncaptioned(cues: Sequence[Cue], speech: Sequence[Span]) -> Iterator[ReviewItem]:
    """Stretches where somebody speaks and nothing is shown."""
    shown = sorted((c.start_ms - EDGE_MS, c.end_ms + EDGE_MS) for c in cues)
    k = 0
    for segment in speech:
        at = segment.start
        while k < len(shown) and shown[k][1] <= at:
            k += 1
        for start, end in shown[k:]:
            if start >= segment.end:
                break
            yield from _bare(at, start)
            at = max(at, end)
        yield from _bare(at, segment.end)


def _bare(start: int, end: int) -> Iterator[ReviewItem]:
    if end - start >= UNCAPTIONED_MS:
        weight = 88 + min(end - start, 12_000) / 1000
        yield ReviewItem("uncaptioned", weight, "", "", start, end, None)
