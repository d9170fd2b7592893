"""Joins the parts of a stream in a process with limits (``join_program.py``).

A part whose headers did no harm within limits may still take gigabytes, or crash the reader.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aligner._util.helper_process import HelperProcesses
from aligner.discovery.hls import join_program
from aligner.discovery.hls.parts import Part
from aligner.errors import MediaUnavailable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JoinLimits:
    """Limits of joining a stream; outside Linux and macOS only ``wall_s`` takes effect."""

    memory_bytes: int = 768 << 20
    cpu_s: int = 3600
    wall_s: float = 4 * 3600


LIMITS = JoinLimits()
_processes = HelperProcesses(
    join_program.__name__,
    longest_answer=10_000_000,
    cannot_start="PyAV, which joins the parts of streams, cannot start; perhaps memory or "
    "computing time of processes is limited here (ulimit -v, ulimit -t)",
)


def join(parts: Sequence[tuple[Part, Path | None]], target: Path, name: str) -> float:
    """Write the parts, each with its file (None for a gap), to one file; errors name ``name``.

    A part that cannot be read is silent, and a warning says so; returns for how many seconds.
    Raises MediaUnavailable if none can be read or the limits do not suffice, MachineFault, OSError.
    """
    request = {
        "parts": [(part.clock, part.duration_s, path and str(path)) for part, path in parts],
        "target": str(target),
        "name": name,
        **asdict(LIMITS),
    }
    answer = _processes.ask(name, json.dumps(request).encode(), LIMITS.wall_s)
    if answer is None:
        why = f"joining its parts takes more than {LIMITS.cpu_s} s of computing, or crashes"
        raise MediaUnavailable(name, "not_media", why)
    made: dict[str, Any] = json.loads(answer)
    for warning in made["warnings"]:
        logger.warning("%s", warning)
    if "errno" in made:
        raise OSError(made["errno"], made["why"])
    if "state" in made:
        raise MediaUnavailable(name, made["state"], made["why"])
    if "lacks_memory" in made:
        why = f"joining its parts takes more than {LIMITS.memory_bytes >> 20} MB of memory"
        raise MediaUnavailable(name, "not_media", why)
    return float(made["unreadable_s"])
