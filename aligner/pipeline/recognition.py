"""Speech recognition of one recording, with the article as a draft."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from aligner.audio import vad
from aligner.audio.decode import decode
from aligner.errors import NoSpeech
from aligner.languages.names import name
from aligner.pipeline.options import Options
from aligner.pipeline.streaming import StreamingTranscriber
from aligner.types import (
    Article,
    Audio,
    AudioSoFar,
    EncodedSpeech,
    FindSentences,
    MediaFile,
    SpeechSegments,
    Transcript,
)

if TYPE_CHECKING:
    from aligner.alignment.glossary import Glossary
    from aligner.alignment.matching.substitution_policy import RescoreFn
    from aligner.asr import Engine

logger = logging.getLogger(__name__)

Advance = Callable[[int, int], None]
"""Told how many milliseconds of the audio are recognised, and how many there are."""


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """A transcript, and the functions that score other words for the same audio."""

    transcript: Transcript
    speech: SpeechSegments
    rescore: RescoreFn | None
    """The recogniser's log-likelihood ratio; None if it cannot rescore."""
    acoustic_rescore: RescoreFn | None = None
    """The acoustic model's score; None without a model for the language."""
    glossary: Glossary | None = None
    """The terms by which speech outside the article is spelt."""
    encoded: EncodedSpeech | None = None
    """The output of the recogniser's encoder; None if it has none."""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Recognises what is said in the recording of one article."""

    article: Article
    media: MediaFile
    options: Options
    engine: Callable[[], Engine]
    """Returns the recogniser, which the first call loads."""

    def whole(self, audio: Audio, advance: Advance) -> RecognitionResult:
        """Recognise audio that is decoded already. Raises NoSpeech, EngineUnavailable."""
        return self.arriving([vad.run(audio)], advance)

    def while_decoding(
        self, folder: Path, advance: Callable[[int, int | None], None]
    ) -> tuple[Audio, StreamingTranscriber[RecognitionResult]]:
        """Decode the recording, and start to recognise it meanwhile.

        Returns the audio, and the transcriber to ask for the result. Raises MediaUnavailable,
        NoAudio.
        """
        transcriber = StreamingTranscriber(self.arriving, advance)
        try:
            return decode(self.media, folder, advance, transcriber.more), transcriber
        except BaseException:
            transcriber.close()
            raise

    def arriving(self, parts: Iterable[AudioSoFar], advance: Advance) -> RecognitionResult:
        """Recognise audio as it arrives; each part holds all audio so far.

        Raises NoSpeech if nobody speaks, EngineUnavailable.
        """
        arrivals = _Arrivals(parts)
        if not arrivals.wait_for_speech():
            raise NoSpeech(self.media.link.url)
        engine = self.engine()  # loaded only if there is speech
        spoken = self.options.language or _page_language(self.article)
        if spoken and not engine.knows(spoken):
            if found := self._by_text(arrivals, spoken):
                return found
            if not self.options.language:  # else the recogniser says so itself
                _warn_of_unknown_language(spoken, engine.info.model)
        from aligner.alignment import acoustic, glossary
        from aligner.alignment.matching.draft_text import draft
        from aligner.asr import ListenOptions

        options = self.options
        how = ListenOptions(
            options.language,
            draft(self.article, options.language) if options.draft else (),
            word_spotter=acoustic.word_spotter,
            on_partial=self._follower(engine),
            expected_language=_page_language(self.article),
            find_sentences=self._sentence_finder(spoken),
        )
        transcript = engine.transcribe(arrivals, options=how, progress=advance)
        if not transcript.words:
            raise NoSpeech(self.media.link.url, "no words were recognised in the recording")
        last = arrivals.latest
        rescoring = engine.rescorer(last, transcript)
        return RecognitionResult(
            transcript, last.speech, rescoring.log_likelihood_ratio if rescoring else None,
            acoustic.acoustic_rescorer(last.audio, transcript, options.glossary),
            glossary.of_recording(options.glossary, last.audio, transcript),
            rescoring.encoded() if rescoring else None,
        )  # fmt: skip

    def _by_text(self, arrivals: _Arrivals, language: str) -> RecognitionResult | None:
        """Returns the article's sentences that are spoken, in a language that no model knows.

        None if it is not the article that is read.
        """
        from aligner.alignment.text_first import ENGINE, transcript_by_text

        *_, last = arrivals
        article, nothing = (
            replace(self.article, language=language),
            Transcript(language, (), ENGINE),
        )
        found = transcript_by_text(article, last.audio, last.speech, nothing)
        return RecognitionResult(found.transcript, last.speech, None) if found else None

    def _sentence_finder(self, spoken: str | None) -> FindSentences | None:
        """Returns a function that finds the article's sentences, where recognition may fail."""
        from aligner.alignment.text_first import SentenceFinder, is_searched

        article = self.article
        if not (spoken and article.paragraphs and is_searched(spoken)):
            return None
        return SentenceFinder(article, spoken).find

    def _follower(self, engine: Engine) -> Callable[[Transcript, AudioSoFar], None] | None:
        """Returns the function that makes cues during recognition, if they are wanted."""
        if not self.options.follow:
            return None
        from functools import partial

        from aligner.pipeline import incremental

        context = incremental.Context(self.article, self.media, self.options.profile)
        rescorer = partial(_rescorer, engine)
        return incremental.IncrementalCaptioner(context, rescorer, self.options.follow).update


def _warn_of_unknown_language(language: str, model: str) -> None:
    """Warn of a recording that a model cannot recognise, and name the remedy if there is one."""
    from aligner.asr.whisper.language_id import is_recognised

    remedy = "no model of Whisper does"
    if is_recognised(language):
        remedy = "choose a multilingual one with --model, for example --model base"
    logger.warning("the speech model %s does not know %s: %s", model, name(language), remedy)


def _page_language(article: Article) -> str | None:
    """Returns the language that a page declares, unless its text is clearly in another one."""
    from aligner.languages.identification import is_written_in

    text = " ".join(paragraph.text for paragraph in article.paragraphs)
    declared = article.language
    return declared if declared and is_written_in(text, declared) else None


class _Arrivals:
    """The parts of a recording as they arrive, from the first one with speech on."""

    def __init__(self, parts: Iterable[AudioSoFar]) -> None:
        self._parts = iter(parts)
        self.latest: AudioSoFar

    def wait_for_speech(self) -> bool:
        """Wait for the first speech; whether there is any in the recording."""
        self.latest = next(part for part in self._parts if part.windows or part.whole)
        return bool(self.latest.windows)

    def __iter__(self) -> Iterator[AudioSoFar]:
        yield self.latest
        for part in self._parts:
            self.latest = part
            yield part


def _rescorer(engine: Engine, transcript: Transcript, audio: AudioSoFar) -> RescoreFn | None:
    """Returns the function that scores other words with the recogniser, if it can."""
    rescoring = engine.rescorer(audio, transcript)
    return rescoring.log_likelihood_ratio if rescoring else None
