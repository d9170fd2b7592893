"""The article as a draft of the transcript, indexed by its n-grams.

A recogniser spends most of its time on decoding tokens one after the other. Where somebody reads an
article, the tokens are known. All of them go through the decoder at once (teacher forcing), which
gives each token's probability, given the sound and the tokens before it, and its time. Where the
article's words are probable, they are what was said (``decoder.py``); a passage in doubt is decoded
by itself (``redecode.py``).

In speculative decoding (Leviathan et al. 2023) a small model writes the draft; here the publisher
does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from aligner.asr.draft.verification import DraftToken
from aligner.asr.whisper.word_timestamps import normalise
from aligner.types import DraftWord

NGRAM = 3
"""Words in a row that may show a position in the draft."""
MIN_AGREEING = 5
"""Words that must agree from that position on: a stock phrase does not suffice."""
LOOKAHEAD = 12
"""Words of the draft among which speech is expected to return to it without a search."""


class Draft:
    """The words of a draft, and the positions of each n-gram."""

    def __init__(self, words: Sequence[DraftWord]) -> None:
        self.words = [
            DraftToken(f" {w.text}", at, w.protected, w.name) for at, w in enumerate(words)
        ]
        self._keys = [normalise(w.text) for w in words]
        self._positions: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at in range(len(self._keys) - NGRAM + 1):
            self._positions[tuple(self._keys[at : at + NGRAM])].append(at)

    def __len__(self) -> int:
        return len(self.words)

    def after(self, decoded: Sequence[str]) -> int | None:
        """Returns the position after decoded words; None where they are not found."""
        keys = [k for k in map(normalise, decoded) if k]
        for end in range(len(keys), max(NGRAM, len(keys) - LOOKAHEAD) - 1, -1):
            for place in self._positions.get(tuple(keys[end - NGRAM : end]), ())[:1]:
                if self._continues(keys[: end - NGRAM], place):
                    return min(place + NGRAM + len(keys) - end, len(self))
        return None

    def _continues(self, before: Sequence[str], place: int) -> bool:
        """Whether at least half of the eight words before a position were decoded as well."""
        in_draft = set(self._keys[max(0, place - 8) : place])
        in_speech = set(before[-10:])
        if not in_draft or not in_speech:
            return True
        return len(in_draft & in_speech) * 2 >= min(len(in_draft), len(in_speech))

    def find(self, decoded: Sequence[DraftToken], near: int) -> tuple[int, int] | None:
        """Returns the index of a decoded word and its position in the draft.

        Of equally good positions one at ``near`` or later is preferred. None where too few words
        agree with the draft.
        """
        keys = [normalise(word.text) for word in decoded]
        found = [
            (self._agreeing(keys[at:], place), -at, place >= near, -place)
            for at in range(len(keys) - NGRAM + 1)
            for place in self._positions.get(tuple(keys[at : at + NGRAM]), ())
        ]
        agreeing, first, _, last = max(found, default=(0, 0, False, 0))
        return (-first, -last) if agreeing >= MIN_AGREEING else None

    def _agreeing(self, keys: Sequence[str], place: int) -> int:
        """Counts the decoded words that equal the draft's from a position on, word by word."""
        pairs = zip(keys[:LOOKAHEAD], self._keys[place : place + LOOKAHEAD], strict=False)
        return sum(decoded == drafted for decoded, drafted in pairs)
