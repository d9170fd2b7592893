"""Portuguese of Portugal and Brazil: 250.000 and 1,3."""

from __future__ import annotations

import re

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Numerals
from aligner.languages.rules import Rules

NUMERALS = Numerals("pt", also=("pt_BR",), endings=(("o", ("a", "os", "as")),), small="e")
MONTHS = (
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
).split()
LISTS = Lists(
    function=(
        "o a os as um uma uns umas de do da dos das em no na nos nas ao aos à às por pelo pela "
        "para com sem sob sobre entre até e ou mas que se não é são era eram foi foram ser ter "
        "tem tinha há seu sua seus suas ele ela eles elas como mais também já quando onde quem "
        "qual este esta esse essa isso"
    ),
    negations="não nem nunca jamais nada ninguém nenhum nenhuma sem tampouco",
    no_end="pág tel jan fev mar abr jun jul ago set out nov dez",
)


def record() -> Language:
    rules = Rules(
        cardinals=NUMERALS.cardinals,
        ordinals=NUMERALS.ordinals,
        decimal=",.",
        thousands=".",
        point=("vírgula", "ponto"),
        to=("a",),
        roman_anywhere=True,
        rank_marks="[ºª°]",
        scales={
            "mi": ("milhões", "milhão"), "bi": ("bilhões", "mil milhões"),
            "milhões": ("milhões",), "milhão": ("milhão",), "bilhões": ("bilhões",),
            "bilhão": ("bilhão",), "mil": ("mil",),
        },
        money={
            "R$": ("reais", "real", "de reais"), "€": ("euros", "euro", "de euros"),
            "EUR": ("euros",), "$": ("dólares", "dólar", "de dólares"),
            "US$": ("dólares", "de dólares"), "USD": ("dólares",), "£": ("libras",),
            "¥": ("ienes",), "₽": ("rublos",),
        },
        units={
            "%": ("por cento",), "‰": ("por mil",), "°c": ("graus", "graus Celsius"),
            "ºc": ("graus", "graus Celsius"), "°": ("graus", "grau"),
            "km": ("quilômetros", "quilómetros", "quilômetro"), "m": ("metros", "metro"),
            "cm": ("centímetros",), "mm": ("milímetros",), "kg": ("quilos", "quilogramas"),
            "g": ("gramas",), "t": ("toneladas",), "l": ("litros",), "h": ("horas",),
            "min": ("minutos",), "km²": ("quilômetros quadrados", "quilómetros quadrados"),
            "m²": ("metros quadrados",), "km/h": ("quilômetros por hora", "quilómetros por hora"),
            "ha": ("hectares",), "mw": ("megawatts",),
        },
        signs={
            "&": ("e",), "%": ("por cento",), "+": ("mais",), "=": ("igual",), "@": ("arroba",),
            "§": ("parágrafo",), "#": ("hashtag",), ".": ("ponto",), "/": ("barra",),
            "-": ("hífen",),
        },
        abbreviations={
            "sr": ("senhor",), "sra": ("senhora",), "dr": ("doutor",), "dra": ("doutora",),
            "prof": ("professor",), "profa": ("professora",), "gen": ("general",),
            "eng": ("engenheiro",), "av": ("avenida",), "etc": ("et cetera",),
            "pex": ("por exemplo",), "ac": ("antes de Cristo",), "dc": ("depois de Cristo",),
            "eua": ("EUA", "Estados Unidos"), "onu": ("ONU", "Nações Unidas"),
            "ue": ("UE", "União Europeia"),
        },
        bare=frozenset("sr sra dr dra etc eua".split()),
        numbering={"n": ("número",), "nº": ("número",), "no": ("número",), "#": ("número",)},
        months=frozenset(MONTHS),
        dates=tuple(f"de {month}" for month in MONTHS),
        clock=re.compile(r"(?P<hour>\d{1,2})(?:h|:(?=\d))(?P<minute>\d{2})?", re.IGNORECASE),
        hour=("horas e", "e", "horas", "hora"),
    )  # fmt: skip
    return compose("pt", rules, NUMERALS, LISTS)
