"""What a batch makes of a result beside its formats: captioned videos, and the review page."""

from __future__ import annotations

import glob
import logging
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aligner._util.atomic_write import TEMPORARY, discard, prepare_within
from aligner.errors import AlignerError, OutputError
from aligner.pipeline.diagnosis import diagnose, is_temporary
from aligner.pipeline.options import Options
from aligner.pipeline.progress import Progress
from aligner.pipeline.recordings import download_again
from aligner.pipeline.resources import Resources
from aligner.review.extras import INTO_VIDEO, Extras, into_video, missing_videos, page, page_place
from aligner.review.results import MEDIA_FOLDER, keep, recording
from aligner.types import CaptionResult

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MadeExtras:
    """What was made of a result beside its formats."""

    files: tuple[Path, ...] = ()
    error: AlignerError | None = None
    """The first failure."""

    @property
    def is_worth_retrying(self) -> bool:
        """Whether the failure may pass by itself."""
        if self.error is None:
            return False
        found = diagnose(self.error)
        return is_temporary(found.status, found.state, found.http_status)


@dataclass(frozen=True, slots=True)
class ExtraOutputs:
    """Makes the extras that are asked for, in the results' folder."""

    folder: Path
    extras: Extras
    options: Options
    keep_media: int | bool | None = None
    """See ``BatchOptions``."""

    def keep(self, found: Path, name: str) -> Path | None:
        """Keep a fetched recording, and return its path; None if ``keep_media`` rules that out.

        None also if another file has its name. Raises OutputError.
        """
        explicit = self.keep_media is not None
        unlimited = self.keep_media is None or self.keep_media is True
        limit = sys.maxsize if unlimited else int(self.keep_media or 0)
        if found.stat().st_size > limit:
            return None
        place = self.folder / MEDIA_FOLDER if explicit else self.folder
        prepare_within(self.folder, place)
        kept = keep(found, place, name, link=True)
        if kept is None:
            logger.warning("%s: not kept, for another file has its name in %s", name, place)
        return kept

    def lacks_video(self, outcome: CaptionResult, name: str) -> bool:
        """Whether an existing result is to be put into its video, which must be fetched first."""
        return bool(missing_videos(outcome, name, self.folder, self.extras.into_video))

    def fetch_recording(
        self, outcome: CaptionResult, name: str, folder: Path, resources: Resources,
        progress: Progress,
    ) -> Path:  # fmt: skip
        """Returns the recording of an existing result, which is fetched into ``folder`` if needed.

        Raises MediaUnavailable, NoMedia.
        """
        if found := recording(self.folder, name, outcome):
            return found
        return download_again(outcome, self.options, folder, progress, resources).path

    def make(
        self, outcome: CaptionResult, name: str, media: Path | None, anew: bool, progress: Progress
    ) -> MadeExtras:
        """Make the extras of a written result, from its recording if that is at hand.

        ``anew``: whether the captions were just made. Raises OutputError.
        """
        if outcome.captions is None:
            return MadeExtras()
        ways = self.extras.into_video
        if not anew:
            ways = missing_videos(outcome, name, self.folder, ways)
        with_media = replace(outcome, file=media)
        made, failure = into_video(with_media, name, self.folder, ways, progress)
        try:
            if self.extras.review:
                made += self._review(outcome, name, media)
        except AlignerError as error:
            failure = failure or error
        if isinstance(failure, OutputError):
            raise failure
        return MadeExtras(tuple(made), failure)

    def _review(self, outcome: CaptionResult, name: str, media: Path | None) -> list[Path]:
        """Make the page of a result, and keep its recording if that is asked for."""
        made: list[Path] = []
        kept = recording(self.folder, name, outcome)
        if kept is None and media:
            is_kept = media.is_relative_to(self.folder / MEDIA_FOLDER)
            kept = media if is_kept else self.keep(media, name)
            made += [kept] if kept and not is_kept else []
        sidecar = self.folder / f"{name}.json"
        return [*made, page(sidecar, self.options.profile, kept, None)]

    def existing_marks(self, name: str) -> tuple[str, ...]:
        """Returns the marks of the extras that exist of a result that is not in the ledger."""
        marks: list[str] = [
            f"+{way}"
            for way in self.extras.into_video
            if any(self.folder.glob(f"{glob.escape(name)}.{INTO_VIDEO[way]}.*"))
        ]
        if self.extras.review and page_place(self.folder, name).is_file():
            marks.append("+review")
        return tuple(marks)

    def sweep(self, name: str) -> None:
        """Remove half-made files of a killed run."""
        ways = "|".join(INTO_VIDEO.values())
        pattern = re.compile(rf"\.{re.escape(name)}\.(?:(?:{ways})\.)?\w+\.{TEMPORARY}")
        for folder in (self.folder, self.folder / MEDIA_FOLDER):
            for path in folder.glob(f".{glob.escape(name)}.*.part"):
                if pattern.fullmatch(path.name):
                    discard(path)


def with_extras_error(outcome: CaptionResult, made: MadeExtras) -> CaptionResult:
    """Returns a result whose reason also says which failure kept extras from being made."""
    if made.error is None:
        return outcome
    why = diagnose(made.error).reason
    return replace(outcome, reason=f"{outcome.reason}; not all was made beside it: {why}")


def names_within(folder: Path, files: Sequence[Path]) -> tuple[str, ...]:
    """Returns the files' paths relative to the results' folder, with slashes."""
    return tuple(file.relative_to(folder).as_posix() for file in files)
