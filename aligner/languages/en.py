"""English: numbers, dates, money and abbreviations as they are said."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jellyfish

from aligner.languages.base import Language, default, normalise
from aligner.languages.numerals import (
    YEARS,
    Readings,
    Words,
    digit_by_digit,
    is_counted,
    spell,
    unique,
    without,
)
from aligner.languages.rules import Rules
from aligner.languages.tokens import Found, Token, complete, on
from aligner.languages.verbalizer import reader

SPELLINGS = Path(__file__).with_name("english_spellings.json")
"""A table of 1,739 words."""
MONTH_NAMES = (
    "january february march april may june july august september october november december".split()
)
MONTHS = frozenset([*MONTH_NAMES, *"jan feb mar apr jun jul aug sept sep oct nov dec".split()])
DAYS = {
    "first": "one", "second": "two", "third": "three", "fourth": "four", "fifth": "five",
    "sixth": "six", "seventh": "seven", "eighth": "eight", "ninth": "nine", "tenth": "ten",
    "eleventh": "eleven", "twelfth": "twelve", "thirteenth": "thirteen", "twentieth": "twenty",
    "fourteenth": "fourteen", "fifteenth": "fifteen", "sixteenth": "sixteen",
    "seventeenth": "seventeen", "eighteenth": "eighteen", "nineteenth": "nineteen",
    "thirtieth": "thirty",
}  # fmt: skip
"""The day after a month: "September 15", "15th" and "fifteenth" are one."""
MONEY = {
    "$": ("dollars", "dollar"), "US$": ("u s dollars", "dollars", "dollar"),
    "A$": ("australian dollars", "dollars"), "C$": ("canadian dollars", "dollars"),
    "HK$": ("hong kong dollars", "dollars"), "£": ("pounds", "pound"), "€": ("euros", "euro"),
    "¥": ("yen", "yuan"), "₽": ("rubles", "ruble"), "₹": ("rupees", "rupee"),
    "₴": ("hryvnias", "hryvnia"), "₺": ("lira", "liras"), "₩": ("won",), "₪": ("shekels", "shekel"),
    "USD": ("u s dollars", "dollars"), "EUR": ("euros",), "GBP": ("pounds",),
}  # fmt: skip
CENTS = {"$": "cents", "US$": "cents", "€": "cents", "£": "pence"}
SCALES = {
    "k": ("thousand",), "m": ("million",), "mn": ("million",), "b": ("billion",),
    "bn": ("billion",), "tn": ("trillion",), "hundred": ("hundred",), "thousand": ("thousand",),
    "million": ("million",), "billion": ("billion",), "trillion": ("trillion",),
}  # fmt: skip
UNITS = {
    "%": ("percent", "per cent"), "‰": ("per thousand", "per mille"),
    "°C": ("degrees celsius", "degrees", "degrees centigrade", "celsius",
        "degree celsius"),
    "°F": ("degrees fahrenheit", "degrees", "fahrenheit", "degree fahrenheit"),
    "°": ("degrees", "degree"),
    "km": ("kilometers", "kilometer", "k m", "k"), "cm": ("centimeters", "centimeter"),
    "mm": ("millimeters", "millimeter"), "m": ("meters", "meter"), "kg": ("kilograms", "kilogram"),
    "g": ("grams", "gram"), "mg": ("milligrams", "milligram"), "lb": ("pounds", "pound"),
    "lbs": ("pounds",), "oz": ("ounces", "ounce"), "ft": ("feet", "foot"),
    "mi": ("miles", "mile"), "km/h": ("kilometers per hour", "kilometers an hour"),
    "kph": ("kilometers per hour", "kilometers an hour"), "kmh": ("kilometers per hour",),
    "mph": ("miles per hour", "miles an hour"), "m/s": ("meters per second", "meters a second"),
    "km²": ("square kilometers",), "m²": ("square meters",), "m³": ("cubic meters",),
    "ha": ("hectares", "hectare"), "gw": ("gigawatts",), "mw": ("megawatts",),
    "kw": ("kilowatts",), "kwh": ("kilowatt hours",), "hz": ("hertz",), "ghz": ("gigahertz",),
    "gb": ("gigabytes",), "mb": ("megabytes",), "tb": ("terabytes",), "hrs": ("hours",),
    "min": ("minutes", "minute"), "sec": ("seconds", "second"), "x": ("times", "x"),
    "cc": ("c c", "cubic centimeters"),
}  # fmt: skip
SIGNS = {
    "&": ("and",), "%": ("percent", "per cent"), "+": ("plus",), "=": ("equals", "is"),
    "@": ("at",), "§": ("section",), "§§": ("sections",), "#": ("hashtag", "number", "pound"),
    "№": ("number",), ".": ("dot",), "/": ("slash",), "_": ("underscore",), "-": ("dash",),
    ":": ("colon",),
}  # fmt: skip
NUMBERING = {"no": ("number",), "nos": ("numbers",), "#": ("number", "hashtag"), "№": ("number",)}

ABBREVIATIONS = {
    "dr": ("doctor", "drive"), "drs": ("doctors",), "mr": ("mister",), "mrs": ("missus", "misses"),
    "messrs": ("messers",), "gen": ("general",), "gens": ("generals",), "sen": ("senator",),
    "sens": ("senators",), "rep": ("representative",), "reps": ("representatives",),
    "gov": ("governor",), "govs": ("governors",), "pres": ("president",), "lt": ("lieutenant",),
    "col": ("colonel",), "maj": ("major",), "cmdr": ("commander",), "adm": ("admiral",),
    "cpl": ("corporal",), "pvt": ("private",), "sgt": ("sergeant",), "capt": ("captain",),
    "prof": ("professor",), "rev": ("reverend", "the reverend"), "hon": ("honorable",),
    "st": ("saint", "street"), "mt": ("mount", "mountain"), "ft": ("fort", "feet"),
    "jr": ("junior",), "sr": ("senior",), "vs": ("versus", "v"), "v": ("versus",),
    "dept": ("department",), "govt": ("government",), "intl": ("international",),
    "assn": ("association",), "inc": ("inc", "incorporated"), "corp": ("corp", "corporation"),
    "ltd": ("limited",), "co": ("co", "company"), "bros": ("brothers",), "ave": ("avenue",),
    "blvd": ("boulevard",), "rd": ("road",), "etc": ("et cetera", "and so on"),
    "eg": ("e g", "for example"), "ie": ("i e", "that is"), "approx": ("approximately",),
    "est": ("established", "estimated", "eastern standard time"), "al": ("al", "alabama"),
    "am": ("am", "a m"), "pm": ("pm", "p m"), "un": ("un", "united nations"),
    "us": ("us", "united states"), "uk": ("uk", "united kingdom"), "eu": ("eu", "european union"),
    "mph": ("miles per hour", "miles an hour"), "isil": ("isil", "isis"),
    "jan": ("january",), "feb": ("february",), "mar": ("march",), "apr": ("april",),
    "jun": ("june",), "jul": ("july",), "aug": ("august",), "sept": ("september",),
    "sep": ("september",), "oct": ("october",), "nov": ("november",), "dec": ("december",),
    "mon": ("monday",), "tue": ("tuesday",), "tues": ("tuesday",), "wed": ("wednesday",),
    "thu": ("thursday",), "thurs": ("thursday",), "fri": ("friday",), "sat": ("saturday",),
    "sun": ("sunday",),
    "ala": ("alabama",), "ariz": ("arizona",), "ark": ("arkansas",), "calif": ("california",),
    "colo": ("colorado",), "conn": ("connecticut",), "del": ("delaware",), "fla": ("florida",),
    "ga": ("georgia",), "ill": ("illinois",), "ind": ("indiana",), "kan": ("kansas",),
    "ky": ("kentucky",), "la": ("louisiana",), "md": ("maryland",), "mass": ("massachusetts",),
    "mich": ("michigan",), "minn": ("minnesota",), "miss": ("mississippi",), "mo": ("missouri",),
    "mont": ("montana",), "neb": ("nebraska",), "nev": ("nevada",), "nh": ("new hampshire",),
    "nj": ("new jersey",), "nm": ("new mexico",), "ny": ("new york",), "nc": ("north carolina",),
    "nd": ("north dakota",), "okla": ("oklahoma",), "ore": ("oregon",), "pa": ("pennsylvania",),
    "ri": ("rhode island",), "sc": ("south carolina",), "sd": ("south dakota",),
    "tenn": ("tennessee",), "vt": ("vermont",), "va": ("virginia",), "wash": ("washington",),
    "wva": ("west virginia",), "wis": ("wisconsin",), "wyo": ("wyoming",),
}  # fmt: skip
"""Only where a full stop follows, except for the unambiguous ones (``BARE``)."""
BARE = frozenset("dr mr mrs vs mph lt sgt capt sept uk isil etc approx govt dept intl".split())
ENDING = frozenset("no am pm us uk un eu etc inc ltd co corp jr sr".split())
"""Abbreviations that often end a sentence."""

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


_FRACTIONS = {
    "1/2": "half", "1/3": "third", "2/3": "thirds", "1/4": "quarter", "3/4": "quarters",
}  # fmt: skip


def spellings() -> dict[str, str]:
    """British spelling -> American: the table that openai-whisper scores with, and ours."""
    known: dict[str, str] = json.loads(SPELLINGS.read_text(encoding="utf-8"))
    return {
        normalise(british): normalise(american) for british, american in known.items()
    } | VARIANTS


# ---------------------------------------------------------------- numbers


def number(value: int) -> Words:
    """A whole number -> its words, without "and"."""
    return without(spell(value, "en"), "and")


def cardinals(digits: str, grouped: bool) -> Readings:
    """Digits -> how they may be read; ``grouped``: 1,998 is no year."""
    if not is_counted(digits):
        one_by_one = digit_by_digit(digits, "en")
        return unique([one_by_one, ["o" if w == "zero" else w for w in one_by_one]])
    value = int(digits)
    plain = [number(value), spell(value, "en")]
    if grouped and len(digits) > 4:
        return unique(plain)
    pairs = _pairs(value) if value >= 100 else []
    if value in YEARS and not grouped:
        return unique([without(spell(value, "en", "year"), "and"), *plain, *pairs])
    one_by_one = digit_by_digit(digits, "en") if len(digits) > 2 else ()
    return unique([*plain, *pairs, one_by_one])


def _pairs(value: int) -> list[Words]:
    """2254 -> twenty-two fifty-four; 905 -> nine o five; 1500 -> fifteen hundred."""
    if value > 9999:
        return []
    head, tail = divmod(value, 100)
    if tail == 0:
        return [(*number(head), "hundred")] if head % 10 else []
    if tail < 10:
        ohs = [(*number(head), oh, *number(tail)) for oh in ("o", "oh")]
        return [*ohs, (*number(head), "hundred", *number(tail))] if head % 10 else []
    return [(*number(head), *number(tail)), (*number(head), "hundred", *number(tail))]


def ordinals(value: int) -> Readings:
    """A rank -> its words: 23 -> twenty third."""
    spelt = spell(value, "en", "ordinal")
    return unique([without(spelt, "and"), spelt])


def sums(whole: str, decimals: str, sign: str) -> Readings:
    """$4.50 -> four dollars fifty cents, four dollars and fifty cents, four fifty."""
    big, small = number(int(whole)), number(int(decimals))
    unit = normalise(MONEY[sign][int(whole) == 1 and len(MONEY[sign]) > 1])
    cents = CENTS.get(sign, "cents")
    if not int(decimals):
        return unique([(*big, unit)])
    long = [(*big, unit, *between, *small, cents) for between in ((), ("and",))]
    return unique([*long, (*big, unit, *small), (*big, *small)])


def hours(hour: str, minute: str) -> Readings:
    """3:17 -> three seventeen, seventeen minutes past three, seventeen past three."""
    first, last = number(int(hour)), number(int(minute))
    if not int(minute):
        return unique([first, (*first, "oclock"), (*first, "hundred hours")])
    if int(minute) < 10:
        short = [(*first, oh, *last) for oh in ("o", "oh", "zero")]
    else:
        short = [(*first, *last)]
    return unique([*short, (*last, "minutes", "past", *first), (*last, "past", *first)])


def slashed(numbers: list[str]) -> Readings:
    """1/2 -> half; 3/5 -> three fifths; 9/11 -> nine eleven, September eleventh."""
    text = "/".join(numbers)
    plain = tuple(word for n in numbers for word in cardinals(n, False)[0])
    found: list[Words] = []
    if name := _FRACTIONS.get(text):
        top = number(int(numbers[0]))
        found += [(name,), ("a", name)] * (name in ("half", "third", "quarter"))
        found.append((*top, name))
    found.append(plain)
    if len(numbers) == 2:
        a, b = (int(n) for n in numbers)
        if 0 < a < b < 100 and not name:
            end = ordinals(b)[0]
            found.append((*number(a), *end[:-1], end[-1] + "s" * (a > 1)))
        between = ("slash", "out of", "of", "over", "to")
        found += [(*number(a), *way.split(), *number(b)) for way in between]
    return unique([*found, *_dates(numbers)])


def _dates(numbers: list[str]) -> list[Words]:
    """9/11/2001 -> September eleventh two thousand one."""
    month, day = int(numbers[0]), int(numbers[1])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return []
    year = cardinals(numbers[2], False)[0] if len(numbers) > 2 else ()
    return [(MONTH_NAMES[month - 1], *way, *year) for way in (number(day), ordinals(day)[0])]


def _spelt_day(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """A day in words after its month is the number: September fifteenth, March twenty-third."""
    named = [normalise(token.text) for token in tokens[max(0, at - 2) : at + 1]]
    if named[-1] not in DAYS:
        return None
    before = named[-2] if len(named) > 1 else ""
    if before in ("twenty", "thirty") and len(named) > 2:
        before = named[-3]
    if before not in rules.months:
        return None
    return 1, [on(tokens[at], [DAYS[named[-1]]]), on(tokens[at], [named[-1]])]


def _date(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """September 15: also the fifteenth of September."""
    month = tokens[at]
    day = tokens[at + 1] if at + 1 < len(tokens) else None
    if not day or normalise(month.text) not in rules.months or (month.closed and not month.stop):
        return None
    match = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", day.text)
    if not match or not 1 <= int(match[1]) <= 31:
        return None
    name = next(iter(rules.abbreviations.get(normalise(month.text), (normalise(month.text),))))
    number, ranks = cardinals(match[1], True)[0], ordinals(int(match[1]))[0]
    after = [on(day, way) for way in (number, ranks, ("the", *ranks), ("the", *number))]
    before = [("the", *ranks, "of", name), (*ranks, "of", name), (*number, name)]
    words = [month.word, day.word]
    return 2, (
        *(on(month, [name]) + way for way in after),
        *(complete(on(month, way), words) for way in before),
    )


def rules() -> Rules:
    """How English reads what is not plain words."""
    return Rules(
        cardinals=cardinals,
        ordinals=ordinals,
        minus=("minus", "negative"),
        to=("to", "through", "and"),
        rank_marks="st|nd|rd|th",
        day_patterns=("the {}", "the {} of", "{} of"),
        scales=SCALES,
        money=MONEY,
        units=UNITS,
        signs=SIGNS,
        abbreviations=ABBREVIATIONS,
        small_abbreviations=False,
        bare=BARE,
        numbering=NUMBERING,
        months=MONTHS,
        before_roman=frozenset("chapter part war volume act book phase type section title".split()),
        space_groups=False,
        plural="s",
        possessive=True,
        clock=re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})"),
        clock_words=frozenset(["am", "pm"]),
        variants=spellings(),
        sums=sums,
        hours=hours,
        slashed=slashed,
    )


def record() -> Language:
    """English: two ways to write many words, years in pairs, days before or after their month."""
    return replace(
        default("en"),
        read=reader(rules(), _spelt_day, _date),
        sound=jellyfish.metaphone,
        function_words=FUNCTION_WORDS,
        protected=NEGATIONS | NUMBER_WORDS,
        abbreviations=frozenset(ABBREVIATIONS) - ENDING,
        numbering=frozenset(NUMBERING),
    )
