"""English: numbers, dates, money and abbreviations as they are said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import jellyfish

from aligner.languages.base import Atom, Language, default, fold

MONTHS = frozenset(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sept sep oct nov dec".split()
)
SCALES = frozenset(["hundred", "thousand", "million", "billion", "trillion"])
SCALE_LETTERS = {
    "k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion",
    "tn": "trillion",
}  # fmt: skip
DAYS = {
    "first": "one", "second": "two", "third": "three", "fourth": "four", "fifth": "five",
    "sixth": "six", "seventh": "seven", "eighth": "eight", "ninth": "nine", "tenth": "ten",
    "eleventh": "eleven", "twelfth": "twelve", "thirteenth": "thirteen", "twentieth": "twenty",
    "fourteenth": "fourteen", "fifteenth": "fifteen", "sixteenth": "sixteen",
    "seventeenth": "seventeen", "eighteenth": "eighteen", "nineteenth": "nineteen",
    "thirtieth": "thirty",
}  # fmt: skip
"""The day after a month: "September 15", "15th" and "fifteenth" are one."""
MONEY = {"$": "dollars", "US$": "dollars", "£": "pounds", "€": "euros", "¥": "yen"}
SYMBOLS = {"&": "and", "%": "percent", "+": "plus", "=": "equals", "@": "at", "§": "section"}

ABBREVIATIONS = {
    "dr": "doctor", "mr": "mister", "mrs": "missus", "gen": "general", "sen": "senator",
    "rep": "representative", "gov": "governor", "lt": "lieutenant", "col": "colonel",
    "sgt": "sergeant", "capt": "captain", "prof": "professor", "rev": "reverend",
    "st": "saint", "jr": "junior", "sr": "senior", "vs": "versus", "no": "number",
    "jan": "january", "feb": "february", "mar": "march", "apr": "april", "jun": "june",
    "jul": "july", "aug": "august", "sept": "september", "sep": "september", "oct": "october",
    "nov": "november", "dec": "december", "ft": "feet", "mph": "miles per hour",
}  # fmt: skip
"""Only where a full stop follows, except for the unambiguous ones (``BARE``)."""
BARE = frozenset(["dr", "mr", "mrs", "vs", "mph", "lt", "sgt", "capt", "sept"])

VARIANTS = {"ok": "okay", "percents": "percent"}

NUMBER_WORDS = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand million billion trillion point first second third fourth fifth sixth "
    "seventh eighth ninth tenth half quarter dozen".split()
)
NEGATIONS = frozenset(
    "no not nor never none nothing nobody cannot cant wont dont doesnt didnt isnt arent wasnt "
    "werent hasnt havent hadnt wouldnt couldnt shouldnt mustnt without".split()
)
FUNCTION_WORDS = frozenset(
    "a an the and or but nor so yet if that this these those there it its he she they we you i him "
    "her them us me his their our your my of in on at to for from by with as into over under about "
    "after before between through during is are was were be been being am has have had do does "
    "did will would can could may might must shall should not no than then when where who whom "
    "which what how why also just more most some any all each other such only very up down out "
    "off".split()
)

_NUMBER = re.compile(
    r"(?P<money>US\$|[$£€¥])?"
    r"(?P<int>\d{1,3}(?:,\d{3})+|\d+)?(?:\.(?P<frac>\d+))?"
    r"(?P<tail>%|st|nd|rd|th|s|k|mn|bn|tn|m|b)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_EDGE = re.compile(r"^[^\w$£€¥&%+=@§]+|[^\w$£€¥&%+=@§]+$")
_PARTS = re.compile(r"[\s\-\u2010-\u2015\u2026/]+|(?<=\d)(?=[a-zA-Z]{4,})")


def number(value: int) -> list[str]:
    """A whole number -> its words, without "and"."""
    from num2words import num2words

    words = str(num2words(value)).replace("-", " ").replace(",", " ").split()
    return [word for word in words if word != "and"]


def year(value: int) -> list[str]:
    """A year -> its words: 1998 -> nineteen ninety eight, 2009 -> two thousand nine."""
    from num2words import num2words

    words = str(num2words(value, to="year")).replace("-", " ").split()
    return [word for word in words if word != "and"]


def ordinal(value: int) -> list[str]:
    """A rank -> its words: 23 -> twenty third."""
    from num2words import num2words

    words = str(num2words(value, to="ordinal")).replace("-", " ").replace(",", " ").split()
    return [word for word in words if word != "and"]


def say(words: Sequence[str]) -> tuple[Atom, ...]:
    """Printed words -> atoms, numbers and abbreviations as they are said."""
    atoms: list[Atom] = []
    pending: tuple[str, int] | None = None  # a currency waits for "billion"
    for index, word in enumerate(words):
        before = fold(words[index - 1]) if index else ""
        after = fold(words[index + 1]) if index + 1 < len(words) else ""
        if pending and fold(word) in SCALES:
            atoms.append(Atom(fold(word), index))
            atoms.append(Atom(pending[0], index))
            pending = None
            continue
        if pending:
            atoms.append(Atom(*pending))
            pending = None
        spoken, money = say_word(word, before)
        atoms += (Atom(text, index) for text in spoken)
        if money and after in SCALES:
            pending = (money, index)
        elif money:
            atoms.append(Atom(money, index))
    if pending:
        atoms.append(Atom(*pending))
    return tuple(_join_percent(atoms))


def say_word(word: str, before: str) -> tuple[list[str], str | None]:
    """A word and the folded one before it -> its atoms, and the currency that follows them."""
    bare = _EDGE.sub("", word)
    if bare in SYMBOLS:
        return [SYMBOLS[bare]], None
    if clock := _CLOCK.fullmatch(bare):
        return _say_clock(clock), None
    atoms: list[str] = []
    money: str | None = None
    for part in _PARTS.split(bare):
        said, currency = _say_part(_EDGE.sub("", part), before, followed_by_stop=word.endswith("."))
        atoms += said
        money = money or currency
        if not (before in MONTHS and fold(part) in ("twenty", "thirty")):
            before = fold(part)
    return atoms, money


def _say_part(part: str, before: str, followed_by_stop: bool) -> tuple[list[str], str | None]:
    match = _NUMBER.fullmatch(part)
    if match and (match["int"] or match["frac"]):
        money = MONEY.get((match["money"] or "").upper())
        return _say_number(match, before), money
    folded = fold(part)
    if not folded:
        return ([SYMBOLS[part]] if part in SYMBOLS else []), None
    if folded in ABBREVIATIONS and (folded in BARE or (followed_by_stop and part[:1].isupper())):
        return ABBREVIATIONS[folded].split(), None
    if before in MONTHS and folded in DAYS:
        return [DAYS[folded]], None
    return [VARIANTS.get(folded, folded)], None


def _say_number(match: re.Match[str], before: str) -> list[str]:
    digits = (match["int"] or "0").replace(",", "")
    tail = (match["tail"] or "").lower()
    if len(digits) > 15:
        return list(digits)
    value = int(digits)
    if match["frac"]:
        atoms = [*number(value), "point", *(number(int(d))[0] for d in match["frac"])]
    elif tail in ("st", "nd", "rd", "th"):
        atoms = number(value) if before in MONTHS else ordinal(value)
    elif "," not in (match["int"] or "") and 1100 <= value <= 2099 and not match["money"]:
        atoms = year(value)
    else:
        atoms = number(value)
    if tail == "%":
        atoms.append("percent")
    elif tail in SCALE_LETTERS:
        atoms.append(SCALE_LETTERS[tail])
    elif tail == "s":
        atoms[-1] = atoms[-1][:-1] + "ies" if atoms[-1].endswith("y") else atoms[-1] + "s"
    return atoms


def _say_clock(match: re.Match[str]) -> list[str]:
    hour, minute, second = match[1], match[2], match[3]
    atoms = number(int(hour))
    if minute != "00" or second:
        atoms += (["o"] if minute[0] == "0" else []) + number(int(minute))
    if second:
        atoms += number(int(second))
    return atoms


def _join_percent(atoms: list[Atom]) -> list[Atom]:
    """ "per cent" -> "percent"."""
    joined: list[Atom] = []
    for atom in atoms:
        if atom.text == "cent" and joined and joined[-1].text == "per":
            joined[-1] = Atom("percent", joined[-1].word)
        else:
            joined.append(atom)
    return joined


ENGLISH: Language = replace(
    default("en"),
    say=say,
    sound=jellyfish.metaphone,
    function_words=FUNCTION_WORDS,
    guarded=NEGATIONS | NUMBER_WORDS,
    abbreviations=frozenset(ABBREVIATIONS) - {"no"} | {"inc", "ltd", "co", "corp", "eg", "ie"},
)
