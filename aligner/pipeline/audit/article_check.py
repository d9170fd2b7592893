"""Names, numbers and negations of captions that differ from the article's."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aligner import languages
from aligner.alignment import matching
from aligner.alignment.matching.draft_text import draft
from aligner.languages import normalise
from aligner.pipeline.audit.cue_times import HeardCue
from aligner.pipeline.audit.findings import ArticleDifference, Matter
from aligner.pipeline.audit.hearing import HeardCaptions
from aligner.types import Article, EngineInfo, Match, Span, Transcript, Word

CLEARLY = 20.0
"""From this log-likelihood ratio on, in nats, the sound is the article's words rather than the
captions'; the right names had at least -20 (``alignment.matching.substitution_policy``)."""


@dataclass(frozen=True, slots=True)
class ArticleComparison:
    """What captions have otherwise than the article, and what they have like it."""

    differences: tuple[ArticleDifference, ...] = ()
    """Names, numbers and negations that are written differently. What the speaker clearly says as
    the captions have it is left out: he may depart from the article."""
    same_words: frozenset[int] = frozenset()
    """The words of the captions that the article has in the same place."""


def compared_with_article(
    article: Article, heard: HeardCaptions, cues: Sequence[HeardCue]
) -> ArticleComparison:
    """Returns which words of captions are those of the article, and which differ from it."""
    said = Transcript(heard.language, tuple(_timed(heard, cues)), EngineInfo("", ""))
    matches = matching.align(article, said).matches
    changed = [match for match in matches if match.op in ("changed", "respelled")]
    same = (match.spoken for match in matches if match.op == "same" and match.spoken)
    words = frozenset(k for span in same for k in range(span.start, span.end))
    if not changed:
        return ArticleComparison((), words)
    check = _ArticleCheck.of(article, heard, cues)
    found = (check.difference(match) for match in changed)
    return ArticleComparison(tuple(one for one in found if one), words)


@dataclass(frozen=True, slots=True)
class _ArticleCheck:
    heard: HeardCaptions
    cues: Sequence[HeardCue]
    ours: Sequence[str]
    """The words of the captions."""
    theirs: Sequence[str]
    """The words of the article."""
    weighty: dict[str, Matter]
    """Normalised words of the article that are negations or names."""

    @classmethod
    def of(cls, article: Article, heard: HeardCaptions, cues: Sequence[HeardCue]) -> _ArticleCheck:
        language = languages.get(heard.language)
        ours, theirs = (
            [word.text for word in matching.words_of(text, language)[0]]
            for text in (heard.article, article)
        )
        words = draft(article, heard.language)
        weighty: dict[str, Matter] = {normalise(w.text): "name" for w in words if w.name}
        weighty |= {normalise(w.text): "negation" for w in words if w.protected}
        return cls(heard, cues, ours, theirs, weighty)

    def difference(self, match: Match) -> ArticleDifference | None:
        """Returns what differs in a match; None if it is of no weight, or said so."""
        assert match.article and match.spoken  # noqa: S101, PT018  it has both sides
        language = languages.get(self.heard.language)
        written = self.theirs[match.article.start : match.article.end]
        shown = self.ours[match.spoken.start : match.spoken.end]
        matter = self._matter(written)
        if matter is None or _tokens(written, language) == _tokens(shown, language):
            return None
        ratio = self._score(match.spoken, " ".join(shown), " ".join(written))
        if ratio is not None and ratio <= -CLEARLY:
            return None
        cue = bisect_right(self.heard.first_words, match.spoken.start) - 1
        start = next(
            (word.start_ms for word in self.cues[cue].heard if word), self.cues[cue].shown.start
        )
        return ArticleDifference(
            matter, cue + 1, start, " ".join(shown), " ".join(written),
            ratio is not None and ratio >= CLEARLY,
        )  # fmt: skip

    def _matter(self, written: Sequence[str]) -> Matter | None:
        """Returns what of weight is among words of the article."""
        if any(character.isdigit() for text in written for character in text):
            return "number"
        found = {self.weighty.get(normalise(text)) for text in written}
        return "negation" if "negation" in found else "name" if "name" in found else None

    def _score(self, words: Span, shown: str, written: str) -> float | None:
        """Returns by how much the article's wording is likelier than the captions', in nats."""
        score, spoken = self.heard.score, self._spoken(words)
        if score is None or spoken is None:
            return None
        one, other = score(spoken, written), score(spoken, shown)
        return None if one is None or other is None else one - other

    def _spoken(self, words: Span) -> Span | None:
        """Returns the words of the alignment that lie in the place of words of the captions."""
        places = {
            w.article_word: at
            for at, w in enumerate(self.heard.alignment.words)
            if w.article_word is not None
        }
        before = next((places[k] for k in range(words.start - 1, -1, -1) if k in places), -1)
        last = max((k for k in places if k is not None), default=-1)
        total = len(self.heard.alignment.words)
        after = next((places[k] for k in range(words.end, last + 1) if k in places), total)
        near = 0 <= after - before - 1 <= len(words) + 4
        return Span(before + 1, after) if near else None


def _timed(heard: HeardCaptions, cues: Sequence[HeardCue]) -> Iterator[Word]:
    """Yields the captions' words as if they were recognised, each at the time of its cue."""
    language = languages.get(heard.language)
    words, _ = matching.words_of(heard.article, language)
    firsts = heard.first_words
    for at, word in enumerate(words):
        cue = cues[bisect_right(firsts, at) - 1]
        yield Word(word.text, cue.shown.start, cue.shown.end, 1.0, word.space_before)


def _tokens(texts: Sequence[str], language: languages.Language) -> list[str]:
    return [token.text for token in language.say(list(texts))]
