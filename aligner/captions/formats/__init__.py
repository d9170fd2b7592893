"""Renders a CaptionResult as text: one module for each format. To add one, see ``base.py``."""

from __future__ import annotations

from aligner.captions.formats.ass import ASS
from aligner.captions.formats.base import PLAIN, Format, Look
from aligner.captions.formats.chapters import CHAPTERS
from aligner.captions.formats.ctm import CTM
from aligner.captions.formats.hls import HLS
from aligner.captions.formats.html import HTML
from aligner.captions.formats.report import REPORT
from aligner.captions.formats.rttm import RTTM
from aligner.captions.formats.sidecar import JSON
from aligner.captions.formats.srt import SRT
from aligner.captions.formats.textgrid import TEXTGRID
from aligner.captions.formats.ttml import TTML
from aligner.captions.formats.txt import TXT
from aligner.captions.formats.vtt import VTT
from aligner.captions.formats.words import WORDS

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
    "rttm": RTTM,
    "report": REPORT,
}
