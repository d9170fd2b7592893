"""The kinds of caption files that are read, and the suffixes of their names."""

from __future__ import annotations

from typing import Literal

Kind = Literal["vtt", "srt", "ttml"]

SUFFIXES: dict[str, Kind] = {
    ".vtt": "vtt",
    ".webvtt": "vtt",
    ".srt": "srt",
    ".ttml": "ttml",
    ".dfxp": "ttml",
    ".itt": "ttml",
}
ASS_SUFFIXES = (".ass", ".ssa")
