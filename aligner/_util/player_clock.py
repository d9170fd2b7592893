"""Time 0 of a player's clock: the one place that decides where it is.

| what is played | time 0 |
|---|---|
| MP4, Matroska, WebM file | the timestamp 0: sound whose first packet is at 0.5 s starts after half a second of silence, and packets before 0 are not played |
| the same, starting later than FAR_START_S | the first timestamp: the file has the clock of a live stream |
| any other file (MPEG-TS, MPEG, Ogg, MP3, AAC ...) | the file's first timestamp |
| HLS (RFC 8216) | the start of the first segment, whatever its timestamps |
| DASH (ISO 23009-1) | the start of the first period: a sample is played at its timestamp, less ``presentationTimeOffset``, plus the period's start |

Chromium plays files so, and hls.js and dash.js the streams (``tests/discovery/test_played_clock.py``
plays HLS with hls.js in Chromium). A downloaded stream of MP4 fragments gets the timestamps of the
player's clock (``discovery.mp4_clock``), and is then a file like others.
"""  # noqa: E501  the rows of a table

from __future__ import annotations

ZERO_BASED = ("mov", "matroska")
"""Formats, by the first of libav's names, in which the timestamp 0 is time 0."""
FAR_START_S = 10.0
JUMPING = ("mpegts", "mpeg")
"""Formats with a clock that may jump ahead."""
COUNTED = ("aac", "loas", "ac3", "eac3", "dts")
"""Formats without timestamps, whose frames libav counts at the rate of the first one."""


def zero_s(container: str, start_s: float) -> float:
    """Returns the timestamp, in seconds, that is time 0 of the player's clock for a file.

    ``container`` is libav's name of its format, ``start_s`` its first timestamp.
    """
    return 0.0 if is_zero_based(container) and start_s <= FAR_START_S else start_s


def is_zero_based(container: str) -> bool:
    """Returns whether the timestamp 0 of a format, named by libav, is time 0 as a rule."""
    return container.partition(",")[0] in ZERO_BASED
