"""Makes the record of a language from its data file, ``records/CODE.toml``.

``months``              the months in order, as they are said after a day
``month_after_day``     what is said for a month after a day; "{}" stands for the month
``[words]``             lists of words separated by spaces: function words, negations (which never
                        replace a similar word), and abbreviations that have no reading
``[contrasts]``         lists of words that exclude each other; weekdays and months are known by ICU
``[numerals]``          the fields of ``Numerals``; absent where the language has its own functions
``[rules]``             the fields of ``Rules`` that are no functions
``[same_letters]``      letters that publishers and recognisers confuse, with their replacements
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aligner.languages.base import Language, default, normalise
from aligner.languages.numerals import Cardinals, Numerals, Ordinals, Readings, unique
from aligner.languages.rules import Rules, Ways
from aligner.languages.verbalizer import reader

FOLDER = Path(__file__).with_name("records")
WORD_SETS = ("before_roman", "clock_words", "elisions", "without_stop")
"""Fields of ``Rules`` that are sets of words."""


@dataclass(frozen=True, slots=True)
class LanguageData:
    """The contents of a data file."""

    function_words: tuple[str, ...]
    negations: tuple[str, ...]
    other_abbreviations: tuple[str, ...] = ()
    """Abbreviations without a reading, whose full stop ends no sentence."""
    contrasts: tuple[tuple[str, ...], ...] = ()
    """Sets of words that exclude each other."""
    rules: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of ``Rules``."""
    numerals: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of ``Numerals``."""
    same_letters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Functions:
    """What a language computes by functions of its own; None for the usual way."""

    cardinals: Cardinals | None = None
    ordinals: Ordinals | None = None
    letters: Callable[[str], str] | None = None
    """See ``Rules.letters``; None to replace the letters of ``[same_letters]``."""


def load(code: str) -> LanguageData:
    """Reads the data file of a language."""
    data = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    words = {name: tuple(text.split()) for name, text in data["words"].items()}
    rules = {name: _value(name, value) for name, value in data["rules"].items()}
    months = data.get("months", "").split()
    after_day = data.get("month_after_day", "{}")
    return LanguageData(
        words["function"],
        words["negations"],
        words.get("other_abbreviations", ()),
        tuple(tuple(text.split()) for text in data.get("contrasts", {}).values()),
        rules | {"months": frozenset(months), "dates": tuple(after_day.format(m) for m in months)},
        {name: _value(name, value) for name, value in data.get("numerals", {}).items()},
        data.get("same_letters", {}),
    )


def _value(name: str, value: Any) -> Any:
    """Converts a value of the file to that of the field with this name."""
    if name in WORD_SETS:
        return frozenset(value.split())
    if name == "variants" and isinstance(value, dict):
        return value
    if name in ("endings", "short_forms"):
        return tuple((key, _value("", ways)) for key, ways in value.items())
    if isinstance(value, dict):
        return {key: tuple(ways) for key, ways in value.items()}
    if isinstance(value, list):
        return tuple(tuple(one.items()) if isinstance(one, dict) else one for one in value)
    return value


def make_record(code: str, own: Functions | None = None) -> Language:
    """Makes the record of a language from its data file.

    ``own``: functions of the language in place of the usual ones.
    """
    data, own = load(code), own or Functions()
    numerals = Numerals(code, **data.numerals)
    replaced = str.maketrans(dict(data.same_letters))
    rules = _normalised(
        Rules(
            cardinals=own.cardinals or numerals.cardinals,
            ordinals=own.ordinals or numerals.ordinals,
            letters=own.letters or (lambda word: word.translate(replaced)),
            **data.rules,
        )
    )

    def tokens(words: tuple[str, ...]) -> frozenset[str]:
        return frozenset(token for word in words for token in rules.tokens(word))

    numbers = frozenset() if own.cardinals else numerals.number_words()
    return replace(
        default(code),
        read=reader(rules),
        function_words=tokens(data.function_words),
        protected=tokens(data.negations) | {rules.letters(word) for word in numbers},
        contrasts=tuple(tokens(words) for words in data.contrasts),
        abbreviations=frozenset(map(normalise, data.other_abbreviations))
        | frozenset(rules.abbreviations),
        numbering=frozenset(rules.numbering),
        ordinal_stop=rules.ordinal_stop,
        spellings=_spellings(rules),
    )


def _spellings(rules: Rules) -> dict[str, str]:
    """Returns the words of the tables by their spoken tokens, where one word is one token."""
    tables = (rules.scales, rules.money, rules.units, rules.signs, rules.abbreviations)
    ways = [way for table in (*tables, rules.numbering) for said in table.values() for way in said]
    words = " ".join((*ways, *rules.point, *rules.minus, *rules.to, *rules.dates)).split()
    spelt = ((rules.tokens(word), word.lower()) for word in words)
    return {tokens[0]: word for tokens, word in spelt if len(tokens) == 1}


def _normalised(rules: Rules) -> Rules:
    """Normalises the keys of the tables and the readings of numbers, as words are compared."""

    def keys(table: Ways) -> Ways:
        return {normalise(key) or key: ways for key, ways in table.items()}

    def readings(found: Readings) -> Readings:
        return unique((rules.letters(word) for word in words) for words in found)

    return replace(
        rules,
        cardinals=lambda digits, grouped: readings(rules.cardinals(digits, grouped)),
        ordinals=lambda value: readings(rules.ordinals(value)),
        abbreviations=keys(rules.abbreviations),
        without_stop=frozenset(map(normalise, rules.without_stop)),
        numbering=keys(rules.numbering),
        months=frozenset(map(normalise, rules.months)),
    )
