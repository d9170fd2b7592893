"""Other words in place of some that were heard -> how much better they fit the sound.

The acoustic model alone is asked, which knows nothing of what words are usual: where a recogniser
writes "Michael A" for a name that it does not know, the name fits as well or better, and words that
nobody said fit far worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aligner.nouns import Audio, CaptionWord, Span, Word
from aligner.timing import forced
from aligner.timing.lexicon import Said

AROUND = 2
"""Words before and after with which a passage is weighed: its borders are not known exactly."""
MARGIN_MS = 100
"""Sound around these."""
LONGEST_MS = 8_000
"""Longer passages are not weighed."""
CONTRAST = 5.5
"""In noise all texts fit alike: one of the wordings must stand out by so much, or nothing is known.
Ten names and eight numbers had 9.9 to 11.6 where they were said, in noise of -10 dB 6.7 to 8.3. In
noise of -5 dB, where one wrong name in five was within 20 nats of the right one, they had 5.5 to
6.7; in noise as loud as the speech, where half were, 4.6 to 5.3. Over a telephone 6 to 10."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Weighs wordings of passages of what was heard in a recording."""

    audio: Audio
    words: Sequence[Word]
    language: str

    def gain(self, passage: Span, wording: str) -> float | None:
        """Log likelihood of the wording less that of the words heard, in nats; None: not known.

        An empty passage asks for words between two others.
        """
        near = Span(max(0, passage.start - AROUND), min(len(self.words), passage.end + AROUND))
        first, last = self.words[near.start], self.words[near.end - 1]
        if last.end_ms - first.start_ms > LONGEST_MS:
            return None
        start, end = max(0, first.start_ms - MARGIN_MS), last.end_ms + MARGIN_MS
        rate = self.audio.sample_rate
        samples = np.asarray(self.audio.samples[start * rate // 1000 : end * rate // 1000])
        before = self._texts(Span(near.start, passage.start))
        after = self._texts(Span(passage.end, near.end))
        texts = ([*before, *t, *after] for t in (self._texts(passage), wording.split()))
        heard, other = forced.how_likely(samples, [self._said(text) for text in texts])
        if heard is None or other is None or max(heard.contrast, other.contrast) < CONTRAST:
            return None
        return other.log - heard.log

    def _texts(self, span: Span) -> list[str]:
        return [word.text for word in self.words[span.start : span.end]]

    def _said(self, texts: Sequence[str]) -> list[Said]:
        from aligner.timing.saying import spoken  # here: languages are slow to import

        words = [CaptionWord(text, 0, 1, "spoken", 1.0, None) for text in texts]
        return [said for one in spoken(words, self.language) for said in one]
