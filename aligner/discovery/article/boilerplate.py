"""Recognises boilerplate: text on pages that is not part of their articles."""

from __future__ import annotations

import re
import unicodedata

from aligner.discovery.article.inline_extras import without_note_marks
from aligner.discovery.site_messages import PENDING_MEDIA
from aligner.languages.sentences import CLOSING_MARKS, SENTENCE_MARKS

LINES = r"""
accessibility links|skip to( the)? (main )?(content|navigation|search)|back to top
breaking news|please wait|loading\.{0,3}|no media (source )?(is )?(currently )?available
direct link|pop-?out player|embed( share)?|share|print|share (this|on) \w+|media player help
\d+p( \| [\d.,]+ ?[km]b)?|\d{2,3} kbps( \| \w+)?|xs|sm|md|lg|xs sm md lg
the (code|url) has been copied to your clipboard\.?|width px height px
(download|listen to|play) (the )?(audio|video)( \(\d+:\d\d(:\d\d)?\))?
listen \(?(\d+ min(utes)?|\d+:\d\d)\)?|(0:00 )?\d{1,2}:\d\d(:\d\d)?( 0:00)?
tags?:?|tags?: .{1,200}|topics?:|filed under:? .{1,200}|\d+ comments?|comments|leave a comment
related( stories| articles| news| content| topics)?:?|(see|read) (also|more):?
(see also|read more): .{0,200}|most (read|popular|viewed)|more (news|stories)
recommended( for you)?|you may also like|advertisements?|sponsored( content)?
sign up (for|to) .{0,60}\b(newsletter|briefing|alerts?|updates|e-?mails?)\b.{0,100}
subscribe( to (our|the) .{1,100})?|follow us( on .{1,80})?
(©|\(c\)|copyright (©|\(c\)|\d{4})) ?.{0,200}|all rights reserved\.?
your browser (cannot|does not|doesn[’']t) .{1,120}|we use cookies .{1,200}
javascript is disabled\.?|(enable|turn on) javascript .{0,120}
(cannot|can't) play (media|this).{0,80}|this (video|audio) can ?not be played.{0,80}
"""
"""Patterns of whole lines, without regard to case."""

BOILERPLATE = re.compile("|".join(LINES.strip().splitlines()), re.IGNORECASE)
"""``site_messages.PENDING_MEDIA`` has besides what stands in the place of a recording to come."""

INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F)))
"""Soft hyphens, zero-width spaces, direction marks; not the joiners of Persian and Hindi."""


CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
"""Unicode's control characters and lone surrogates; ``str.split`` handles its spaces."""
NO_LETTERS = re.compile(r"[\W_]+")


def clean(text: str) -> str:
    """Returns a text as printed: single spaces, no invisible characters, no note marks, NFC."""
    visible = CONTROLS.sub(" ", text if text.isascii() else text.translate(INVISIBLE))
    return unicodedata.normalize("NFC", without_note_marks(" ".join(visible.split())))


def is_boilerplate(line: str) -> bool:
    """Whether a whole line is of a menu, player or button, or has no letter or digit."""
    is_known = BOILERPLATE.fullmatch(line) or PENDING_MEDIA.fullmatch(line)
    return bool(is_known) or not any(c.isalnum() for c in line)


def key(text: str) -> str:
    """Returns the letters and digits of a text, case folded, to compare two printings of it."""
    return NO_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())


def is_closed(line: str) -> bool:
    """Whether a line ends with a sentence mark, a colon or a semicolon, as no heading does.

    Quotation marks, brackets and spaces after the mark do not count.
    """
    return line.rstrip(CLOSING_MARKS + " ").endswith((*SENTENCE_MARKS, ":", ";"))


PHOTO = re.compile(
    r"^(?:FILE|ФАЙЛ|ARCHIVO)\s*[-–—:]\s|^(?:Photo|Image|Foto)\s*(?:by|:)"
    r"|\((?:[^()]*\b(?:Photos?|AP|AFP|Reuters|Getty)\b[^()]*)\)\.?$"
)


def looks_like_caption(text: str) -> bool:
    """Whether a paragraph of plain text is worded as a photo's caption."""
    return bool(PHOTO.search(text))
