"""Takes the channel with the speech where two channels have different sound.

Each stretch of different sound is judged by itself; elsewhere the channels are summed. The sum is
right where the same people are heard in both, or speak in turn. Where one channel has only music or
noise, the other one is taken; where both have speech at the same time, the one in the stated
language.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from aligner._util.atomic_write import discard, reason
from aligner.audio import vad
from aligner.audio.decode import decode, file_of, reopen
from aligner.errors import OutputError
from aligner.languages import names
from aligner.types import Audio, AudioSoFar, Channel, MediaFile, Span, SpeechSegments

logger = logging.getLogger(__name__)

NO_SPEECH = 0.03
"""A channel with less than this share of the other one's speech has none: the detector errs."""
IN_TURN = 0.6
"""People speak in turn if less than this share of the shorter speech is at the same time."""

CLEARLY = 5.0
"""The stated language is that of a channel in which it is so many times as probable."""
LEAST = 0.05
"""Below this probability the stated language is in neither channel."""

NEAR_MS = 10_000
"""What is not farther from a stretch of different sound belongs to it."""
LEAST_SPEECH_MS = 1000
"""A stretch with less speech is music."""

Identify = Callable[[AudioSoFar], dict[str, float] | None]
"""Returns the probability of each language (BCP 47) in a recording; None if it cannot be told."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which sound of a recording to take."""

    channel: Channel | None
    """None for the sum of all channels."""
    reason: str = ""
    """A clause for people; "" if there is nothing to say."""
    is_sure: bool = True


def with_speech_channel(
    audio: Audio, media: MediaFile, folder: Path, language: str | None, identify: Identify
) -> Audio | None:
    """Returns the sound with the channel that has the speech, wherever the channels differ.

    ``audio`` is the sum of the channels; None if that is to be taken. ``language`` is the stated
    one (BCP 47). The sound is put into ``folder``. Raises NoAudio, MediaUnavailable, OutputError.
    """
    spans = [s for s in _stretches(audio) if _speech(audio, s).speech.total_ms > LEAST_SPEECH_MS]
    if not spans:
        return None
    left, right = (decode(media, folder, channel=side) for side in ("left", "right"))
    choices = [choose(_speech(left, s), _speech(right, s), language, identify) for s in spans]
    for span, choice in zip(spans, choices, strict=True):
        if choice.reason:
            level = logging.INFO if choice.is_sure else logging.WARNING
            where = f"{span.start / 1000:.0f} s to {span.end / 1000:.0f} s"
            logger.log(level, "%s, %s: %s", media.link.url, where, choice.reason)
    sounds: dict[Channel | None, Audio] = {None: audio, "left": left, "right": right}
    taken = [(span, sounds[choice.channel]) for span, choice in zip(spans, choices, strict=True)]
    try:
        if all(sound is audio for _, sound in taken):
            return None
        return _put_together(audio, taken, folder)
    finally:
        for sound in (left, right):
            if file := file_of(sound):
                discard(file)


def _stretches(audio: Audio) -> Iterator[Span]:
    """Yield the stretches with different sound, those near to one another as one."""
    due: Span | None = None
    for span in audio.unrelated:
        start = 0 if span.start < NEAR_MS else span.start
        if due and span.start - due.end < NEAR_MS:
            due = Span(due.start, span.end)
            continue
        if due:
            yield due
        due = Span(start, span.end)
    if due:
        near_end = audio.duration_ms - due.end < NEAR_MS
        yield Span(due.start, audio.duration_ms) if near_end else due


def _speech(audio: Audio, span: Span) -> AudioSoFar:
    """Returns a stretch of a recording with its speech."""
    a, b = (at * audio.sample_rate // 1000 for at in (span.start, span.end))
    return vad.run(Audio(audio.samples[a:b], audio.sample_rate))


def _put_together(audio: Audio, taken: Iterable[tuple[Span, Audio]], folder: Path) -> Audio:
    """Write a recording in which stretches are those of other sounds. Raises OutputError."""
    target = folder / f"{(file_of(audio) or Path('sound')).stem}.speech.pcm"
    try:
        with target.open("wb") as out:
            done = 0
            for span, sound in taken:
                a, b = (at * audio.sample_rate // 1000 for at in (span.start, span.end))
                audio.samples[done:a].tofile(out)
                sound.samples[a:b].tofile(out)
                done = min(b, len(sound.samples))
            audio.samples[done:].tofile(out)
    except OSError as error:
        raise OutputError(target, reason(error)) from error
    return replace(reopen(target), declared_ms=audio.declared_ms, end_ms=audio.end_ms)


def choose(left: AudioSoFar, right: AudioSoFar, language: str | None, identify: Identify) -> Choice:
    """Chooses between two channels that have different sound, and their sum."""
    least, most = sorted((left.speech.total_ms, right.speech.total_ms))
    if least <= NO_SPEECH * most:
        if not most:
            return Choice(None)
        channel: Channel = "left" if left.speech.total_ms == most else "right"
        return Choice(channel, f"only the {channel} channel has speech, and is captioned")
    if _overlap_ms(left.speech, right.speech) < IN_TURN * least:
        return Choice(None)
    return _by_language(identify(left), identify(right), language)


def _by_language(
    left: dict[str, float] | None, right: dict[str, float] | None, stated: str | None
) -> Choice:
    """Chooses between two channels with speech at the same time, by their languages."""
    if not left or not right:
        why = "its channels have different speech; the model cannot tell in which languages"
        return Choice(None, f"{why}, so their sum is captioned", is_sure=False)
    heard = [names.name(max(one, key=one.__getitem__)) for one in (left, right)]
    inside = f"its channels are in {heard[0]} (left) and {heard[1]} (right)"
    if stated:
        ours, theirs = (_probability(stated, one) for one in (left, right))
        if max(ours, theirs) >= max(LEAST, CLEARLY * min(ours, theirs)):
            channel: Channel = "left" if ours > theirs else "right"
            return Choice(channel, f"{inside}; the {channel} one is captioned")
    if heard[0] == heard[1]:
        return Choice(None)
    wanted = f"neither is clearly in {names.name(stated)}" if stated else "no language is stated"
    return Choice(
        "left", f"{inside}, and {wanted}; the left one is captioned; --language chooses", False
    )


def _probability(stated: str, languages: dict[str, float]) -> float:
    return sum(p for language, p in languages.items() if names.same(stated, language))


def _overlap_ms(left: SpeechSegments, right: SpeechSegments) -> int:
    """Returns for how long there is speech in both channels."""
    both = at = 0
    for segment in left.segments:
        while at < len(right.segments) and right.segments[at].end <= segment.start:
            at += 1
        for other in right.segments[at:]:
            if other.start >= segment.end:
                break
            both += min(segment.end, other.end) - max(segment.start, other.start)
    return both
