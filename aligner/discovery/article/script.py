"""Reads a script: whose words they are, which are sound cues, and which are stage directions.

Scripts and transcripts mark what is not said: a label before the words of a speaker ("PRESENTER:"),
sound cues ("[MUSIC]"), stage directions ("(He sits down.)"), times. An article has some of these
signs too ("UPDATE: ...", "the North Atlantic Treaty Organization (NATO)"), so a text is read as a
script only if its signs recur.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from aligner.discovery.article.boilerplate import clean, is_closed
from aligner.languages.sentences import CLOSING_MARKS, SENTENCE_MARKS
from aligner.types import Paragraph, Role

LABEL_WORDS, LABEL_CHARS = 5, 48
"""Most words and characters of a speaker's label."""
MIN_LABELLED = 2
"""Paragraphs with labels in capitals that make a script of a text."""
CAPITAL_SHARE, MIXED_SHARE, MOSTLY = 0.1, 0.3, 0.5
"""Least shares of a script's paragraphs with labels: in capitals; in small letters too, which must
recur; and of those that need no second sign."""
LEAD_INS = frozenset(
    "analysis background breaking comment correction corrected editorial exclusive explainer"
    " factbox file listen live more note opinion photos read related review see source sources"
    " update updated video watch".split()
)
"""First words of labels that publishers put before a sentence of an article."""

_LABEL = re.compile(
    rf"(?P<label>[^\W\d_][^:：()\[\]{{}}<>♪\n]{{0,{LABEL_CHARS}}}?)"
    r"(?:\s*+(?P<how>\([^()]{1,40}\)|\[[^\[\]]{1,40}\]))?+\s*+(?::(?:\s+|$)|：\s*)(?P<rest>.*)",
    re.DOTALL,
)
_CLOCK = r"\d{1,2}:\d{2}:\d{2}(?:[.,:;]\d{1,3})?"
_TIMECODE = re.compile(
    rf"\s*(?:[\[(<](?:{_CLOCK}|\d{{1,3}}:\d{{2}})[\])>]|{_CLOCK}(?:\s*(?:-->|[-–—])\s*{_CLOCK})?)(?=\s|$)\s*"
)
"""A time in brackets, or one with seconds: "10:30" alone may be said."""
_TURN = re.compile(r"\s*(?:>>+\s*|[-–—]\s+|—(?=\w))(?=\S)")
"""What captions and transcripts put where another person begins to speak."""
_BRACKETED = re.compile(r"\[[^\[\]]{1,120}\]|\([^()]{1,120}\)|\*[^*]{1,60}\*|[♪♫][^♪♫]{0,200}[♪♫]+")
_WHOLE = re.compile(rf"(?:{_BRACKETED.pattern}|[♪♫\s]+)[.!]?")
_NOTES = "♪♫"
_SLUG_LINE = re.compile(
    r"(?:INT|EXT|INT\.?/EXT|I/E)[.\s].*|(?:CUT|FADE|DISSOLVE|SMASH CUT) (?:TO|IN|OUT)\b.*"
)
"""Where a scene begins, in a screenplay."""
_SOUNDS = re.compile(
    r"\b(?:applause|applauds?|applauding|cheer(?:s|ing)|claps|clapping|laugh(?:s|ing|ter)?"
    r"|(?:chuckl|giggl|whistl)(?:e|es|ing)|music|musical|sings|singing|sigh(?:s|ing)?"
    r"|gasp(?:s|ing)?|sob(?:s|bing)|crying|cries|cough(?:s|ing)?|scream(?:s|ing)?|shout(?:s|ing)"
    r"|whisper(?:s|ing)|hums|humming|ring(?:s|ing)|bells?|bang(?:s|ing)|beep(?:s|ing)?"
    r"|buzz(?:es|ing)?|sirens?|gunfire|gunshots?|explosions?|thunder|crosstalk|inaudible"
    r"|indistinct|unintelligible|silence|pause|pauses|noises?|sounds?|static|footsteps"
    r"|música|musi[kq]u?e?|muziek|muzyka|müzik|aplausos?|applaudissements|applaus|rires?|risas?"
    r"|lachen|gelächter|stille|silencio)\b"
    r"|музык|аплод|смех|тишин|музик|сміх|оплеск|音乐|音楽|掌声|拍手|笑|음악|박수|웃음|موسيق|تصفيق|ضحك",
    re.IGNORECASE,
)
"""Words that name sounds. Other cues count as directions: neither is said."""
MAX_CUE_WORDS = 5
"""Most words of a cue within a paragraph, unless the text is of captions."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of a document or a line of a text, as it is printed."""

    text: str
    role: Role = "body"
    speaker: str | None = None
    """As the document itself says it: a voice of captions, a column of a table."""


def script_paragraphs(blocks: Sequence[Block], *, captions: bool = False) -> tuple[Paragraph, ...]:
    """Returns the paragraphs of a script, in order; () if the text is none.

    ``captions``: the text is of captions, in which all brackets are cues.
    """
    blocks = [replace(b, text=_without_time(b.text)) for b in blocks]
    blocks = [b for b in blocks if b.text]
    accepted = _speakers(blocks)
    has_cue = any(is_whole_cue(b.text) and _is_plain_cue(b.text) for b in blocks)
    is_script = captions or accepted or has_cue or any(b.speaker for b in blocks)
    return tuple(_read(blocks, accepted, captions)) if is_script else ()


def _read(blocks: Sequence[Block], accepted: frozenset[str], captions: bool) -> Iterator[Paragraph]:
    coming: str | None = None
    """The speaker of the next paragraph, whose label has a line of its own."""
    for block in blocks:
        text, speaker = block.text, block.speaker
        before: tuple[str, ...] = ()
        if is_whole_cue(text):
            yield Paragraph(clean(text), cue_role(text))
            continue
        if block.role == "body":
            text = _without_turn_mark(text)
            label, how, rest = _divided(text, accepted)
            if label:
                text, speaker, before = rest, label, how
            elif clean(text) in accepted:
                coming = clean(text)
                continue
            elif _SLUG_LINE.fullmatch(text):
                yield Paragraph(clean(text), "direction")
                continue
        if not text.strip():
            coming = speaker
            continue
        said, cues = _without_cues(text, captions)
        speaker = speaker or (coming if block.role == "body" else None)
        if said:
            yield Paragraph(said, block.role, speaker, (*before, *cues))
            coming = None
        else:
            yield from (Paragraph(cue, cue_role(cue)) for cue in (*before, *cues))


def cue_role(text: str) -> Role:
    """Returns whether a cue names a sound or is a stage direction."""
    return "sound" if any(c in _NOTES for c in text) or _SOUNDS.search(text) else "direction"


# ---------------------------------------------------------------- speakers


def _speakers(blocks: Sequence[Block]) -> frozenset[str]:
    """Returns the labels of a text that name speakers; none if it is no script."""
    body = [b.text for b in blocks if b.role == "body" and not is_whole_cue(b.text)]
    counts = Counter(label for text in body if (label := _label(_without_turn_mark(text))))
    alone = Counter(clean(text) for text in body if is_lone_label(text))
    counts.update({label: count for label, count in alone.items() if count > 1})
    capital = {label for label in counts if _in_capitals(label)}
    recurring = {label for label, count in counts.items() if count > 1}
    labelled, size = sum(counts[label] for label in capital), max(len(body), 1)
    accepted = frozenset[str]()
    if labelled >= size * (CAPITAL_SHARE if labelled >= MIN_LABELLED else MOSTLY):
        accepted |= capital
    if sum(counts[label] for label in recurring | accepted) >= MIXED_SHARE * size:
        accepted |= recurring
    return accepted


def _label(text: str) -> str | None:
    """Returns the label that a paragraph begins with, if it may name a speaker."""
    found = _LABEL.match(text)
    return clean(found["label"]) if found and _may_name(found["label"]) else None


def _may_name(label: str) -> bool:
    words = label.split()
    if not words or len(words) > LABEL_WORDS or len(label) > LABEL_CHARS:
        return False
    if words[0].lower() in LEAD_INS or label[0].islower():
        return False
    inner = [word for word in words if word.endswith(tuple(SENTENCE_MARKS + ",;"))]
    return all(len(word) <= len("Prof.") and word.endswith(".") for word in inner)


def _in_capitals(label: str) -> bool:
    return label.upper() == label and sum(c.isupper() for c in label) > 1


def is_lone_label(text: str) -> bool:
    """Whether a line is a name in capitals, as a screenplay has it above the words."""
    line = clean(text)
    return _in_capitals(line) and _may_name(line) and not is_closed(line)


def _divided(text: str, accepted: frozenset[str]) -> tuple[str | None, tuple[str, ...], str]:
    """Returns the label of a paragraph, the cues beside it, and the paragraph without them."""
    found = _LABEL.match(text)
    if not found or clean(found["label"]) not in accepted:
        return None, (), text
    how = (clean(found["how"]),) if found["how"] else ()
    return clean(found["label"]), how, found["rest"]


# ---------------------------------------------------------------- cues


def is_whole_cue(text: str) -> bool:
    """Whether a line has nothing but a cue; a sung line between notes is no cue."""
    line = text.strip()
    return bool(_WHOLE.fullmatch(line)) and not _sung(line)


def _sung(text: str) -> bool:
    """Whether a text between notes is the words of a song: more than the name of a sound."""
    words = text.strip(_NOTES + " ")
    is_name = len(words.split()) <= MAX_CUE_WORDS and _SOUNDS.search(words)
    return text[:1] in _NOTES and bool(words) and not is_name


def _is_plain_cue(text: str) -> bool:
    """Whether a whole line is a cue in any text: in capitals, or the name of a sound."""
    inner = text.strip().strip("[]()*.! ")
    return text.strip()[:1] in "[(*♪♫" and (_in_capitals(inner) or bool(_SOUNDS.match(inner)))


def _without_cues(text: str, captions: bool) -> tuple[str, tuple[str, ...]]:
    """Returns a paragraph without the cues in it, and the cues."""
    cues: list[str] = []

    def left(found: re.Match[str]) -> str:
        if _sung(found[0]):
            return f" {found[0].strip(_NOTES)} "
        if not _is_inline_cue(found, captions):
            return found[0]
        cues.append(clean(found[0]))
        return " "

    said = _BRACKETED.sub(left, text).translate(dict.fromkeys(map(ord, _NOTES)))
    said = re.sub(rf" ([{re.escape(SENTENCE_MARKS)},;:])", r"\1", clean(said))
    return (said if any(c.isalnum() for c in said) else ""), tuple(cues)


def _is_inline_cue(found: re.Match[str], captions: bool) -> bool:
    """Whether brackets within a paragraph hold a cue, and not an insertion by the editor.

    An insertion ("the [prime] minister", "(NATO)") stands within a sentence and names no sound.
    """
    inner = found[0][1:-1].strip()
    if captions or found[0][0] in _NOTES:
        return True
    is_short = len(inner.split()) <= MAX_CUE_WORDS
    if is_short and _SOUNDS.search(inner):
        return True
    if found[0][0] != "[" or not is_short:
        return False
    before = found.string[: found.start()].rstrip(CLOSING_MARKS + " ")
    opens = not before or before.endswith(tuple(SENTENCE_MARKS))
    return _in_capitals(inner) or (opens and not inner[:1].islower())


def begins_turn(line: str) -> bool:
    """Whether a line of a wrapped text begins a paragraph: a label, a cue, another person."""
    label = _label(line)
    is_label = bool(label and _in_capitals(label))
    marked = _TURN.match(line) or _SLUG_LINE.fullmatch(line)
    return is_label or is_whole_cue(line) or bool(marked)


def _without_time(text: str) -> str:
    """Returns a line without the time code that it begins with."""
    found = _TIMECODE.match(text)
    return text[found.end() :] if found else text


def _without_turn_mark(text: str) -> str:
    """Returns a text without the mark of another person's turn that it begins with."""
    found = _TURN.match(text)
    return text[found.end() :] if found else text
