"""Files made of a result beside its formats: the video with captions, and the review page.

`aligner caption` and `aligner batch` both use this module.
"""

from __future__ import annotations

import glob
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from aligner._util.temporary_folder import temporary_folder
from aligner.captions import store
from aligner.captions.formats.sidecar_reader import read
from aligner.errors import AlignerError, BadSource, OutputError
from aligner.review.page import PageContext, beginning, build
from aligner.review.results import recording

if TYPE_CHECKING:
    from aligner.captions.profiles import Profile
    from aligner.pipeline.progress import Progress
    from aligner.review.waveform import Waveform
    from aligner.types import CaptionResult, Json

logger = logging.getLogger(__name__)

IntoVideo = Literal["embed", "burn"]
INTO_VIDEO: dict[IntoVideo, str] = {"embed": "captioned", "burn": "burnt"}
"""The ways to put captions into a video, each with the suffix that its copy's name gets."""


@dataclass(frozen=True, slots=True)
class Extras:
    """Which extra files to make of results."""

    into_video: tuple[IntoVideo, ...] = ()
    """Copies of the video: with the captions as a track, or drawn into the picture."""
    review: bool = False
    """The review page; the recording is kept beside it."""

    @property
    def marks(self) -> tuple[str, ...]:
        """The names under which these files are recorded in a list of formats."""
        return (*(f"+{way}" for way in self.into_video), *(("+review",) if self.review else ()))


# ---------------------------------------------------------------- captions within the video


def missing_videos(
    outcome: CaptionResult, name: str, folder: Path, ways: Sequence[IntoVideo]
) -> tuple[IntoVideo, ...]:
    """Returns those of the wanted ways whose video is missing, or older than the sidecar."""
    if not (ways and outcome.captions and outcome.captions.cues):
        return ()
    sidecar = (folder / f"{name}.json").stat().st_mtime_ns

    def is_done(way: IntoVideo) -> bool:
        made = folder.glob(f"{glob.escape(name)}.{INTO_VIDEO[way]}.*")
        return any(path.stat().st_mtime_ns >= sidecar for path in made)

    return tuple(way for way in ways if not is_done(way))


def into_video(
    outcome: CaptionResult, name: str, folder: Path, ways: Sequence[IntoVideo], progress: Progress
) -> tuple[list[Path], AlignerError | None]:
    """Put captions into copies of the outcome's ``file``.

    Returns the files written, and the error that ended the work, if any.
    """
    made: list[Path] = []
    if not (ways and outcome.file and outcome.captions and outcome.captions.cues):
        return made, None
    from aligner.audio import decode as audio
    from aligner.audio import mux
    from aligner.captions.formats import FORMATS, PLAIN

    try:
        subtitles = mux.Subtitles(
            outcome.captions.language, lambda kind: FORMATS[kind].render(outcome, PLAIN)
        )
        inside = audio.probe(outcome.file)
        called = outcome.media.url if outcome.media else outcome.source
        video = mux.Video(outcome.file, called, inside, audio.offset_s(outcome.file))
        for way in ways:
            progress.stage(way)
            work = mux.embed if way == "embed" else mux.burn_in
            place = folder / f"{name}.{INTO_VIDEO[way]}"
            made.append(work(subtitles, video, place, progress.advance))
    except AlignerError as error:
        return made, error
    return made, None


# ---------------------------------------------------------------- the page to review


def page(sidecar: Path, profile: Profile, media: Path | None, output: Path | None) -> Path:
    """Write the review page of a sidecar, and return its path. Raises BadSource, OutputError.

    ``media`` is the recording; None takes the one beside the sidecar. ``output`` is the page's
    path; None takes ``page_place``.
    """
    text, outcome, record = read_result(sidecar)
    name = sidecar.name.removesuffix(".json")
    place = output or page_place(sidecar.parent, name)
    found = media or recording(sidecar.parent, name, outcome)
    shown = PageContext(
        name=name,
        profile=profile,
        media=_address(found, place),
        sound=decode_waveform(found) if found else None,
        version=store.version_of(text),
        record=record,
    )
    store.atomic_write(place, build(outcome, shown))
    return place


def page_place(folder: Path, name: str) -> Path:
    """Returns the path of a result's review page: NAME.html, or a free name if that is no page.

    A saved article, and the report of a batch, may have that name too.
    """
    for place in (folder / f"{name}{suffix}" for suffix in (".html", ".captions.html")):
        if not place.exists() or store.is_made_so(place, beginning()):
            return place
    return store.free_copy(folder, name, f"{name}.html")


def read_result(sidecar: Path) -> tuple[str, CaptionResult, Json]:
    """Returns a sidecar's text, the outcome, and the JSON. Raises BadSource."""
    try:
        store.finish(sidecar.parent, sidecar.name.removesuffix(".json"))
        text = sidecar.read_text(encoding="utf-8")
        return text, *read(text)
    except OSError as error:
        raise BadSource(str(sidecar), f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadSource(str(sidecar), f"not what aligner writes: {error}") from error


def _address(media: Path | None, page_: Path) -> str | None:
    """Returns the recording's address for the page, relative to it where that is possible."""
    from urllib.parse import quote

    if media is None:
        return None
    if not media.is_file():
        raise BadSource(str(media), "no such file")
    target, start = media.resolve(), page_.resolve().parent
    if target.is_relative_to(start):
        return "./" + quote(target.relative_to(start).as_posix())
    return target.as_uri()


def decode_waveform(media: Path) -> Waveform | None:
    """Returns a recording's waveform; None, after a warning, if it cannot be decoded."""
    from aligner.audio import vad
    from aligner.audio.decode import decode
    from aligner.review.waveform import waveform_of
    from aligner.types import MediaFile, MediaLink

    link = MediaLink(str(media), "video", "given")
    with temporary_folder() as folder:
        try:
            audio = decode(MediaFile(media, link, None, ""), folder)
        except OutputError:
            raise
        except AlignerError as error:
            logger.warning("the page has no waveform: %s", error)
            return None
        return waveform_of(audio, vad.find_speech(audio))
