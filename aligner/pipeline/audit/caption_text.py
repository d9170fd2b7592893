"""Tells the words of captions that are spoken from labels of sounds and of speakers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from aligner.types import Article, Paragraph

_SOUND = re.compile(r"\[[^\[\]]*\]|【[^【】]*】|[♪♫♬♩]+")
"""Sounds and remarks in brackets, and the notes around what is sung."""
_ASIDE = re.compile(r"[(\uff08]([^()\uff08\uff09]*)[)\uff09]")
_ASIDE_WORDS = 5
"""Longer texts in parentheses are spoken."""
_MARK = re.compile(r"^\s*(?:>{1,3}|[-\u2013\u2014])\s*")
"""What begins a line where another person speaks."""
_LABEL = re.compile(
    r"^\s*(?:[A-Z\u00c0-\u00de][A-Z\u00c0-\u00de0-9 .'&/#-]{1,40}"
    r"|(?:Speaker|Narrator|Reporter|Interviewer|Host|Man|Woman|Boy|Girl|Voice)(?: \d{1,3})?"
    r"|[A-Z\u00c0-\u00de][\w.'-]+(?: [A-Z\u00c0-\u00de][\w.'-]*){1,2}):(?=\s|$)"
)
"""The name of who speaks: in capitals, one of the usual words, or two or three names."""


def spoken_text(lines: Iterable[str]) -> str:
    """Returns the text of a cue's lines without labels of sounds and speakers.

    Texts in brackets, and short ones in parentheses, are sounds or remarks.
    """
    text = "\n".join(lines)
    text = _SOUND.sub(" ", text)
    text = _ASIDE.sub(lambda found: " " if _is_aside(found[1]) else found[0], text)
    kept = (_LABEL.sub("", _MARK.sub("", line)) for line in text.split("\n"))
    return " ".join(" ".join(kept).split())


def _is_aside(text: str) -> bool:
    return len(text.split()) <= _ASIDE_WORDS


def as_article(cues: Sequence[Sequence[str]], language: str | None) -> Article:
    """Returns the spoken text of cues as an article, a paragraph for each cue."""
    return Article(None, None, language, tuple(Paragraph(spoken_text(lines)) for lines in cues))
