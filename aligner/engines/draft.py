"""The article as a draft of what a window says: verified by the recogniser, mended where it fails.

A recogniser spends most of its time finding tokens one after the other. Where somebody reads an
article these tokens are known. All of them go through the decoder at once (teacher forcing), which
tells how probable each is, given the sound and those before it, and when it is said. Where the
article's words are probable, they are what was said. A passage in doubt is decoded by itself: the
decoder sees only its part of the encoded window, and a few words before it. What it hears takes
the draft's place, up to where speech and article meet again.

Speculative decoding (Leviathan et al. 2023) has a small model write such a draft; here it is the
publisher.
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Protocol

from aligner.engines.doubts import Item, Weighed, hopeless, in_doubt
from aligner.engines.words import Timed, key
from aligner.nouns import DraftWord, Span

if TYPE_CHECKING:
    from aligner.engines.base import Encoded

log = logging.getLogger(__name__)

BEFORE_MS = 120
"""Sound before the first of the words that the decoder is given before a passage in doubt."""
SHORT_TOKENS = 20
"""Passages with room for no more than that are decoded together, and so are longer ones."""
LONGEST_MS = 5_000
"""A longer passage is left to the recogniser's whole way of decoding."""
TOKENS_PER_S = 4, 7
"""Slow and fast speech: room for what is said in a passage."""
WORTH, ANOTHER = 1.0, 0.3
"""Passages in doubt may take so many steps for each token of a window, or it is decoded whole; one
more text in a step makes it longer by that share. Decoding a window with a beam takes some two."""
ROUNDS = 3
"""Times that a window's text is mended."""
MEET, LIKENESS = 2, 0.6
"""Words in a row that are alike where speech and draft meet again; share of letters that makes one
of them alike."""
KNOWN = 3
"""Words in a row that tell a place in the article."""
PROVEN = 5
"""... and so many that agree there prove it: a stock phrase does not."""
FAR = 12
"""Words ahead in which the draft is met again without a search."""
MORE, MORE_WORDS = 1.2, 5
"""So many more words than the window probably has are taken from the article."""
MOST_TOKENS = 400
"""What the decoder has room for."""
FIRST_TOKENS = 16
"""Decoded to find the place of a window."""
USUAL_RATE = 3.0
"""Words a second of speech, until some were heard."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the decoder is given beside a passage in doubt."""

    words: int
    """Of the text, before it."""
    after_ms: int
    """Sound after it, which shows where speech and draft meet again."""
    tokens: int
    """Room for what is said there."""


NARROW, WIDE = Around(3, 2_000, 8), Around(9, 5_000, 18)
"""At first, and where that leads nowhere."""


class Reader(Protocol):
    """What a recogniser does for a draft; see ``Recogniser``."""

    def tokens(self, text: str) -> tuple[int, ...]: ...

    def verify(self, encoded: Encoded, language: str, text: Sequence[int]) -> Verified: ...

    def go_on(
        self,
        encoded: Sequence[Encoded],
        language: str,
        before: Sequence[Sequence[int]],
        most: int,
    ) -> list[Passage]: ...


@dataclass(frozen=True, slots=True)
class Verified:
    """A text, weighed against the sound of a window. One entry for each token."""

    logs: tuple[float, ...]
    """Log probability in nats; 0 for a mark, which is never said."""
    starts: tuple[int, ...]
    """Milliseconds from the window's start; one more, for the end of the last token."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is said in a part of a window."""

    text: str
    ended: bool
    """Whether the decoder came to the end of the speech; else the last word may be cut."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A passage in doubt, as the decoder is asked about it."""

    sound: Span
    """Milliseconds from the window's start."""
    before: list[int]
    """Tokens of the words before it."""
    most: int
    """Tokens that it may hold."""


class Draft:
    """A draft's words, and where each few of them stand."""

    def __init__(self, words: Sequence[DraftWord]) -> None:
        self.items = [Item(f" {w.text}", at, w.guarded) for at, w in enumerate(words)]
        self.keys = [key(w.text) for w in words]
        self.places: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at in range(len(self.keys) - KNOWN + 1):
            self.places[tuple(self.keys[at : at + KNOWN])].append(at)


class Follower:
    """Follows a draft through windows of a recording, one after the other."""

    def __init__(self, reader: Reader, language: str, draft: Draft) -> None:
        self.reader, self.language = reader, language
        self.draft, self.keys, self.places = draft.items, draft.keys, draft.places
        self.at: int | None = None
        """The draft's word that is said next; None where nobody knows."""
        self._most = 0
        """Words of the draft that the window at hand may hold."""
        self._searched = False
        """Whether the first words of a window were decoded and searched for in vain. The whole of
        that window is decoded then and searched for; the next windows cost no search of their
        own."""
        self._rate = USUAL_RATE
        self._tokens: dict[str, tuple[int, ...]] = {}

    # ------------------------------------------------------------ between windows

    def locate(self, heard: Sequence[str]) -> None:
        """Find the place after the words that a window was heard to say."""
        keys = [k for k in map(key, heard) if k]
        self.at = None
        for end in range(len(keys), max(KNOWN, len(keys) - FAR) - 1, -1):
            for place in self.places.get(tuple(keys[end - KNOWN : end]), ())[:1]:
                if self._continues(keys[: end - KNOWN], place):
                    self.at = min(place + KNOWN + len(keys) - end, len(self.draft))
                    return

    def _continues(self, before: Sequence[str], place: int) -> bool:
        """Whether of the eight words before a place at least half were heard before."""
        ours = set(self.keys[max(0, place - 8) : place])
        theirs = set(before[-10:])
        return not ours or not theirs or len(ours & theirs) * 2 >= min(len(ours), len(theirs))

    # ------------------------------------------------------------ one window

    def follow(self, window: Encoded, speech: Sequence[Span]) -> list[Timed] | None:
        """The words of a window that goes on with the draft; None if it does not.

        ``speech`` is where in the window somebody speaks, in milliseconds from its start.
        """
        if not speech:
            return None
        text = self._text(window, speech)
        if not text:
            return self._lost()
        budget = self._budget(text)
        for turn in range(ROUNDS + 1):
            weighed = self._weigh(window, text)
            doubts, end = in_doubt(weighed, speech)
            weighed = weighed[:end]
            if not doubts:
                break
            if doubts[0] == Span(len(weighed), len(weighed)) and (more := self._more(weighed)):
                text = more
                continue
            asked = [self._question(weighed, d, speech[-1].end, NARROW) for d in doubts]
            budget -= sum(map(_steps, _grouped(asked)))
            if turn == ROUNDS or budget < 0 or hopeless(doubts, weighed, speech):
                known, self.at = self.at is not None and not turn, None
                return self.follow(window, speech) if known else None
            mended = self._mended(window, weighed, doubts, asked, speech[-1].end)
            if mended is None:
                return self._lost()
            if _confirmed(weighed, doubts, mended):
                break
            text = mended
        return self._accepted(weighed, speech)

    def _text(self, window: Encoded, speech: Sequence[Span]) -> list[Item] | None:
        """What a window probably says; None if nobody knows."""
        self._most = self._expected(speech)
        if self.at is not None and len(self.draft) - self.at > self._most // (2 * MORE):
            return self._ahead(self.at, self.at + self._most)
        if self._searched:
            return None
        start = max(0, speech[0].start - BEFORE_MS)
        part = window.part(start, LONGEST_MS)
        (passage,) = self.reader.go_on([part], self.language, [()], FIRST_TOKENS)
        text = self._jumped([], _said(passage))
        self._searched = text is None
        return text

    def _lost(self) -> list[Timed] | None:
        self.at = None
        return None

    def _expected(self, speech: Sequence[Span]) -> int:
        """Words of the draft that a window may hold, and some more."""
        return round(sum(map(len, speech)) / 1000 * self._rate * MORE) + MORE_WORDS

    def _ahead(self, start: int, end: int) -> list[Item]:
        """Words of the draft."""
        return self._bounded(self.draft[start:end])

    def _more(self, weighed: list[Weighed]) -> list[Item] | None:
        """A text with more of the draft, where all of it was said and speech goes on."""
        place = weighed[-1].item.place
        if place is None or place + 1 >= len(self.draft):
            return None
        text = [w.item for w in weighed]
        more = self._bounded(text + self._ahead(place + 1, place + 1 + self._most // 2))
        return more if len(more) > len(text) else None

    def _bounded(self, text: Sequence[Item]) -> list[Item]:
        room, items = MOST_TOKENS, []
        for item in text:
            room -= len(self._of(item.text))
            if room < 0:
                break
            items.append(item)
        return items

    def _of(self, text: str) -> tuple[int, ...]:
        if text not in self._tokens:
            self._tokens[text] = self.reader.tokens(text)
        return self._tokens[text]

    def _weigh(self, window: Encoded, text: Sequence[Item]) -> list[Weighed]:
        """A text's words, weighed; no more of them than the decoder has room for."""
        text = self._bounded(text)
        pieces = [self._of(item.text) for item in text]
        seen = self.reader.verify(window, self.language, [t for piece in pieces for t in piece])
        weighed, at = [], 0
        for item, piece in zip(text, pieces, strict=True):
            logs = seen.logs[at : at + len(piece)]
            at += len(piece)
            chance = sum(map(math.exp, logs)) / max(1, len(logs))
            start, end = seen.starts[at - len(piece)], seen.starts[at]
            weighed.append(Weighed(item, sum(logs), chance, start, end))
        return weighed

    def _budget(self, text: Sequence[Item]) -> float:
        """Steps of the decoder that passages in doubt may take."""
        tokens = sum(len(self._of(item.text)) for item in text) / max(1, len(text))
        return self._most / MORE * tokens * WORTH

    def _mended(
        self,
        window: Encoded,
        weighed: list[Weighed],
        doubts: list[Span],
        asked: list[_Question],
        end_ms: int,
    ) -> list[Item] | None:
        """The text with what is heard in place of what is in doubt; None if nothing can be made."""
        items = [w.item for w in weighed]
        heard = self._heard(window, asked, end_ms)
        text: list[Item] = []
        done = 0
        for doubt, passage in zip(doubts, heard, strict=True):
            if doubt.start < done:
                continue
            text += items[done : doubt.start]
            ours, last = items[doubt.start : doubt.end + FAR], doubt.end == len(items)
            said = _said(passage)
            met = _meet(ours, said, len(doubt))
            if met is None and not last:
                (passage,) = self._heard(
                    window, [self._question(weighed, doubt, end_ms, WIDE)], end_ms
                )
                said = _said(passage)
                met = _meet(ours, said, len(doubt))
            if met is not None:
                text += _settled(ours[: met[1]], said[: met[0]])
                done = doubt.start + met[1]
            elif not last:
                return None
            elif passage.ended:
                return text + _settled(items[doubt.start :], said)
            else:
                return self._jumped(text, said)
        return text + items[done:]

    def _jumped(self, text: list[Item], said: list[Item]) -> list[Item] | None:
        """The text, going on where in the draft the words heard are found."""
        keys = [key(item.text) for item in said]
        found = [
            (self._agreeing(keys[at:], place), -at, place >= (self.at or 0), -place)
            for at in range(len(keys) - KNOWN + 1)
            for place in self.places.get(tuple(keys[at : at + KNOWN]), ())
        ]
        if not found:
            return None
        agreeing, first, _, last = max(found)
        at, place = -first, -last
        if agreeing < PROVEN:
            return None
        return text + said[:at] + self._ahead(place, place + self._most)

    def _agreeing(self, keys: Sequence[str], place: int) -> int:
        """How many of the words heard are the draft's from a place on, word by word."""
        pairs = zip(keys[:FAR], self.keys[place : place + FAR], strict=False)
        return sum(ours == theirs for ours, theirs in pairs)

    def _heard(self, window: Encoded, asked: list[_Question], end_ms: int) -> list[Passage]:
        """What is said in each passage in doubt, and a little after it."""
        found: dict[int, Passage] = {}
        for some in _grouped(asked):
            length = max(len(q.sound) for q in some)
            passages = self.reader.go_on(
                [window.part(q.sound.start, length) for q in some],
                self.language,
                [q.before for q in some],
                max(q.most for q in some),
            )
            for q, passage in zip(some, passages, strict=True):
                whole = q.sound.start + length >= end_ms
                found[id(q)] = replace(passage, ended=passage.ended and whole)
        return [found[id(q)] for q in asked]

    def _question(
        self, weighed: list[Weighed], doubt: Span, end_ms: int, around: Around
    ) -> _Question:
        first = max(0, doubt.start - around.words)
        start = max(0, weighed[first].start - BEFORE_MS) if first else 0
        last = weighed[doubt.end].start if doubt.end < len(weighed) else end_ms
        last = min(last, start + LONGEST_MS)
        before = [t for w in weighed[first : doubt.start] for t in self._of(w.item.text)]
        length = sum(len(self._of(w.item.text)) for w in weighed[doubt.start : doubt.end])
        slow, fast = ((last - start) * rate // 1000 for rate in TOKENS_PER_S)
        most = min(max(length, slow), fast) + around.tokens
        return _Question(Span(start, max(start, last) + around.after_ms), before, most)

    def _accepted(self, weighed: list[Weighed], speech: Sequence[Span]) -> list[Timed] | None:
        places = [w.item.place for w in weighed if w.item.place is not None]
        if not weighed or len(places) < min(KNOWN, len(weighed)):
            return self._lost()
        self.at, self._searched = places[-1] + 1, False
        self._rate = len(weighed) * 1000 / max(1, sum(map(len, speech)))
        return [Timed(w.item.text, w.start / 1000, w.end / 1000, w.probability) for w in weighed]


def _grouped(asked: Sequence[_Question]) -> list[list[_Question]]:
    """Questions that are best decoded together: short ones, and long ones."""
    short = [q for q in asked if q.most <= SHORT_TOKENS]
    long = [q for q in asked if q.most > SHORT_TOKENS]
    return [some for some in (short, long) if some]


def _steps(together: Sequence[_Question]) -> float:
    """What questions cost that are decoded together, in steps of the decoder for one text."""
    return max(q.most for q in together) * (1 + (len(together) - 1) * ANOTHER)


def _said(passage: Passage) -> list[Item]:
    """The words of a passage, but for one that may be cut."""
    words = passage.text.split()
    return [Item(f" {w}", None, settled=True) for w in (words if passage.ended else words[:-1])]


def _meet(ours: Sequence[Item], said: Sequence[Item], doubt: int) -> tuple[int, int] | None:
    """Where what was heard and the draft are alike again: how many words of what was heard, and
    how many of the draft's, come before; None if nowhere. ``doubt`` of the draft's are in doubt."""
    drafted, heard = [key(i.text) for i in ours], [key(i.text) for i in said]
    found = [
        (abs(j - doubt) + i, i, j)
        for i in range(len(heard) - MEET + 1)
        for j in range(doubt, len(drafted) - MEET + 1)
        if _alike(heard[i : i + MEET], drafted[j : j + MEET])
    ]
    return min(found)[1:] if found else None


def _alike(heard: Sequence[str], drafted: Sequence[str]) -> bool:
    """Whether words are the same, but that one of them may be misheard."""
    from rapidfuzz.distance import Levenshtein

    other = [pair for pair in zip(heard, drafted, strict=True) if pair[0] != pair[1]]
    return not other or (
        len(other) == 1 and Levenshtein.normalized_similarity(*other[0]) >= LIKENESS
    )


def _confirmed(weighed: list[Weighed], doubts: list[Span], mended: list[Item]) -> bool:
    """Whether everything in doubt was heard as it stands."""
    if [item.text for item in mended] != [w.item.text for w in weighed]:
        return False
    return all(item.settled for d in doubts for item in mended[d.start : d.end])


def _settled(ours: Sequence[Item], said: Sequence[Item]) -> list[Item]:
    """Words heard in a passage, as the draft's own where they are the same."""
    blocks = SequenceMatcher(
        None, [key(i.text) for i in ours], [key(i.text) for i in said], autojunk=False
    ).get_matching_blocks()
    settled = list(said)
    for block in blocks:
        for k in range(block.size):
            settled[block.b + k] = replace(ours[block.a + k], settled=True)
    return settled
