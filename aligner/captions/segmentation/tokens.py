"""Turn caption words into tokens: clean texts that fit in a line, with times in order.

Words come from strangers' pages and from recognisers. Here, once, line breaks and control
characters go, a word wider than a line is divided, and every piece gets a start of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from aligner.captions.cell_width import cell_width
from aligner.types import CaptionWord, Origin


@dataclass(frozen=True, slots=True)
class CueToken:
    """A word to be set, or a part of one that is wider than a line."""

    text: str
    width: int
    start_ms: int
    end_ms: int
    origin: Origin
    article_word: int | None
    space_before: bool
    inside: bool = False
    """It goes on with the word of the piece before it."""
    turn: bool = False
    """Another speaker begins with it."""
    paragraph: bool = False
    """A paragraph of the article begins with it."""


DASH = "-"
"""Before the first word of another speaker (Netflix: a hyphen without a space)."""
TURN = ">>"
"""What texts have there that come from American captions (CEA-608's convention)."""


def make_pieces(
    words: Iterable[CaptionWord],
    line: int,
    duration_ms: int,
    paragraphs: Collection[int] = (),
) -> tuple[CueToken, ...]:
    """Returns tokens of at most ``line`` cells, within the recording, with rising starts.

    Words without any text are left out. ``paragraphs`` are the article's words that begin one.
    """
    pieces: list[CueToken] = []
    speaker = None
    for word in words:
        changed = None not in (word.speaker, speaker) and word.speaker != speaker
        parts = list(_divided(word, line, DASH if changed else ""))
        if parts:
            speaker = word.speaker or speaker
            starts = word.article_word in paragraphs
            turn = changed or parts[0].text.startswith(TURN)
            if turn or starts:
                parts[0] = replace(parts[0], turn=turn, paragraph=starts)
        pieces += parts
    return tuple(_in_order(pieces, duration_ms))


def _clean(text: str) -> str:
    """One line, no control characters, nothing that UTF-8 cannot hold; empty if nothing shows."""
    kept = (c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    line = " ".join("".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in kept).split())
    return line if any(c.isprintable() and c != " " for c in line) else ""


def _divided(word: CaptionWord, line: int, dash: str) -> Iterator[CueToken]:
    """Yields a word as a token, or as several, each with its share of the time."""
    text = _clean(word.text)
    if not text:
        return
    text = dash + text
    length, done, space = word.end_ms - word.start_ms, 0, word.space_before
    for part in _chopped(text, line):
        start = word.start_ms + length * done // len(text)
        inside = done > 0
        done += len(part)
        yield CueToken(
            text=part.strip(),
            width=cell_width(part.strip()),
            start_ms=start,
            end_ms=word.start_ms + length * done // len(text),
            origin=word.origin,
            article_word=word.article_word,
            space_before=space,
            inside=inside,
        )
        space = part.endswith(" ")


_SEAM = re.compile(r"(?<=[-/_.?&=+,;:\u2010-\u2015 ])(?=[^-/_.?&=+,;:\u2010-\u2015 ])")


def _chopped(text: str, line: int) -> Iterator[str]:
    """Yields parts of a text that fit a line, split at hyphens or slashes if possible."""
    while cell_width(text.strip()) > line:
        fits = _fitting(text, line)
        seams = [m.start() for m in _SEAM.finditer(text, 0, fits) if m.start() > fits // 3]
        at = seams[-1] if seams else fits
        yield text[:at]
        text = text[at:]
    yield text


def _fitting(text: str, line: int) -> int:
    """How many characters fit a line, marks and joined signs left with what they belong to."""
    at, cells = 0, 0
    while at < len(text) and (cells := cells + cell_width(text[at])) <= line:
        at += 1
    back = at
    while back > 0 and (_joins(text[back]) or text[back - 1] == "\u200d"):
        back -= 1
    return back or max(at, 1)


def _joins(char: str) -> bool:
    """Whether a character belongs to the one before it."""
    return unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf") or "\U0001f3fb" <= char <= (
        "\U0001f3ff"
    )


def _in_order(pieces: list[CueToken], duration_ms: int) -> Iterator[CueToken]:
    """Pieces whose starts rise by 1 ms at least, each ending by the next one's start."""
    count = len(pieces)
    end = max(duration_ms, count)  # a shorter recording than that cannot be
    starts: list[int] = []
    for k, piece in enumerate(pieces):
        earliest = starts[-1] + 1 if starts else 0
        starts.append(min(max(piece.start_ms, earliest), end - (count - k)))
    for k, (piece, start) in enumerate(zip(pieces, starts, strict=True)):
        follows = starts[k + 1] if k + 1 < count else end
        yield replace(piece, start_ms=start, end_ms=min(max(piece.end_ms, start + 1), follows))
