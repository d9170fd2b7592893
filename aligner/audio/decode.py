"""Decodes a recording with ffmpeg, or with PyAV's libraries where there is no ffmpeg.

The sound goes through a pipe into a file of 16-bit samples that is then mapped, so that three hours
take 330 MiB of disk and almost no memory.

Time 0 of the player's clock depends on the container:

* In mp4 and Matroska it is the timestamp 0: sound whose first packet is at 0.5 s starts after half
  a second of silence, and packets before 0 are not played.
* In all others (above all MPEG-TS) it is the file's first timestamp. The same holds for an mp4 or
  Matroska file that starts later than FAR_START_S: it has the clock of a live stream.

The decoder removes encoder delay (LAME header, edit list, Opus pre-skip, Matroska codec delay); the
resampler then places the sound by its timestamps, and fills gaps with silence.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from aligner._util import malloc
from aligner._util.atomic_write import discard, replace
from aligner._util.media_container import CONTAINERS, is_picture, open_container
from aligner._util.mp3 import declares_length
from aligner.audio import downmix
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
"""Samples a second: the rate of Whisper's input."""
BYTES_PER_MS = SAMPLE_RATE * 2 // 1000
CHUNK_BYTES = 1 << 20

MAX_TIMESTAMP_GAP_S = 0.02
"""A larger gap between timestamps moves the sound; a smaller one is rounding, for instance to
Matroska's whole milliseconds."""
FAR_START_S = 10.0
"""An mp4 that starts later than this has the timestamps of a live stream."""
MISSING_MS = 1000
"""Sound that is shorter than declared by more than this and by more than 2 % is reported."""

MAX_DURATION_S = 24 * 3600
"""A longer recording is refused: a file of a few bytes can declare years of silence."""
LIMITS = Limits(memory_bytes=4 << 30, cpu_s=3600, wall_s=4 * 3600)
"""Limits of decoding; an hour of sound takes about ten seconds of CPU time."""
KILL_CODES = (-signal.SIGKILL, -getattr(signal, "SIGXCPU", signal.SIGKILL))

ZERO_BASED = {"mov", "matroska"}
GUESSED_DURATION = {"mpegts", "mpeg", "aac", "loas", "ac3", "eac3", "dts", "amrnb", "amrwb"}
"""Formats that do not declare a duration; libav guesses it from bit rate or last timestamp."""
Progress = Callable[[int, int | None], None]
"""Called with the milliseconds decoded so far, and in all (None if unknown)."""


@dataclass(frozen=True, slots=True)
class _StreamInfo:
    """The facts about a file that decoding needs."""

    probed: MediaInfo
    track: int | None
    """The index, among all tracks, of the audio track that players play."""
    mono: bool
    """Whether that track has only one channel."""
    video: int | None
    """The index of the first video track."""
    zero_based: bool
    """Whether the timestamp 0 is time 0 of the player's clock."""
    start_s: float
    """The first timestamp."""
    declared_ms: int | None
    """How long the sound should be, where the container states it."""


def probe(path: Path) -> MediaInfo:
    """A file -> what is in it. Raises MediaUnavailable (state "not_media") naming the file."""
    return _stream_info(path, str(path)).probed


def offset_s(path: Path) -> float:
    """Returns the seconds between time 0 of the player's clock and a file's first timestamp.

    Raises MediaUnavailable (state "not_media") naming the file.
    """
    info = _stream_info(path, str(path))
    return info.start_s if info.zero_based else 0.0


def decode(
    media: MediaFile,
    folder: Path,
    progress: Progress | None = None,
    on_audio: Callable[[Audio], None] | None = None,
) -> Audio:
    """Decode a recording to 16 kHz mono, as a read-only map of a file in ``folder``.

    ``on_audio`` is called with the sound decoded so far, from its start, while decoding goes on. A
    recording that is cut short gives what it holds, and a warning through logging.
    Raises NoAudio, MediaUnavailable (state "not_media"), OutputError, EngineUnavailable.
    """
    info = _stream_info(media.path, media.link.url)
    if info.track is None:
        raise NoAudio(media.link.url)
    target = folder / f"{media.sha256[:16] or media.path.name}.pcm"
    part = target.with_suffix(".part")
    command = _command(media.path, info)

    def report(ms: int) -> None:
        if progress:
            progress(ms, info.probed.duration_ms)
        if on_audio:
            on_audio(reopen(part, ms * BYTES_PER_MS))

    try:
        run = _run_ffmpeg(command, part, report, mono=info.mono)
        size = part.stat().st_size
        if run.code < 0 or size < 2:
            raise _no_sound_error(media.link.url, run, info.declared_ms)
        if size > MAX_DURATION_S * SAMPLE_RATE * 2:
            hours = MAX_DURATION_S // 3600
            raise MediaUnavailable(media.link.url, "refused", f"longer than {hours} hours")
        replace(part, target, durable=False)
    finally:
        discard(part)
    _warn_if_damaged(media.link.url, size // BYTES_PER_MS, info.declared_ms, run)
    return reopen(target)


def reopen(path: Path, size: int | None = None) -> Audio:
    """Map a file that ``decode`` has made, or its first ``size`` bytes, read-only."""
    shape = None if size is None else (size // 2,)
    samples: Any = np.memmap(path, dtype="<i2", mode="r", shape=shape)
    malloc.register_mmap(samples.base)
    return Audio(samples, SAMPLE_RATE)


def _no_sound_error(
    name: str, run: CompletedRun, declared_ms: int | None
) -> NoAudio | MediaUnavailable:
    """Returns the error for a recording whose audio track has no usable sound."""
    if run.code == 0 and not run.complaint and not declared_ms:
        return NoAudio(name, "the recording's audio track is empty")
    found = "it takes too long" if run.code in KILL_CODES else "ffmpeg found none"
    why = f"its sound cannot be decoded: {run.complaint or found}"
    return MediaUnavailable(name, "not_media", f"{why} (ffmpeg ended with code {run.code})")


def _warn_if_damaged(name: str, ms: int, declared_ms: int | None, run: CompletedRun) -> None:
    """Log a warning if ffmpeg failed, or decoded much less than the file declares."""
    missing_ms = (declared_ms or ms) - ms
    if run.code or missing_ms > max(MISSING_MS, ms // 50):
        logger.warning(
            "%s: damaged or cut short: %.1f s of sound decoded, %.1f s declared%s",
            name,
            ms / 1000,
            (declared_ms or ms) / 1000,
            f" ({run.complaint})" if run.complaint else "",
        )


# ---------------------------------------------------------------- facts about the file


def _stream_info(path: Path, name: str) -> _StreamInfo:
    """Read the facts about a file; errors name ``name``."""
    with open_container(address(path), name, protocol_whitelist="file") as container:
        return _describe(container, path)


def _describe(container: InputContainer, path: Path) -> _StreamInfo:
    sound = _played_track(container)
    videos = [track for track in container.streams.video if not is_picture(track)]
    name = container.format.name
    duration_ms = None if container.duration is None else round(container.duration / 1000)
    start_s = (container.start_time or 0) / 1_000_000
    return _StreamInfo(
        probed=MediaInfo(
            duration_ms=duration_ms,
            bytes=path.stat().st_size,
            bitrate=container.bit_rate or None,
            has_audio=bool(container.streams.audio),
            has_video=bool(videos),
            container=name,
            fps=float(rate) if videos and (rate := videos[0].average_rate) else None,
        ),
        track=None if sound is None else sound.index,
        mono=sound is not None and sound.codec_context.channels == 1,
        video=videos[0].index if videos else None,
        start_s=start_s,
        zero_based=name.split(",")[0] in ZERO_BASED and start_s <= FAR_START_S,
        declared_ms=_declared_ms(sound, duration_ms) if _declares_duration(name, path) else None,
    )


def _played_track(container: InputContainer) -> Any:
    """Returns the audio track that players play: the default or first one; None without any."""
    import av.stream

    tracks = [t for t in container.streams.audio if t.codec_context is not None]
    preferred = [t for t in tracks if t.disposition & av.stream.Disposition.default]
    return next(iter(preferred or tracks), None)


def _declares_duration(container: str, path: Path) -> bool:
    """Returns whether a file of a format says how long it is; else libav estimates it."""
    if container != "mp3":
        return container not in GUESSED_DURATION
    with path.open("rb") as file:
        return declares_length(file)


def _declared_ms(track: Any, whole_ms: int | None) -> int | None:
    """Returns the declared duration of the sound in milliseconds.

    It is the shorter of track and file: an edit list may shorten a track, and the video may be
    longer than the sound.
    """
    if track is None or track.duration is None:
        return whole_ms
    track_ms = round(float(track.duration * track.time_base) * 1000)
    return track_ms if whole_ms is None else min(track_ms, whole_ms)


# ---------------------------------------------------------------- running ffmpeg


FILTERS = (
    f"aresample={SAMPLE_RATE}:async=1:first_pts={{at}}"
    f":min_comp=0.0001:min_hard_comp={MAX_TIMESTAMP_GAP_S}"
    ",aformat=sample_fmts=s16:channel_layouts=mono"
)
"""The libav filters that make mono samples, and place them by their timestamps; ``at`` is the
first sample's number."""
LARGE_FRAMES = "asetnsamples=4000:pad=0"
"""The libav filter that joins frames: ffmpeg hands each one from thread to thread."""

DECODER = Path(__file__).with_name("libav_decoder.py")
"""The program that decodes where there is no ffmpeg."""


def _command(path: Path, info: _StreamInfo) -> list[str]:
    """Returns the command that writes a track's samples to standard output."""
    if ffmpeg_or_none():
        return _ffmpeg_command(path, info)
    start_s = 0.0 if info.zero_based else info.start_s
    chains = _filter_chains(info)
    max_bytes = (MAX_DURATION_S + 1) * SAMPLE_RATE * 2 * len(chains)
    arguments = (address(path), info.track, start_s, ";".join(chains), CONTAINERS, max_bytes)
    return [
        sys.executable,
        "-P",
        str(DECODER),
        *map(str, arguments),
    ]  # -P: no modules of this folder


def _filter_chains(info: _StreamInfo) -> tuple[str, ...]:
    """Returns the filters for each signal that is written."""
    return (FILTERS,) if info.mono else downmix.filter_chains(FILTERS)


def _ffmpeg_command(path: Path, info: _StreamInfo) -> list[str]:
    """Returns the ffmpeg command."""
    import ffmpeg

    # copyts keeps the timestamps; without it ffmpeg counts from the first one of the file.
    clock: dict[str, None] = {"copyts": None} if info.zero_based else {}
    source = ffmpeg.input(
        address(path), format_whitelist=CONTAINERS, protocol_whitelist="file", **clock
    )
    chains = [chain.format(at=0) for chain in _filter_chains(info)]
    graph = f"{downmix.filter_graph(chains)},{LARGE_FRAMES}"
    result = ffmpeg.output(
        source[str(info.track)], "pipe:1", format="s16le", af=graph, t=MAX_DURATION_S + 1
    )
    if info.video is not None and not info.zero_based:
        # In MPEG-TS ffmpeg counts from the first timestamp of the tracks in use: use the video.
        video_only = ffmpeg.output(source[str(info.video)], "-", format="null", c="copy")
        result = ffmpeg.merge_outputs(result, video_only)
    return build_command(result)


def _run_ffmpeg(
    command: list[str], part: Path, report: Callable[[int], None], *, mono: bool
) -> CompletedRun:
    """Run ffmpeg with its sound into ``part``; call ``report`` with the milliseconds written.

    ``mono`` says that the command writes mono samples, not what ``downmix.mono`` makes mono.
    """
    stderr_tail: deque[str] = deque(maxlen=20)
    with running(command, stderr_tail, limits=LIMITS) as process:
        chunks = _chunks(pipe(process.stdout))
        with closing(_write(chunks if mono else downmix.mono(chunks), part)) as sizes:
            for size in sizes:
                if ms := size // BYTES_PER_MS:
                    report(ms)
        code = process.wait()
    return CompletedRun(code, last_error_line(stderr_tail))


def _chunks(pipe: IO[bytes]) -> Iterator[bytes]:
    while chunk := pipe.read(CHUNK_BYTES):
        yield chunk


def _write(chunks: Iterable[bytes], path: Path) -> Generator[int]:
    """Write chunks to a file, and yield the bytes written so far. Raises OutputError."""
    done = 0
    try:
        with path.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
                file.flush()
                done += len(chunk)
                yield done
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error
