"""Reads the result in a sidecar, and decides whether another result may replace it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from aligner._util import strict_json
from aligner.captions.formats import Look, sidecar, sidecar_reader
from aligner.errors import BadSource, CorrectionsKept, EarlierCaptionsKept
from aligner.types import CaptionResult, Captions, Json


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result on disk or in an object store, as read from its sidecar."""

    text: str
    record: Json
    outcome: CaptionResult

    @property
    def edited(self) -> bool:
        """Whether a person has corrected it."""
        return sidecar_reader.is_edited(self.record)

    @property
    def look(self) -> Look:
        """How its captions are styled."""
        return sidecar_reader.look_of(self.record)

    def combined_look(self, other: Look) -> Look:
        """Returns its look with the styles of another look added; none is removed."""
        was = self.look
        return replace(
            was,
            styled=was.styled or other.styled,
            karaoke=was.karaoke or other.karaoke,
            mpegts=other.mpegts or was.mpegts,
        )

    def with_look(self, look: Look) -> StoredResult:
        """Returns the result with another look and the same sidecar otherwise."""
        record = {k: v for k, v in self.record.items() if k != "look"} | sidecar.look_part(look)
        return StoredResult(sidecar.text_of(record), record, self.outcome)

    def with_cues(self, captions: Captions) -> StoredResult:
        """Returns the result with other cues and the same sidecar otherwise."""
        record = self.record | {"cues": sidecar.cues_part(captions)}
        return StoredResult(
            sidecar.text_of(record), record, replace(self.outcome, captions=captions)
        )


class OtherKind(BadSource):
    """A JSON file whose schema is not that of a sidecar."""


def parse_result(text: str, where: str) -> StoredResult | None:
    """Returns the result of a sidecar's text; None if it is damaged or its status is error.

    Raises BadSource if the sidecar is of a later schema.
    """
    try:
        there = _parsed(text)
    except sidecar.LaterSchema as error:
        raise BadSource(where, str(error)) from error
    except ValueError:
        return None
    return None if there.outcome.status == "error" else there


def read(place: Path) -> StoredResult:
    """Returns the result that a sidecar holds, also one of status error.

    Raises BadSource if it cannot be read, is damaged or is of a later schema; OtherKind if it is
    JSON of another kind.
    """
    try:
        text = place.read_bytes().decode("utf-8")
        return _parsed(text)
    except OSError as error:
        raise BadSource(str(place), f"cannot be read: {error.strerror or error}") from error
    except sidecar.LaterSchema as error:
        raise BadSource(str(place), str(error)) from error
    except ValueError as error:
        kind = BadSource if _says_it_is_one(place) else OtherKind
        raise kind(str(place), f"not a result of aligner, or damaged: {error}") from error


def _parsed(text: str) -> StoredResult:
    """Raises ValueError."""
    outcome, record = sidecar_reader.read(text)
    sidecar_reader.look_of(record)
    return StoredResult(text, record, outcome)


def _says_it_is_one(place: Path) -> bool:
    """Whether a file declares a sidecar's schema, or cannot be read as JSON at all."""
    try:
        record = strict_json.read(place.read_bytes())
    except (OSError, ValueError):
        return True
    return isinstance(record, dict) and str(record.get("schema", "")).startswith("aligner/")


def expect_replaceable(text: str, where: str, outcome: CaptionResult, discard_edits: bool) -> None:
    """Check that a result may replace the one whose sidecar has this text.

    ``where`` names the sidecar in errors. A damaged sidecar may be replaced.
    Raises CorrectionsKept if a person has corrected the sidecar, unless ``discard_edits`` is
    given; EarlierCaptionsKept if the sidecar has captions and ``outcome`` has none; BadSource if
    the sidecar is of a later schema.
    """
    try:
        _, record = sidecar.read_status(text)
    except sidecar.LaterSchema as error:
        raise BadSource(where, str(error)) from error
    except ValueError:
        return
    if sidecar_reader.is_edited(record) and not discard_edits:
        raise CorrectionsKept(where)
    if record.get("cues") and not (outcome.captions and outcome.captions.cues):
        raise EarlierCaptionsKept(where)


def is_sidecar(text: str) -> bool:
    """Whether a text is a sidecar, of this schema or a later one."""
    try:
        sidecar.read_status(text)
    except sidecar.LaterSchema:
        return True
    except ValueError:
        return False
    return True
