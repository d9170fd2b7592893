"""What is to be measured, what came out, and what is kept of it for `aligner models` to show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from aligner._util.atomic_write import atomic_write, prepare
from aligner.asr.base import Device
from aligner.asr.models.base import cache_dir


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be measured."""

    model: str
    """A name, or a path."""
    engine: str
    recording: str
    article: str | None
    """The file of a page, or of its text."""
    exact: bool
    """Whether the article is read word for word, so that errors can be counted."""
    device: Device = "auto"


@dataclass(frozen=True, slots=True)
class Figures:
    """What came out."""

    model: str
    engine: str
    sound_s: float = 0.0
    load_s: float = 0.0
    """Until the model is ready, its libraries included."""
    listen_s: float = 0.0
    """For all of the sound, decoding everything."""
    draft_s: float | None = None
    """The same with the article as a draft; None without an article."""
    peak_mb: float | None = None
    """Resident memory of the whole process; None where the system does not tell."""
    words: int | None = None
    """That are read; None where that is not known."""
    errors: int | None = None
    """Words heard wrongly, left out or put in, decoding everything."""
    failed: str | None = None
    """Why there are no figures."""

    @property
    def speed(self) -> float:
        """Seconds of sound to a second of listening."""
        return self.sound_s / self.listen_s if self.listen_s else 0.0

    @property
    def draft_speed(self) -> float | None:
        """The same with the article as a draft."""
        return self.sound_s / self.draft_s if self.draft_s else None

    @property
    def error_rate(self) -> float | None:
        """Errors to a word that is read."""
        return None if self.errors is None or not self.words else self.errors / self.words


def _place() -> Path:
    return cache_dir() / "bench.json"


def remember(figures: tuple[Figures, ...]) -> None:
    """Keep figures; others of the same model and recogniser go. Raises OutputError."""
    kept = {(each.model, each.engine): each for each in (*remembered(), *figures)}
    prepare(_place().parent)
    atomic_write(_place(), msgspec.json.encode(tuple(kept.values())))


def remembered() -> tuple[Figures, ...]:
    """What was measured on this machine before; none if nothing was, or it cannot be read."""
    try:
        return msgspec.json.decode(_place().read_bytes(), type=tuple[Figures, ...])
    except (OSError, ValueError, RecursionError, msgspec.DecodeError):
        return ()
