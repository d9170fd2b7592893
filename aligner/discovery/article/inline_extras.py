"""Removes what is printed at an article's words and is no part of its text.

These are references to notes, struck text, tooltips, readings above characters (ruby), and text
that only screen readers get. What stands around one stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from aligner.discovery.html import text_of

UNPRINTED_TAGS = ("del", "s", "strike", "rt", "rp", "rtc")
"""Struck text, and the readings of characters."""
INLINE_TAGS = frozenset("a abbr b em font i label mark small span strong sub sup u".split())
MOST = 0.4
"""What holds more of the page's text than this is none of these, whatever its names say."""
MOST_EXTRAS = 2_000
"""How many are cut out of a page."""
FEW_LINKS = 5
"""Elements in or around a superscript among which its link is looked for."""
NAME_ATTRIBUTES = ("class", "id", "role", "rel", "epub:type")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")

# ---------------------------------------------------------------- references to notes

_ITEM = (
    r"(?:\d{1,3}|[a-z]|[ivx]{1,5}|[*∗†‡§¶#]{1,4}|(?:note|nb|n|fn|ref|nota|anm|прим)\.? ?\d{1,3})"
)
NOTE_MARK = re.compile(rf"[\[(]?{_ITEM}(?:[,;–—\s-]+{_ITEM})*[\])]?|[↩↵↑⤴^]\ufe0e?", re.IGNORECASE)
"""The text of a reference to a note, or of the way back from a note."""
CERTAIN_MARK = re.compile(r"\[[^\[\]]{1,40}\]|\(\d{1,3}\)|[*∗†‡§¶]{1,4}|[↩↵⤴]\ufe0e?")
"""The same, where no ordinary superscript and no ordinary link looks alike."""
NOTE_NAME = re.compile(
    r"(?:^|[- ])(?:(?:foot|end|side|margin)-?notes?|doc-noteref|note-?ref\w*|fn-?refs?|fn"
    r"|cite-?refs?|references?|citations?|sdfootnote\w*|note-?(?:mark\w*|number|link|anchor))"
    r"(?=$|[-: \d])",
    re.IGNORECASE,
)
WHOLE_NOTE = re.compile(
    r"(?:^|[- ])(?:doc-noteref|noteref|(?:foot|end)-?note-?(?:ref\w*|mark\w*|number|link)"
    r"|fn-?ref|(?:foot|side|margin)-?note)(?=$|[-: \d])",
    re.IGNORECASE,
)
"""Names of references, and of notes within a paragraph, whatever their text is."""
NOTE_TARGET = re.compile(
    r"#(?:_?(?:foot|end|side)?notes?|_?ftn(?:ref)?|_?edn(?:ref)?|fn(?:ref)?|cite|ref|sdfootnote|nb"
    r"|anm|n|r)[-_:.]?\w*\d",
    re.IGNORECASE,
)
MARK_CHARS = 60
"""Characters of the longest reference to notes."""
PARAGRAPHS = ("p", "li", "td", "blockquote", "h1", "h2", "h3", "h4", "figcaption", "dd")

# ---------------------------------------------------------------- tooltips, text for screen readers

TOOLTIP = re.compile(r"(?:^|[- ])(?:tool-?tips?|popovers?|hover-?cards?)(?=$|[- ])", re.IGNORECASE)
TOOLTIP_CONTENT = re.compile(
    r"(?:^|[- ])(?:tool-?tip|popover|hover-?card|tippy|glossary)s?-?(?:text|content|inner|body|box"
    r"|bubble|message|popup|panel|definition|description)(?=$|[- ])",
    re.IGNORECASE,
)
EXPLAINED = re.compile(
    r"title|aria-label|data-(?:[\w-]*(?:tip|title|tippy|content|text|toggle|popover)[\w-]*)"
)
"""Attributes with the tooltip of an element whose own text is the article's."""
NAME_CHARS = 200
"""Characters of an attribute's name that are looked at."""
TRIGGER = re.compile(
    r"(?:^|[- ])(?:tool-?tip|popover|hover-?card)-?(?:trigger|wrap\w*|container|host|target|link"
    r"|icon|word|term|anchor|label|root)(?=$|[- ])",
    re.IGNORECASE,
)
SCREEN_READER = re.compile(
    r"(?:^|(?<!not)[- ])(?:sr-?only|show-for-sr|screen-?readers?(?:-?(?:text|only))?"
    r"|visually-?hidden|hidden-?visually|element-invisible|assistive-?text"
    r"|a11y-?(?:hidden|text|only)|off-?screen|clip-?hide)(?=$|[- ])",
    re.IGNORECASE,
)
OFF_SCREEN = re.compile(
    r"(?:^|;)(?:clip:rect\((?:0|1px)|clip-path:(?:inset\((?:50|100)%|circle\(0)"
    r"|(?:left|right|top|text-indent):-\d{3,}|font-size:0(?![.\d]))"
)
"""Declarations that keep a text for screen readers; without spaces."""
NOT_SHOWN = re.compile(r"(?:^|;)(?:display:none|visibility:hidden|opacity:0(?![.\d]))")
"""The same within a line; a whole block may be shown later, by a button or a script."""
SHEET_HINT = re.compile(r"clip|-\d{3,}(?:px|r?em)")
SHEET_CHARS = 500_000
AT_BLOCK = re.compile(
    r"/\*(?:.*?\*/|.*)|@[^{};@]{1,300}+\{(?:[^{}]*+\{[^{}]*+\})*+[^{}]*+\}", re.DOTALL
)
RULE = re.compile(r"(?:^|(?<=[{}]))([^{}]{1,2000}+)\{([^{}]{1,2000}+)\}")
SIMPLE = re.compile(r"[a-z]*([.#][\w-]+)", re.IGNORECASE)


def remove(tree: HtmlElement) -> None:
    """Cut inline extras out of a tree; superscript numbers become superscript characters.

    Whether such a number is an exponent or a note's is decided in ``without_note_marks``.
    """
    hidden = _hidden_by_sheets(tree)
    extras = (e for e in tree.iter(etree.Element) if _is_extra(e, hidden))
    found = list(islice(extras, MOST_EXTRAS))
    most = MOST * len(text_of(tree)) if found else 0
    for element in found:
        is_root = element.getparent() is None or element.tag in ("html", "body", "main", "article")
        if not is_root and len(text_of(element)) <= most:
            _show_next_to(element)
            element.drop_tree()
    for element in [*tree.iter("sup")]:
        _raise(element)


def text_without(element: HtmlElement) -> str:
    """Returns the text of an element as ``remove`` leaves it; the element is not changed."""
    if len(element):
        element = deepcopy(element)
        element.tail = None
        remove(element)
    return without_note_marks(text_of(element))


def _is_extra(element: HtmlElement, hidden: frozenset[str]) -> bool:
    if element.tag in UNPRINTED_TAGS:
        return True
    names = _names(element) if element.attrib else ""
    if _may_be_reference(element, names) and _is_note_reference(element, names):
        return True
    return bool(element.attrib) and (
        _is_tooltip(element, names) or _is_unseen(element, names, hidden)
    )


def _names(element: HtmlElement) -> str:
    """Returns the names that a page gives an element, words separated by one dash or space."""
    given = (element.get(name) for name in NAME_ATTRIBUTES)
    return re.sub(r"[-_]+", "-", CAMEL.sub("-", " ".join(filter(None, given))))


def _may_be_reference(element: HtmlElement, names: str) -> bool:
    is_inline = element.tag in INLINE_TAGS or "-" in str(element.tag)
    return element.tag in ("sup", "a") or (is_inline and bool(NOTE_NAME.search(names)))


def _is_note_reference(element: HtmlElement, names: str) -> bool:
    is_in_text = next(element.iterancestors(*PARAGRAPHS), None) is not None
    if is_in_text and WHOLE_NOTE.search(names):
        return True
    text = text_of(element)
    if CERTAIN_MARK.fullmatch(text):
        return element.tag != "a" or "#" in element.get("href", "")
    if len(text) > MARK_CHARS or not NOTE_MARK.fullmatch(text):
        return False
    if NOTE_NAME.search(names) or NOTE_TARGET.search(element.get("href", "")):
        return True
    return element.tag == "sup" and (_is_linked(element, text) or _is_letter(element, text))


def _is_linked(element: HtmlElement, text: str) -> bool:
    """Whether the text of a <sup>, and it alone, is a link."""
    around = next(element.iterancestors("a"), None)
    links = list(islice(element.iter("a"), FEW_LINKS))
    if around is not None and sum(1 for _ in islice(around.iter(), FEW_LINKS + 1)) <= FEW_LINKS:
        links.append(around)
    return any(text_of(link) == text for link in links)


def _is_letter(element: HtmlElement, text: str) -> bool:
    """Whether a <sup> is one small letter after a long word, which no abbreviation has."""
    previous, parent = element.getprevious(), element.getparent()
    before = previous.tail if previous is not None else None if parent is None else parent.text
    return text in "abcdefghijk" and bool(re.search(r"[^\W\d_]{5}[.,;:]?$", (before or "")[-6:]))


def _is_tooltip(element: HtmlElement, names: str) -> bool:
    if element.get("role") == "tooltip" or "popover" in element.attrib:
        return True
    if TOOLTIP_CONTENT.search(names):
        return True
    if not TOOLTIP.search(names) or TRIGGER.search(names):
        return False
    if any(EXPLAINED.fullmatch(str(name)[:NAME_CHARS]) for name in element.attrib):
        return False
    within = [_names(inner) for inner in element.iterdescendants(etree.Element) if inner.attrib]
    return not any(TOOLTIP.search(name) or TOOLTIP_CONTENT.search(name) for name in within)


def _is_unseen(element: HtmlElement, names: str, hidden: frozenset[str]) -> bool:
    style = element.get("style", "").lower().replace(" ", "")
    if SCREEN_READER.search(names) or OFF_SCREEN.search(style):
        return True
    if element.tag in INLINE_TAGS and (NOT_SHOWN.search(style) or "hidden" in element.attrib):
        return True
    if not hidden:
        return False
    own = {f".{name}" for name in element.get("class", "").split()} | {f"#{element.get('id')}"}
    return not own.isdisjoint(hidden)


def _show_next_to(element: HtmlElement) -> None:
    """Keep the printed form of a text that screen readers get in another form beside it."""
    for other in (element.getprevious(), element.getnext()):
        if other is not None and other.get("aria-hidden") == "true" and other.tag in INLINE_TAGS:
            del other.attrib["aria-hidden"]


def _hidden_by_sheets(tree: HtmlElement) -> frozenset[str]:
    """Returns the classes and ids whose text the page's own style sheets put off the screen."""
    return frozenset(name for sheet in tree.iter("style") for name in _hidden_by(sheet.text or ""))


def _hidden_by(sheet: str) -> Iterator[str]:
    if not SHEET_HINT.search(sheet) or len(sheet) > SHEET_CHARS:
        return
    for selectors, declarations in RULE.findall(AT_BLOCK.sub("", sheet)):
        if OFF_SCREEN.search("".join(declarations.lower().split())):
            found = (SIMPLE.fullmatch(selector.strip()) for selector in selectors.split(","))
            yield from (match[1] for match in found if match)


# ---------------------------------------------------------------- superscript numbers

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
TO_SUPERSCRIPT = str.maketrans("0123456789", _SUPERSCRIPTS)
FROM_SUPERSCRIPT = str.maketrans(_SUPERSCRIPTS, "0123456789")
RAISED = re.compile(r"\d{1,3}(?:\s*[,–-]\s*\d{1,3})*")
FRACTION = re.compile(r"\s*[/⁄]")
SUPERSCRIPT = re.compile(
    rf"(?<![^\s{_SUPERSCRIPTS}])(?P<before>[^\s{_SUPERSCRIPTS}]*+)"
    rf"(?P<mark>[{_SUPERSCRIPTS}]+(?:\s?[,–-]\s?[{_SUPERSCRIPTS}]+)*)(?P<after>(?=(.?.?.?)))"
)
BRACKETED = re.compile(r"(?<=[^\s\[(])(?:\[\d{1,3}\])+|\s\[\d{1,3}\](?=[.,;:!?]|$)")
"""References that are printed in brackets: "the line.[1]"."""
MEASURES = frozenset("mm cm dm km m ft in yd mi nm µm μm мм см дм км м s с".split())
SIGN = re.compile(r"\s?[=+−×·<>≈/⁄⁺⁻]")
"""What follows an exponent in a formula."""
ISOTOPE = re.compile(r"[A-Z][a-z]?(?![a-z])")
MINUTES = ("00", "15", "30", "45")
LONGEST_MEASURE = 40
"""Characters at the end of a word in which a measure is looked for."""
HOURS = 24
CENTS = 2
"""Digits of a price after the point."""


def _raise(element: HtmlElement) -> None:
    """Write the digits of a <sup> as superscript characters, unless they begin a fraction."""
    text = text_of(element)
    if len(element) == 0 and RAISED.fullmatch(text) and not FRACTION.match(element.tail or ""):
        element.text = text.translate(TO_SUPERSCRIPT)


def without_note_marks(text: str) -> str:
    """Returns a text without the numbers of notes: superscript ones, and [1] after a word.

    Exponents, measures (km²), isotopes, prices and times of day with raised digits stay.
    """
    if "[" in text:
        text = BRACKETED.sub("", text)
    return text if text.isascii() else SUPERSCRIPT.sub(_kept, text)


def _kept(found: re.Match[str]) -> str:
    """Returns a word with the superscript number at its end, or without it."""
    before, mark, after = found["before"], found["mark"], found[4]
    digits = mark.translate(FROM_SUPERSCRIPT)
    word = before.lstrip("([{\"'“‘«„")
    if before.endswith(("⁻", "⁺")) or SIGN.match(after):
        return found[0]
    if not word:
        return found[0] if ISOTOPE.match(after) else before
    if word[-1].isdecimal():
        return before + _after_digits(word, mark, digits)
    letters = re.search(r"[^\W\d_]*$", word[-LONGEST_MEASURE:])
    symbol = letters[0] if letters else ""
    is_measure = symbol in MEASURES or len(symbol) == 1 or "=" in word
    return found[0] if is_measure and mark in ("²", "³") else before


def _after_digits(word: str, mark: str, digits: str) -> str:
    """Returns what a raised number after a number is: an exponent, cents, minutes, or a note."""
    number = re.split(r"[×x·]", word)[-1]
    if number in ("2", "10") and digits.isdecimal() and digits != "1":
        return mark
    if len(digits) == CENTS and re.fullmatch(r"[$€£¥]\d[\d.,]*", word):
        return f".{digits}"
    is_hour = number.isdecimal() and int(number) <= HOURS
    return f":{digits}" if is_hour and digits in MINUTES else ""
