"""Chooses the channel with the speech where two channels have different sound.

Their sum is right where the same people are heard in both, or speak in turn. Where one channel has
only music or noise, the other one is taken; where both have speech at the same time, the one in the
stated language.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aligner._util.atomic_write import discard
from aligner.audio import vad
from aligner.audio.decode import decode, file_of
from aligner.languages import names
from aligner.types import Audio, AudioSoFar, Channel, MediaFile, SpeechSegments

logger = logging.getLogger(__name__)

NO_SPEECH = 0.03
"""A channel with less than this share of the other one's speech has none: the detector errs."""
IN_TURN = 0.6
"""People speak in turn if less than this share of the shorter speech is at the same time."""

CLEARLY = 5.0
"""The stated language is that of a channel in which it is so many times as probable."""
LEAST = 0.05
"""Below this probability the stated language is in neither channel."""

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


def speech_channel(
    media: MediaFile, folder: Path, language: str | None, identify: Identify
) -> Audio | None:
    """Returns the sound of the channel with the speech; None if it is the sum of all channels.

    ``language`` is the stated one (BCP 47). The decoded sound is put into ``folder``. Raises
    NoAudio, MediaUnavailable, OutputError.
    """
    left, right = (vad.run(decode(media, folder, channel=side)) for side in ("left", "right"))
    choice = choose(left, right, language, identify)
    if choice.reason:
        level = logging.INFO if choice.is_sure else logging.WARNING
        logger.log(level, "%s: %s", media.link.url, choice.reason)
    sounds: dict[Channel, Audio] = {"left": left.audio, "right": right.audio}
    for channel, audio in sounds.items():
        if channel != choice.channel and (file := file_of(audio)):
            discard(file)
    return sounds[choice.channel] if choice.channel else None


def choose(left: AudioSoFar, right: AudioSoFar, language: str | None, identify: Identify) -> Choice:
    """Chooses between two channels that have different sound, and their sum."""
    least, most = sorted((left.speech.total_ms, right.speech.total_ms))
    if least <= NO_SPEECH * most:
        if not most:
            return Choice(None)
        channel: Channel = "left" if left.speech.total_ms == most else "right"
        return Choice(channel, f"only its {channel} channel has speech, and is captioned")
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
