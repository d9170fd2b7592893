"""Matching, timing and cue-making, with the options that each needs.

``steps`` does them once, with the whole transcript; ``incremental`` with the transcript so far.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from aligner import languages
from aligner._util.concurrency import cpu_count
from aligner.alignment import acoustic, matching
from aligner.alignment.acoustic import TimingOptions
from aligner.alignment.glossary import Glossary, respell
from aligner.alignment.matching.hallucinations import drop_words, hallucinated_words
from aligner.alignment.matching.substitution_policy import RescoreFn
from aligner.alignment.text_first import ENGINE, is_searched, transcript_by_text
from aligner.asr.speech_ledger import TELL_MS, joined, unaccounted
from aligner.audio import decode
from aligner.captions.profiles import Profile
from aligner.captions.segmentation import CueOptions, NonSpeechLabel, find_sounds, make_cues
from aligner.types import (
    Alignment,
    Article,
    Audio,
    CaptionResult,
    Captions,
    CaptionWord,
    Divergence,
    MediaFile,
    Sentence,
    Span,
    SpeechRegion,
    SpeechSegments,
    Status,
    Transcript,
    Voice,
)

UNDERSTOOD = 0.7
"""Share of the speech in the article from which the recogniser's words are taken as they are, if
they account for all speech."""


def align_and_classify(
    article: Article,
    transcript: Transcript,
    rescore: RescoreFn | None,
    acoustic_rescore: RescoreFn | None = None,
    glossary: Glossary | None = None,
) -> tuple[Alignment, Status, str]:
    """Align a transcript with the article, and decide whether the speech is the article's at all.

    Returns the alignment, the status "captioned" or "speech_only", and the reason for people.
    ``rescore`` and ``acoustic_rescore`` score other words for the same audio (see
    ``matching.substitution_policy``). Speech outside the article is spelt by the ``glossary``.
    """
    if not article.paragraphs:
        return _without_article(transcript, rescore, glossary)
    tokens, questions, alignment = _aligned(article, transcript)
    while invented := hallucinated_words(alignment.matches, transcript):
        glossary = glossary and glossary.without(invented, transcript)
        transcript, rescore, acoustic_rescore = drop_words(
            invented, transcript, rescore, acoustic_rescore
        )
        tokens, questions, alignment = _aligned(article, transcript)
    coverage = alignment.coverage
    if not matching.is_same_story(alignment):  # decided before rescoring, which would be wasted
        reason = _not_this_article(
            article.language, transcript.language, coverage.speech_in_article
        )
        alignment = replace(matching.unaligned(transcript), coverage=coverage)
        alignment = respell(alignment, transcript, glossary, rescore)
        return alignment, "speech_only", reason
    if rescore:
        alignment = matching.resolve(tokens, questions.answered_by(rescore), acoustic_rescore)
    alignment = respell(alignment, transcript, glossary, rescore)
    return alignment, "captioned", _captioned_reason(alignment)


def _captioned_reason(alignment: Alignment) -> str:
    coverage = alignment.coverage
    return (
        f"{coverage.speech_in_article:.0%} of the speech is in the article,"
        f" {coverage.article_in_speech:.0%} of the article is spoken"
    )


def _aligned(
    article: Article, transcript: Transcript
) -> tuple[matching.TokenAlignment, _Questions, Alignment]:
    """Align without rescoring. Returns the tokens, the rescoring questions, and the alignment."""
    tokens, questions = matching.align_tokens(article, transcript), _Questions()
    return tokens, questions, matching.resolve(tokens, questions.collect)


def align_by_text(
    article: Article,
    audio: Audio,
    speech: SpeechSegments,
    heard: Transcript,
    alignment: Alignment,
) -> tuple[Transcript, Alignment, str] | None:
    """Align a recording by the sound of the article's sentences, if the recogniser was of no help.

    ``alignment`` is what the recogniser's words gave. Returns the transcript by the text, its
    alignment (the status is "captioned") and the reason for people; None if ``alignment`` is no
    worse.
    """
    if heard.engine == ENGINE:
        starts = frozenset(word.start_ms for word in heard.words)
        return heard, _with_found(alignment, starts), _found_reason(alignment)
    share = alignment.coverage.speech_in_article
    understood = share >= UNDERSTOOD and not unaccounted(speech.segments, alignment.words)
    if understood or not is_searched(heard.language) or not article.paragraphs:
        return None
    by_text = transcript_by_text(article, audio, speech, heard)
    if by_text is None:
        return None
    found, status, _ = align_and_classify(article, by_text.transcript, None)
    if status != "captioned" or _aligned_words(found) <= _aligned_words(alignment):
        return None
    return by_text.transcript, _with_found(found, by_text.found_starts), _found_reason(found)


def _with_found(alignment: Alignment, starts: frozenset[int]) -> Alignment:
    """Gives the words of the article that start at these times the origin "found"."""
    words = tuple(
        replace(word, origin="found")
        if word.start_ms in starts and word.article_word is not None
        else word
        for word in alignment.words
    )
    return replace(alignment, words=words)


def _found_reason(alignment: Alignment) -> str:
    return f"{_captioned_reason(alignment)} (found by its sound)"


def _aligned_words(alignment: Alignment) -> int:
    return sum(word.article_word is not None for word in alignment.words)


def _without_article(
    transcript: Transcript,
    rescore: RescoreFn | None,
    glossary: Glossary | None,
) -> tuple[Alignment, Status, str]:
    """Returns the alignment of a recording whose page has no article text."""
    alignment = matching.unaligned(transcript)
    if invented := hallucinated_words(alignment.matches, transcript):
        glossary = glossary and glossary.without(invented, transcript)
        transcript, rescore, _ = drop_words(invented, transcript, rescore)
        alignment = matching.unaligned(transcript)
    alignment = respell(alignment, transcript, glossary, rescore)
    reason = "the page has no article text: captions were written from the speech alone"
    return alignment, "speech_only", reason


class _Questions:
    """The rescoring questions of one alignment: spoken words, and other words in their place.

    Rescoring is slow and each question stands alone, so they are collected first, by an alignment
    without answers, and then answered in parallel.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[Span, str], None] = {}
        """In the order in which they were asked."""

    def collect(self, spoken: Span, wording: str) -> float | None:
        """Note a question and leave it unanswered."""
        self._asked[spoken, wording] = None
        return None

    def answered_by(self, rescore: RescoreFn) -> RescoreFn:
        """Returns ``rescore`` with the collected questions answered already.

        The last questions are answered first: the encoder's outputs of the last windows are still
        cached.
        """
        order = list(reversed(self._asked))
        with ThreadPoolExecutor(cpu_count(), thread_name_prefix="rescore") as pool:
            scores = pool.map(lambda question: rescore(*question), order)
            known = dict(zip(order, scores, strict=True))

        def answer(spoken: Span, wording: str) -> float | None:
            question = spoken, wording
            return known[question] if question in known else rescore(*question)

        return answer


def _not_this_article(written: str | None, spoken: str, share: float) -> str:
    """Returns why the article's text is not used: another language, or another story."""
    if written and not languages.same(written, spoken):
        why = f"the speech is {languages.name(spoken)}, the article {languages.name(written)}"
    else:
        why = f"the speech is not this article ({share:.0%} of it is in the text)"
    return f"{why}: captions were written from the speech alone"


@dataclass(frozen=True, slots=True)
class SpokenRecording:
    """A recording, its audio, and where and in which language somebody speaks in it."""

    media: MediaFile
    audio: Audio
    speech: SpeechSegments
    language: str
    """BCP 47 tag of the speech."""


def refine_timestamps(
    alignment: Alignment, recording: SpokenRecording, options: TimingOptions
) -> Alignment:
    """Replace the recogniser's word times by forced alignment, where that succeeds."""
    words = acoustic.refine(
        recording.audio, alignment.words, recording.speech, recording.language, options
    )
    starts = {old.start_ms: new.start_ms for old, new in zip(alignment.words, words, strict=True)}
    ends = {old.end_ms: new.end_ms for old, new in zip(alignment.words, words, strict=True)}
    return replace(
        alignment,
        words=words,
        divergence=tuple(_moved(place, starts, ends) for place in alignment.divergence),
        sentences=tuple(_moved(sentence, starts, ends) for sentence in alignment.sentences),
        stretches=tuple(_moved(region, starts, ends) for region in alignment.stretches),
    )


Timed = TypeVar("Timed", Divergence, Sentence, SpeechRegion)


def _moved(region: Timed, starts: dict[int, int], ends: dict[int, int]) -> Timed:
    """Returns a region with the new times of the words that it begins and ends with."""
    if region.start_ms is None or region.end_ms is None:
        return region
    start = starts.get(region.start_ms, region.start_ms)
    end = max(ends.get(region.end_ms, region.end_ms), start + 1)
    return replace(region, start_ms=start, end_ms=end)


def uncaptioned_speech(speech: SpeechSegments, words: Sequence[CaptionWord]) -> tuple[Span, ...]:
    """Returns the stretches of speech, in milliseconds, that no caption word accounts for."""
    return joined(unaccounted(speech.segments, words, TELL_MS))


def make_captions(
    words: tuple[CaptionWord, ...],
    article: Article,
    recording: SpokenRecording,
    profile: Profile,
    sounds: bool,
    voices: tuple[Voice, ...] = (),
) -> Captions:
    """Cut caption words into cues by a profile, at the video's frame rate.

    With ``sounds``, music and silence are labelled where nobody speaks.
    """
    language, audio = recording.language, recording.audio
    options = CueOptions(
        paragraphs=frozenset(matching.paragraph_starts(article, language)),
        sounds=find_sounds(audio, recording.speech, language) if sounds else (),
        voices=voices,
    )
    profile = profile.at(decode.probe(recording.media.path).fps)
    return make_cues(words, language, profile, audio.duration_ms, options)


def recut(result: CaptionResult, profile: Profile) -> Captions:
    """Cut the words of a result into new cues by a profile; labels of sounds stay.

    Cues that a person has moved or broken are replaced too. Raises ValueError for a result
    without captions.
    """
    captions, article = result.captions, result.article
    if captions is None:
        raise ValueError("a result without captions")
    language, words = captions.language, captions.words
    starts = matching.paragraph_starts(article, language) if article else ()
    ends = (*(w.end_ms for w in words), *(c.end_ms for c in captions.cues), 0)
    options = CueOptions(frozenset(starts), tuple(_sound_labels(captions)), captions.voices)
    return make_cues(words, language, profile, max(result.duration_ms or 0, *ends), options)


def _sound_labels(captions: Captions) -> Iterator[NonSpeechLabel]:
    """Yields the cues that label a sound, in brackets, and show no word."""
    starts = [word.start_ms for word in captions.words]
    for cue in captions.cues:
        spoken = bisect_left(starts, cue.start_ms) < bisect_left(starts, cue.end_ms)
        if not spoken and len(cue.lines) == 1 and re.fullmatch(r"\[.+\]", cue.lines[0]):
            yield NonSpeechLabel(cue.start_ms, cue.end_ms, cue.lines[0])
