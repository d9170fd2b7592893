"""What was heard, beside the article -> the captions: matching, timing and cues with their options.

The pipeline does this once, with the whole recording; ``ahead`` with what was heard so far.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from aligner import languages
from aligner._util.concurrency import cpu_count
from aligner.alignment import acoustic, matching
from aligner.alignment.acoustic import TimingOptions
from aligner.alignment.matching.hallucinations import drop_words, hallucinated_words
from aligner.alignment.matching.substitution_policy import RescoreFn
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
)


def align_and_classify(
    article: Article, transcript: Transcript, gain: RescoreFn | None, fit: RescoreFn | None = None
) -> tuple[Alignment, Status, str]:
    """The alignment, and whether the speech is this article's at all.

    ``gain`` and ``fit`` tell how well other words go with the sound (``matching.judge``).
    """
    asked: dict[RescoreRequest, None] = {}
    first = partial(_noted, asked) if gain else None
    paired = matching.align_tokens(article, transcript) if article.paragraphs else None
    alignment = matching.resolve(paired, first) if paired else matching.unaligned(transcript)
    if made_up := hallucinated_words(alignment.matches, transcript):
        return align_and_classify(article, *drop_words(made_up, transcript, gain, fit))
    if paired is None:
        reason = "the page has no article text: captions were written from the speech alone"
        return alignment, "speech_only", reason
    share = alignment.coverage.speech_in_article
    if not matching.is_same_story(alignment):  # before a second hearing: another story costs none
        reason = _not_this_article(article.language, transcript.language, share)
        return (
            replace(matching.unaligned(transcript), coverage=alignment.coverage),
            "speech_only",
            reason,
        )
    if gain:
        alignment = matching.resolve(paired, _answered(gain, list(asked)), fit)
    share, spoken = alignment.coverage.speech_in_article, alignment.coverage.article_in_speech
    reason = f"{share:.0%} of the speech is in the article, {spoken:.0%} of the article is spoken"
    return alignment, "captioned", reason


RescoreRequest = tuple[Span, str]
"""What a second hearing is asked; see ``matching.judge``."""


def _noted(asked: dict[RescoreRequest, None], spoken: Span, wording: str) -> None:
    """A second hearing that only notes what it is asked."""
    asked[spoken, wording] = None


def _answered(gain: RescoreFn, asked: list[RescoreRequest]) -> RescoreFn:
    """A second hearing, most of whose answers are found before, side by side.

    The last ones first: what the recogniser made of the last windows is still there.
    """
    order = list(reversed(asked))
    with ThreadPoolExecutor(cpu_count(), thread_name_prefix="rehear") as pool:
        known = dict(zip(order, pool.map(lambda question: gain(*question), order), strict=True))

    def answer(spoken: Span, wording: str) -> float | None:
        question = spoken, wording
        return known[question] if question in known else gain(*question)

    return answer


def _not_this_article(written: str | None, spoken: str, share: float) -> str:
    """Why the article's text is not used: another language, or another story."""
    if written and not languages.same(written, spoken):
        why = f"the speech is {languages.name(spoken)}, the article {languages.name(written)}"
    else:
        why = f"the speech is not this article ({share:.0%} of it is in the text)"
    return f"{why}: captions were written from the speech alone"


def refine_timestamps(
    alignment: Alignment, sound: Audio, speech: SpeechSegments, language: str, care: TimingOptions
) -> Alignment:
    """An alignment with a recogniser's times -> the same with exact ones, where they can be had."""
    words = acoustic.refine(sound, alignment.words, speech, language, care)
    starts = {old.start_ms: new.start_ms for old, new in zip(alignment.words, words, strict=True)}
    ends = {old.end_ms: new.end_ms for old, new in zip(alignment.words, words, strict=True)}
    return replace(
        alignment,
        words=words,
        divergence=tuple(_moved(place, starts, ends) for place in alignment.divergence),
        sentences=tuple(_moved(sentence, starts, ends) for sentence in alignment.sentences),
        stretches=tuple(_moved(stretch, starts, ends) for stretch in alignment.stretches),
    )


Placed = TypeVar("Placed", Divergence, Sentence, SpeechRegion)


def _moved(place: Placed, starts: dict[int, int], ends: dict[int, int]) -> Placed:
    """A place with a recogniser's times -> the same with the exact times of its words."""
    if place.start_ms is None or place.end_ms is None:
        return place
    start = starts.get(place.start_ms, place.start_ms)
    return replace(
        place, start_ms=start, end_ms=max(ends.get(place.end_ms, place.end_ms), start + 1)
    )


def not_understood(speech: SpeechSegments, words: Sequence[CaptionWord]) -> tuple[Span, ...]:
    """The stretches of speech, in milliseconds, that no word of the captions accounts for."""
    return joined(unaccounted(speech.segments, words, TELL_MS))


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, its sound, where somebody speaks in it, and in which language."""

    media: MediaFile
    sound: Audio
    speech: SpeechSegments
    language: str


def make_captions(
    words: tuple[CaptionWord, ...],
    article: Article,
    recording: Recording,
    profile: Profile,
    sounds: bool,
) -> Captions:
    """The words to show -> captions, by a profile at the video's frame rate.

    With ``sounds``, music and silence are labelled where nobody speaks.
    """
    language, sound = recording.language, recording.sound
    how = CueOptions(
        paragraphs=frozenset(matching.paragraph_starts(article, language)),
        sounds=find_sounds(sound, recording.speech, language) if sounds else (),
    )
    exact = profile.at(decode.probe(recording.media.path).fps)
    return make_cues(words, language, exact, sound.duration_ms, how)


def recut(outcome: CaptionResult, profile: Profile) -> Captions:
    """An outcome with captions -> the same words in cues by a profile; labels of sounds stay.

    A cue that a person has moved or broken is cut anew too; the words are as they are.
    """
    captions, article = outcome.captions, outcome.article
    if captions is None:
        raise ValueError("an outcome without captions")
    language, words = captions.language, captions.words
    starts = matching.paragraph_starts(article, language) if article else ()
    ends = (*(w.end_ms for w in words), *(c.end_ms for c in captions.cues), 0)
    how = CueOptions(paragraphs=frozenset(starts), sounds=tuple(_labels(captions)))
    return make_cues(words, language, profile, max(outcome.duration_ms or 0, *ends), how)


def _labels(captions: Captions) -> Iterator[NonSpeechLabel]:
    """Cues that show a sound in brackets, and no word."""
    starts = [word.start_ms for word in captions.words]
    for cue in captions.cues:
        spoken = bisect_left(starts, cue.start_ms) < bisect_left(starts, cue.end_ms)
        if not spoken and len(cue.lines) == 1 and re.fullmatch(r"\[.+\]", cue.lines[0]):
            yield NonSpeechLabel(cue.start_ms, cue.end_ms, cue.lines[0])
