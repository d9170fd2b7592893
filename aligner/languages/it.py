"""Italian: 250.000 and 1,3; elisions (l', un', dell'); compounds as one word."""

from __future__ import annotations

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Numerals
from aligner.languages.rules import Rules

NUMERALS = Numerals("it", endings=(("o", ("a", "i", "e")),))
MONTHS = (
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
).split()
LISTS = Lists(
    function=(
        "il lo la i gli le l un uno una di del dello della dei degli delle dell a al allo alla ai "
        "agli alle all da dal dalla dai in nel nella nei nelle nell con su sul sulla per tra fra e "
        "ed o ma se che chi cui non è sono era erano ha hanno aveva si ci ne suo sua suoi come più "
        "anche questo questa quello quella quando dove"
    ),
    negations="non no né mai niente nulla nessuno nessuna senza",
    no_end="gen feb mar apr mag giu lug ago sett ott nov dic pag tel",
)


def record() -> Language:
    rules = Rules(
        cardinals=NUMERALS.cardinals,
        ordinals=NUMERALS.ordinals,
        decimal=",.",
        thousands=".'’",
        point=("virgola", "punto"),
        to=("a",),
        roman_anywhere=True,
        rank_marks="[ºª°]",
        scales={
            "mln": ("milioni", "milione"), "mld": ("miliardi", "miliardo"),
            "mrd": ("miliardi",), "milioni": ("milioni",), "milione": ("milione",),
            "miliardi": ("miliardi",), "miliardo": ("miliardo",), "mila": ("mila",),
        },
        money={
            "€": ("euro", "di euro"), "EUR": ("euro",), "$": ("dollari", "dollaro", "di dollari"),
            "US$": ("dollari",), "USD": ("dollari",), "£": ("sterline",), "¥": ("yen",),
            "₽": ("rubli",),
        },
        units={
            "%": ("per cento", "percento"), "‰": ("per mille",), "°c": ("gradi", "gradi Celsius"),
            "°": ("gradi", "grado"), "km": ("chilometri", "chilometro"), "m": ("metri", "metro"),
            "cm": ("centimetri",), "mm": ("millimetri",), "kg": ("chili", "chilogrammi", "chilo"),
            "g": ("grammi",), "t": ("tonnellate",), "l": ("litri",),
            "km²": ("chilometri quadrati",),
            "m²": ("metri quadrati", "metri quadri"),
            "km/h": ("chilometri orari", "chilometri all'ora"), "ha": ("ettari",),
            "mw": ("megawatt",),
        },
        signs={
            "&": ("e",), "%": ("per cento",), "+": ("più",), "=": ("uguale",),
            "@": ("chiocciola",), "§": ("paragrafo",), "#": ("hashtag",), ".": ("punto",),
            "/": ("barra",), "-": ("trattino",),
        },
        abbreviations={
            "sig": ("signor",), "sigra": ("signora",), "dott": ("dottor", "dottore"),
            "dottssa": ("dottoressa",), "prof": ("professor", "professore"),
            "avv": ("avvocato",), "ing": ("ingegner", "ingegnere"), "on": ("onorevole",),
            "gen": ("generale",), "mons": ("monsignor",), "s": ("san", "santo", "santa"),
            "ecc": ("eccetera",), "es": ("esempio",), "ac": ("avanti Cristo",),
            "dc": ("dopo Cristo",), "onu": ("ONU", "Nazioni Unite"),
            "ue": ("UE", "Unione Europea"),
        },
        bare=frozenset("dott prof sig ecc".split()),
        numbering={"n": ("numero",), "no": ("numero",), "nr": ("numero",), "#": ("numero",)},
        months=frozenset(MONTHS),
        dates=tuple(MONTHS),
        clock_words=frozenset(["ore"]),
        hour=("e",),
        elided=frozenset(
            "l un d c s m t v dell all dall nell sull coll quest quell gl bell sant anch dov "
            "cos com".split()
        ),
    )  # fmt: skip
    return compose("it", rules, NUMERALS, LISTS)
