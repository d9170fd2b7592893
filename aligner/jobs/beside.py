"""What a batch makes of a result beside its formats: copies of the video, the page to review."""

from __future__ import annotations

import glob
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aligner._util.atomic_write import atomic_path, discard
from aligner.errors import AlignerError, OutputError
from aligner.pipeline.diagnosis import diagnose, is_temporary
from aligner.pipeline.options import Options
from aligner.pipeline.progress import Progress
from aligner.pipeline.recordings import download_again
from aligner.pipeline.resources import Resources
from aligner.review.extras import INTO_VIDEO, Extras, into_video, page, ways_left
from aligner.review.results import recording
from aligner.types import CaptionResult


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a result."""

    files: tuple[Path, ...] = ()
    trouble: AlignerError | None = None
    """What went wrong."""

    @property
    def passes(self) -> bool:
        """Whether what went wrong may go well the next time."""
        if self.trouble is None:
            return False
        said = diagnose(self.trouble)
        return is_temporary(said.status, said.state, said.http_status)


@dataclass(frozen=True, slots=True)
class Beside:
    """Makes what is asked for beside the formats, in the results' folder."""

    folder: Path
    extras: Extras
    options: Options

    def lacks_video(self, outcome: CaptionResult, name: str) -> bool:
        """Whether a result that is there is to be put into the video, which has to be had first."""
        return bool(ways_left(outcome, name, self.folder, self.extras.into_video))

    def fetch(
        self, outcome: CaptionResult, name: str, aside: Path, tools: Resources, progress: Progress
    ) -> Path:
        """The recording of a result that is there: beside it, else fetched once more.

        Raises MediaUnavailable, NoMedia.
        """
        if found := recording(self.folder, name, outcome):
            return found
        return download_again(outcome, self.options, aside, progress, tools).path

    def make(
        self, outcome: CaptionResult, name: str, media: Path | None, anew: bool, progress: Progress
    ) -> Made:
        """What is to be made of a result that was written, from its recording if that is here.

        ``anew``: whether the captions were. Raises OutputError.
        """
        if outcome.captions is None:
            return Made()
        ways = self.extras.into_video
        if not anew:
            ways = ways_left(outcome, name, self.folder, ways)
        film = replace(outcome, file=media)
        made, trouble = into_video(film, name, self.folder, ways, progress)
        try:
            if self.extras.review:
                made += self._review(outcome, name, media)
        except AlignerError as error:
            trouble = trouble or error
        if isinstance(trouble, OutputError):
            raise trouble
        return Made(tuple(made), trouble)

    def _review(self, outcome: CaptionResult, name: str, media: Path | None) -> list[Path]:
        """The page of a result, and its recording beside it."""
        made: list[Path] = []
        beside = recording(self.folder, name, outcome)
        if media and beside is None and not media.is_relative_to(self.folder / "media"):
            beside = _keep(media, self.folder / f"{name}{media.suffix}")
            made.append(beside)
        sidecar = self.folder / f"{name}.json"
        return [*made, page(sidecar, self.options.profile, beside or media, None)]

    def found(self, name: str) -> tuple[str, ...]:
        """The marks of what is there of a result that no run of this folder has made."""
        there: list[str] = [
            f"+{way}"
            for way in self.extras.into_video
            if any(self.folder.glob(f"{glob.escape(name)}.{INTO_VIDEO[way]}.*"))
        ]
        if self.extras.review and (self.folder / f"{name}.html").is_file():
            there.append("+review")
        return tuple(there)

    def sweep(self, name: str) -> None:
        """Remove what a run that was killed has left half-made."""
        ways = "|".join(INTO_VIDEO.values())
        ours = re.compile(rf"\.{re.escape(name)}\.(?:(?:{ways})\.)?\w+\.\d+\.part")
        for path in self.folder.glob(f".{glob.escape(name)}.*.part"):
            if ours.fullmatch(path.name):
                discard(path)


def _keep(found: Path, place: Path) -> Path:
    """A fetched recording -> a copy of it as a result's own file. Raises OutputError."""
    with atomic_path(place) as made:
        try:
            made.hardlink_to(found)
        except OSError:  # another file system, or one without hard links
            shutil.copyfile(found, made)
    return place


def with_trouble(outcome: CaptionResult, made: Made) -> CaptionResult:
    """An outcome whose reason also says what could not be made beside it."""
    if made.trouble is None:
        return outcome
    what = diagnose(made.trouble).reason
    return replace(outcome, reason=f"{outcome.reason}; not all was made beside it: {what}")


def names(files: Sequence[Path], folder: Path) -> tuple[str, ...]:
    """Files by their names within the results' folder."""
    return tuple(file.relative_to(folder).as_posix() for file in files)
