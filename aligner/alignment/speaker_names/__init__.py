"""Names voices by the article and by what is said. A wrong name is worse than none.

people.py       the full names of the article's people
quotations.py   whose words the article quotes
spoken.py       "I'm X", "X reports"

A voice gets a name for one of these, if nothing contradicts it:

1. It says words that the article explicitly quotes of one person, five or more, and next to no
   other words of the article, and no words that are quoted of anybody else.
2. It says what a transcript prints after that person's label.
3. The voice before it introduces that person with its last words.
4. It says of itself that it is that person.

Two names for one voice, or one name for two voices, contradict each other: then neither is given.
What contradicts itself, and a person whose words are half or more of what a voice says of the
article, become suggestions, which a person may accept on the review page.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from aligner import languages
from aligner.alignment.speaker_names.people import People
from aligner.alignment.speaker_names.quotations import find_quotations
from aligner.alignment.speaker_names.spoken import Turn, introduced, own_names
from aligner.languages.attribution import ATTRIBUTION, Attribution
from aligner.languages.tags import primary
from aligner.types import NOT_READ_ALOUD, Article, CaptionWord, NameSuggestion, Voice

__all__ = ["name_voices"]

MIN_WORDS = 5
"""Least words of a quotation, or after a label, that a voice says."""
MOST_OTHERS, OTHERS_SHARE = 2, 0.1
"""Most other words of the article that the voice says, in number and as a share."""
LIKELY_SHARE = 0.5
"""Least share of a person's words in what a voice says of the article, for a suggestion."""
LABEL = re.compile(r"([^\W\d_][\w .'’-]{1,40}):$")
ROLES = frozenset(
    "host presenter narrator reporter interviewer interviewee guest speaker man woman boy girl"
    " caller announcer anchor moderator translator interpreter voice voiceover male female q a vo"
    " correspondent question answer crowd all music sound transcript audience expert".split()
)
"""Labels of transcripts that are no names."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    name: str
    why: str
    sure: bool = True
    """Whether it names the voice; otherwise it is a suggestion."""


def name_voices(
    voices: Sequence[Voice], words: Sequence[CaptionWord], article: Article, tag: str
) -> tuple[Voice, ...]:
    """Returns the voices, named where that is certain, with the evidence.

    ``words`` have the voices' ids as speakers and the indices of the article's words. ``tag``: the
    language; without a record of it in ``languages/attribution.py`` nobody is named.
    """
    known = ATTRIBUTION.get(primary(tag))
    if known is None or len(voices) < 2:
        return tuple(voices)
    text = _ArticleWords(article, tag, known)
    found: dict[str, list[_Evidence]] = defaultdict(list)
    for voice in voices:
        own = [
            (at, w.article_word)
            for at, w in enumerate(words)
            if w.speaker == voice.id and w.article_word is not None
        ]
        found[voice.id] += [*text.quoted_person(own), *text.labelled_person([k for _, k in own])]
    for voice_id, evidence in _said(words, text, known):
        found[voice_id].append(evidence)
    return tuple(_named(voice, found) for voice in voices)


def _named(voice: Voice, found: Mapping[str, list[_Evidence]]) -> Voice:
    """Returns a voice with the name that all of its sure evidence gives it, and no other voice's.

    Without such a name it has all of its evidence as suggestions.
    """
    sure = [evidence for evidence in found[voice.id] if evidence.sure]
    names = {evidence.name for evidence in sure}
    others = {e.name for other, some in found.items() if other != voice.id for e in some if e.sure}
    if len(names) != 1 or names & others:
        some = (NameSuggestion(evidence.name, evidence.why) for evidence in found[voice.id])
        return replace(voice, suggestions=tuple(dict.fromkeys(some)))
    (name,) = names
    why = tuple(dict.fromkeys(evidence.why for evidence in sure))
    return replace(voice, name=name, label=name, evidence=why)


def _said(
    words: Sequence[CaptionWord], text: _ArticleWords, known: Attribution
) -> Iterator[tuple[str, _Evidence]]:
    """Yields the names that voices say of themselves and of the voice that follows, by voice."""
    turns = [
        Turn(speaker, list(some))
        for speaker, some in groupby(words, lambda w: w.speaker)
        if speaker
    ]
    for at, turn in enumerate(turns):
        for name, why in own_names(turn, known.verbs):
            yield turn.voice, _Evidence(name, why)
        if at + 1 < len(turns):
            for name, why in introduced(turn, text.people):
                yield turns[at + 1].voice, _Evidence(name, why)


class _ArticleWords:
    """The words of an article: which are quoted of whom, and which stand after whose label."""

    def __init__(self, article: Article, tag: str, words: Attribution) -> None:
        split = languages.get(tag).split
        paragraphs = [[w.text for w in split(p.text)] for p in article.paragraphs]
        running = [
            number
            for number, p in enumerate(article.paragraphs)
            if p.role not in NOT_READ_ALOUD and p.role not in ("title", "heading")
        ]
        self.people = People([paragraphs[number] for number in running], words)
        self._titles = words.titles
        self.quoted: dict[int, str | None] = {}
        """Whose words a quoted word is, by its index."""
        self.labels: dict[int, str] = {}
        first = 0
        for number, (paragraph, some) in enumerate(
            zip(article.paragraphs, paragraphs, strict=True)
        ):
            label, after = (paragraph.speaker, 0) if paragraph.speaker else _label(some)
            if label:
                self.labels |= dict.fromkeys(range(first + after, first + len(some)), label)
            if number in running:
                for quotation in find_quotations(some, first, self.people, words):
                    span = range(quotation.words.start, quotation.words.end)
                    self.quoted |= dict.fromkeys(span, quotation.speaker)
            first += len(some)

    def quoted_person(self, own: Sequence[tuple[int, int]]) -> Iterator[_Evidence]:
        """Yields the person whose quotations are all that a voice says of the article.

        It is not sure if they are half of it or more, or not five words in a row.

        ``own``: the voice's words of the article, by their place in the speech and in the article.
        """
        counts = Counter(self.quoted.get(word) for _, word in own)
        named = [name for name in counts if name]
        if len(named) != 1 or counts[named[0]] < MIN_WORDS:
            return
        count = counts[named[0]]
        others = len(own) - count
        sure = _longest_run(own) >= MIN_WORDS
        sure = sure and others <= min(MOST_OTHERS, OTHERS_SHARE * len(own) + 1)
        why = f"says {count} words that the article quotes of {named[0]}"
        if sure:
            yield _Evidence(named[0], why)
        elif count >= LIKELY_SHARE * len(own):
            yield _Evidence(named[0], f"{why}, and {others} other words of it", sure=False)

    def labelled_person(self, own: Sequence[int]) -> Iterator[_Evidence]:
        """Yields the person whose label stands before all that a voice says of a transcript."""
        counts = Counter(self.labels[word] for word in own if word in self.labels)
        if not counts:
            return
        label, count = counts.most_common(1)[0]
        name = self._name_of(label)
        if not name or count < MIN_WORDS or count < LIKELY_SHARE * len(own):
            return
        why = f'says {count} words that stand after the label "{label}"'
        if count >= (1 - OTHERS_SHARE) * len(own):
            yield _Evidence(name, why)
        else:
            yield _Evidence(name, f"{why}, and {len(own) - count} other words", sure=False)

    def _name_of(self, label: str) -> str | None:
        """Returns the name in a label: without its title if there are two words or more."""
        parts = [part.capitalize() if part.isupper() else part for part in label.split()]
        bare = list(parts)
        while bare and bare[0].strip(".").lower() in self._titles:
            bare = bare[1:]
        if not bare or any(part.strip(".").lower() in ROLES for part in bare):
            return None
        if len(bare) > 1:
            return " ".join(bare)
        if len(parts) > 1:
            return " ".join(parts)
        return self.people.full_name_of(bare)


def _longest_run(places: Sequence[tuple[int, int]]) -> int:
    """Returns the most words in a row that follow one another in speech and article alike.

    One word may be missing between two of them.
    """
    longest = run = min(1, len(places))
    for (at, word), (next_at, next_word) in pairwise(places):
        run = run + 1 if 0 < next_at - at <= 2 and 0 < next_word - word <= 2 else 1
        longest = max(longest, run)
    return longest


def _label(paragraph: Sequence[str]) -> tuple[str | None, int]:
    """Returns the label in capitals that begins a paragraph of a transcript, and its words."""
    for end in range(1, min(5, len(paragraph)) + 1):
        label = LABEL.match(" ".join(paragraph[:end]))
        if label and label[1].isupper():
            return label[1], end
    return None, 0
