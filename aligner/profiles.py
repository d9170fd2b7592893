"""The numbers of the captioning standards, a record each.

How to add a standard: one ``Profile`` with the source of each number beside it, and one line in
``PROFILES``. What a standard leaves open keeps the default, which is Netflix's number.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """What a captioning standard asks for. Times in ms, frames at ``fps``."""

    name: str
    max_line_chars: int
    """Cells in a line: a full-width character takes two."""
    max_lines: int
    max_cps: float
    """Reading speed, characters a second."""
    min_duration_ms: int
    max_duration_ms: int
    fps: float = 25.0
    """Frames a second, by which gaps are measured."""
    min_gap_frames: int = 2
    """The least gap between two cues."""
    chain_ms: int = 500
    """A gap shorter than this closes to the least gap."""
    max_silence_ms: int = 2000
    """No cue runs across a silence longer than this."""
    pause_ms: int = 300
    """A pause from this length on is a good place to end a cue."""
    bottom_heavy: bool = True
    """Of two lines the upper one is rather the shorter."""

    @property
    def min_gap_ms(self) -> int:
        return round(self.min_gap_frames * 1000 / self.fps)


NETFLIX = Profile(
    name="netflix",
    # Netflix, English (USA) Timed Text Style Guide: 42 characters a line; two lines at most;
    # 20 characters a second for adult programmes.
    max_line_chars=42,
    max_lines=2,
    max_cps=20.0,
    # Netflix, Timed Text Style Guide, General Requirements: 5/6 second (rounded up) at least,
    # 7 seconds at most; text is bottom-heavy where a choice is left.
    min_duration_ms=834,
    max_duration_ms=7000,
    bottom_heavy=True,
    # Netflix, Subtitle Timing Guidelines: two frames between subtitles; 3 to 11 frames (at 24 a
    # second: under half a second) close to two.
    fps=25.0,
    min_gap_frames=2,
    chain_ms=500,
    # Ours: the standards only say how long a subtitle may stay after the speech (Netflix half a
    # second, BBC 1.5 s), so that none spans a silence longer than both together. Closures of stop
    # consonants are over well before 300 ms; a silence from there on is a pause.
    max_silence_ms=2000,
    pause_ms=300,
)

PROFILES: dict[str, Profile] = {
    "netflix": NETFLIX,
}
