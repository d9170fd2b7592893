"""Outcome -> the text of a file, one file a format. To add one, see ``base.py``."""

from __future__ import annotations

from aligner.formats.ass import ASS
from aligner.formats.base import PLAIN, Format, Look
from aligner.formats.chapters import CHAPTERS
from aligner.formats.ctm import CTM
from aligner.formats.hls import HLS
from aligner.formats.html import HTML
from aligner.formats.report import REPORT
from aligner.formats.sidecar import JSON
from aligner.formats.srt import SRT
from aligner.formats.textgrid import TEXTGRID
from aligner.formats.ttml import TTML
from aligner.formats.txt import TXT
from aligner.formats.vtt import VTT
from aligner.formats.words import WORDS

__all__ = ["FORMATS", "JSON", "PLAIN", "Format", "Look"]

FORMATS: dict[str, Format] = {
    "vtt": VTT,
    "json": JSON,
    "txt": TXT,
    "srt": SRT,
    "ttml": TTML,
    "ass": ASS,
    "chapters": CHAPTERS,
    "hls": HLS,
    "html": HTML,
    "words": WORDS,
    "textgrid": TEXTGRID,
    "ctm": CTM,
    "report": REPORT,
}
