"""Words of captions that the sound denies, words that they lack, and speech without captions.

The recogniser errs too. Where its words differ from the captions', both wordings are scored by the
acoustic model: the captions are wrong only if the sound is clearly the other's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aligner import languages
from aligner.alignment import matching
from aligner.languages import Language, normalise
from aligner.languages.capitals import names
from aligner.pipeline.audit.cue_times import HeardCue
from aligner.pipeline.audit.findings import ErrorKind, Matter, WordError
from aligner.pipeline.audit.hearing import HeardCaptions
from aligner.types import Span

DENIED = -50.0
"""Below this log-likelihood ratio, in nats, the sound denies a wording. Of wrong names and numbers
none had more (``alignment.matching.substitution_policy``)."""
DENIED_ADDED = -28.0
"""The same for words that are put between others that are spoken."""
DENIED_IN_ARTICLE = -200.0
"""The same for words that the article has too. No paraphrase of a speaker had more."""
WEIGHTS = {"matter": 1.0, "content": 0.5, "function": 0.25}
"""The weight of an error after the NER model (Romero-Fresco and Martinez 2015): 1 for a serious
one, here a name, number or negation, 0.5 for another word, 0.25 for a word of grammar. Wrong words
are its recognition errors, missing and added ones its edition errors."""
FILLERS = frozenset("uh um er erm hm mhm ah eh".split())
"""Hesitations, which captions leave out."""
FEW_WORDS = 3
"""So many words may be left out within a cue; more are speech without captions."""
BESIDE_MS = 300
"""The most speech beside uncaptioned words that counts with them."""
SCORED_WORDS = 8
"""Longer passages are not scored: they are wrong where the recogniser hears something else."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Words of the captions that are not heard, and heard words in their place."""

    words: Span
    """Words of the captions; may be empty."""
    spoken: Span
    """Words of the alignment; may be empty."""
    within_cue: bool
    leading: bool = False
    """Whether the words belong to the cue before the heard words, rather than to the next one."""


@dataclass(frozen=True, slots=True)
class ErrorFinder:
    """Compares the words of captions with those of their recording."""

    heard: HeardCaptions
    cues: Sequence[HeardCue]

    def gaps(self) -> Iterator[Gap]:
        """Yields the differences, in the order of speech.

        Between two words that are matched in order lie the differing words of both sides.
        """
        spoken = self.heard.alignment.words
        owner = {word: k for k, cue in enumerate(self.cues) for word in cue.words}
        expected = sorted(owner)
        place = {word: k for k, word in enumerate(expected)}
        # What is said twice and captioned once is matched where it is captioned.
        chosen = {id(word) for cue in self.cues for word in cue.heard if word}
        matched = [
            (at, place[w.article_word])
            for at, w in enumerate(spoken)
            if w.article_word is not None and id(w) in chosen
        ]
        taken = {k for _, k in matched}
        edges = [(-1, -1), *matched, (len(spoken), len(expected))]
        for (at, k), (to_at, to_k) in pairwise(edges):
            lacking = [j for j in range(k + 1, to_k) if j not in taken] if to_k > k else []
            words = Span(expected[lacking[0]], expected[lacking[-1]] + 1) if lacking else Span(0, 0)
            between = Span(at + 1, to_at)
            inside = 0 <= k < to_k < len(expected) and owner[expected[k]] == owner[expected[to_k]]
            leading = lacking and k >= 0 and owner[expected[lacking[-1]]] == owner[expected[k]]
            if len(words) or len(between):
                yield Gap(words, between, inside, bool(leading))

    def divided(self, gap: Gap) -> tuple[Span, Span]:
        """Divides the heard words of a gap: speech without captions, and what is said otherwise.

        Words of the captions stand for as many heard ones, on the side of their cue.
        """
        spoken, more = gap.spoken, len(gap.spoken) - len(gap.words)
        few = FEW_WORDS if len(gap.words) or gap.within_cue else 1
        if more <= few:
            return Span(spoken.end, spoken.end), spoken
        if gap.leading:
            at = spoken.end - more
            return Span(at, spoken.end), Span(spoken.start, at)
        at = spoken.start + more
        return Span(spoken.start, at), Span(at, spoken.end)

    def span_of(self, spoken: Span) -> Span:
        """Returns when words of the alignment are said, in milliseconds.

        Detected speech beside them counts, up to the words before and after, as the borders of
        words are not exact.
        """
        words, speech = self.heard.alignment.words, self.heard.speech.segments
        start, end = words[spoken.start].start_ms, words[spoken.end - 1].end_ms
        before = words[spoken.start - 1].end_ms if spoken.start else 0
        after = words[spoken.end].start_ms if spoken.end < len(words) else end + BESIDE_MS
        for segment in speech:
            if segment.start <= start < segment.end:
                start = min(start, max(segment.start, before, start - BESIDE_MS))
            if segment.start < end <= segment.end:
                end = max(end, min(segment.end, after, end + BESIDE_MS))
        return Span(start, end)


def uncaptioned(finder: ErrorFinder) -> list[Span]:
    """Returns the speech without captions, in milliseconds, in order."""
    lacking = (finder.divided(gap)[0] for gap in finder.gaps())
    return [finder.span_of(spoken) for spoken in lacking if len(spoken)]


def word_errors(finder: ErrorFinder, in_article: frozenset[int] = frozenset()) -> list[WordError]:
    """Returns the words that differ, in the order of speech.

    Speech without captions is left out (``uncaptioned``). Words of the captions that stand
    ``in_article`` too are wrong only if the sound denies them more clearly.
    """
    texts = _Texts.of(finder)
    found = []
    for gap in _merged(list(finder.gaps())):
        _, spoken = finder.divided(gap)
        if not (len(gap.words) or len(spoken)):
            continue
        if error := _error(finder, texts, gap.words, spoken, in_article):
            found.append(error)
    return found


def _merged(gaps: Sequence[Gap]) -> Iterator[Gap]:
    """Yields the gaps; those with a single matched word between them as one.

    A word such as "a" is matched by chance where a phrase is heard otherwise.
    """
    due: Gap | None = None
    for gap in gaps:
        one_sided = due and (len(due.words) == 0) != (len(gap.words) == 0)
        if due and one_sided and gap.spoken.start - due.spoken.end == 1:
            words = due.words if len(due.words) else gap.words
            due = Gap(words, Span(due.spoken.start, gap.spoken.end), within_cue=True)
            continue
        if due:
            yield due
        due = gap
    if due:
        yield due


@dataclass(frozen=True, slots=True)
class _Texts:
    """The words of captions, and which of them are names."""

    language: Language
    words: Sequence[str]
    names: frozenset[str]
    """Normalised."""
    cue_of: dict[int, int]

    @classmethod
    def of(cls, finder: ErrorFinder) -> _Texts:
        language = languages.get(finder.heard.language)
        words, _ = matching.words_of(finder.heard.article, language)
        # A cue may begin within a sentence: only a full stop before a word makes its capital usual.
        sure = names(words, frozenset({0}), language)
        known = frozenset(normalise(words[k].text) for k, how in sure.items() if how == "sure")
        owner = {word: k for k, cue in enumerate(finder.cues) for word in cue.words}
        return cls(language, [word.text for word in words], known, owner)

    def matter(self, texts: Sequence[str]) -> Matter | None:
        """Returns what of weight is among some words."""
        if any(character.isdigit() for text in texts for character in text):
            return "number"
        for token in self.language.say(list(texts)):
            if token.text in self.language.protected:
                return "number" if token.text in _number_words(self.language) else "negation"
        named = (normalise(text) in self.names for text in texts if text[:1].isupper())
        return "name" if any(named) else None

    def weight(self, texts: Sequence[str]) -> float:
        """Returns the weight of errors in some words."""
        total = 0.0
        for text in texts:
            plain = normalise(text)
            if self.matter([text]):
                total += WEIGHTS["matter"]
            elif plain in self.language.function_words:
                total += WEIGHTS["function"]
            elif plain and plain not in FILLERS:
                total += WEIGHTS["content"]
        return total


def _number_words(language: Language) -> frozenset[str]:
    """Returns the protected tokens that say numbers."""
    said = language.say([*map(str, range(100)), "1000", "1000000"])
    return frozenset(token.text for token in said)


def _error(
    finder: ErrorFinder, texts: _Texts, words: Span, spoken: Span, in_article: frozenset[int]
) -> WordError | None:
    """Returns the error of a gap; None if only hesitations differ."""
    ours = [texts.words[k] for k in range(words.start, words.end) if normalise(texts.words[k])]
    theirs = [finder.heard.alignment.words[k].text for k in range(spoken.start, spoken.end)]
    if all(normalise(text) in FILLERS for text in (*ours, *theirs)):
        return None
    kind: ErrorKind = "missing" if not ours else "added" if not theirs else "wrong"
    limit = DENIED_ADDED if kind == "added" else DENIED
    if ours and in_article.issuperset(range(words.start, words.end)):
        limit = DENIED_IN_ARTICLE
    cue = _cue_at(finder, texts, words, spoken)
    return WordError(
        kind, cue + 1, _start(finder, spoken), " ".join(ours), " ".join(theirs),
        _is_denied(finder, spoken, ours, theirs, limit), max(len(ours), len(theirs)),
        max(texts.weight(ours), texts.weight(theirs)), texts.matter([*ours, *theirs]),
    )  # fmt: skip


def _start(finder: ErrorFinder, spoken: Span) -> int:
    words = finder.heard.alignment.words
    if len(spoken):
        return words[spoken.start].start_ms
    return words[spoken.start - 1].end_ms if spoken.start else 0


def _cue_at(finder: ErrorFinder, texts: _Texts, words: Span, spoken: Span) -> int:
    """Returns the cue of words of the captions, or that before words which are missing."""
    if len(words):
        return texts.cue_of[words.start]
    for at in range(spoken.start - 1, -1, -1):
        before = finder.heard.alignment.words[at].article_word
        if before is not None and before in texts.cue_of:
            return texts.cue_of[before]
    return 0


def _is_denied(
    finder: ErrorFinder, spoken: Span, ours: Sequence[str], theirs: Sequence[str], limit: float
) -> bool:
    """Whether the sound denies the words of the captions, by a limit in nats."""
    if max(len(ours), len(theirs)) > SCORED_WORDS:
        return not _is_unheard(finder, spoken)
    score = finder.heard.score
    ratio = score(spoken, " ".join(ours)) if score else None
    return ratio is not None and ratio < limit


def _is_unheard(finder: ErrorFinder, spoken: Span) -> bool:
    """Whether there is speech near a place that the recogniser does not understand."""
    at = _start(finder, spoken)
    return any(span.start - 2_000 <= at <= span.end for span in finder.heard.not_understood)
