"""How many runs are decoded at the same time: as many as there are cores, and room in memory.

The number does not change a transcript, only how long it takes.
"""

from __future__ import annotations

from dataclasses import dataclass

HYPERTHREADS = 4
"""Up to so many streams each logical core has its own; above, each physical core has. Two threads
of a core share its arithmetic and the memory's bandwidth, while each stream takes memory."""
KEYS_AND_VALUES, FLOAT32_BYTES = 2, 4
OTHERS = 1.6
"""Memory of a stream in relation to the keys and values of its windows: those of the text so far,
the encoder's layers, and what is computed from them (docs/measurements/speed.md)."""
RESERVE_BYTES = 600_000_000
"""Left for the recording, the libraries, and the stages after recognition."""


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """What the memory of a stream depends on."""

    layers: int
    width: int
    frames: int
    """Encoder steps of a window."""

    def stream_bytes(self, batch_size: int) -> int:
        """Returns the memory of a stream that decodes so many windows at once.

        The decoder keeps the keys and values of every layer for all frames of each window.
        """
        kept = self.layers * KEYS_AND_VALUES * self.frames * self.width * FLOAT32_BYTES
        return int(OTHERS * batch_size * kept)


@dataclass(frozen=True, slots=True)
class MachineRoom:
    """What there is for the streams."""

    cores: int
    """Logical ones that may be used, by affinity and the container's quota."""
    physical: int | None
    """Physical ones; None if not known."""
    free_bytes: int | None
    """Memory, before the model is loaded; None if not known."""


def stream_count(room: MachineRoom, stream_bytes: int, model_bytes: int) -> int:
    """Returns the number of streams, at least one."""
    most = room.cores
    if room.physical is not None:
        most = min(most, max(room.physical, HYPERTHREADS))
    if room.free_bytes is not None and stream_bytes:
        left = room.free_bytes - RESERVE_BYTES - model_bytes
        most = min(most, left // stream_bytes)
    return max(1, most)
