"""The pipeline: captions one article step by step, from its page to its cues."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from aligner._util.temporary_folder import temporary_folder
from aligner.audio.decode import decode
from aligner.discovery import page_worker
from aligner.errors import MediaUnavailable, NoAudio, NoSpeech
from aligner.net.budget import limited
from aligner.pipeline import channels, recordings, speakers
from aligner.pipeline import resources as shared_resources
from aligner.pipeline import source as source_pages
from aligner.pipeline.diagnosis import shortfall
from aligner.pipeline.options import Options
from aligner.pipeline.progress import CancelToken, Progress, watched
from aligner.pipeline.recognition import Recogniser
from aligner.pipeline.resources import MOST_TRIES, Resources, page_limits, trial_limits
from aligner.pipeline.state import (
    PipelineState,
    Step,
    StepContext,
    initial_state,
    require,
    run_step,
)
from aligner.types import CaptionResult, Source, Status


def caption(
    source: Source,
    options: Options,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> CaptionResult:
    """Caption the article of one source; expected failures are results too.

    Raises BadSource if the source cannot be used as given, FeedGiven if it is a feed, Cancelled,
    and whatever ``progress`` raises.
    """
    resources = shared_resources.for_one_article(options)
    try:
        return caption_with(resources, initial_state(source), options, progress, cancel)
    finally:
        resources.settle()


def caption_with(
    resources: Resources,
    state: PipelineState,
    options: Options,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> CaptionResult:
    """Caption an article with shared resources, from the download on if its links are known."""
    names = list(STEPS)
    first = names.index("download") if state.links else 0
    with watched(progress, cancel) as watching, _folder(options) as folder:
        context = StepContext(options, Path(folder), resources, watching)
        try:
            for name in names[first:]:
                state = run_step(STEPS[name], state, context)
                if state.done:
                    break
        finally:
            if state.transcriber:
                state.transcriber.close()
    return state.result


def _folder(options: Options) -> AbstractContextManager[Path]:
    """Returns the folder for the recording and its decoded audio."""
    if options.workplace:
        return nullcontext(options.workplace)
    return temporary_folder()


# ---------------------------------------------------------------- the steps in their order


def read_page(state: PipelineState, context: StepContext) -> PipelineState:
    """Read the page and its article. Raises BadSource, FeedGiven, PageUnavailable.

    Raises EngineUnavailable at once if a model is missing that is only needed at the end."""
    context.progress.stage("page")
    speakers.require_model(context.options)
    shared = context.resources
    with limited(page_limits(shared.timeout_s)):
        page = source_pages.read_page(state.source, context.options, shared.fetch)
    article = page_worker.article_of(page)
    result = replace(
        state.result, url=article.url, article=article, declared=page_worker.declared(page),
        http_status=source_pages.http_status(state.source, page),
    )  # fmt: skip
    return replace(state, result=result, page=page)


def find_media(state: PipelineState, context: StepContext) -> PipelineState:
    """Find the recordings that the page links.

    Raises NoMedia, MediaUnavailable, PageUnavailable.
    """
    page, article, shared = require(state.page), require(state.result.article), context.resources
    how = source_pages.find_options(state.source, context.options, shared.fetch)
    how = replace(how, read_feed=how.read_feed and shared.read_feed, throttle=shared.throttle)
    with limited(page_limits(shared.timeout_s)):
        links, why_none = recordings.find_recordings(
            state.result.source, page, article, context.options, how
        )
    if why_none:
        raise why_none
    own = tuple(link for link in links if link.relation == "article")
    declared = recordings.declared_with(state.result.declared, own[0])
    result = replace(state.result, media=own[0], declared=declared)
    tried = own[:MOST_TRIES]
    is_known_to_ytdlp = any(link.found_by == "ytdlp" for link in tried)
    return replace(state, result=result, links=tried, page=page if is_known_to_ytdlp else None)


def get_recording(state: PipelineState, context: StepContext) -> PipelineState:
    """Download the first recording that can be had. Raises the error of the best one."""
    context.progress.stage("download")
    error = state.first_error
    with limited(trial_limits(context.resources.timeout_s)) as budget:
        for tried, link in enumerate(state.links, start=1):
            try:
                media = recordings.download_recording(link, context, state.page)
                return replace(state, media=media, links=state.links[tried:], first_error=error)
            except MediaUnavailable as failure:
                error = error or recordings.probed_error(link, failure, context)
            if not budget.seconds_left():
                break
    raise require(error)  # there was a link, or an earlier error


def get_audio(state: PipelineState, context: StepContext) -> PipelineState:
    """Decode the first recording that has audio. Raises the error of the best one."""
    context.resources.prepare_model(context.progress)
    context.resources.preload()
    while True:
        context.progress.stage("decode")
        media = require(state.media)
        try:
            state = _decode(state, context)
            break
        except (MediaUnavailable, NoAudio) as failure:
            error = state.first_error or recordings.probed_error(media.link, failure, context)
            state = get_recording(replace(state, first_error=error), context)
    audio, media = require(state.audio), require(state.media)
    result = replace(
        state.result, media=media.link, sha256=media.sha256, duration_ms=audio.duration_ms,
        file=media.path if context.options.workplace else None,
        state=recordings.media_state(media, require(state.result.article), context),
    )  # fmt: skip
    return replace(state, result=result, page=None)


def _decode(state: PipelineState, context: StepContext) -> PipelineState:
    """Decode the recording; recognition may start meanwhile. Raises MediaUnavailable, NoAudio."""
    advance = context.progress.advance
    if not context.resources.streaming:
        return replace(state, audio=decode(require(state.media), context.folder, advance))
    recogniser = _recogniser(state, context)
    audio, transcriber = recogniser.while_decoding(context.folder, advance)
    return replace(state, audio=audio, transcriber=transcriber)


def transcribe(state: PipelineState, context: StepContext) -> PipelineState:
    """Recognise the speech. Raises NoSpeech, EngineUnavailable."""
    context.progress.stage("listen")
    state = _with_speech_channel(state, context)
    audio = require(state.audio)
    if state.transcriber:
        recognition = state.transcriber.whole(audio)
    else:
        recognition = _recogniser(state, context).whole(audio, context.progress.advance)
    result = replace(state.result, engine=recognition.transcript.engine)
    return replace(state, result=result, recognition=recognition, transcriber=None)


def _with_speech_channel(state: PipelineState, context: StepContext) -> PipelineState:
    """Replace the sum of channels, where they have different sound, by the one with the speech."""
    article, audio = require(state.result.article), require(state.audio)
    if not audio.unrelated:
        return state
    chosen = channels.with_speech_channel(
        audio, require(state.media), context.folder, context.options.language or article.language,
        lambda one: context.resources.engine().language_probabilities(one),
    )  # fmt: skip
    if chosen is None:
        return state
    if state.transcriber:
        state.transcriber.close()
    return replace(state, audio=chosen, transcriber=None)


def _recogniser(state: PipelineState, context: StepContext) -> Recogniser:
    article, media = require(state.result.article), require(state.media)
    return Recogniser(article, media, context.options, context.resources.engine)


def align(state: PipelineState, context: StepContext) -> PipelineState:
    """Match the transcript with the article. Raises NoSpeech."""
    context.progress.stage("match")
    from aligner.pipeline import align_step

    recognition, article = require(state.recognition), require(state.result.article)
    alignment, status, reason = align_step.align_and_classify(
        article, recognition.transcript, recognition.rescore, recognition.acoustic_rescore,
        recognition.glossary,
    )  # fmt: skip
    if by_text := align_step.align_by_text(
        article, require(state.audio), recognition.speech, recognition.transcript, alignment
    ):
        transcript, alignment, reason = by_text
        status, recognition = "captioned", replace(recognition, transcript=transcript)
    if not alignment.words:
        raise NoSpeech(require(state.media).link.url, "what sounds like speech in it has no words")
    result = replace(state.result, status=status, reason=reason, alignment=alignment)
    recognition = replace(recognition, rescore=None, acoustic_rescore=None, glossary=None)
    return replace(state, result=result, recognition=recognition)


def make_cues(state: PipelineState, context: StepContext) -> PipelineState:
    """Time the words exactly, and cut them into cues."""
    from aligner.alignment import acoustic
    from aligner.alignment.acoustic.exactness import timing_info
    from aligner.pipeline import align_step

    context.progress.stage("timing")
    recognition, options = require(state.recognition), context.options
    recording = align_step.SpokenRecording(
        require(state.media), require(state.audio), recognition.speech,
        recognition.transcript.language,
    )  # fmt: skip
    alignment = align_step.refine_timestamps(
        require(state.result.alignment), recording,
        acoustic.TimingOptions(
            options.timing, context.progress.advance, options.glossary, recognition.encoded
        ),
    )  # fmt: skip
    article = require(state.result.article)
    words, voices = speakers.with_voices(
        alignment.words, recording.audio, options, article, recording.language
    )
    alignment = replace(alignment, words=words)
    captions = align_step.make_captions(
        alignment.words,
        require(state.result.article),
        recording,
        options.profile,
        options.sounds,
        voices,
    )
    timing = timing_info(recording.language, by_recogniser=options.timing == "fast")
    snr_db = acoustic.snr_db(recording.audio, recording.speech)
    result = replace(
        state.result, alignment=alignment, captions=captions,
        not_understood=align_step.uncaptioned_speech(recognition.speech, captions.words),
        timing=replace(timing, snr_db=snr_db),
    )  # fmt: skip
    recognition = replace(recognition, encoded=None)  # lets go of the encoder's outputs
    result = _told_of_shortfall(result, state)
    return replace(state, result=result, recognition=recognition, done=True)


def _told_of_shortfall(result: CaptionResult, state: PipelineState) -> CaptionResult:
    """Returns the result; if only part of the recording could be had, it says so."""
    audio = require(state.audio)
    why = shortfall(audio, require(state.media))
    if why is None:
        return result
    status: Status = "media_unavailable" if result.status == "captioned" else result.status
    reason = f"{why}; the captions are those of this part ({result.reason})"
    return replace(result, status=status, state="gone", reason=reason)


STEPS: dict[str, Step] = {
    "page": read_page,
    "find": find_media,
    "download": get_recording,
    "decode": get_audio,
    "listen": transcribe,
    "match": align,
    "timing": make_cues,
}
"""The steps in their order. Each needs what those before it left in the state."""
