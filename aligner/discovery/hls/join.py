"""Joins the parts of a stream to one file, on the clock that a player shows.

Each part has the time stamps of its place in the playlist. Where no sound is, silent frames mark
the time: a decoder may take a long leap of time stamps for a clock that starts anew.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from aligner._util.inspector import inspect
from aligner._util.media_container import MAX_DURATION_S, open_container, played_track
from aligner.discovery.hls.parts import PartOnClock
from aligner.discovery.hls.remux import (
    SILENCE_SAMPLES,
    SoundFormat,
    copy,
    encoded_format,
    write_silence,
)
from aligner.errors import MediaUnavailable

if TYPE_CHECKING:
    from av.container import InputContainer

logger = logging.getLogger(__name__)

MAX_CLOCK_ERROR_S = 2.0
"""On one clock the time stamps say where a part begins, unless the playlist differs by more."""
MARK_EVERY_S = 5.0
"""Seconds between the marks of silence."""
NO_GAP_S = 0.1
"""Parts follow one another without a gap up to this difference of their time stamps."""


def join(parts: Sequence[tuple[PartOnClock, Path | None]], target: Path, name: str) -> float:
    """Write the parts, each with its file (None for a gap), to one file; errors name ``name``.

    A part that cannot be read is silent, and a warning says so; returns for how many seconds.
    Raises MediaUnavailable if none can be read.
    """
    sound = _first_sound_format([path for _, path in parts if path], name)
    with target.open("wb") as out:
        joined = _Joined(out, name, sound)
        for part, path in parts:
            if path:
                joined.add(part, path)
            else:
                joined.at_s += part.duration_s
        joined.end()
    return joined.unreadable_s


def _first_sound_format(paths: Iterable[Path], name: str) -> SoundFormat | None:
    """Returns the format of the first sound; None without any.

    Raises MediaUnavailable if no part can be read.
    """
    failure: MediaUnavailable | None = None
    is_any_read = False
    for path in paths:
        try:
            with _open(path, name) as container:
                is_any_read = True
                if track := played_track(container):
                    return encoded_format(track)
        except MediaUnavailable as error:
            failure = failure or error
    if failure and not is_any_read:
        raise failure
    return None


def _open(path: Path, name: str) -> AbstractContextManager[InputContainer]:
    """Open a part whose headers did no harm in a process with limits."""
    inspect(path, name)
    return open_container(f"file:{path}", name, protocol_whitelist="file")


@dataclass(slots=True)
class _Joined:
    """The file so far."""

    out: IO[bytes]
    name: str
    sound: SoundFormat | None
    at_s: float = 0.0
    """Where the next part begins on the player's clock."""
    sound_end_s: float = 0.0
    clock: int = -1
    """The clock of the last part with time stamps."""
    shift_s: float = 0.0
    """What was added to that part's time stamps."""
    unreadable_s: float = 0.0
    """For how long it is silent because parts could not be read."""

    def add(self, part: PartOnClock, path: Path) -> None:
        """Write a part; one that cannot be read only takes its time."""
        end_s = 0.0
        why = "neither sound nor pictures that can be read"
        try:
            with _open(path, self.name) as container:
                first_s = (container.start_time or 0) / 1e6
                self._place(part, first_s)
                if played_track(container):
                    self._mark_silence(first_s + self.shift_s)
                extent = copy(container, self.out, self.shift_s)
            end_s = extent.end_s
            self.sound_end_s = max(self.sound_end_s, extent.sound_end_s)
        except MediaUnavailable as error:
            why = error.why
        if not end_s:
            self.unreadable_s += part.duration_s
            logger.warning("%s: %.1f s of it are silent: %s", self.name, part.duration_s, why)
        self.at_s = max(self.at_s, end_s) if end_s else self.at_s + part.duration_s

    def end(self) -> None:
        """Write silence to the end of the last part."""
        if self.sound and self.at_s - self.sound_end_s > NO_GAP_S:
            self._mark_silence(self.at_s)
            length_s = SILENCE_SAMPLES / self.sound.rate
            write_silence(self.out, self.sound, self.at_s - length_s)

    def _place(self, part: PartOnClock, first_s: float) -> None:
        """Find the shift of a part whose first time stamp is ``first_s``."""
        error_s = abs(first_s + self.shift_s - self.at_s)
        if part.clock != self.clock or error_s > MAX_CLOCK_ERROR_S:
            self.shift_s = self.at_s - first_s
        self.clock = part.clock

    def _mark_silence(self, until_s: float) -> None:
        """Write silent frames from the end of the sound on. Raises MediaUnavailable."""
        if until_s > MAX_DURATION_S:
            why = f"longer than {MAX_DURATION_S // 3600} hours"
            raise MediaUnavailable(self.name, "refused", why)
        at_s = self.sound_end_s
        while self.sound and until_s - at_s > NO_GAP_S:
            write_silence(self.out, self.sound, at_s)
            at_s += MARK_EVERY_S
