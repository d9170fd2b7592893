"""A program that joins the parts of streams, one after the other; ``joining.py`` runs it.

``_util/helper_program.py`` says what messages are. A request (JSON) has "parts" (clock, duration in
seconds, path or null), "target", "name", "memory_bytes" and "cpu_s". The answer (JSON) has
"warnings", and "unreadable_s", or "state" and "why" of MediaUnavailable, or "errno" and "why", or
"lacks_memory".
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from aligner._util.helper_program import Parent, limit_cpu, limit_memory, resident_bytes, serve
from aligner.errors import MediaUnavailable

HIGHEST_MEMORY = 1 << 30
LARGE = 300 << 20
"""A process that has taken more is not used again: it may keep the memory."""


class _Kept(logging.Handler):
    """Keeps the messages of warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def main() -> None:
    serve(_answer, _prepare, HIGHEST_MEMORY)


def _prepare() -> None:
    import av  # noqa: F401  what the first request would wait for


def _answer(data: bytes, _: Parent) -> tuple[bytes, bool]:
    request = json.loads(data)
    limit_memory(request["memory_bytes"], HIGHEST_MEMORY)
    limit_cpu(request["cpu_s"])
    kept = _Kept()
    logger = logging.getLogger("aligner")
    logger.addHandler(kept)
    try:
        made = _joined(request)
    finally:
        logger.removeHandler(kept)
    is_usable = "lacks_memory" not in made and resident_bytes() <= LARGE
    return json.dumps(made | {"warnings": kept.messages}).encode(), is_usable


def _joined(request: dict[str, Any]) -> dict[str, Any]:
    from aligner.discovery.hls.join import join
    from aligner.discovery.hls.parts import PartOnClock

    parts = [
        (PartOnClock(clock, duration_s), path and Path(path))
        for clock, duration_s, path in request["parts"]
    ]
    try:
        return {"unreadable_s": join(parts, Path(request["target"]), request["name"])}
    except MediaUnavailable as error:
        return {"state": error.state, "why": error.why}
    except MemoryError:
        return {"lacks_memory": True}
    except OSError as error:
        return {"errno": error.errno, "why": error.strerror or str(error)}
