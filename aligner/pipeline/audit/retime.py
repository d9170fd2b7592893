"""New times for the cues of a caption file, from the sound of its recording."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from aligner.alignment.clock import CaptionClock
from aligner.captions.profiles import Profile
from aligner.captions.retiming.base import AddedCue
from aligner.captions.retiming.files import OpenedCaptions
from aligner.captions.retiming.marks import MARKED
from aligner.captions.retiming.out_times import SpokenCue, out_times
from aligner.captions.segmentation import make_cues
from aligner.errors import BadSource, OtherRecording
from aligner.pipeline.audit.caption_text import as_article
from aligner.pipeline.audit.cue_times import CueTimes, cue_times, neighbours
from aligner.pipeline.audit.hearing import HeardCaptions, Hearing
from aligner.pipeline.audit.word_errors import ErrorFinder
from aligner.pipeline.recordings import given_link
from aligner.types import Span


@dataclass(frozen=True, slots=True)
class RetimedFile:
    """The result of giving a file new times."""

    data: bytes
    clock: CaptionClock
    """The clock of the given file."""
    times: tuple[Span, ...]
    """The new times, in the order of the file."""
    unheard: tuple[int, ...]
    """The cues whose words are not heard, by their positions from 1: they are placed between
    their neighbours."""
    added: tuple[AddedCue, ...] = ()
    """Cues for speech that had none."""


def retime(
    captions: OpenedCaptions,
    hearing: Hearing,
    *,
    shift_only: bool = False,
    fill: bool = False,
    mark: bool = False,
) -> RetimedFile:
    """Give the cues of a file the times at which their words are said in a recording.

    That is ``hearing.options.media``. With ``shift_only`` only the offset, drift and jumps of the
    file are removed. With ``fill`` speech without captions gets cues of the recogniser's words.
    With ``mark`` the cues that are not heard get a comment (WebVTT, TTML and ASS). Raises
    OtherRecording if its words are not those of the recording, MediaUnavailable, NoAudio, NoSpeech,
    EngineUnavailable, BadSource.
    """
    if mark and captions.file.kind not in MARKED:
        raise BadSource(captions.name, "SubRip has no comments: --mark takes WebVTT, TTML and ASS")
    options = hearing.options
    article = as_article(
        [cue.lines for cue in captions.cues], options.language or captions.file.language
    )
    heard = hearing.captions(captions.name, article, given_link(options.media or ""))
    spoken = cue_times(heard, [Span(cue.start_ms, cue.end_ms) for cue in captions.cues])
    if spoken.clock is None:
        raise OtherRecording(captions.name, "no word of it is heard in the recording")
    shifted = shifted_times(spoken, spoken.clock)
    profile = options.profile.for_language(heard.language).at(heard.fps)
    times = shifted
    if not shift_only:
        lines = [cue.lines for cue in captions.cues]
        times = spoken_times(spoken, shifted, lines, profile, heard.duration_ms)
    added = _filled(heard, spoken, profile) if fill else []
    times = [_before_added(time, added) for time in times]
    unheard = tuple(k for k, cue in enumerate(spoken.cues, start=1) if not cue.is_heard)
    marked = [k - 1 for k in unheard] if mark else ()
    data = captions.retimed(times, added, marked)
    return RetimedFile(data, spoken.clock, tuple(times), unheard, tuple(added))


def _filled(heard: HeardCaptions, spoken: CueTimes, profile: Profile) -> list[AddedCue]:
    """Returns cues for the speech that has none, in order of time."""
    words, finder = heard.alignment.words, ErrorFinder(heard, spoken.cues)
    found: list[AddedCue] = []
    for gap in finder.gaps():
        span, _ = finder.divided(gap)
        if not len(span):
            continue
        latest = words[span.end].start_ms if span.end < len(words) else heard.duration_ms
        end = max(latest - profile.min_gap_ms, words[span.end - 1].end_ms)
        made = make_cues(words[span.start : span.end], heard.language, profile, end)
        found += [AddedCue(Span(cue.start_ms, cue.end_ms), cue.lines) for cue in made.cues]
    return found


def _before_added(time: Span, added: Sequence[AddedCue]) -> Span:
    """Returns a time that ends before the next added cue begins."""
    after = bisect_right(added, time.start, key=lambda cue: cue.time.start)
    if after == len(added):
        return time
    return Span(time.start, max(min(time.end, added[after].time.start), time.start + 1))


def shifted_times(spoken: CueTimes, clock: CaptionClock) -> list[Span]:
    """Returns the times of all cues by the clock of the file; none is before 0."""
    known = [k for k, cue in enumerate(spoken.cues) if cue.onset_ms is not None]
    times = []
    for at, cue in enumerate(spoken.cues):
        before, after = neighbours(known, at)
        beside = before if before is not None else after
        near = None if beside is None else spoken.cues[beside].onset_ms
        start = max(0, clock.at(cue.shown.start, near))
        length = max(round(len(cue.shown) * clock.ratio), min(len(cue.shown), 1))
        times.append(Span(start, start + max(0, length)))
    return times


def spoken_times(
    spoken: CueTimes,
    shifted: Sequence[Span],
    lines: Sequence[tuple[str, ...]],
    profile: Profile,
    duration_ms: int,
) -> list[Span]:
    """Returns the times of all cues by their words; ``shifted`` are those by the file's clock.

    A cue begins with its first word and ends by the profile. A cue that is not heard keeps its
    shifted time, between the cues beside it.
    """
    order = sorted(range(len(spoken.cues)), key=lambda k: (shifted[k].start, k))
    starts = _starts(spoken, shifted, order)
    shown = []
    for at, k in enumerate(order):
        cue = spoken.cues[k]
        by_clock = starts[at] + len(shifted[k])
        end = by_clock if cue.end_ms is None else max(cue.end_ms, starts[at] + 1)
        shown.append(SpokenCue(starts[at], end, lines[k], _overlap(spoken, order, at)))
    found = out_times(shown, profile, max(duration_ms, starts[-1] + 1))
    times = [Span(0, 0)] * len(order)
    for k, time in zip(order, found, strict=True):
        times[k] = time
    return times


def _starts(spoken: CueTimes, shifted: Sequence[Span], order: Sequence[int]) -> list[int]:
    """Returns the starts of the cues in their order, none before the one above it."""
    onsets = [spoken.cues[k].onset_ms for k in order]
    known = sorted(_rising(onsets))
    exact = frozenset(known)
    found: list[int] = []
    for at, k in enumerate(order):
        onset = onsets[at]
        if at in exact and onset is not None:
            found.append(onset)
            continue
        _, after = neighbours(known, at)
        latest = onsets[after] if after is not None else None
        start = shifted[k].start if latest is None else min(shifted[k].start, latest)
        found.append(max(start, found[-1] if found else 0))
    return found


def _rising(onsets: Sequence[int | None]) -> set[int]:
    """Returns the indices of the longest sequence of onsets that never fall (Fredman 1975)."""
    tails: list[int] = []
    ends: list[int] = []
    back: dict[int, int | None] = {}
    for at, onset in enumerate(onsets):
        if onset is None:
            continue
        k = bisect_right(tails, onset)
        back[at] = ends[k - 1] if k else None
        tails[k : k + 1], ends[k : k + 1] = [onset], [at]
    chain: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        chain.add(last)
        last = back[last]
    return chain


def _overlap(spoken: CueTimes, order: Sequence[int], at: int) -> int:
    """Returns for how long a cue was shown together with the next one, in milliseconds."""
    if at + 1 == len(order):
        return 0
    here, after = (spoken.cues[order[k]].shown for k in (at, at + 1))
    return max(0, min(here.end, after.end) - after.start) if len(here) > 0 else 0
