"""German: 250.000 and 1,3; "15. September", "15.30 Uhr", compounds as one word."""

from __future__ import annotations

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Numerals
from aligner.languages.rules import Rules

NUMERALS = Numerals(
    "de",
    endings=(("e", ("en", "er", "es", "em")),),
    hundreds=True,
    shorter=(("einhundert", "hundert"), ("eintausend", "tausend")),
)
MONTHS = (
    "januar februar märz april mai juni juli august september oktober november dezember".split()
)
LISTS = Lists(
    function=(
        "der die das den dem des ein eine einen einem einer eines und oder aber auch als an am "
        "auf aus bei beim bis da dass denn durch er es sie ich wir ihr für gegen hat haben "
        "hatte hatten im in ins ist sind war waren wird werden wurde wurden mit nach noch nur "
        "ob so sich sei seine sein über um unter vom von vor was wenn wer wie zu zum zur nicht"
    ),
    negations="nicht nie niemals nichts niemand kein keine keinen keinem keiner keines ohne",
    no_end="inkl evtl ggf Jh geb Sa So Mo Di Mi Do Fr",
)


def record() -> Language:
    rules = Rules(
        cardinals=NUMERALS.cardinals,
        ordinals=NUMERALS.ordinals,
        decimal=",.",
        thousands=".'’",
        point=("Komma", "Punkt"),
        to=("bis",),
        ordinal_stop=True,
        roman_anywhere=True,
        scales={
            "mio": ("Millionen", "Million"), "mrd": ("Milliarden", "Milliarde"),
            "tsd": ("tausend",), "millionen": ("Millionen",), "million": ("Million",),
            "milliarden": ("Milliarden",), "milliarde": ("Milliarde",), "tausend": ("tausend",),
        },
        money={
            "€": ("Euro",), "EUR": ("Euro",), "$": ("Dollar", "US-Dollar"),
            "US$": ("US-Dollar", "Dollar"), "USD": ("US-Dollar", "Dollar"), "£": ("Pfund",),
            "CHF": ("Franken", "Schweizer Franken"), "¥": ("Yen",), "₽": ("Rubel",),
        },
        units={
            "%": ("Prozent",), "‰": ("Promille",), "°c": ("Grad Celsius", "Grad"),
            "°": ("Grad",), "km": ("Kilometer", "Kilometern"), "m": ("Meter", "Metern"),
            "cm": ("Zentimeter", "Zentimetern"), "mm": ("Millimeter",), "kg": ("Kilogramm", "Kilo"),
            "g": ("Gramm",), "t": ("Tonnen",), "l": ("Liter",), "km²": ("Quadratkilometer",),
            "m²": ("Quadratmeter",), "km/h": ("Kilometer pro Stunde", "Stundenkilometer", "km h"),
            "ha": ("Hektar",), "mw": ("Megawatt",), "kwh": ("Kilowattstunden",),
        },
        signs={
            "&": ("und",), "%": ("Prozent",), "+": ("plus",), "=": ("gleich",), "@": ("at", "ät"),
            "§": ("Paragraph", "Paragraf"), "#": ("Hashtag",), ".": ("Punkt",),
            "/": ("Schrägstrich",), "-": ("Bindestrich",),
        },
        abbreviations={
            "dr": ("Doktor",), "prof": ("Professor",), "st": ("Sankt",), "hl": ("heilige",),
            "zb": ("zum Beispiel",), "dh": ("das heißt",), "ua": ("unter anderem",),
            "bzw": ("beziehungsweise",), "ca": ("circa", "zirka"), "usw": ("und so weiter",),
            "etc": ("et cetera",), "vgl": ("vergleiche",), "mio": ("Millionen",),
            "mrd": ("Milliarden",), "gen": ("General",), "vchr": ("vor Christus",),
            "nchr": ("nach Christus",), "sog": ("sogenannte", "sogenannten"), "str": ("Straße",),
            "eu": ("EU", "Europäische Union"), "un": ("UN", "Vereinten Nationen"),
        },
        bare=frozenset("dr prof bzw ca usw etc".split()),
        numbering={"nr": ("Nummer",), "#": ("Nummer",), "§": ("Paragraph",), "s": ("Seite",)},
        months=frozenset(MONTHS),
        dates=tuple(MONTHS),
        day_patterns=("der {}", "den {}"),
        clock_words=frozenset(["uhr"]),
        hour=("Uhr",),
    )  # fmt: skip
    return compose("de", rules, NUMERALS, LISTS)
