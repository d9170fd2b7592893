"""Puts captions into a video: as a track, or burnt into the picture.

A track is added without re-encoding: mov_text in MP4, WebVTT in WebM, SubRip in
Matroska, into which all other containers are remuxed. Burning in re-encodes the picture with
ffmpeg's subtitles filter (libass), for players without support of captions.
"""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aligner._util.atomic_write import atomic_path
from aligner._util.temporary_folder import temporary_folder
from aligner.audio.ffmpeg import (
    StderrTail,
    address,
    build_command,
    ffmpeg_path,
    last_error_line,
    pipe,
    running,
)
from aligner.errors import BadSource, EngineUnavailable, MediaUnavailable, OutputError
from aligner.languages.tags import alpha3
from aligner.types import MediaInfo

logger = logging.getLogger(__name__)

Progress = Callable[[int, int | None], None]
"""Called with the milliseconds of the video that are done, and in all (None if unknown)."""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """Captions to put into a video."""

    language: str
    """BCP 47 tag."""
    text: Callable[[str], str]
    """Returns the captions in a format: "vtt", "srt" or "ass"."""


@dataclass(frozen=True, slots=True)
class Video:
    """The facts about a recording that are needed to put captions into it."""

    path: Path
    name: str
    """The name in messages: its address."""
    probed: MediaInfo
    offset_s: float
    """Seconds between time 0 of the player's clock and the first timestamp."""


@dataclass(frozen=True, slots=True)
class _ContainerSpec:
    """The captions and the picture of a container."""

    suffix: str
    format: str
    """The format of the captions for ``Subtitles.text``."""
    codec: str
    """ffmpeg's codec for the track of captions."""
    picture: dict[str, Any]
    """ffmpeg's options for a burnt-in picture of visually the same quality."""


_H264 = {"c:v": "libx264", "crf": 18, "preset": "medium", "pix_fmt": "yuv420p"}
_VP9 = {"c:v": "libvpx-vp9", "crf": 24, "b:v": 0, "row-mt": 1, "pix_fmt": "yuv420p"}
MP4 = _ContainerSpec(".mp4", "vtt", "mov_text", _H264)
WEBM = _ContainerSpec(".webm", "vtt", "copy", _VP9)
MATROSKA = _ContainerSpec(".mkv", "srt", "copy", _H264)
_NO_GLYPH = re.compile(r"failed to find any fallback with glyph 0x([0-9A-Fa-f]+)")
_DISK_ERROR = re.compile(r"No space left|Permission denied|Read-only|quota", re.IGNORECASE)


def embed(subtitles: Subtitles, video: Video, stem: Path, progress: Progress | None = None) -> Path:
    """Write a copy of the video with a track of captions; ``stem`` is its path without a suffix.

    Raises BadSource without a picture, MediaUnavailable, OutputError, EngineUnavailable.
    """
    import ffmpeg

    container = _container_for(video)
    with temporary_folder() as folder:
        captions = _write_captions(subtitles, container.format, folder)
        video_input, track = _input(video), ffmpeg.input(address(captions))
        streams = [video_input["v"], video_input["a?"], track["s"]]
        if container is not MATROSKA or _is_matroska(video):
            streams.append(video_input["s?"])  # its own tracks of captions follow ours
        options = {
            "c": "copy",
            "c:s:0": container.codec,
            "metadata:s:s:0": f"language={alpha3(subtitles.language)}",
            "disposition:s:0": "default",
        }
        return _run_job(_FfmpegJob(streams, options, folder), video, container, stem, progress)


def burn_in(
    subtitles: Subtitles, video: Video, stem: Path, progress: Progress | None = None
) -> Path:
    """Write a copy of the video with captions in its picture; ``stem`` is as for ``embed``.

    Raises as ``embed`` does; EngineUnavailable also if ffmpeg has no subtitles filter.
    """
    if not has_subtitles_filter():
        why = "this build has no subtitles filter (libass), which --burn-in needs; try --embed"
        raise EngineUnavailable("ffmpeg", why)
    container = _container_for(video)
    with temporary_folder() as folder:
        captions = _write_captions(subtitles, "ass", folder)
        video_input = _input(video)
        picture = video_input["v:0"].filter("subtitles", filename=captions.name)
        options = {"c:a": "copy", **container.picture}
        job = _FfmpegJob([picture, video_input["a?"]], options, folder, draws=True)
        return _run_job(job, video, container, stem, progress)


def has_subtitles_filter() -> bool:
    """Returns whether the ffmpeg in use can draw captions."""
    command = [str(ffmpeg_path()), "-hide_banner", "-filters"]
    ran = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return re.search(rb"^ \S+ +subtitles ", ran.stdout, re.MULTILINE) is not None


# ---------------------------------------------------------------- the parts


def _container_for(video: Video) -> _ContainerSpec:
    """Returns the container to write. Raises BadSource for sound alone."""
    if not video.probed.has_video:
        why = "sound alone: captions go into a video; give it with --media"
        raise BadSource(video.name, why)
    if (video.probed.container or "").startswith("mov"):
        return MP4
    return WEBM if video.path.suffix.lower() == ".webm" else MATROSKA


def _is_matroska(video: Video) -> bool:
    return (video.probed.container or "").startswith("matroska")


def _write_captions(subtitles: Subtitles, kind: str, folder: Path) -> Path:
    path = folder / f"captions.{kind}"
    path.write_text(subtitles.text(kind), encoding="utf-8")
    return path


def _input(video: Video) -> Any:
    """Returns ffmpeg's input for the video, shifted to the player's clock, which captions use.

    Without the shift ffmpeg's clock starts at the first timestamp.
    """
    import ffmpeg

    return ffmpeg.input(address(video.path), protocol_whitelist="file", itsoffset=video.offset_s)


@dataclass(frozen=True, slots=True)
class _FfmpegJob:
    """A run of ffmpeg."""

    streams: list[Any]
    options: dict[str, Any]
    folder: Path
    """The working directory, with the captions."""
    draws: bool = False


def _run_job(
    job: _FfmpegJob, video: Video, container: _ContainerSpec, stem: Path, progress: Progress | None
) -> Path:
    """Run ffmpeg, and write its output atomically. Raises as ``embed`` does."""
    import ffmpeg

    target = stem.with_name(stem.name + container.suffix)
    if not target.parent.is_dir():
        raise OutputError(target, "the folder does not exist")
    if target.exists() and target.samefile(video.path):
        raise BadSource(str(target), "the captioned copy would be written over the video itself")
    front = {"movflags": "+faststart"} if container is MP4 else {}
    with atomic_path(target) as made:
        result = ffmpeg.output(*job.streams, address(made), **job.options, **front)
        result = result.global_args("-y", "-progress", "pipe:1", "-nostats")
        command = build_command(result, "warning" if job.draws else "error")
        complaints = _run(command, job.folder, video, target, progress)
        if job.draws:
            _expect_glyphs(complaints, video)
    return target


def _run(
    command: list[str], folder: Path, video: Video, target: Path, progress: Progress | None
) -> StderrTail:
    """Run ffmpeg, and return the end of its errors. Raises OutputError, MediaUnavailable."""
    complaints = StderrTail(maxlen=200)
    with running(command, complaints, folder) as process:
        for line in pipe(process.stdout):
            done = re.match(rb"out_time_us=(\d+)", line)
            if done and progress:
                progress(int(done[1]) // 1000, video.probed.duration_ms)
        code = process.wait()
    if code == 0:
        return complaints
    why = last_error_line(complaints) or f"ffmpeg ended with code {code}"
    if _DISK_ERROR.search(" ".join(complaints)):
        raise OutputError(target, why)
    raise MediaUnavailable(video.name, "not_media", f"captions cannot be put into it: {why}")


def _expect_glyphs(complaints: StderrTail, video: Video) -> None:
    """Raises EngineUnavailable if there is no font; logs a warning about missing characters."""
    missing = set(_NO_GLYPH.findall("\n".join(complaints)))
    if "0" in missing:
        why = "found no font to draw captions with; install one, for instance DejaVu Sans"
        raise EngineUnavailable("ffmpeg", why)
    if missing:
        shown = " ".join(f"U+{code.upper():>04}" for code in sorted(missing)[:5])
        logger.warning("%s: no font here has the characters %s", video.name, shown)
