"""The article as a draft of what is said, and where in it speech that was heard is found.

A recogniser spends most of its time finding tokens one after the other. Where somebody reads an
article these tokens are known. All of them go through the decoder at once (teacher forcing), which
tells how probable each is, given the sound and those before it, and when it is said. Where the
article's words are probable, they are what was said (``decoder.py``); a passage in doubt is decoded
by itself (``redecode.py``).

Speculative decoding (Leviathan et al. 2023) has a small model write such a draft; here it is the
publisher.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from aligner.asr.draft.verification import DraftToken
from aligner.asr.whisper.word_timestamps import normalise
from aligner.types import DraftWord

KNOWN = 3
"""Words in a row that tell a place in the article."""
PROVEN = 5
"""... and so many that agree there prove it: a stock phrase does not."""
FAR = 12
"""Words ahead in which the draft is met again without a search."""


class Draft:
    """A draft's words, and where each few of them stand."""

    def __init__(self, words: Sequence[DraftWord]) -> None:
        self.items = [DraftToken(f" {w.text}", at, w.guarded, w.name) for at, w in enumerate(words)]
        self.keys = [normalise(w.text) for w in words]
        self.places: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at in range(len(self.keys) - KNOWN + 1):
            self.places[tuple(self.keys[at : at + KNOWN])].append(at)

    def __len__(self) -> int:
        return len(self.items)

    def after(self, heard: Sequence[str]) -> int | None:
        """The place that comes next after the words heard; None where they are not found."""
        keys = [k for k in map(normalise, heard) if k]
        for end in range(len(keys), max(KNOWN, len(keys) - FAR) - 1, -1):
            for place in self.places.get(tuple(keys[end - KNOWN : end]), ())[:1]:
                if self._continues(keys[: end - KNOWN], place):
                    return min(place + KNOWN + len(keys) - end, len(self))
        return None

    def _continues(self, before: Sequence[str], place: int) -> bool:
        """Whether of the eight words before a place at least half were heard before."""
        ours = set(self.keys[max(0, place - 8) : place])
        theirs = set(before[-10:])
        return not ours or not theirs or len(ours & theirs) * 2 >= min(len(ours), len(theirs))

    def found(self, heard: Sequence[DraftToken], near: int) -> tuple[int, int] | None:
        """Which of the words heard stands where in the draft, at ``near`` or later if it can be.

        None where too few of them agree with it.
        """
        keys = [normalise(item.text) for item in heard]
        found = [
            (self._agreeing(keys[at:], place), -at, place >= near, -place)
            for at in range(len(keys) - KNOWN + 1)
            for place in self.places.get(tuple(keys[at : at + KNOWN]), ())
        ]
        agreeing, first, _, last = max(found, default=(0, 0, False, 0))
        return (-first, -last) if agreeing >= PROVEN else None

    def _agreeing(self, keys: Sequence[str], place: int) -> int:
        """How many of the words heard are the draft's from a place on, word by word."""
        pairs = zip(keys[:FAR], self.keys[place : place + FAR], strict=False)
        return sum(ours == theirs for ours, theirs in pairs)
