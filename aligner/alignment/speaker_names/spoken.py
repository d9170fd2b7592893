"""Names that are said: by somebody of himself, or right before another voice begins."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from aligner.alignment.speaker_names.people import People, bare
from aligner.types import CaptionWord

MIN_SCORE = 0.6
"""Least probability of each word of a name that only the recogniser spells."""
CLAUSE = 4
"""Words before "I am" among which is no verb of saying."""
_NAME = r"((?:[A-Z][\w'’-]{0,30}\.? ){1,2}[A-Z][\w’-]{1,30})"
SELF = re.compile(
    rf"(?:^|(?<=[.,!?”»\"] ))(?:[Ii]['’]m|I am|[Mm]y name is) {_NAME}(?:[.,!?](?= |$)|$)"
)
INTRODUCED = (
    re.compile(rf"{_NAME},? (?:reports|has more|has the story|has this report)[.:]?$"),
    re.compile(
        rf"(?:[Jj]oining (?:us|me)(?: now| today)?|[Ww]ith (?:us|me)(?: now| today)?|[Hh]ere)"
        rf"(?: from [A-Z]\w{{1,30}})? is {_NAME}[.:]?$"
    ),
)
NOT_NAMES = re.compile(
    r"(?:an|ese|ish|ic|Yorker|Jew|Muslim|Democrat|Christian|Greek|Dutch|Arab|Swiss|Spokesman|News"
    r"|Radio|Today|Report|World|Day|House|States|Street|City|England|France|Africa)$"
)
"""Ends of what somebody may be without being called so: "I am African American"."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Words of one voice in a row."""

    voice: str
    words: Sequence[CaptionWord]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def own_names(turn: Turn, verbs: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yields the names by which somebody calls himself, where a clause ends with it, and how.

    ``verbs``: those of saying. Whoever reads a text aloud, or tells what somebody said, says "I am"
    of another: so it counts neither where the article has it, nor after such a verb.
    """
    for found in SELF.finditer(turn.text):
        name = found[1]
        first = turn.text[: found.start()].count(" ")
        said = turn.words[first : first + len(found[0].split())]
        before = turn.words[max(0, first - CLAUSE) : first]
        is_told = any(bare(word.text).lower() in verbs for word in before)
        is_sure = all(word.score >= MIN_SCORE for word in said[-len(name.split()) :])
        is_own = said[0].article_word is None and not is_told
        if is_sure and is_own and not NOT_NAMES.search(name):
            yield name, f'says "{found[0]}"'


def introduced(turn: Turn, people: People) -> Iterator[tuple[str, str]]:
    """Yields the names of the article by which a turn's last words introduce the next voice."""
    for pattern in INTRODUCED:
        if found := pattern.search(turn.text):
            name = people.full_name_of(found[1].split())
            if name:
                yield name, f'is introduced with "{found[0].strip()}"'
