"""Recognises a recording, and matches its words with those of captions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from aligner._util.temporary_folder import temporary_folder
from aligner.alignment import matching
from aligner.alignment.acoustic import TimingOptions, acoustic_rescorer
from aligner.alignment.matching.substitution_policy import RescoreFn
from aligner.audio.decode import probe
from aligner.errors import NoSpeech, OtherRecording
from aligner.pipeline import align_step, steps
from aligner.pipeline.options import Options
from aligner.pipeline.progress import NullProgress, Progress, watched
from aligner.pipeline.recordings import with_recording
from aligner.pipeline.resources import Resources
from aligner.pipeline.state import PipelineState, StepContext, require
from aligner.types import (
    Alignment,
    Article,
    Audio,
    CaptionResult,
    CaptionWord,
    EngineInfo,
    MediaLink,
    Span,
    SpeechSegments,
    Transcript,
    Word,
)


@dataclass(frozen=True, slots=True)
class HeardCaptions:
    """The words of a recording, matched with those of captions."""

    article: Article
    """The captions' words, a paragraph for each cue (``caption_text``)."""
    alignment: Alignment
    """Of the captions' words with the recording; words have their exact times."""
    speech: SpeechSegments
    language: str
    """BCP 47 tag of the speech."""
    duration_ms: int
    fps: float | None
    """Of the recording's pictures; None without any."""
    score: RescoreFn | None = None
    """The log-likelihood ratio, in nats, of a wording to a span of ``alignment.words``, by the
    acoustic model; None without one for the language."""
    not_understood: tuple[Span, ...] = ()
    """Speech, in milliseconds, that no recognised word accounts for."""

    @property
    def first_words(self) -> tuple[int, ...]:
        """For each cue the index of its first word among all words of the captions."""
        return matching.paragraph_starts(self.article, self.language)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What recognition takes: options, the recogniser, progress, and a lock where one is due."""

    options: Options
    resources: Resources
    progress: Progress = field(default_factory=NullProgress)
    recognising: AbstractContextManager[object] = field(default_factory=nullcontext)
    """Entered before a recording is recognised, as a lock where several are at the same time;
    downloads do without it."""

    def captions(
        self, name: str, article: Article, link: MediaLink, draft: Article | None = None
    ) -> HeardCaptions:
        """Match the words of captions, given as an article, with the recording of a link.

        ``draft`` is the text that helps the recogniser, by default the captions'. Raises
        OtherRecording if they are not its captions, MediaUnavailable, NoAudio, NoSpeech,
        EngineUnavailable.
        """
        known = CaptionResult("error", "", name, article=draft or article)
        state = with_recording(known, link)
        with watched(self.progress) as watching, temporary_folder() as folder:
            context = StepContext(self.options, Path(folder), self.resources, watching)
            try:
                state = steps.get_recording(state, context)
                with self.recognising:
                    state = steps.transcribe(steps.get_audio(state, context), context)
                    state = replace(state, result=replace(state.result, article=article))
                    state = steps.align(state, context)
                    if state.result.status != "captioned":
                        raise OtherRecording(name, _not_of_it(state))
                    return _timed(state, context)
            finally:
                if state.transcriber:
                    state.transcriber.close()


def _timed(state: PipelineState, context: StepContext) -> HeardCaptions:
    context.progress.stage("timing")
    recognition, audio = require(state.recognition), require(state.audio)
    media, article = require(state.media), require(state.result.article)
    language = recognition.transcript.language
    spoken = align_step.SpokenRecording(media, audio, recognition.speech, language)
    options = TimingOptions(context.options.timing, context.progress.advance)
    alignment = align_step.refine_timestamps(require(state.result.alignment), spoken, options)
    if not alignment.words:
        raise NoSpeech(media.link.url, "no words were recognised in the recording")
    return HeardCaptions(
        replace(article, language=language), alignment, recognition.speech, language,
        audio.duration_ms, probe(media.path).fps,
        scorer(audio, alignment.words, language),
        align_step.uncaptioned_speech(recognition.speech, alignment.words),
    )  # fmt: skip


def scorer(audio: Audio, words: Sequence[CaptionWord], language: str) -> RescoreFn | None:
    """Returns the function that scores wordings of spans of words by their sound.

    The sound is copied, as its file is deleted with the temporary folder. None without an acoustic
    model for the language.
    """
    kept = Audio(np.array(audio.samples), audio.sample_rate)
    said = tuple(Word(w.text, w.start_ms, w.end_ms, w.score, w.space_before) for w in words)
    return acoustic_rescorer(kept, Transcript(language, said, EngineInfo("", "")))


def _not_of_it(state: PipelineState) -> str:
    alignment = require(state.result.alignment)
    share = alignment.coverage.speech_in_article
    return f"{share:.0%} of what is spoken is in them"
