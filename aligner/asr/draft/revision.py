"""The revision of a window's text: decoded passages take the place of those in doubt."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from aligner.asr.draft.index import LOOKAHEAD
from aligner.asr.draft.verification import DraftToken, ScoredWord
from aligner.asr.whisper.model import PartialHypothesis
from aligner.asr.whisper.word_timestamps import normalise
from aligner.types import Span

RESYNC_WORDS, MIN_SIMILARITY = 2, 0.6
"""Words in a row that must be alike where speech returns to the draft, and the share of letters
that makes one of them alike (normalised Levenshtein similarity)."""


class Revision:
    """A scored text whose passages in doubt are replaced in order by decoded ones.

    ``add`` takes the hypotheses: at first one for each passage, later one with more context for the
    next passage. ``next_doubt`` is the passage to ``replace`` next.
    """

    def __init__(self, scored: list[ScoredWord], doubts: Sequence[Span]) -> None:
        self.scored, self.doubts = scored, doubts
        self.is_wide = False
        """Whether the next passage's hypothesis was decoded with more context."""
        self._words = [w.token for w in scored]
        self._text: list[DraftToken] = []
        self._times: list[ScoredWord] = []
        self._done = 0
        """Words of the scored text that ``_text`` replaces."""
        self._pending: deque[tuple[Span, PartialHypothesis]] = deque()

    @property
    def hypothesis(self) -> PartialHypothesis:
        """The hypothesis for the next passage."""
        return self._pending[0][1]

    def add(self, hypotheses: Sequence[PartialHypothesis]) -> None:
        """Takes a hypothesis for each passage; if there are some, a better one for the next."""
        if self._pending:
            (hypothesis,) = hypotheses
            self._pending[0] = self._pending[0][0], hypothesis
            self.is_wide = True
        else:
            self._pending.extend(zip(self.doubts, hypotheses, strict=True))

    def next_doubt(self) -> Span | None:
        """Returns the next passage in doubt that is not replaced yet."""
        while self._pending and self._pending[0][0].start < self._done:
            self._pending.popleft()
        return self._pending[0][0] if self._pending else None

    def replace(self, doubt: Span) -> bool:
        """Replaces the next passage; False where its hypothesis does not return to the draft."""
        decoded = words_of(self.hypothesis)
        draft = self._words[doubt.start : doubt.end + LOOKAHEAD]
        met = resync_point(draft, decoded, len(doubt))
        if met is None:
            return False
        words = keep_draft_spelling(draft[: met[1]], decoded[: met[0]])
        self._text = self.before(doubt) + words
        self._times += self.scored[self._done : doubt.start]
        self._done = doubt.start + met[1]
        replaced = self.scored[doubt.start : self._done] if len(doubt) else []
        self._times += transfer_timestamps(replaced, words, self.hypothesis.log) or ()
        self._pending.popleft()
        self.is_wide = False
        return True

    def before(self, doubt: Span) -> list[DraftToken]:
        """Returns the text before a passage that is not replaced yet."""
        return self._text + self._words[self._done : doubt.start]

    def with_new_end(self, doubt: Span) -> list[DraftToken]:
        """Returns the text with the next hypothesis from a passage on."""
        decoded = words_of(self.hypothesis)
        return self.before(doubt) + keep_draft_spelling(self._words[doubt.start :], decoded)

    def completed(self) -> tuple[list[DraftToken], list[ScoredWord] | None]:
        """Returns the text and its words' times and scores.

        None in place of the times where the text must be scored again to know them.
        """
        text = self._text + self._words[self._done :]
        times = self._times + self.scored[self._done :]
        return text, times if len(times) == len(text) else None

    def confirms(self, text: Sequence[DraftToken]) -> bool:
        """Whether a new text is the old one, with everything that was in doubt decoded so."""
        if [word.text for word in text] != [word.text for word in self._words]:
            return False
        return all(word.decoded for d in self.doubts for word in text[d.start : d.end])


def words_of(passage: PartialHypothesis) -> list[DraftToken]:
    """Returns the words of a hypothesis, less a last one that may be cut."""
    words = passage.text.split()
    return [
        DraftToken(f" {w}", None, decoded=True) for w in (words if passage.ended else words[:-1])
    ]


def resync_point(
    drafted: Sequence[DraftToken], decoded: Sequence[DraftToken], doubt: int
) -> tuple[int, int] | None:
    """Finds where decoded words return to the draft.

    Returns the numbers of decoded and of draft words before that place; None if there is none.
    The first ``doubt`` words of the draft's are in doubt.
    """
    draft_keys = [normalise(word.text) for word in drafted]
    keys = [normalise(word.text) for word in decoded]
    found = [
        (abs(j - doubt) + i, i, j)
        for i in range(len(keys) - RESYNC_WORDS + 1)
        for j in range(doubt, len(draft_keys) - RESYNC_WORDS + 1)
        if _alike(keys[i : i + RESYNC_WORDS], draft_keys[j : j + RESYNC_WORDS])
    ]
    return min(found)[1:] if found else None


def _alike(heard: Sequence[str], drafted: Sequence[str]) -> bool:
    """Whether words are the same, except one that may be misheard."""
    from rapidfuzz.distance import Levenshtein

    other = [pair for pair in zip(heard, drafted, strict=True) if pair[0] != pair[1]]
    return not other or (
        len(other) == 1 and Levenshtein.normalized_similarity(*other[0]) >= MIN_SIMILARITY
    )


def keep_draft_spelling(
    drafted: Sequence[DraftToken], decoded: Sequence[DraftToken]
) -> list[DraftToken]:
    """Returns decoded words, as the draft's own where both are the same."""
    found = list(decoded)
    for how, i, _, j, end in _compared(drafted, decoded):
        if how == "equal":
            found[j:end] = [replace(item, decoded=True) for item in drafted[i : i + end - j]]
    return found


def transfer_timestamps(
    drafted: Sequence[ScoredWord], heard: Sequence[DraftToken], log: float
) -> list[ScoredWord] | None:
    """Gives decoded words the times of the scored words that they replace.

    Equal words keep their times and scores. Others share the time of what they replace in
    proportion to their letters, and the passage's log probability (``log``, in nats), because the
    words around them are sure. None where words were added, for which no time is known.
    """
    runs = _compared([w.token for w in drafted], heard)
    others = sum(end - j for how, _, _, j, end in runs if how == "replace")
    found: list[ScoredWord] = []
    for how, i, last, j, end in runs:
        if how == "insert":
            return None
        if how == "equal":
            pairs = zip(drafted[i:last], heard[j:end], strict=True)
            found += [replace(w, token=item) for w, item in pairs]
        elif how == "replace":
            found += _shared(
                Span(drafted[i].start, drafted[last - 1].end), heard[j:end], log / others
            )
    return found


def _shared(ms: Span, heard: Sequence[DraftToken], log: float) -> list[ScoredWord]:
    """Divides a span of time among words by their letters; each gets the same log probability."""
    letters = [0, *accumulate(len(item.text) for item in heard)]
    edges = [ms.start + len(ms) * n // letters[-1] for n in letters]
    parts = zip(heard, pairwise(edges), strict=True)
    return [ScoredWord(item, log, math.exp(log), start, end) for item, (start, end) in parts]


def _compared(
    drafted: Sequence[DraftToken], decoded: Sequence[DraftToken]
) -> list[tuple[str, int, int, int, int]]:
    """Returns runs of words that are equal, replaced, left out or added (``SequenceMatcher``)."""
    a, b = ([normalise(item.text) for item in side] for side in (drafted, decoded))
    return list(SequenceMatcher(None, a, b, autojunk=False).get_opcodes())
