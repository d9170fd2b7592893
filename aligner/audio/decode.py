"""MediaFile -> Audio, decoded by ffmpeg, or by PyAV's libraries where there is no ffmpeg.

The sound goes through a pipe into a file of 16-bit samples and is mapped from there, so that
three hours of it take 330 MiB of disk and next to no memory.

What "the instant 0 of the player's clock" means depends on the container:

* mp4 and Matroska count from a zero of their own, and browsers leave it where it is: sound
  whose first packet lies at 0.5 s starts after half a second of silence, what lies before zero
  is not played.
* In all others (MPEG-TS above all) the clock starts at the file's first timestamp. So it does
  in an mp4 or Matroska file that starts absurdly late: that is the clock of a live stream.

The decoder removes encoder delay (LAME header, edit list, Opus pre-skip, Matroska codec
delay); the resampler then lays the sound out by its timestamps, filling gaps with silence.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from aligner._util import malloc
from aligner._util.atomic_write import discard, replace
from aligner._util.media_container import CONTAINERS, is_picture, opened
from aligner.audio.ffmpeg import (
    CompletedRun,
    Limits,
    address,
    build_command,
    ffmpeg_or_none,
    last_error_line,
    pipe,
    running,
)
from aligner.errors import MediaUnavailable, NoAudio, OutputError
from aligner.types import Audio, MediaFile, MediaInfo

if TYPE_CHECKING:
    from av.container import InputContainer

logger = logging.getLogger(__name__)

SAMPLE_RATE = 16_000
"""What Whisper listens to."""
BYTES_PER_MS = SAMPLE_RATE * 2 // 1000
CHUNK = 1 << 20

LARGEST_HOLE_S = 0.02
"""Timestamps further off than this are believed and the sound is moved; smaller differences are
rounding, for instance Matroska's whole milliseconds."""
FAR_START_S = 10.0
"""An mp4 that starts later than this has the timestamps of a live stream."""
MISSING_MS = 1000
"""Sound shorter than declared by more than this, and by more than a fiftieth, is reported."""

LONGEST_S = 24 * 3600
"""A file of a few bytes can stand for years of silence; what is longer is not decoded."""
LIMITS = Limits(memory_bytes=4 << 30, cpu_s=3600, wall_s=4 * 3600)
"""Of decoding; an hour of sound takes some ten seconds of computing."""
KILLED = (-signal.SIGKILL, -getattr(signal, "SIGXCPU", signal.SIGKILL))

OWN_ZERO = {"mov", "matroska"}
GUESSED_LENGTH = {"mpegts", "mpeg", "aac"}
"""These do not state their length; libav guesses it from bit rate or last timestamp."""
Progress = Callable[[int, int | None], None]
"""Told how many milliseconds are decoded, out of how many (None if that is not known)."""


@dataclass(frozen=True, slots=True)
class _StreamInfo:
    """What a file holds, as far as decoding needs to know."""

    probed: MediaInfo
    track: int | None
    """The audio track a player plays, by its place among all tracks."""
    video: int | None
    """The first video track, by the same count."""
    own_zero: bool
    """Whether timestamps count from the player's zero as they stand."""
    start_s: float
    """The first timestamp."""
    declared_ms: int | None
    """How long the sound should be, where the container states it."""


def probe(path: Path) -> MediaInfo:
    """A file -> what is in it. Raises MediaUnavailable (state "not_media") naming the file."""
    return _look_inside(path, str(path)).probed


def offset_s(path: Path) -> float:
    """How long after the player's instant 0 a file's first timestamp lies, in seconds.

    Raises MediaUnavailable (state "not_media") naming the file.
    """
    inside = _look_inside(path, str(path))
    return inside.start_s if inside.own_zero else 0.0


def decode(
    media: MediaFile,
    folder: Path,
    progress: Progress | None = None,
    arriving: Callable[[Audio], None] | None = None,
) -> Audio:
    """A recording -> its sound, 16 kHz, one channel, as a read-only map of a file in ``folder``.

    ``arriving`` is given what is decoded so far, all from the start, while more is coming.
    A recording that is cut short gives what it holds, and a warning through logging.
    Raises NoAudio, MediaUnavailable (state "not_media"), OutputError, EngineUnavailable.
    """
    inside = _look_inside(media.path, media.link.url)
    if inside.track is None:
        raise NoAudio(media.link.url)
    target = folder / f"{media.sha256[:16] or media.path.name}.pcm"
    part = target.with_suffix(".part")
    command = _command(media.path, inside)

    def told(ms: int) -> None:
        if progress:
            progress(ms, inside.probed.duration_ms)
        if arriving:
            arriving(reopen(part, ms * BYTES_PER_MS))

    try:
        ended = _run_ffmpeg(command, part, told)
        size = part.stat().st_size
        if ended.code < 0 or size < 2:
            raise _no_sound(media.link.url, ended, inside.declared_ms)
        if size > LONGEST_S * SAMPLE_RATE * 2:
            hours = LONGEST_S // 3600
            raise MediaUnavailable(media.link.url, "refused", f"longer than {hours} hours")
        replace(part, target, durable=False)
    finally:
        discard(part)
    _warn_if_damaged(media.link.url, size // BYTES_PER_MS, inside.declared_ms, ended)
    return reopen(target)


def reopen(path: Path, size: int | None = None) -> Audio:
    """The file that ``decode`` has made, or its first bytes -> its sound, as a read-only map."""
    shape = None if size is None else (size // 2,)
    samples: Any = np.memmap(path, dtype="<i2", mode="r", shape=shape)
    malloc.register_mmap(samples.base)
    return Audio(samples, SAMPLE_RATE)


def _no_sound(
    name: str, ended: CompletedRun, declared_ms: int | None
) -> NoAudio | MediaUnavailable:
    """The error for a recording whose audio track gave nothing that can be used."""
    if ended.code == 0 and not ended.complaint and not declared_ms:
        return NoAudio(name, "the recording's audio track is empty")
    found = "it takes too long" if ended.code in KILLED else "ffmpeg found none"
    why = f"its sound cannot be decoded: {ended.complaint or found}"
    return MediaUnavailable(name, "not_media", f"{why} (ffmpeg ended with code {ended.code})")


def _warn_if_damaged(name: str, ms: int, declared_ms: int | None, ended: CompletedRun) -> None:
    """Say so through logging if ffmpeg gave up, or decoded much less than the file declares."""
    missing_ms = (declared_ms or ms) - ms
    if ended.code or missing_ms > max(MISSING_MS, ms // 50):
        logger.warning(
            "%s: damaged or cut short: %.1f s of sound decoded, %.1f s declared%s",
            name,
            ms / 1000,
            (declared_ms or ms) / 1000,
            f" ({ended.complaint})" if ended.complaint else "",
        )


# ---------------------------------------------------------------- looking inside


def _look_inside(path: Path, name: str) -> _StreamInfo:
    """A file -> what it holds; errors call it ``name``."""
    with opened(address(path), name, protocol_whitelist="file") as container:
        return _describe(container, path)


def _describe(container: InputContainer, path: Path) -> _StreamInfo:
    sound = _played_track(container)
    films = [track for track in container.streams.video if not is_picture(track)]
    name = container.format.name
    duration_ms = None if container.duration is None else round(container.duration / 1000)
    start_s = (container.start_time or 0) / 1_000_000
    return _StreamInfo(
        probed=MediaInfo(
            duration_ms=duration_ms,
            bytes=path.stat().st_size,
            bitrate=container.bit_rate or None,
            has_audio=bool(container.streams.audio),
            has_video=bool(films),
            container=name,
            fps=float(rate) if films and (rate := films[0].average_rate) else None,
        ),
        track=None if sound is None else sound.index,
        video=films[0].index if films else None,
        start_s=start_s,
        own_zero=name.split(",")[0] in OWN_ZERO and start_s <= FAR_START_S,
        declared_ms=None if name in GUESSED_LENGTH else _declared_ms(sound, duration_ms),
    )


def _played_track(container: InputContainer) -> Any:
    """The audio track that a player plays: the default one, else the first; None without any."""
    import av.stream

    tracks = [t for t in container.streams.audio if t.codec_context is not None]
    preferred = [t for t in tracks if t.disposition & av.stream.Disposition.default]
    return next(iter(preferred or tracks), None)


def _declared_ms(track: Any, whole_ms: int | None) -> int | None:
    """How long the sound should be: an edit list may shorten a track, a video outlast it."""
    if track is None or track.duration is None:
        return whole_ms
    track_ms = round(float(track.duration * track.time_base) * 1000)
    return track_ms if whole_ms is None else min(track_ms, whole_ms)


# ---------------------------------------------------------------- running ffmpeg


FILTERS = (
    f"aresample={SAMPLE_RATE}:async=1:first_pts={{at}}"
    f":min_comp=0.0001:min_hard_comp={LARGEST_HOLE_S}"
)
"""How libav lays sound out by its timestamps; ``at``: the number of the first sample."""


DECODER = Path(__file__).with_name("libav_decoder.py")
"""The program that decodes where there is no ffmpeg."""


def _command(path: Path, inside: _StreamInfo) -> list[str]:
    """The command that writes a track's samples to its standard output: of ffmpeg if it is here."""
    if ffmpeg_or_none():
        return _ffmpeg_command(path, inside)
    start_s = 0.0 if inside.own_zero else inside.start_s
    filters = f"{FILTERS},aformat=sample_fmts=s16:channel_layouts=mono"
    longest = (LONGEST_S + 1) * SAMPLE_RATE * 2
    how = (address(path), inside.track, start_s, filters, CONTAINERS, longest)
    return [sys.executable, "-P", str(DECODER), *map(str, how)]  # -P: no modules of this folder


def _ffmpeg_command(path: Path, inside: _StreamInfo) -> list[str]:
    """The ffmpeg call."""
    import ffmpeg

    # copyts keeps timestamps as they stand; without it ffmpeg counts from the file's first one.
    clock: dict[str, None] = {"copyts": None} if inside.own_zero else {}
    source = ffmpeg.input(
        address(path), format_whitelist=CONTAINERS, protocol_whitelist="file", **clock
    )
    by_timestamps = FILTERS.format(at=0)
    result = ffmpeg.output(
        source[str(inside.track)], "pipe:1", format="s16le", ac=1, af=by_timestamps, t=LONGEST_S + 1
    )
    if inside.video is not None and not inside.own_zero:
        # In MPEG-TS ffmpeg counts from the first timestamp of the tracks in use: use the video.
        film = ffmpeg.output(source[str(inside.video)], "-", format="null", c="copy")
        result = ffmpeg.merge_outputs(result, film)
    return build_command(result)


def _run_ffmpeg(command: list[str], part: Path, told: Callable[[int], None]) -> CompletedRun:
    """Run ffmpeg with its output into ``part``; ``told`` how many milliseconds are there."""
    complaints: deque[str] = deque(maxlen=20)
    with (
        running(command, complaints, limits=LIMITS) as process,
        closing(_pour(pipe(process.stdout), part)) as pouring,
    ):
        for size in pouring:
            if ms := size // BYTES_PER_MS:
                told(ms)
        code = process.wait()
    return CompletedRun(code, last_error_line(complaints))


def _pour(pipe: IO[bytes], path: Path) -> Generator[int]:
    """Bytes from a pipe -> a file; yields how many are there so far. Raises OutputError."""
    done = 0
    try:
        with path.open("wb") as file:
            while chunk := pipe.read(CHUNK):
                file.write(chunk)
                file.flush()
                done += len(chunk)
                yield done
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error
