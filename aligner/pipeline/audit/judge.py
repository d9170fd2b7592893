"""The findings on one caption file, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aligner.alignment.clock import CaptionClock
from aligner.asr.speech_ledger import joined
from aligner.captions import lint
from aligner.captions.retiming.ass import ASS
from aligner.captions.retiming.files import OpenedCaptions
from aligner.errors import OtherRecording
from aligner.pipeline.audit.article_check import ArticleComparison, compared_with_article
from aligner.pipeline.audit.caption_text import as_article
from aligner.pipeline.audit.cue_times import CueTimes, cue_times
from aligner.pipeline.audit.findings import (
    AuditResult,
    SilentCue,
    Verdict,
    WordError,
    WordTotals,
)
from aligner.pipeline.audit.hearing import HeardCaptions, Hearing
from aligner.pipeline.audit.word_errors import ErrorFinder, uncaptioned, word_errors
from aligner.types import Article, MediaLink, Span

LATE_MS = 300
"""Captions are late or early if all of them are by more than this."""
INCOMPLETE_MS, INCOMPLETE_SHARE = 2_000, 0.01
"""Captions are incomplete if so much of the speech, and such a share of it, has none."""
ACCURATE = 0.98
"""The least accuracy of good captions, as broadcasters ask it of live ones (Ofcom)."""


def audit(
    captions: OpenedCaptions,
    data: bytes,
    link: MediaLink,
    hearing: Hearing,
    article: Article | None = None,
) -> AuditResult:
    """Compare a caption file with the recording of a link, and with its article.

    ``data`` are the file's bytes. The captions of another recording are a result too. Raises
    MediaUnavailable, NoAudio, NoSpeech, EngineUnavailable.
    """
    options = hearing.options
    language = options.language or captions.file.language
    text = as_article([cue.lines for cue in captions.cues], language)
    report = None
    if captions.file.kind != ASS:
        report = lint.inspect(data, captions.name, options.profile, language)
    known = AuditResult(
        captions.name, link.url, "other", "", language, cues=len(captions.cues),
        report=report,
    )  # fmt: skip
    # Captions may be wrong: only the article is a draft for the recogniser.
    hearing = replace(hearing, options=replace(options, draft=article is not None))
    try:
        heard = hearing.captions(captions.name, text, link, article)
    except OtherRecording as error:
        return replace(known, reason=error.why)
    return judged(known, heard, [Span(c.start_ms, c.end_ms) for c in captions.cues], article)


def judged(
    known: AuditResult, heard: HeardCaptions, shown: Sequence[Span], article: Article | None = None
) -> AuditResult:
    """Returns the findings on captions whose words are matched with their recording."""
    spoken = cue_times(heard, shown)
    finder = ErrorFinder(heard, spoken.cues)
    lacking = _with_unheard(uncaptioned(finder), heard, spoken)
    compared = ArticleComparison()
    if article:
        compared = compared_with_article(article, heard, spoken.cues)
    silent, errors = _silent(heard, spoken), word_errors(finder, compared.same_words)
    result = replace(
        known,
        language=heard.language, duration_ms=heard.duration_ms, speech_ms=heard.speech.total_ms,
        clock=spoken.clock, silent=tuple(silent), errors=tuple(errors),
        uncaptioned=tuple(sorted(lacking, key=len, reverse=True)),
        words=_totals(heard, spoken, lacking, errors),
        differences=compared.differences,
    )  # fmt: skip
    verdict, reason = _verdict(result)
    return replace(result, verdict=verdict, reason=reason)


def _with_unheard(spans: Sequence[Span], heard: HeardCaptions, spoken: CueTimes) -> list[Span]:
    """Adds the speech that is not understood and that no cue covers, by the file's clock."""
    clock = spoken.clock
    shown = [
        Span(clock.at(c.shown.start, c.onset_ms), clock.at(c.shown.end, c.end_ms))
        for c in spoken.cues if clock
    ]  # fmt: skip
    bare = [
        span for span in heard.not_understood
        if not any(_overlap(span, one) for one in (*shown, *spans))
    ]  # fmt: skip
    return list(joined(sorted((*spans, *bare), key=lambda span: span.start), 1))


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _silent(heard: HeardCaptions, spoken: CueTimes) -> list[SilentCue]:
    """Returns the cues with words in whose time nobody speaks."""
    found = []
    for number, cue in enumerate(spoken.cues, start=1):
        if cue.is_heard or not cue.words or spoken.clock is None:
            continue
        start = spoken.clock.at(cue.shown.start)
        time = Span(start, start + max(1, len(cue.shown)))
        if not any(_overlap(time, segment) for segment in heard.speech.segments):
            text = heard.article.paragraphs[number - 1].text
            found.append(SilentCue(number, max(0, start), text))
    return found


def _totals(
    heard: HeardCaptions, spoken: CueTimes, lacking: Sequence[Span], errors: Sequence[WordError]
) -> WordTotals:
    """Counts the words, and the errors that are sure."""
    words = [
        w for w in heard.alignment.words
        if not any(span.start <= w.start_ms < span.end for span in lacking)
    ]  # fmt: skip
    count = {
        kind: sum(e.count for e in errors if e.is_sure and e.kind == kind)
        for kind in ("wrong", "missing", "added")
    }
    return WordTotals(
        len(words), sum(len(cue.words) for cue in spoken.cues),
        count["wrong"], count["missing"], count["added"],
        sum(e.count for e in errors if not e.is_sure),
        sum(e.weight for e in errors if e.is_sure),
    )  # fmt: skip


def _verdict(found: AuditResult) -> tuple[Verdict, str]:
    """Returns the verdict and its reason: the first that holds of drift, delay, gaps and words."""
    clock, words = found.clock, found.words
    if clock is None or words is None:
        return "other", "no word of it is heard in the recording"
    if by_clock := _of_clock(clock):
        return by_clock
    missing = found.uncaptioned_ms
    if missing >= INCOMPLETE_MS and missing >= INCOMPLETE_SHARE * found.speech_ms:
        share = missing / max(1, found.speech_ms)
        return "incomplete", f"{missing / 1000:.1f} s of speech ({share:.0%}) have no captions"
    weighty = [one for one in found.differences if one.is_sure]
    if weighty:
        one = weighty[0]
        return "inaccurate", (
            f"{len(weighty)} names, numbers or negations differ from the article,"
            f" as {one.captions!r} for {one.article!r}"
        )
    if words.accuracy < ACCURATE:
        return "inaccurate", f"the accuracy of the words is {words.accuracy:.1%}"
    return "good", f"on time, complete, the accuracy of the words is {words.accuracy:.1%}"


def _of_clock(clock: CaptionClock) -> tuple[Verdict, str] | None:
    """Returns the verdict on the times; None if they are right."""
    offset = clock.offset_ms(clock.segments[0].first.cue_ms)
    if clock.drifts:
        end = clock.segments[-1].last
        ends = (offset, clock.at(end.cue_ms, end.sound_ms) - end.cue_ms)
        if max(map(abs, ends)) > LATE_MS:
            rates = clock.rates or f"{(clock.ratio - 1) * 100:+.3f} %"
            return "drifting", f"the file drifts ({rates}), {_shift(ends[1])} at the end"
    if clock.jumps:
        places = ", ".join(f"{jump.after.sound_ms / 1000:.0f} s" for jump in clock.jumps[:5])
        return "drifting", f"the offset jumps {len(clock.jumps)} times, at {places}"
    if abs(offset) > LATE_MS:
        return "late", f"all cues are {_shift(offset)}"
    return None


def _shift(ms: int) -> str:
    return f"{abs(ms) / 1000:.2f} s {'early' if ms > 0 else 'late'}"
