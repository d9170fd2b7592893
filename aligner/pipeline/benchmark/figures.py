"""The jobs and figures of the benchmark, and the file in which `aligner models` finds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import msgspec

from aligner._util.atomic_write import atomic_write, prepare
from aligner._util.cache_folder import cache_dir
from aligner.asr.base import Device


@dataclass(frozen=True, slots=True)
class BenchmarkCase:
    """A model and a recogniser to measure."""

    model: str
    """A name, or a path."""
    engine: str
    recording: str
    """The path of the recording."""
    article: str | None
    """The path of the article's page or text, which serves as a draft."""
    exact: bool
    """Whether the recording has exactly the article's words, so that errors can be counted."""
    device: Device = "auto"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a job."""

    model: str
    engine: str
    sound_s: float = 0.0
    """The recording's duration in seconds."""
    load_s: float = 0.0
    """Seconds until libraries and model are loaded."""
    listen_s: float = 0.0
    """Seconds to recognise the whole recording without a draft."""
    draft_s: float | None = None
    """The same with the article as a draft; None without an article."""
    peak_mb: float | None = None
    """Peak resident memory of the process in MiB; None if the system does not report it."""
    words: int | None = None
    """Number of words spoken; None if unknown."""
    errors: int | None = None
    """Substituted, deleted and inserted words, recognised without a draft; None if unknown."""
    failed: str | None = None
    """Why there are no figures."""
    lag_ms: int | None = None
    """How much later words begin by the sound than by the recogniser (``limits.lag_ms``), without a
    draft; None if no word could be timed."""
    wrong_words: dict[str, list[float]] | None = field(default=None, hash=False)
    """Log-likelihood ratios of words that nobody says, in nats, by kind (``limits.KINDS``)."""

    @property
    def speed(self) -> float:
        """Seconds of audio recognised per second, without a draft."""
        return self.sound_s / self.listen_s if self.listen_s else 0.0

    @property
    def draft_speed(self) -> float | None:
        """The same with the article as a draft."""
        return self.sound_s / self.draft_s if self.draft_s else None

    @property
    def error_rate(self) -> float | None:
        """The word error rate, 0 and above; None if unknown."""
        return None if self.errors is None or not self.words else self.errors / self.words

    def rare_ratio(self, kind: str) -> float | None:
        """Returns the ratio in nats that one in twenty wrong words of a kind exceeds.

        A limit there lets one in twenty of such words pass. None for fewer than two of them.
        """
        ratios = (self.wrong_words or {}).get(kind, [])
        return quantiles(ratios, n=20, method="inclusive")[-1] if len(ratios) > 1 else None


def _place() -> Path:
    return cache_dir() / "bench.json"


def remember(figures: tuple[Figures, ...]) -> None:
    """Store figures, in place of older ones of the same model and recogniser.

    Raises OutputError.
    """
    kept = {(each.model, each.engine): each for each in (*remembered(), *figures)}
    prepare(_place().parent)
    atomic_write(_place(), msgspec.json.encode(tuple(kept.values())))


def remembered() -> tuple[Figures, ...]:
    """Returns the stored figures; none if there is no readable file."""
    try:
        return msgspec.json.decode(_place().read_bytes(), type=tuple[Figures, ...])
    except (OSError, ValueError, RecursionError, msgspec.DecodeError):
        return ()
