"""Makes tokens of caption words: clean texts that fit in a line, with times in order.

Words come from pages of any origin and from recognisers. Line breaks and control characters are
removed, a word wider than a line is divided, and each token gets a start of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from aligner.captions.cell_width import cell_width
from aligner.captions.formats.base import one_line
from aligner.captions.profiles import Profile
from aligner.types import CaptionWord, Origin, Voice


@dataclass(frozen=True, slots=True)
class CueToken:
    """A word, or a part of a word that is wider than a line."""

    text: str
    width: int
    start_ms: int
    end_ms: int
    origin: Origin
    article_word: int | None
    space_before: bool
    inside: bool = False
    """Whether it continues the word of the token before it."""
    turn: bool = False
    """Whether another speaker begins with it."""
    paragraph: bool = False
    """Whether a paragraph of the article begins with it."""
    own_line: bool = False
    """Whether it is a speaker's label with a line of its own, in the cue of the token after it."""


DASH = "-"
"""Written before the first word of another speaker (Netflix: a hyphen without a space)."""
TURN = ">>"
"""The mark of another speaker in texts from American captions (a convention of CEA-608)."""


def make_tokens(
    words: Iterable[CaptionWord],
    line: int,
    duration_ms: int,
    paragraphs: Collection[int] = (),
    labels: Mapping[str, str] = MappingProxyType({}),
) -> tuple[CueToken, ...]:
    """Returns tokens of at most ``line`` cells, within the recording, each starting after the last.

    Words without visible text are left out. ``paragraphs`` has the indices of the article's words
    that begin a paragraph. ``labels`` has what is written before the first word of a speaker's
    turn, also of the first one; a label that ends in a line break is a token with ``own_line``. A
    speaker without one gets a hyphen where he follows another.
    """
    tokens: list[CueToken] = []
    speaker = None
    for word in words:
        changed = None not in (word.speaker, speaker) and word.speaker != speaker
        label = labels.get(word.speaker or "", "")
        begins = changed or (speaker is None and word.speaker is not None)
        before = label if label and begins else DASH if changed else ""
        parts = _with_label(word, line, before)
        if parts:
            speaker = word.speaker or speaker
            starts = word.article_word in paragraphs
            turn = changed or parts[0].text.startswith(TURN)
            if turn or starts:
                parts[0] = replace(parts[0], turn=turn, paragraph=starts)
        tokens += parts
    return tuple(_in_order(tokens, duration_ms))


def speaker_labels(voices: Iterable[Voice], profile: Profile) -> dict[str, str]:
    """Returns what is written before the turns of voices that are not shown by a hyphen, by id.

    In parentheses (DCMP) every voice has a label, and ends in a line break if it fits in a line and
    cues have two or more; otherwise (Netflix) those whose names are known have one.
    """
    if profile.speaker_labels:
        labels = {v.id: one_line(f"({v.name or v.label.lower()})") for v in voices}
        room = profile.max_line_chars if profile.max_lines > 1 else 0
        return {
            k: label + ("\n" if cell_width(label) <= room else " ") for k, label in labels.items()
        }
    return {v.id: f"[{v.name}] " for v in voices if v.name}


def _clean(text: str) -> str:
    """Returns a text as one line; "" if nothing of it is visible."""
    line = one_line(text)
    return line if any(c.isprintable() and c != " " for c in line) else ""


def _with_label(word: CaptionWord, line: int, before: str) -> list[CueToken]:
    """Returns the tokens of a word and of what is written before it; none for an empty word."""
    if not before.endswith("\n"):
        return list(_divided(word, line, before))
    parts = list(_divided(word, line, ""))
    if not parts:
        return []
    shown = replace(word, text=before, end_ms=word.start_ms)
    labels = [replace(token, own_line=True) for token in _divided(shown, line, "")]
    return [*labels, replace(parts[0], space_before=True), *parts[1:]]


def _divided(word: CaptionWord, line: int, before: str) -> Iterator[CueToken]:
    """Yields the token of a word; several, each with its share of the time, if it is too wide."""
    text = _clean(word.text)
    if not text:
        return
    text = before + text
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
    """Yields parts of a text that fit in a line, divided after hyphens or slashes if possible."""
    while cell_width(text.strip()) > line:
        fits = _fitting(text, line)
        seams = [m.start() for m in _SEAM.finditer(text, 0, fits) if m.start() > fits // 3]
        at = seams[-1] if seams else fits
        yield text[:at]
        text = text[at:]
    yield text


def _fitting(text: str, line: int) -> int:
    """Returns how many characters fit in a line; combining characters are not separated."""
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


def _in_order(tokens: list[CueToken], duration_ms: int) -> Iterator[CueToken]:
    """Yields the tokens with starts at least 1 ms apart; each ends by the start of the next."""
    count = len(tokens)
    end = max(duration_ms, count)  # at least 1 ms for each token
    starts: list[int] = []
    for k, token in enumerate(tokens):
        earliest = starts[-1] + 1 if starts else 0
        starts.append(min(max(token.start_ms, earliest), end - (count - k)))
    for k, (token, start) in enumerate(zip(tokens, starts, strict=True)):
        follows = starts[k + 1] if k + 1 < count else end
        yield replace(token, start_ms=start, end_ms=min(max(token.end_ms, start + 1), follows))
