"""French: 250 000 and 1,3; "15h30", "1er", "XVIIIe", elisions (l', d', qu')."""

from __future__ import annotations

import re

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Numerals
from aligner.languages.rules import Rules

NUMERALS = Numerals(
    "fr",
    also=("fr_BE", "fr_CH"),
    small="et",
    endings=(("ier", ("ière",)), ("premier", ("premiere",))),
)
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)
LISTS = Lists(
    function=(
        "le la les l un une des du de d au aux et ou mais donc or ni car que qu qui quoi dont "
        "où ce cet cette ces c il elle ils elles on nous vous je j tu se s en y ne n pas plus à "
        "dans par pour sur sous avec sans chez entre vers est sont était étaient a ont avait "
        "avaient été être avoir son sa ses leur leurs mon ma mes notre nos votre vos si comme "
        "aussi"
    ),
    negations="ne n pas non jamais rien personne aucun aucune ni sans",
    no_end="av apr env tél janv févr juil sept oct nov déc",
)


def record() -> Language:
    rules = Rules(
        cardinals=NUMERALS.cardinals,
        ordinals=NUMERALS.ordinals,
        decimal=",.",
        thousands=".",
        point=("virgule", "point"),
        to=("à",),
        roman_anywhere=True,
        rank_marks="ers?|res?|ères?|e|è|èmes?|es",
        scales={
            "md": ("milliards", "milliard"), "mds": ("milliards",), "mrd": ("milliards",),
            "m": ("millions", "million"), "k": ("mille",), "millions": ("millions",),
            "million": ("million",), "milliards": ("milliards",), "milliard": ("milliard",),
            "mille": ("mille",),
        },
        money={
            "€": ("euros", "euro", "d'euros"), "EUR": ("euros",), "$": ("dollars", "dollar"),
            "US$": ("dollars américains", "dollars"), "USD": ("dollars américains", "dollars"),
            "£": ("livres", "livres sterling"), "¥": ("yens", "yen"), "₽": ("roubles",),
            "FCFA": ("francs CFA",),
        },
        units={
            "%": ("pour cent", "pourcent"), "‰": ("pour mille",),
            "°c": ("degrés", "degrés Celsius"),
            "°": ("degrés", "degré"), "km": ("kilomètres", "kilomètre"), "m": ("mètres", "mètre"),
            "cm": ("centimètres",), "mm": ("millimètres",), "kg": ("kilos", "kilogrammes", "kilo"),
            "g": ("grammes",), "t": ("tonnes",), "l": ("litres",), "h": ("heures", "heure"),
            "min": ("minutes",), "km²": ("kilomètres carrés",), "m²": ("mètres carrés",),
            "km/h": ("kilomètres heure", "kilomètres à l'heure", "kilomètres par heure"),
            "ha": ("hectares",), "mw": ("mégawatts",),
        },
        signs={
            "&": ("et",), "%": ("pour cent",), "+": ("plus",), "=": ("égale",),
            "@": ("arobase",), "§": ("paragraphe",), "#": ("hashtag", "dièse"), ".": ("point",),
            "/": ("slash",), "-": ("tiret",),
        },
        abbreviations={
            "m": ("monsieur",), "mm": ("messieurs",), "mme": ("madame",), "mmes": ("mesdames",),
            "mlle": ("mademoiselle",), "dr": ("docteur",), "pr": ("professeur",),
            "me": ("maître",), "mgr": ("monseigneur",), "st": ("saint",), "ste": ("sainte",),
            "gal": ("général",), "etc": ("et cetera",), "cad": ("c'est-à-dire",),
            "avjc": ("avant Jésus-Christ",), "bd": ("boulevard",), "av": ("avenue",),
            "onu": ("ONU", "Nations unies"), "ue": ("UE", "Union européenne"),
        },
        bare=frozenset("mme mmes mlle dr pr mgr etc st ste".split()),
        numbering={"n": ("numéro",), "no": ("numéro",), "nos": ("numéros",), "#": ("numéro",)},
        months=frozenset(MONTHS),
        dates=tuple(MONTHS),
        day_patterns=("le {}",),
        clock=re.compile(r"(?P<hour>\d{1,2})(?:h|:(?=\d))(?P<minute>\d{2})?", re.IGNORECASE),
        clock_words=frozenset(["heures"]),
        hour=("heures", "heure"),
        elided=frozenset("l d j m t s n c qu jusqu lorsqu puisqu quoiqu quelqu presqu".split()),
    )  # fmt: skip
    return compose("fr", rules, NUMERALS, LISTS)
