"""The issues of a result that a person should look at, worst first.

Neighbouring divergences become one issue, so that the list stays short. Each issue has a group,
which names the problem, and a weight (0 to 100), which orders the list. Reading speed is left to
the page's scripts, which compute it from the cues as they are edited.
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
from aligner.review.article_view import ArticleView, joined, spoken_span, view_of
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
"""Divergences of at most this many words on either side may be merged with a neighbour."""
NEAR_MS = 120
"""Divergences at most this far apart are merged."""
EXTRA_WORDS = 4
"""Extra speech of fewer words counts as a difference of wording."""
UNSPOKEN_WORDS = 8
"""A passage that is left out is reported from this many words."""
WEAK, WEAK_ALONE = 0.45, 0.2
"""Two words in a row with a recogniser's probability below the first, or one below the second, are
reported."""
TELLING_LETTERS = 4
"""Weak words are reported only if one of them has this many letters."""
NAME_LIKENESS = 0.3
"""Least Levenshtein similarity of a possible name and of the word recognised in its place."""
UNCAPTIONED_MS = 600
"""Speech without a caption is reported from this length: the detector's edges are not exact."""
EDGE_MS = 250
"""Speech this close to a cue counts as captioned."""


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
    "weak": ("uncertain word", "uncertain words"),
}
"""The groups of issues that must be looked at, worst first, in the singular and the plural."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """An issue: a place of the captions that a person should look at."""

    group: Group
    weight: float
    written: str
    """The article's words; "" if it has none there."""
    said: str
    """The caption's words; "" if there are none."""
    start_ms: int | None
    end_ms: int | None
    article: Span | None


def find_issues(
    outcome: CaptionResult, text: ArticleView, speech: Sequence[Span]
) -> tuple[ReviewItem, ...]:
    """Returns all issues of a result, worst first; ``speech`` has the segments of speech in ms."""
    captions = outcome.captions
    if captions is None:
        return ()
    divergence = outcome.alignment.divergence if outcome.alignment else ()
    language = languages.get(captions.language)
    starts = frozenset(passage.words.start for passage in text.paragraphs)
    known = capitals.names(text.words, starts, language)
    parted = [
        _item_of(p, text, language, known)
        for p in group_divergences(divergence, captions.words, text)
    ]
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
    """Returns the issues that must still be looked at, worst first.

    Leaves out differences of wording, passages that nobody reads, and issues that a person settled.
    """
    found = find_issues(outcome, view_of(outcome), speech)
    return tuple(d for d in found if d.group in NAMED and not _settled(d, outcome.captions))


def places_to_look_at(outcome: CaptionResult) -> Json | None:
    """Returns the number of issues to look at, in all and by group; None without captions.

    >>> places_to_look_at(outcome)  # doctest: +SKIP
    {'total': 3, 'number': 1, 'name': 2}
    """
    if outcome.captions is None:
        return None
    counts = Counter(d.group for d in to_look_at(outcome))
    return {"total": counts.total()} | {group: counts[group] for group in NAMED if counts[group]}


def described(places: Json) -> str:
    """Returns the counts of ``places_to_look_at`` as "3 places to look at (1 number, 2 names)"."""
    total = places["total"]
    kinds = [f"{n} {NAMED[kind][n > 1]}" for kind in NAMED if (n := places.get(kind))]
    listed = f" ({', '.join(kinds)})" if kinds else ""
    return f"{total} place{'s' * (total != 1)} to look at{listed}"


def _settled(item: ReviewItem, captions: Captions | None) -> bool:
    """Whether a person has corrected the captions of an issue; ``issues.js`` has the same rule."""
    if captions is None or item.start_ms is None or item.end_ms is None:
        return False
    for cue in captions.cues:
        if cue.origin != "edited" or not _overlap(cue, item):
            continue
        if item.group in ("uncaptioned", "not_understood", "times"):
            return True
        if any(w.origin == "edited" and _overlap(w, item) for w in captions.words):
            return True
    return False


def _overlap(shown: Cue | CaptionWord, item: ReviewItem) -> bool:
    start, end = item.start_ms or 0, item.end_ms or 0
    return shown.start_ms < end and shown.end_ms > start


def _in_common(item: ReviewItem, stretch: Span) -> bool:
    return (item.start_ms or 0) < stretch.end and stretch.start < (item.end_ms or 0)


def _covers(wide: ReviewItem, narrow: ReviewItem) -> bool:
    """Whether an issue lies within another one in time."""
    if None in (wide.start_ms, wide.end_ms, narrow.start_ms, narrow.end_ms):
        return False
    return bool(wide.start_ms <= narrow.start_ms and narrow.end_ms <= wide.end_ms)  # type: ignore[operator]


# ---------------------------------------------------------------- where speech and article part


@dataclass(frozen=True, slots=True)
class DivergenceGroup:
    """One divergence, or several neighbouring ones."""

    article: Span | None
    spoken: Span | None
    start_ms: int | None
    end_ms: int | None
    said: str
    at: int | None
    """Index of the first article word at or after it; None if unknown."""
    after: int | None
    """Index of the article word after it; None if unknown."""


def group_divergences(
    divergence: Sequence[Divergence], words: Sequence[CaptionWord], text: ArticleView
) -> tuple[DivergenceGroup, ...]:
    """Returns divergences in order, with short neighbouring ones merged."""
    starts = [w.start_ms for w in words]
    out: list[DivergenceGroup] = []
    for part in divergence:
        place = _group(part, words, starts)
        if place.article and place.article.end > len(text.words):
            place = replace(place, article=None)
        if out and _belongs_to(out[-1], place):
            out[-1] = _merged(out[-1], place)
        else:
            out.append(place)
    return tuple(out)


def _group(
    part: Divergence, words: Sequence[CaptionWord], starts: Sequence[int]
) -> DivergenceGroup:
    spoken = spoken_span(part, starts)
    if part.article:
        at, after = part.article.start, part.article.end
    else:
        before = words[spoken.start - 1].article_word if spoken and spoken.start else None
        at = after = -1 if before is None else before + 1
    said = "" if part.kind == "not_spoken" else part.text
    known = at >= 0
    return DivergenceGroup(
        part.article, spoken, part.start_ms, part.end_ms, said,
        at if known else None, after if known else None,
    )  # fmt: skip


def _belongs_to(last: DivergenceGroup, place: DivergenceGroup) -> bool:
    if not all(_short(p) for p in (last, place)):
        return False
    if last.end_ms is not None and place.start_ms is not None:
        return 0 <= place.start_ms - last.end_ms <= NEAR_MS
    return last.after is not None and last.after == place.at


def _short(place: DivergenceGroup) -> bool:
    sizes = (len(span) for span in (place.article, place.spoken) if span)
    return all(size <= NEAR for size in sizes)


def _merged(a: DivergenceGroup, b: DivergenceGroup) -> DivergenceGroup:
    spans = [p.article for p in (a, b) if p.article]
    said = [p.spoken for p in (a, b) if p.spoken]
    starts = [p.start_ms for p in (a, b) if p.start_ms is not None]
    ends = [p.end_ms for p in (a, b) if p.end_ms is not None]
    return DivergenceGroup(
        article=Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None,
        spoken=Span(said[0].start, said[-1].end) if said else None,
        start_ms=min(starts, default=None),
        end_ms=max(ends, default=None),
        said=" ".join(p.said for p in (a, b) if p.said).replace(" -", "-"),
        at=a.at,
        after=b.after if b.after is not None else a.after,
    )


def _item_of(
    place: DivergenceGroup, text: ArticleView, language: Language, names: Mapping[int, Sure]
) -> ReviewItem | None:
    group, weight = _classified(place, text, language, names)
    if group is None:
        return None
    written = text.between(place.article) if place.article else ""
    return ReviewItem(
        group, weight, written, place.said, place.start_ms, place.end_ms, place.article
    )


def _classified(
    place: DivergenceGroup, text: ArticleView, language: Language, names: Mapping[int, Sure]
) -> tuple[Group | None, float]:
    """Returns the group and weight of a divergence.

    The group is None for text that is left out before or after all that is read.
    """
    count = len(place.said.split())
    if not place.said:
        length = len(place.article) if place.article else 0
        amid = place.article is not None and _is_amid_spoken(place.article, text)
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


def _is_amid_spoken(span: Span, text: ArticleView) -> bool:
    """Whether words of the article are spoken both before and after a span."""
    return "said" in text.statuses[: span.start] and "said" in text.statuses[span.end :]


def _has_number(place: DivergenceGroup, text: ArticleView, language: Language) -> bool:
    """Whether either side has a digit, a number in words or a negation."""
    written = [w.text for w in _written(place, text)]
    words = (*written, *place.said.split())
    atoms = {atom.text for atom in language.say(words)}
    return any(c.isdigit() for w in words for c in w) or bool(atoms & language.protected)


def _written(place: DivergenceGroup, text: ArticleView) -> Sequence[languages.SurfaceWord]:
    return text.words[place.article.start : place.article.end] if place.article else ()


def _has_name(place: DivergenceGroup, text: ArticleView, names: Mapping[int, Sure]) -> bool:
    """Whether one of the article's words is a name, or may be one and resembles a spoken word."""
    assert place.article  # noqa: S101  the caller has seen it
    said = [normalise(word) for word in place.said.split()]
    return any(
        names.get(n) == "sure"
        or (n in names and any(_alike(normalise(text.words[n].text), word) for word in said))
        for n in range(place.article.start, place.article.end)
    )


def _alike(written: str, said: str) -> bool:
    """Whether two words have the same first letter and are similar enough for a misheard name."""
    likeness = Levenshtein.normalized_similarity(written, said)
    return written[:1] == said[:1] and likeness >= NAME_LIKENESS


# ---------------------------------------------------------------- times, scores, silence


def _guessed_times(words: Sequence[CaptionWord]) -> Iterator[ReviewItem]:
    """Yields runs of words with interpolated times."""
    for run in _runs(words, [w.origin == "interpolated" for w in words]):
        yield _item_of_words("times", 42 + min(len(run), 100) / 10, words[run.start : run.end])


def _weak(words: Sequence[CaptionWord]) -> Iterator[ReviewItem]:
    """Yields runs of words with a low probability."""
    is_weak = [w.score < WEAK and w.origin != "edited" for w in words]
    for run in _runs(words, is_weak):
        part = words[run.start : run.end]
        least = min(w.score for w in part)
        telling = any(len(w.text) >= TELLING_LETTERS for w in part)
        if telling and (len(part) > 1 or least < WEAK_ALONE):
            yield _item_of_words("weak", 36 + 5 * (1 - least), part)


def _runs(words: Sequence[CaptionWord], wanted: Sequence[bool]) -> Iterator[Span]:
    """Yields runs of wanted words without a pause of more than a second in them."""
    start: int | None = None
    for k, yes in enumerate([*wanted, False]):
        broken = k and k < len(words) and words[k].start_ms - words[k - 1].end_ms > 1000
        if start is not None and (not yes or broken):
            yield Span(start, k)
            start = None
        if yes and start is None:
            start = k


def _item_of_words(group: Group, weight: float, words: Sequence[CaptionWord]) -> ReviewItem:
    end = max(w.end_ms for w in words)
    return ReviewItem(group, weight, "", joined(words), words[0].start_ms, end, None)


def _not_understood(stretches: Sequence[Span]) -> Iterator[ReviewItem]:
    """Yields stretches of speech for which the recogniser gave no words."""
    for lost in stretches:
        weight = 88 + min(len(lost), 12_000) / 1000
        yield ReviewItem("not_understood", weight, "", "", lost.start, lost.end, None)


def _uncaptioned(cues: Sequence[Cue], speech: Sequence[Span]) -> Iterator[ReviewItem]:
    """Yields stretches of speech without a cue."""
    shown = sorted((c.start_ms - EDGE_MS, c.end_ms + EDGE_MS) for c in cues)
    k = 0
    for segment in speech:
        at = segment.start
        while k < len(shown) and shown[k][1] <= at:
            k += 1
        for start, end in shown[k:]:
            if start >= segment.end:
                break
            yield from _gap(at, start)
            at = max(at, end)
        yield from _gap(at, segment.end)


def _gap(start: int, end: int) -> Iterator[ReviewItem]:
    if end - start >= UNCAPTIONED_MS:
        weight = 88 + min(end - start, 12_000) / 1000
        yield ReviewItem("uncaptioned", weight, "", "", start, end, None)
