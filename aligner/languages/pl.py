"""Polish: 250 000 and 1,3; years and days as ranks."""

from __future__ import annotations

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Numerals
from aligner.languages.rules import Rules

NUMERALS = Numerals(
    "pl",
    endings=(
        ("gi", ("giego", "gim", "ga", "gie", "giej")),
        ("ci", ("ciego", "cim", "cia", "cie", "ciej")),
        ("y", ("ego", "ym", "a", "e", "ej", "emu")),
    ),
    year_ranks=True,
    shorter=(("jeden", ""),),
)
MONTHS = (
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada "
    "grudnia"
).split()
LISTS = Lists(
    function=(
        "i w we nie na z ze się że do to o jest jak ale po od za przez dla a co czy tym tego "
        "ten ta te był była było byli być są oraz lub jego jej ich który która które którego po "
        "przed między pod nad także już gdy kiedy gdzie jeśli przy u"
    ),
    negations="nie nikt nic nigdy żaden żadna żadne żadnego bez ani",
    no_end="ul al pl godz wg tel",
)


def letters(folded: str) -> str:
    """ł has no accent to lose; it goes as the others do."""
    return folded.replace("ł", "l")


def record() -> Language:
    rules = Rules(
        cardinals=NUMERALS.cardinals,
        ordinals=NUMERALS.ordinals,
        decimal=",.",
        thousands=".",
        point=("przecinek", "i", "kropka"),
        to=("do",),
        roman_anywhere=True,
        ordinal_stop=True,
        scales={
            "mln": ("milionów", "miliony", "milion", "miliona"),
            "mld": ("miliardów", "miliardy", "miliard", "miliarda"),
            "tys": ("tysięcy", "tysiące", "tysiąc"), "milionów": ("milionów",),
            "miliony": ("miliony",), "milion": ("milion",), "miliardów": ("miliardów",),
            "miliarda": ("miliarda",), "tysięcy": ("tysięcy",), "tysiące": ("tysiące",),
        },
        money={
            "zł": ("złotych", "złote", "złoty"), "PLN": ("złotych",),
            "$": ("dolarów", "dolary", "dolar", "dolara"), "USD": ("dolarów",),
            "€": ("euro",), "EUR": ("euro",), "£": ("funtów", "funty"), "₽": ("rubli",),
        },
        units={
            "%": ("procent", "procenta", "procentów"), "‰": ("promila", "promili"),
            "°c": ("stopni", "stopnie", "stopni Celsjusza"), "°": ("stopni", "stopnie", "stopień"),
            "km": ("kilometrów", "kilometry", "kilometr", "kilometra"), "m": ("metrów", "metry"),
            "cm": ("centymetrów", "centymetry"), "mm": ("milimetrów",),
            "kg": ("kilogramów", "kilogramy", "kilo"), "g": ("gramów",), "t": ("ton", "tony"),
            "l": ("litrów", "litry"), "km/h": ("kilometrów na godzinę",),
            "ha": ("hektarów",), "km²": ("kilometrów kwadratowych",),
            "m²": ("metrów kwadratowych",),
        },
        signs={
            "&": ("i",), "%": ("procent",), "+": ("plus",), "=": ("równa się",), "@": ("małpa",),
            "§": ("paragraf",), "#": ("hasztag",), ".": ("kropka",), "/": ("ukośnik",),
            "-": ("myślnik",),
        },
        abbreviations={
            "dr": ("doktor",), "prof": ("profesor",), "gen": ("generał",), "płk": ("pułkownik",),
            "ks": ("ksiądz",), "św": ("święty", "świętego", "święta"), "inż": ("inżynier",),
            "mgr": ("magister",), "r": ("roku", "rok"), "np": ("na przykład",),
            "tj": ("to jest",), "tzn": ("to znaczy",), "tzw": ("tak zwany", "tak zwana"),
            "itd": ("i tak dalej",), "itp": ("i tym podobne",), "ok": ("około",),
            "tys": ("tysięcy",), "mln": ("milionów",), "mld": ("miliardów",), "m": ("między",),
            "im": ("imienia",), "usa": ("USA", "Stany Zjednoczone", "Stanów Zjednoczonych"),
            "onz": ("ONZ",), "ue": ("UE", "Unia Europejska", "Unii Europejskiej"),
        },
        bare=frozenset("dr prof gen mln mld usa onz ue np".split()),
        numbering={"nr": ("numer",), "#": ("numer",)},
        months=frozenset(MONTHS),
        dates=tuple(MONTHS),
        letters=letters,
    )  # fmt: skip
    return compose("pl", rules, NUMERALS, LISTS)
