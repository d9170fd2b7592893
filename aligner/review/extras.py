"""A result -> what is made of it beside its formats: the video with captions, the page to review.

`caption` and `batch` both make them here.
"""

from __future__ import annotations

import glob
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from aligner.captions import store
from aligner.captions.formats.sidecar_reader import read
from aligner.errors import AlignerError, BadSource, OutputError
from aligner.review import edits
from aligner.review.page import PageContext, build
from aligner.review.results import recording

if TYPE_CHECKING:
    from aligner.captions.profiles import Profile
    from aligner.pipeline.progress import Progress
    from aligner.review.waveform import Waveform
    from aligner.types import CaptionResult, Json

logger = logging.getLogger(__name__)

IntoVideo = Literal["embed", "burn"]
INTO_VIDEO: dict[IntoVideo, str] = {"embed": "captioned", "burn": "burnt"}
"""What the copy of a video is called after its name, for each way to put captions into it."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What is to be made of results beside their formats."""

    into_video: tuple[IntoVideo, ...] = ()
    """Copies of the video: with the captions as a track, or drawn into the picture."""
    review: bool = False
    """The page to look at; the recording is kept beside it."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What says in a list of formats that these were made."""
        return (*(f"+{way}" for way in self.into_video), *(("+review",) if self.review else ()))


# ---------------------------------------------------------------- captions within the video


def missing_videos(
    outcome: CaptionResult, name: str, folder: Path, ways: Sequence[IntoVideo]
) -> tuple[IntoVideo, ...]:
    """The ways into the video that are asked for, and not done or older than the captions."""
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
    """Put an outcome's captions into its ``file`` -> the files made, and what went wrong."""
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
    """NAME.json -> NAME.html; where it is. Raises BadSource, OutputError."""
    text, outcome, record = read_result(sidecar)
    name = sidecar.name.removesuffix(".json")
    place = output or sidecar.with_name(f"{name}.html")
    found = media or recording(sidecar.parent, name, outcome)
    shown = PageContext(
        name=name,
        profile=profile,
        media=_address(found, place),
        sound=hear(found) if found else None,
        version=edits.version_of(text),
        record=record,
    )
    store.atomic_write(place, build(outcome, shown))
    return place


def read_result(sidecar: Path) -> tuple[str, CaptionResult, Json]:
    """NAME.json -> its text, the outcome, and the JSON. Raises BadSource."""
    try:
        store.finish(sidecar.parent, sidecar.name.removesuffix(".json"))
        text = sidecar.read_text(encoding="utf-8")
        return text, *read(text)
    except OSError as error:
        raise BadSource(str(sidecar), f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadSource(str(sidecar), f"not what aligner writes: {error}") from error


def _address(media: Path | None, page_: Path) -> str | None:
    """The recording's address as the page names it: by a relative one where that is possible."""
    from urllib.parse import quote

    if media is None:
        return None
    if not media.is_file():
        raise BadSource(str(media), "no such file")
    target, start = media.resolve(), page_.resolve().parent
    if target.is_relative_to(start):
        return "./" + quote(target.relative_to(start).as_posix())
    return target.as_uri()


def hear(media: Path) -> Waveform | None:
    """A recording -> its outline; None, and a warning, if it cannot be decoded."""
    from aligner.audio import vad
    from aligner.audio.decode import decode
    from aligner.review.waveform import waveform_of
    from aligner.types import MediaFile, MediaLink

    link = MediaLink(str(media), "video", "given")
    with tempfile.TemporaryDirectory(prefix="aligner-") as folder:
        try:
            audio = decode(MediaFile(media, link, None, ""), Path(folder))
        except OutputError:
            raise
        except AlignerError as error:
            logger.warning("no outline of the sound: %s", error)
            return None
        return waveform_of(audio, vad.find_speech(audio))
