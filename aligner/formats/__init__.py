"""Outcome -> the text of a file, one file a format. To add one, see ``base.py``."""

from __future__ import annotations

from aligner.formats.base import Format
from aligner.formats.sidecar import JSON
from aligner.formats.txt import TXT
from aligner.formats.vtt import VTT

__all__ = ["FORMATS", "JSON", "Format"]

FORMATS: dict[str, Format] = {
    "vtt": VTT,
    "json": JSON,
    "txt": TXT,
}
