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


def article_differences(
    article: Article, heard: HeardCaptions, cues: Sequence[HeardCue]
) -> list[ArticleDifference]:
    """Returns where captions and article write a name, a number or a negation differently.

    What the speaker clearly says as the captions have it is left out: he may depart from the
    article.
    """
    check = _ArticleCheck(article, heard, cues)
    return [
        found
        for match in check.matches()
        if match.op in ("changed", "respelled") and (found := check.difference(match))
    ]


def words_in_article(
    article: Article, heard: HeardCaptions, cues: Sequence[HeardCue]
) -> frozenset[int]:
    """Returns the words of the captions that the article has in the same place."""
    matches = _ArticleCheck(article, heard, cues).matches()
    same = (match.spoken for match in matches if match.op == "same" and match.spoken)
    return frozenset(k for span in same for k in range(span.start, span.end))


@dataclass(frozen=True, slots=True)
class _ArticleCheck:
    article: Article
    heard: HeardCaptions
    cues: Sequence[HeardCue]

    def matches(self) -> Sequence[Match]:
        """Returns which words of the captions and of the article correspond."""
        language = self.heard.language
        said = Transcript(language, tuple(_timed(self.heard, self.cues)), EngineInfo("", ""))
        return matching.align(self.article, said).matches

    def difference(self, match: Match) -> ArticleDifference | None:
        """Returns what differs in a match; None if it is of no weight, or said so."""
        assert match.article and match.spoken  # noqa: S101, PT018  it has both sides
        language = languages.get(self.heard.language)
        ours, _ = matching.words_of(self.heard.article, language)
        theirs, _ = matching.words_of(self.article, language)
        written = [theirs[k].text for k in range(match.article.start, match.article.end)]
        shown = [ours[k].text for k in range(match.spoken.start, match.spoken.end)]
        matter = _matter(written, self.article, self.heard.language)
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


def _matter(written: Sequence[str], article: Article, language: str) -> Matter | None:
    """Returns what of weight is among words of the article."""
    plain = {normalise(text) for text in written}
    found = [word for word in draft(article, language) if normalise(word.text) in plain]
    if any(character.isdigit() for text in written for character in text):
        return "number"
    if any(word.protected for word in found):
        return "negation"
    return "name" if any(word.name for word in found) else None


def _tokens(texts: Sequence[str], language: languages.Language) -> list[str]:
    return [token.text for token in language.say(list(texts))]
