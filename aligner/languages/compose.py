"""Makes the record of a language that num2words knows from rules, numerals and word lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from aligner.languages.base import Language, default, normalise
from aligner.languages.numerals import Numerals, Readings, unique
from aligner.languages.rules import Rules, Ways
from aligner.languages.verbalizer import reader


@dataclass(frozen=True, slots=True)
class Lists:
    """Word lists of one language, separated by spaces."""

    function: str
    """Words that say little of what a text is about."""
    negations: str
    """Words that never replace a similar one."""
    no_end: str = ""
    """Further abbreviations whose full stop ends no sentence."""


def compose(
    code: str,
    rules: Rules,
    numerals: Numerals | None,
    lists: Lists,
    sound: Callable[[str], str] = str,
) -> Language:
    """Makes the record of a language; ``sound`` returns the phonetic key of a spoken token."""
    rules = _normalised(rules)

    def folded(words: str) -> frozenset[str]:
        return frozenset(atom for word in words.split() for atom in rules.atoms(word))

    numbers = numerals.number_words() if numerals else frozenset[str]()
    short = frozenset(normalise(word) for word in lists.no_end.split())
    return replace(
        default(code),
        read=reader(rules),
        sound=sound,
        function_words=folded(lists.function),
        protected=folded(lists.negations) | {rules.letters(word) for word in numbers},
        abbreviations=short | frozenset(rules.abbreviations),
        numbering=frozenset(rules.numbering),
        ordinal_stop=rules.ordinal_stop,
    )


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
        bare=frozenset(map(normalise, rules.bare)),
        numbering=keys(rules.numbering),
        months=frozenset(map(normalise, rules.months)),
    )
