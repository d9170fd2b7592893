"""Decodes a recording with PyAV's libraries, in a process of its own (``libav_decoder.py``).

The sound goes through a pipe into a file of 16-bit samples that is then mapped, so that three hours
take 330 MiB of disk and almost no memory.

``_util.player_clock`` says where time 0 is. Each frame of sound is put at its own timestamp; a
clock that starts anew, or jumps, goes on where the sound before it ended. The decoder removes
encoder delay (LAME header, edit list, Opus pre-skip, Matroska codec delay).
"""

from __future__ import annotations

import dataclasses
import logging
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from aligner._util import malloc
from aligner._util.atomic_write import discard, replace
from aligner._util.inspector import OF_WHOLE_FILES, Track, inspect, pictures_end_s
from aligner._util.media_container import CONTAINERS, MAX_DURATION_S, declares_duration
from aligner._util.player_clock import COUNTED, JUMPING, is_zero_based, zero_s
from aligner.audio import downmix
from aligner.audio.ffmpeg import (
    CompletedRun,
    ProcessLimits,
    address,
    is_limited_here,
    last_error_line,
    pipe,
    running,
)
from aligner.audio.parts import FilePart, find_parts
from aligner.errors import MediaUnavailable, NoAudio, OutputError
from aligner.types import Audio, Channel, MediaFile, MediaInfo

logger = logging.getLogger(__name__)

SAMPLE_RATE = 16_000
"""Samples a second: the rate of Whisper's input."""
LOWEST_RATE = 1000
"""A telephone has 8,000; a file of a few samples a second takes much time, and has no speech."""
BYTES_PER_MS = SAMPLE_RATE * 2 // 1000
CHUNK_BYTES = 1 << 20

MISSING_MS = 1000
"""Sound that is shorter than declared by more than this and by more than 2 % is reported."""

LIMITS = ProcessLimits(memory_bytes=768 << 20, cpu_s=3600, wall_s=4 * 3600)
"""Limits of decoding; an hour of sound takes about ten seconds of CPU time. Three hours of
film in 4K take a third of the memory (``benchmarks/decode_memory.py``)."""
KILL_CODES = (-signal.SIGKILL, -getattr(signal, "SIGXCPU", signal.SIGKILL))

CHANGING = (*JUMPING, *COUNTED, "mp3")
"""Formats in which mono may become stereo on the way."""
Progress = Callable[[int, int | None], None]
"""Called with the milliseconds decoded so far, and in all (None if unknown)."""


@dataclass(frozen=True, slots=True)
class _StreamInfo:
    """The facts about a file that decoding needs."""

    probed: MediaInfo
    track: int | None
    """The index, among the audio tracks, of the one that players play."""
    mono: bool
    """Whether that track has only one channel."""
    sample_rate: int
    """Of that track; 0 if it is not known."""
    start_s: float
    """The first timestamp."""
    zero_s: float
    """The timestamp that is time 0 of the player's clock."""
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
    return info.start_s - info.zero_s


def decode(
    media: MediaFile,
    folder: Path,
    progress: Progress | None = None,
    on_audio: Callable[[Audio], None] | None = None,
    *,
    channel: Channel | None = None,
) -> Audio:
    """Decode a recording to 16 kHz mono, as a read-only map of a file in ``folder``.

    ``channel`` takes one channel instead of the sum of all. ``on_audio`` is called with the sound
    decoded so far, from its start, while decoding goes on. A recording that is cut short gives
    what it holds, and a warning through logging.
    Raises NoAudio, MediaUnavailable (state "not_media"), OutputError, EngineUnavailable,
    MachineFault.
    """
    info = _stream_info(media.path, media.link.url)
    if info.track is None:
        raise NoAudio(media.link.url)
    if 0 < info.sample_rate < LOWEST_RATE:
        why = f"its sound has {info.sample_rate} samples a second, too few for speech"
        raise NoAudio(media.link.url, why)
    parts = find_parts(media.path, info.probed.container or "")
    if len(parts) > 1:  # the file declares the length of one of them
        info = dataclasses.replace(info, declared_ms=None)
    name = media.sha256[:16] or media.path.name
    target = folder / (f"{name}.{channel}.pcm" if channel else f"{name}.pcm")
    part = target.with_suffix(".part")
    stays_mono = info.mono and len(parts) == 1 and info.probed.container not in CHANGING
    mix = downmix.Downmix(is_mono=stays_mono, channel=channel)
    command = _command(media.path, info, mix.filter_chains(FILTERS), parts)

    def report(ms: int) -> None:
        if progress:
            progress(ms, info.probed.duration_ms)
        if on_audio:
            on_audio(reopen(part, ms * BYTES_PER_MS))

    try:
        run = _run_decoder(command, part, report, mix)
        size = part.stat().st_size
        if run.code < 0 or size < 2:
            raise _no_sound_error(media.link.url, run, info.declared_ms)
        if size > MAX_DURATION_S * SAMPLE_RATE * 2:
            hours = MAX_DURATION_S // 3600
            raise MediaUnavailable(media.link.url, "refused", f"longer than {hours} hours")
        replace(part, target, durable=False)
    finally:
        discard(part)
    end_ms = _end_ms(media, info, size // BYTES_PER_MS)
    _warn_if_damaged(media.link.url, end_ms, info.declared_ms, run)
    return dataclasses.replace(
        reopen(target),
        unrelated=mix.unrelated,
        declared_ms=info.declared_ms,
        end_ms=end_ms,
    )


def file_of(audio: Audio) -> Path | None:
    """Returns the file that decoded audio is mapped from; None if it is in memory."""
    samples = audio.samples
    return Path(str(samples.filename)) if isinstance(samples, np.memmap) else None


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
    found = "it takes too long" if run.code in KILL_CODES else "the decoder found none"
    why = f"its sound cannot be decoded: {run.complaint or found}"
    if run.code and is_limited_here(LIMITS):
        why += "; processes have less memory or computing time here than it may need (ulimit)"
    return MediaUnavailable(name, "not_media", f"{why} (the decoder ended with code {run.code})")


def _end_ms(media: MediaFile, info: _StreamInfo, sound_ms: int) -> int:
    """Returns where a recording ends: with its sound, or with pictures that go on after it.

    The pictures are looked at only if the sound is shorter than what is declared.
    """
    declared = info.declared_ms, media.duration_ms, media.link.declared_duration_ms
    longest_ms = max(ms or 0 for ms in declared)
    if not info.probed.has_video or longest_ms <= sound_ms + MISSING_MS:
        return sound_ms
    end_s = pictures_end_s(media.path, str(media.path))
    return max(sound_ms, round(1000 * (end_s - info.zero_s)))


def _warn_if_damaged(name: str, ms: int, declared_ms: int | None, run: CompletedRun) -> None:
    """Log a warning if the decoder failed, or decoded much less than the file declares."""
    missing_ms = (declared_ms or ms) - ms
    if run.code or missing_ms > max(MISSING_MS, ms // 50):
        logger.warning(
            "%s: damaged or cut short: %.1f s decoded, %.1f s declared%s",
            name,
            ms / 1000,
            (declared_ms or ms) / 1000,
            f" ({run.complaint})" if run.complaint else "",
        )


# ---------------------------------------------------------------- facts about the file


def _stream_info(path: Path, name: str) -> _StreamInfo:
    """Read the facts about a file; errors name ``name``."""
    facts = inspect(path, name, OF_WHOLE_FILES)
    start_s = (facts.start_us or 0) / 1_000_000
    track = None if facts.played_track is None else facts.audio[facts.played_track]
    zero = zero_s(facts.format, start_s)
    with path.open("rb") as file:
        declares = declares_duration(facts.format, file)
    declared_ms = _declared_ms(track, facts.duration_ms) if declares else None
    late_ms = round(zero * 1000) if is_zero_based(facts.format) else 0  # declared from timestamp 0
    return _StreamInfo(
        probed=MediaInfo(
            duration_ms=facts.duration_ms,
            bytes=path.stat().st_size,
            bitrate=facts.bit_rate,
            has_audio=bool(facts.audio),
            has_video=bool(facts.films),
            container=facts.format,
            fps=facts.films[0].fps if facts.films else None,
        ),
        track=facts.played_track,
        mono=track is not None and track.channels == 1,
        sample_rate=track.sample_rate if track else 0,
        start_s=start_s,
        zero_s=zero,
        declared_ms=declared_ms and max(0, declared_ms - late_ms),
    )


def _declared_ms(track: Track | None, whole_ms: int | None) -> int | None:
    """Returns the declared duration of the sound in milliseconds.

    It is the shorter of track and file: an edit list may shorten a track, and the video may be
    longer than the sound.
    """
    if track is None or track.duration_s is None:
        return whole_ms
    track_ms = round(track.duration_s * 1000)
    return track_ms if whole_ms is None else min(track_ms, whole_ms)


# ---------------------------------------------------------------- running the decoder

FILTERS = f"aresample={SAMPLE_RATE},aformat=sample_fmts=s16:channel_layouts=mono"
"""The libav filters that make mono samples."""
DECODER = Path(__file__).with_name("libav_decoder.py")


def _command(
    path: Path, info: _StreamInfo, chains: tuple[str, ...], parts: tuple[FilePart, ...]
) -> list[str]:
    """Returns the command that writes a track's samples to standard output."""
    container = info.probed.container or ""
    clock = "jumps" if container in JUMPING else "counted" if container in COUNTED else "steady"
    longest = (MAX_DURATION_S + 1) * SAMPLE_RATE
    facts = (address(path), info.track, info.zero_s, clock)
    limits = (CONTAINERS, longest)
    ranges = (f"{part.start}-{part.end}-{'anew' if part.starts_anew else 'same'}" for part in parts)
    isolated = "-P"  # imports no modules of this folder
    return [
        sys.executable,
        isolated,
        str(DECODER),
        *map(str, facts),
        ";".join(chains),
        *map(str, limits),
        *ranges,
    ]


def _run_decoder(
    command: list[str], part: Path, report: Callable[[int], None], mix: downmix.Downmix
) -> CompletedRun:
    """Run the decoder with its sound into ``part``; ``report`` gets the milliseconds written."""
    stderr_tail: deque[str] = deque(maxlen=20)
    with running(command, stderr_tail, limits=LIMITS) as process:
        chunks = _chunks(pipe(process.stdout))
        with closing(_write(mix.mono(chunks), part)) as sizes:
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
