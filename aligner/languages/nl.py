"""Dutch: 250.000 and 1,3; "15.30 uur", compounds as one word, 't and 's."""

from __future__ import annotations

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Numerals
from aligner.languages.rules import Rules

NUMERALS = Numerals("nl", hundreds=True)
MONTHS = (
    "januari februari maart april mei juni juli augustus september oktober november december"
).split()
LISTS = Lists(
    function=(
        "de het een en of maar dat die dit deze van in op te aan met voor door over bij naar uit "
        "om als dan ook nog wel er is zijn was waren wordt worden werd werden heeft hebben had "
        "hadden hij zij ze we wij ik je u zich zijn haar hun niet geen meer onder tegen tot"
    ),
    negations="niet nooit niets niemand geen zonder",
    no_end="jan feb mrt apr jun jul aug sept okt nov dec blz tel",
)


def record() -> Language:
    rules = Rules(
        cardinals=NUMERALS.cardinals,
        ordinals=NUMERALS.ordinals,
        decimal=",.",
        thousands=".",
        point=("komma", "punt"),
        to=("tot",),
        roman_anywhere=True,
        rank_marks="ste|de|e",
        scales={
            "mln": ("miljoen",), "mld": ("miljard",), "miljoen": ("miljoen",),
            "miljard": ("miljard",), "duizend": ("duizend",),
        },
        money={
            "€": ("euro",), "EUR": ("euro",), "$": ("dollar", "Amerikaanse dollar"),
            "US$": ("dollar",), "USD": ("dollar",), "£": ("pond",), "¥": ("yen",),
            "₽": ("roebel",),
        },
        units={
            "%": ("procent",), "‰": ("promille",), "°c": ("graden", "graden Celsius"),
            "°": ("graden", "graad"), "km": ("kilometer",), "m": ("meter",),
            "cm": ("centimeter",), "mm": ("millimeter",), "kg": ("kilo", "kilogram"),
            "g": ("gram",), "t": ("ton",), "l": ("liter",), "km²": ("vierkante kilometer",),
            "m²": ("vierkante meter",), "km/h": ("kilometer per uur",),
            "km/u": ("kilometer per uur",), "ha": ("hectare",), "mw": ("megawatt",),
        },
        signs={
            "&": ("en",), "%": ("procent",), "+": ("plus",), "=": ("is",), "@": ("apenstaartje",),
            "§": ("paragraaf",), "#": ("hashtag",), ".": ("punt",), "/": ("schuine streep",),
            "-": ("streepje",),
        },
        abbreviations={
            "dr": ("doctor", "dokter"), "drs": ("doctorandus",), "prof": ("professor",),
            "mr": ("meester",), "ir": ("ingenieur",), "dhr": ("de heer", "heer"),
            "mevr": ("mevrouw",), "mw": ("mevrouw",), "gen": ("generaal",), "st": ("Sint",),
            "bijv": ("bijvoorbeeld",), "bv": ("bijvoorbeeld",), "enz": ("enzovoort",),
            "etc": ("et cetera",), "ca": ("circa",), "dwz": ("dat wil zeggen",),
            "oa": ("onder andere", "onder meer"), "mln": ("miljoen",), "mld": ("miljard",),
            "vs": ("VS", "Verenigde Staten"), "vn": ("VN", "Verenigde Naties"),
            "eu": ("EU", "Europese Unie"),
        },
        bare=frozenset("dr prof dhr mevr vs vn eu etc".split()),
        numbering={"nr": ("nummer",), "no": ("nummer",), "#": ("nummer",)},
        months=frozenset(MONTHS),
        dates=tuple(MONTHS),
        clock_words=frozenset(["uur"]),
        hour=("uur",),
    )  # fmt: skip
    return compose("nl", rules, NUMERALS, LISTS)
