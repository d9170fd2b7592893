"""Words that exclude each other: another weekday, month or direction says another thing.

Recognisers and speakers confuse such words (Monday and Sunday, north and south), and they look
alike. So one never replaces another by its spelling alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from functools import cache

from aligner import languages
from aligner.languages import Language

A_MONDAY = datetime.datetime(2024, 1, 1)
DATES = {
    "weekday": ("cccc", [A_MONDAY + datetime.timedelta(days=day) for day in range(7)]),
    "month": ("LLLL", [A_MONDAY.replace(month=month) for month in range(1, 13)]),
    "month in a date": ("MMMM", [A_MONDAY.replace(month=month) for month in range(1, 13)]),
}
"""ICU's patterns of names of the calendar, with dates that have all of them."""


def contradict(language: Language, written: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether two runs of spoken tokens have different words of one closed class."""
    sides = {*written}, {*heard}
    return any(
        found[0] and found[1] and found[0] != found[1]
        for words in (*language.contrasts, *_calendar(language.code))
        for found in [tuple(words & side for side in sides)]
    )


@cache
def _calendar(code: str) -> tuple[frozenset[str], ...]:
    """Returns the names of weekdays and months, as spoken tokens; none where they are numbers."""
    say = languages.get(code).say
    return tuple(
        frozenset(_distinct([[token.text for token in say([name])] for name in names]))
        for names in (_names(code, *of) for of in DATES.values())
        if not any(char.isdigit() for name in names for char in name)
    )


def _names(code: str, pattern: str, dates: Sequence[datetime.datetime]) -> list[str]:
    from icu4py.messageformat import MessageFormat

    return [MessageFormat(f"{{day,date,{pattern}}}", code).format({"day": day}) for day in dates]


def _distinct(names: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yields the tokens that tell names apart: not the first of "thứ hai", "thứ ba".

    Single characters are left out: in Chinese and Japanese they are parts of other words.
    """
    for tokens in names:
        own = (token for token in tokens if sum(token in name for name in names) == 1)
        yield from (token for token in own if len(token) > 1)
