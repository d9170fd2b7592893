"""Respells, in speech that is not in the article, the names and terms of a glossary.

Nothing tells that a term is said at some place, as the article's order does. So all of these must
hold (``Limits``): the recogniser doubts one of its words, the words sound like the term, and both
the recogniser and the acoustic model find the term likely enough for the sound. Where only the
spelling differs (a listed variant, capitals, a space), the recogniser alone is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from rapidfuzz.distance import Levenshtein

from aligner import languages
from aligner.alignment.acoustic import acoustic_rescorer
from aligner.alignment.acoustic.pronouncing import most_alike, phones_key, pronunciations_of
from aligner.alignment.matching.hallucinations import drop_words
from aligner.alignment.matching.substitution_policy import (
    MAX_SUBSTITUTED_WORDS,
    MIN_LLR,
    MIN_LLR_NAME_ALIKE,
    RescoreFn,
    SubstitutionPolicy,
    TokenizedText,
)
from aligner.languages import Language, SurfaceWord, normalise
from aligner.languages.sentences import may_open_sentence
from aligner.types import Alignment, Audio, CaptionWord, GlossaryTerm, Span, Transcript, Word

MAX_DOUBTED = 0.75
"""Highest score of a word that the recogniser doubts. Names that it misspells have 0.07 to 0.65."""
MAX_EDGE = 0.9
"""Highest score of the first and the last of the words that a term may replace."""
MIN_ALIKE, MIN_ALIKE_SHORT, SHORT = 0.6, 0.75, 5
"""Least similarity in classes of phones, and that of terms with fewer phones than ``SHORT``."""
MIN_PHONES = 3
"""Terms with fewer phones are respelt only where nothing but the spelling differs."""
MIN_LLR_TERM, MIN_ACOUSTIC, MIN_CONTRAST = -25.0, 15.0, 8.0
"""Least log-likelihood ratios of the recogniser and of the acoustic model, in nats, and the least
contrast of the term with the sound, in nats per frame (``acoustic.rescoring.CONTRAST``).

Names that were said and misspelt had ratios of -22 to 1 and 27 to 508 and a contrast of 8.4 to 11
(``benchmarks/calibration/glossary.py``). Words that no name of a glossary resembles but roughly had
acoustic ratios of up to 186, with a contrast of 7.7: what the recogniser wrote fitted worse still.
"""
MAX_EXTRA_WORDS = 2
"""Words by which what is recognised may be longer than the term: "Mock Wheatsy" for one name."""
MAX_ASKED = 5
"""Terms about which the models are asked for one run of words, the most similar first."""
SPELLING_RANK = 2.0
"""Rank of words that differ from a term in their spelling alone."""
POSSESSIVES = ("'s", "’s")


@dataclass(frozen=True, slots=True)
class Glossary:
    """The terms, and how well they fit the sound of one recording."""

    terms: tuple[GlossaryTerm, ...] = ()
    acoustic_rescore: RescoreFn | None = None
    """The acoustic model's score of wordings with ``MIN_CONTRAST``; None without a model."""

    def without(self, places: Collection[int], transcript: Transcript) -> Glossary:
        """Returns the glossary for a transcript without the words at some places."""
        *_, rescore = drop_words(places, transcript, None, self.acoustic_rescore)
        return replace(self, acoustic_rescore=rescore)


def of_recording(
    terms: tuple[GlossaryTerm, ...], audio: Audio, transcript: Transcript
) -> Glossary | None:
    """Returns the glossary of a recording; None without terms."""
    if not terms:
        return None
    rescore = acoustic_rescorer(audio, transcript, terms, least_contrast=MIN_CONTRAST)
    return Glossary(terms, rescore)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words of the transcript that may say a term."""

    spoken: Span
    term: int
    rank: float
    """How alike they are in sound and letters; candidates of higher rank are asked first."""
    is_spelling: bool = False


def respell(
    alignment: Alignment,
    transcript: Transcript,
    glossary: Glossary | None,
    rescore: RescoreFn | None,
) -> Alignment:
    """Returns an alignment whose words outside the article have the spelling of a glossary.

    Words of the article stay as they are. A respelled word has the origin "respelled", and
    ``glossary`` says where its spelling comes from.
    """
    free = _not_in_article(alignment)
    if glossary is None or not glossary.terms or not free:
        return alignment
    places = [j for span in free for j in range(span.start, span.end)]
    doubted = any(transcript.words[j].score <= MAX_DOUBTED for j in places)
    speller = _Speller.of(transcript, glossary, rescore, by_sound=doubted)
    found = dict(speller.accepted(free))
    if not found:
        return alignment
    index = {(w.start_ms, w.end_ms, w.text): j for j, w in enumerate(transcript.words)}
    out: list[CaptionWord] = []
    shown: set[int] = set()
    for word in alignment.words:
        at = index.get((word.start_ms, word.end_ms, word.text))
        span = next((s for s in found if at is not None and s.start <= at < s.end), None)
        if word.origin != "spoken" or span is None:
            out.append(word)
        elif span.start not in shown:
            shown.add(span.start)
            out += speller.words(span, found[span])
    return replace(alignment, words=tuple(sorted(out, key=lambda w: w.start_ms)))


def _not_in_article(alignment: Alignment) -> list[Span]:
    """Returns the runs of recognised words that are shown as they were recognised."""
    spoken = sorted(
        j
        for match in alignment.matches
        if match.op in ("extra_speech", "changed") and match.spoken
        for j in range(match.spoken.start, match.spoken.end)
    )
    runs: list[Span] = []
    for _, group in groupby(enumerate(spoken), key=lambda pair: pair[1] - pair[0]):
        run = [j for _, j in group]
        runs.append(Span(run[0], run[-1] + 1))
    return runs


@dataclass(frozen=True, slots=True)
class _Speller:
    """Compares the words of a transcript with the terms of a glossary."""

    transcript: Transcript
    terms: Sequence[GlossaryTerm]
    spans: Sequence[Span]
    """The words of each term among the words of the policy's article."""
    policy: SubstitutionPolicy
    language: Language
    sounds: Sequence[str]
    """The sounds of the terms (``phones_key``), one for each way to say one."""
    of_sound: Sequence[int]
    """The term of each of these."""
    spellings: Mapping[str, int]
    """Terms by their letters, and by those of their variants (``_folded``)."""
    variants: frozenset[str]
    """The letters of the variants."""
    is_spaced: bool = True
    """Whether the script has spaces between words."""
    heard: dict[str, str] = field(default_factory=dict)
    """The sounds of recognised words, as far as they were asked for."""

    @classmethod
    def of(
        cls,
        transcript: Transcript,
        glossary: Glossary,
        rescore: RescoreFn | None,
        *,
        by_sound: bool,
    ) -> _Speller:
        """``by_sound``: also compare sounds, which takes some milliseconds a term."""
        terms = glossary.terms
        language = languages.get(transcript.language)
        words: list[SurfaceWord] = []
        spans: list[Span] = []
        for term in terms:
            start = len(words)
            words += language.split(term.text)
            spans.append(Span(start, len(words)))
        heard = [SurfaceWord(bare(w.text), w.space_before) for w in transcript.words]
        policy = SubstitutionPolicy(
            language,
            TokenizedText.of(words, language.say([w.text for w in words])),
            TokenizedText.of(heard, language.say([w.text for w in heard])),
            [w.score for w in transcript.words], rescore, glossary.acoustic_rescore,
            dict.fromkeys(range(len(words)), "sure"),
        )  # fmt: skip
        given = pronunciations_of(terms, transcript.language)
        sounds = [
            (way, at)
            for at, term in enumerate(terms if by_sound else ())
            for way in phones_key(term.text.split(), transcript.language, given)
            if len(way) >= MIN_PHONES and len(spans[at]) <= MAX_SUBSTITUTED_WORDS
        ]
        variants = {
            _folded(variant.split()): at for at, one in enumerate(terms) for variant in one.variants
        }
        spellings = variants | {_folded(one.text.split()): at for at, one in enumerate(terms)}
        return cls(
            transcript, terms, spans, policy, language, [way for way, _ in sounds],
            [at for _, at in sounds], spellings, frozenset(variants),
            2 * sum(word.space_before for word in transcript.words) > len(transcript.words),
        )  # fmt: skip

    # ------------------------------------------------------------ candidates

    def accepted(self, free: Sequence[Span]) -> Iterator[tuple[Span, int]]:
        """Yields the words to respell, with the terms; none of them overlap."""
        taken: set[int] = set()
        for run in free:
            asked: dict[Span, int] = {}
            order = sorted(self._candidates(run), key=lambda c: (-c.rank, c.spoken.start))
            for one in order:
                places = range(one.spoken.start, one.spoken.end)
                if not taken.isdisjoint(places) or asked.get(one.spoken, 0) >= MAX_ASKED:
                    continue
                asked[one.spoken] = asked.get(one.spoken, 0) + 1
                if self._may_replace(one):
                    taken.update(places)
                    yield one.spoken, one.term

    def _candidates(self, run: Span) -> Iterator[Candidate]:
        longest = MAX_SUBSTITUTED_WORDS + MAX_EXTRA_WORDS
        for start in range(run.start, run.end):
            for end in range(start + 1, min(run.end, start + longest) + 1):
                spoken = Span(start, end)
                if not (self._is_boundary(start) and self._is_boundary(end)):
                    continue
                texts = self._texts(spoken)
                spelt = self.spellings.get(_folded(texts))
                if spelt is None and self._is_doubted(spoken):
                    yield from self._sounding_alike(spoken, texts)
                elif spelt is not None and " ".join(texts) != self.terms[spelt].text:
                    yield Candidate(spoken, spelt, SPELLING_RANK, is_spelling=True)

    def _sound(self, text: str) -> str:
        """Returns how a recognised word sounds (``phones_key``)."""
        if text not in self.heard:
            (self.heard[text], *_) = phones_key([text], self.transcript.language, {})
        return self.heard[text]

    def _is_doubted(self, spoken: Span) -> bool:
        scores = self.policy.scores[spoken.start : spoken.end]
        return min(scores) <= MAX_DOUBTED and max(scores[0], scores[-1]) <= MAX_EDGE

    def _is_in_case(self, term: int, first: str) -> bool:
        """Whether a recognised word may begin a term: a name is hardly written in small letters."""
        return not (self.terms[term].text[:1].isupper() and first[:1].islower())

    def _is_boundary(self, at: int) -> bool:
        """Whether words are written apart before a place: "al-Assad" is replaced whole or not."""
        words = self.transcript.words
        return at == len(words) or words[at].space_before or not self.is_spaced

    def _texts(self, spoken: Span) -> list[str]:
        return [bare(word.text) for word in self.transcript.words[spoken.start : spoken.end]]

    def _sounding_alike(self, spoken: Span, texts: Sequence[str]) -> Iterator[Candidate]:
        heard = "".join(map(self._sound, texts))
        for way, similarity, at in most_alike(heard, self.sounds, MIN_ALIKE):
            term = self.of_sound[at]
            needed = MIN_ALIKE_SHORT if len(way) < SHORT else MIN_ALIKE
            longest = len(self.spans[term]) + MAX_EXTRA_WORDS
            if not self._is_in_case(term, texts[0]):
                continue
            if similarity >= needed and len(spoken) <= longest:
                letters = _folded(self.terms[term].text.split())
                likeness = Levenshtein.normalized_similarity(letters, _folded(texts))
                yield Candidate(spoken, term, similarity + likeness / 2)

    # ------------------------------------------------------------ the guard

    def _may_replace(self, one: Candidate) -> bool:
        term, policy = self.spans[one.term], self.policy
        written, heard = policy.article.said(term), policy.speech.said(one.spoken)
        if policy.differ_in_protected(written, heard):
            return False
        if one.is_spelling:
            return self._may_respell(one)
        if policy.rescore is None:
            return False
        text, least = self.terms[one.term].text, MIN_LLR
        if policy.acoustic_rescore:
            acoustic, least = policy.acoustic_rescore(one.spoken, text), MIN_LLR_TERM
            if acoustic is None or acoustic < MIN_ACOUSTIC:
                return False
        ratio = policy.rescore(one.spoken, text)
        return ratio is not None and ratio >= least

    def _may_respell(self, one: Candidate) -> bool:
        """Whether a term may replace a variant of it, or the same word in other capitals.

        A word in small letters may be another one ("who", WHO): only the recogniser can tell, by
        what is said around it. Without it such words stay.
        """
        term, rescore = self.terms[one.term], self.policy.rescore
        words = self._texts(one.spoken)
        ratio = rescore(one.spoken, term.text) if rescore else None
        if _folded(words) in self.variants:
            return ratio is None or ratio >= MIN_LLR_NAME_ALIKE
        if not self.language.function_words.isdisjoint(map(normalise, words)):
            return False
        if self._has_capital(one.spoken):
            return True
        return ratio is not None and ratio >= MIN_LLR

    def _has_capital(self, spoken: Span) -> bool:
        """Whether the recogniser writes all words with capitals that no sentence needs."""
        words = self.transcript.words
        before = words[spoken.start - 1].text if spoken.start else ""
        first = words[spoken.start].text
        opens = not before or may_open_sentence(first, before, self.language)
        return all(text[:1].isupper() for text in self._texts(spoken)) and not opens

    # ------------------------------------------------------------ what is shown

    def words(self, spoken: Span, at: int) -> list[CaptionWord]:
        """Returns the caption words of a term in the place of recognised words."""
        term, heard = self.terms[at], self.transcript.words[spoken.start : spoken.end]
        parts = list(self.language.split(term.text))
        first, last = heard[0].text, heard[-1].text
        texts = [word.text for word in parts]
        if texts[0].islower() and first[:1].isupper():
            texts[0] = texts[0][:1].upper() + texts[0][1:]
        texts[0] = first[: len(first) - len(first.lstrip("“\"‘'([«¿¡"))] + texts[0]
        texts[-1] += last[len(bare(last, keep_opening=True)) :]
        text = "".join((" " if w.space_before else "") + w.text for w in heard).strip()
        out = []
        for k, (start, end) in enumerate(_times(heard, [len(t) for t in texts])):
            said = tuple(
                self.policy.article.said(
                    Span(self.spans[at].start + k, self.spans[at].start + k + 1)
                )
            )
            made = CaptionWord(
                texts[k], start, end, "respelled", min(w.score for w in heard), None,
                heard[0].space_before if k == 0 else parts[k].space_before, said=said,
            )  # fmt: skip
            out.append(replace(made, heard="" if k else text, glossary=term.source))
        return out


def _folded(words: Sequence[str]) -> str:
    """Returns the letters of some words, without case, accents, spaces and punctuation."""
    return "".join(map(normalise, words))


def _times(heard: Sequence[Word], sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Returns start and end of each word of a term, in milliseconds.

    Those of the recognised words if there are as many, else shares of their time by length.
    """
    if len(heard) == len(sizes):
        return [(word.start_ms, word.end_ms) for word in heard]
    start, end, total, done = heard[0].start_ms, heard[-1].end_ms, sum(sizes), 0
    out = []
    for size in sizes:
        left = start + (end - start) * done // total
        done += size
        out.append((left, start + (end - start) * done // total))
    return out


def bare(text: str, *, keep_opening: bool = False) -> str:
    """Returns a word without the punctuation around it and without a possessive s."""
    start = 0 if keep_opening else next((k for k, c in enumerate(text) if c.isalnum()), 0)
    end = next((k + 1 for k in range(len(text) - 1, -1, -1) if text[k].isalnum()), len(text))
    word = text[start:end]
    ends = next((s for s in POSSESSIVES if word.lower().endswith(s)), "")
    return word[: len(word) - len(ends)] if ends and len(word) > len(ends) else word
