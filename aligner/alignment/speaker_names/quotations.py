"""The quotations of an article, and whose words they are.

A quotation is somebody's only if the article says so explicitly, with a verb of saying and his
name: after it ("...", Lopez said; "...", said Lopez) or in the sentence before it within the
paragraph (Lopez agrees. "..."). A pronoun alone names nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aligner.alignment.speaker_names.people import (
    PARTICLES,
    People,
    bare,
    capitalised_runs,
    is_capitalised,
)
from aligner.languages.attribution import Attribution
from aligner.types import Span

PAIRS = {"“": "”", "„": "“”", "«": "»", '"': '"'}
NEAR = 5
"""Words after a quotation within which its verb of saying stands."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words in quotation marks; ``speaker`` is a full name, or None if the article does not say."""

    words: Span
    """Indices of the article's words."""
    speaker: str | None


def find_quotations(
    paragraph: Sequence[str], first: int, people: People, words: Attribution
) -> Iterator[Quotation]:
    """Yields the quotations of a paragraph whose first word has the index ``first``."""
    spans = list(_quoted(paragraph))
    for at, span in enumerate(spans):
        before = spans[at - 1].end if at else 0
        after = spans[at + 1].start if at + 1 < len(spans) else len(paragraph)
        lead, trail = paragraph[before : span.start], paragraph[span.end : after]
        speaker = _speaker(lead, trail, paragraph[span.end - 1], people, words)
        yield Quotation(Span(first + span.start, first + span.end), speaker)


def _quoted(paragraph: Sequence[str]) -> Iterator[Span]:
    """Yields the spans of words from an opening to its closing mark; unclosed ones are left out."""
    start, closers = -1, ""
    for at, word in enumerate(paragraph):
        if start < 0 and word[0] in PAIRS:
            start, closers = at, PAIRS[word[0]]
        if start >= 0 and any(c in closers for c in word[1 if at == start else 0 :]):
            yield Span(start, at + 1)
            start = -1


def _speaker(
    lead: Sequence[str], trail: Sequence[str], last: str, people: People, words: Attribution
) -> str | None:
    """Returns whose words a quotation is, from the words before and after it."""
    goes_on = not _ends_sentence(last) or (_asks(last) and _says(trail[:NEAR], words))
    after = _first_sentence(trail) if goes_on else []
    if not after:
        return _before_verb(_last_sentence(lead), people, words)
    verbs = [k for k, word in enumerate(after[:NEAR]) if bare(word).lower() in words.verbs]
    if not verbs:
        return None
    subject = after[: verbs[0]]
    if subject and all(bare(word).lower() in words.pronouns for word in subject):
        return _before_verb(_last_sentence(lead), people, words)
    if subject:
        return _name_alone(subject, people, words)
    return _name_alone(_subject_after(after[1:], words), people, words)


def _says(trail: Sequence[str], words: Attribution) -> bool:
    return any(bare(word).lower() in words.verbs for word in trail)


def _before_verb(sentence: Sequence[str], people: People, words: Attribution) -> str | None:
    """Returns the person of whom a sentence says that he speaks, if he is its subject.

    Before the name stands nothing, or what he is, without a word that leads to somebody else: "of",
    "for", "the late".
    """
    verbs = [k for k, word in enumerate(sentence) if bare(word).lower() in words.verbs]
    if len(verbs) != 1 or not verbs[0]:
        return None
    end = start = verbs[0]
    while start and is_capitalised(sentence[start - 1]):
        if start < end and _pauses(sentence[start - 1]):
            break
        start -= 1
    name = sentence[start:end]
    clause = start
    while clause and not _pauses(sentence[clause - 1]):
        clause -= 1
    if name and _pauses(name[-1]) and (not clause or clause != start):
        return None  # "Unlike Weber, said ..."; but "the head, Julia Stein, said" is well
    if any(bare(word).lower() in words.on_behalf for word in sentence[clause:start]):
        return None
    return _name_alone(name, people, words)


def _name_alone(some: Sequence[str], people: People, words: Attribution) -> str | None:
    """Returns the person whom words name, if they are nothing but a name, perhaps after a title."""
    named = [word for word in some if bare(word).lower() not in words.titles]
    if not named or any(word.strip(",.;:").endswith(("'s", "’s")) for word in some):
        return None
    if not all(is_capitalised(word) or word in PARTICLES for word in named):
        return None
    runs = list(capitalised_runs(named))
    return people.full_name_of(runs[0]) if len(runs) == 1 else None


def _subject_after(words_after: Sequence[str], words: Attribution) -> Sequence[str]:
    """Returns the title and the name that follow a verb, up to where the clause ends or goes on.

    Nothing if a noun follows the name: "said Weber aide ..." is not said by Weber.
    """
    for at, word in enumerate(words_after):
        if _pauses(word) or _ends_sentence(word):
            return words_after[: at + 1]
        is_name = is_capitalised(word) or word in PARTICLES
        if not is_name and bare(word).lower() not in words.titles:
            return words_after[:at] if bare(word).lower() in words.going_on else ()
    return words_after


def _pauses(word: str) -> bool:
    return word.rstrip("\"'”’»)").endswith((",", ";", ":", "—", "–"))


def _asks(word: str) -> bool:
    return word.rstrip("\"'”’»)").endswith(("?", "!"))


def _first_sentence(words: Sequence[str]) -> Sequence[str]:
    for at, word in enumerate(words):
        if _ends_sentence(word):
            return words[: at + 1]
    return words


def _last_sentence(words: Sequence[str]) -> Sequence[str]:
    for at in range(len(words) - 2, -1, -1):
        if _ends_sentence(words[at]):
            return words[at + 1 :]
    return words


def _ends_sentence(word: str) -> bool:
    return word.rstrip("\"'”’»)").endswith((".", "?", "!", "…")) and len(word) > 3
