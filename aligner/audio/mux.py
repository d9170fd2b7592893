"""Captions + a video -> the video with its captions: as a track, or burnt into the picture.

A track is added without encoding anything anew: mov_text in MP4, WebVTT in WebM, SubRip in
Matroska, into which all other containers are repacked. Burning in encodes the picture anew, with
ffmpeg's subtitles filter (libass), and needs no player that knows captions.
"""

from __future__ import annotations

import logging
import re
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aligner._util.atomic_write import atomic_path
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
"""Told how many milliseconds of the video are done, out of how many."""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """Captions to put into a video."""

    language: str
    """BCP 47 tag."""
    text: Callable[[str], str]
    """Returns the captions in a format: "vtt", "srt" or "ass"."""


@dataclass(frozen=True, slots=True)
class Video:
    """A recording, as far as putting captions into it needs to know."""

    path: Path
    name: str
    """As people know it: its address."""
    probed: MediaInfo
    offset_s: float
    """How long after the player's instant 0 its first timestamp lies."""


@dataclass(frozen=True, slots=True)
class _ContainerSpec:
    """How a container holds captions and a picture."""

    suffix: str
    format: str
    """The captions' format, as ``Subtitles.text`` takes it."""
    codec: str
    """What ffmpeg makes of it."""
    picture: dict[str, Any]
    """How a burnt-in picture is encoded: quality that looks like the original's."""


_H264 = {"c:v": "libx264", "crf": 18, "preset": "medium", "pix_fmt": "yuv420p"}
_VP9 = {"c:v": "libvpx-vp9", "crf": 24, "b:v": 0, "row-mt": 1, "pix_fmt": "yuv420p"}
MP4 = _ContainerSpec(".mp4", "vtt", "mov_text", _H264)
WEBM = _ContainerSpec(".webm", "vtt", "copy", _VP9)
MATROSKA = _ContainerSpec(".mkv", "srt", "copy", _H264)
_NO_GLYPH = re.compile(r"failed to find any fallback with glyph 0x([0-9A-Fa-f]+)")
_NOT_A_PLACE = re.compile(r"No space left|Permission denied|Read-only|quota", re.IGNORECASE)


def embed(
    subtitles: Subtitles, video: Video, place: Path, progress: Progress | None = None
) -> Path:
    """Captions -> a track of a copy of the video; ``place`` is its path without a suffix.

    Raises BadSource without a picture, MediaUnavailable, OutputError, EngineUnavailable.
    """
    import ffmpeg

    box = _box(video)
    with tempfile.TemporaryDirectory(prefix="aligner-") as folder:
        captions = _written(subtitles, box.format, Path(folder))
        film, track = _input(video), ffmpeg.input(address(captions))
        streams = [film["v"], film["a?"], track["s"]]
        if box is not MATROSKA or _is_matroska(video):
            streams.append(film["s?"])  # those that it has come after ours
        how = {
            "c": "copy",
            "c:s:0": box.codec,
            "metadata:s:s:0": f"language={alpha3(subtitles.language)}",
            "disposition:s:0": "default",
        }
        return _made(_FfmpegJob(streams, how, Path(folder)), video, box, place, progress)


def burn_in(
    subtitles: Subtitles, video: Video, place: Path, progress: Progress | None = None
) -> Path:
    """Captions -> a copy of the video with them in its picture; ``place`` as for ``embed``.

    Raises as ``embed`` does; EngineUnavailable also if ffmpeg has no subtitles filter.
    """
    if not has_subtitles_filter():
        why = "this build has no subtitles filter (libass), which --burn-in needs; try --embed"
        raise EngineUnavailable("ffmpeg", why)
    box = _box(video)
    with tempfile.TemporaryDirectory(prefix="aligner-") as folder:
        captions = _written(subtitles, "ass", Path(folder))
        film = _input(video)
        picture = film["v:0"].filter("subtitles", filename=captions.name)
        how = {"c:a": "copy", **box.picture}
        work = _FfmpegJob([picture, film["a?"]], how, Path(folder), draws=True)
        return _made(work, video, box, place, progress)


def has_subtitles_filter() -> bool:
    """Whether the ffmpeg that is used can draw captions."""
    command = [str(ffmpeg_path()), "-hide_banner", "-filters"]
    ran = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return re.search(rb"^ \S+ +subtitles ", ran.stdout, re.MULTILINE) is not None


# ---------------------------------------------------------------- the parts


def _box(video: Video) -> _ContainerSpec:
    """The container to write. Raises BadSource for sound alone."""
    if not video.probed.has_video:
        why = "sound alone: captions go into a video; give it with --media"
        raise BadSource(video.name, why)
    if (video.probed.container or "").startswith("mov"):
        return MP4
    return WEBM if video.path.suffix.lower() == ".webm" else MATROSKA


def _is_matroska(video: Video) -> bool:
    return (video.probed.container or "").startswith("matroska")


def _written(subtitles: Subtitles, kind: str, folder: Path) -> Path:
    path = folder / f"captions.{kind}"
    path.write_text(subtitles.text(kind), encoding="utf-8")
    return path


def _input(video: Video) -> Any:
    """The video on the player's clock, from which captions count: ffmpeg's own starts at the
    first timestamp."""
    import ffmpeg

    return ffmpeg.input(address(video.path), protocol_whitelist="file", itsoffset=video.offset_s)


@dataclass(frozen=True, slots=True)
class _FfmpegJob:
    """What ffmpeg is to do."""

    streams: list[Any]
    how: dict[str, Any]
    folder: Path
    """Where it runs, and finds the captions."""
    draws: bool = False


def _made(
    work: _FfmpegJob, video: Video, box: _ContainerSpec, place: Path, progress: Progress | None
) -> Path:
    """Run ffmpeg with its output aside; the file is whole or absent."""
    import ffmpeg

    target = place.with_name(place.name + box.suffix)
    if not target.parent.is_dir():
        raise OutputError(target, "the folder does not exist")
    if target.exists() and target.samefile(video.path):
        raise BadSource(str(target), "the captioned copy would be written over the video itself")
    front = {"movflags": "+faststart"} if box is MP4 else {}
    with atomic_path(target) as made:
        result = ffmpeg.output(*work.streams, address(made), **work.how, **front)
        result = result.global_args("-y", "-progress", "pipe:1", "-nostats")
        command = build_command(result, "warning" if work.draws else "error")
        complaints = _run(command, work.folder, video, target, progress)
        if work.draws:
            _expect_glyphs(complaints, video)
    return target


def _run(
    command: list[str], folder: Path, video: Video, target: Path, progress: Progress | None
) -> StderrTail:
    """Run ffmpeg -> what it complained of. Raises OutputError, MediaUnavailable."""
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
    if _NOT_A_PLACE.search(" ".join(complaints)):
        raise OutputError(target, why)
    raise MediaUnavailable(video.name, "not_media", f"captions cannot be put into it: {why}")


def _expect_glyphs(complaints: StderrTail, video: Video) -> None:
    """Raises EngineUnavailable if there was no font at all; warns if one lacked characters."""
    lacking = set(_NO_GLYPH.findall("\n".join(complaints)))
    if "0" in lacking:
        why = "found no font to draw captions with; install one, for instance DejaVu Sans"
        raise EngineUnavailable("ffmpeg", why)
    if lacking:
        shown = " ".join(f"U+{code.upper():>04}" for code in sorted(lacking)[:5])
        logger.warning("%s: no font here has the characters %s", video.name, shown)
