"""Spanish: 250.000 and 1,3 in Spain, the other way round in much of America."""

from __future__ import annotations

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Numerals
from aligner.languages.rules import Rules

NUMERALS = Numerals("es", endings=(("er", ("ero", "era")), ("o", ("a", "os", "as"))), small="y")
MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
).split()
LISTS = Lists(
    function=(
        "el la los las lo un una unos unas de del al a y e o u que en por para con sin sobre entre "
        "hasta desde se su sus le les me mi te tu nos es son era eran fue fueron ser ha han había "
        "haber como más pero si ya cuando donde quien cual este esta estos estas ese esa eso no"
    ),
    negations="no ni nunca jamás nada nadie ningún ninguno ninguna sin tampoco",
    no_end="pág tel ene feb mar abr jun jul ago sept oct nov dic",
)


def record() -> Language:
    rules = Rules(
        cardinals=NUMERALS.cardinals,
        ordinals=NUMERALS.ordinals,
        decimal=",.",
        thousands=".,",
        point=("coma", "punto", "con"),
        to=("a",),
        roman_anywhere=True,
        rank_marks="[ºª]|er|ro|ra|do|da|to|ta|vo|va|no|na|mo|ma",
        scales={
            "m": ("millones", "millón"), "mm": ("millones",), "mill": ("millones",),
            "millones": ("millones",), "millón": ("millón",), "mil": ("mil",),
            "billones": ("billones",),
        },
        money={
            "€": ("euros", "euro", "de euros"), "EUR": ("euros",),
            "$": ("dólares", "dólar", "pesos", "de dólares"), "US$": ("dólares", "de dólares"),
            "USD": ("dólares",), "£": ("libras",), "¥": ("yenes",), "₽": ("rublos",),
        },
        units={
            "%": ("por ciento", "porciento"), "‰": ("por mil",), "°c": ("grados", "grados Celsius"),
            "°": ("grados", "grado"), "ºc": ("grados", "grados centígrados"),
            "km": ("kilómetros", "kilómetro"), "m": ("metros", "metro"), "cm": ("centímetros",),
            "mm": ("milímetros",), "kg": ("kilos", "kilogramos"), "g": ("gramos",),
            "t": ("toneladas",), "l": ("litros",), "h": ("horas",), "min": ("minutos",),
            "km²": ("kilómetros cuadrados",), "m²": ("metros cuadrados",),
            "km/h": ("kilómetros por hora",), "ha": ("hectáreas",), "mw": ("megavatios",),
        },
        signs={
            "&": ("y",), "%": ("por ciento",), "+": ("más",), "=": ("igual",), "@": ("arroba",),
            "§": ("sección",), "#": ("hashtag", "numeral"), ".": ("punto",), "/": ("barra",),
            "-": ("guion",),
        },
        abbreviations={
            "sr": ("señor",), "sra": ("señora",), "srta": ("señorita",), "sres": ("señores",),
            "dr": ("doctor",), "dra": ("doctora",), "prof": ("profesor",), "gral": ("general",),
            "ing": ("ingeniero",), "lic": ("licenciado",), "ud": ("usted",), "uds": ("ustedes",),
            "sto": ("santo",), "sta": ("santa",), "avda": ("avenida",), "av": ("avenida",),
            "etc": ("etcétera",), "pej": ("por ejemplo",), "ac": ("antes de Cristo",),
            "dc": ("después de Cristo",), "eeuu": ("Estados Unidos", "EE UU"),
            "ee": ("EE", "Estados"), "uu": ("UU", "Unidos"),
            "onu": ("ONU", "Naciones Unidas"), "ue": ("UE", "Unión Europea"),
        },
        bare=frozenset("sr sra srta dr dra etc eeuu".split()),
        numbering={"n": ("número",), "nº": ("número",), "núm": ("número",), "num": ("número",),
                   "no": ("número",), "#": ("número",)},
        months=frozenset(MONTHS),
        dates=tuple(f"de {month}" for month in MONTHS),
    )  # fmt: skip
    return compose("es", rules, NUMERALS, LISTS)
