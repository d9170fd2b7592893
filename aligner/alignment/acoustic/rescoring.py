"""Scores wordings of a passage by the acoustic model, and finds single words in a sound.

The acoustic model knows no word frequencies. A name that the recogniser does not know, and for
which it writes "Michael A", has about the same score or a better one; words that nobody said have
far lower scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from aligner.alignment.acoustic import forced_alignment
from aligner.alignment.acoustic.lexicon import LexiconToken, Phones
from aligner.alignment.acoustic.mfcc import Sound
from aligner.types import Audio, CaptionWord, Span, SpottedWord, Word

AROUND = 2
"""Words before and after a passage that are scored with it, as its boundaries are not exact."""
MARGIN_MS = 100
"""Sound around these words."""
LONGEST_MS = 8_000
"""Longer passages are not scored."""
CONTRAST = 5.5
"""Least contrast of one of the wordings, in nats per frame: in noise all texts have
similar scores.

Ten names and eight numbers had 9.9 to 11.6 where they were said, in noise of -10 dB 6.7 to 8.3. In
noise of -5 dB, where one wrong name in five was within 20 nats of the right one, they had 5.5 to
6.7; in noise as loud as the speech, where half were, 4.6 to 5.3. Over a telephone 6 to 10.
"""


@dataclass(frozen=True, slots=True)
class AcousticRescorer:
    """Scores other wordings of passages of a transcript."""

    audio: Audio
    words: Sequence[Word]
    language: str
    given: Mapping[str, tuple[Phones, ...]] = field(default_factory=dict)
    """Pronunciations of spoken tokens, of a glossary."""
    least_contrast: float = 0.0
    """Least contrast of the other wording itself, beside ``CONTRAST`` of one of the two."""

    def log_likelihood_ratio(self, passage: Span, wording: str) -> float | None:
        """Returns the log-likelihood ratio of a wording to the recognised words, in nats.

        An empty passage stands for words between two others. None where it cannot be known.
        """
        near = Span(max(0, passage.start - AROUND), min(len(self.words), passage.end + AROUND))
        first, last = self.words[near.start], self.words[near.end - 1]
        if last.end_ms - first.start_ms > LONGEST_MS:
            return None
        part = Span(max(0, first.start_ms - MARGIN_MS), last.end_ms + MARGIN_MS)
        before = self._texts(Span(near.start, passage.start))
        after = self._texts(Span(passage.end, near.end))
        texts = ([*before, *t, *after] for t in (self._texts(passage), wording.split()))
        said = [
            [one for group in lexicon_tokens(text, self.language, self.given) for one in group]
            for text in texts
        ]
        heard, other = forced_alignment.score_texts(samples_of(self.audio, part), said)
        if heard is None or other is None or max(heard.contrast, other.contrast) < CONTRAST:
            return None
        if other.contrast < self.least_contrast:
            return None
        return other.log - heard.log

    def _texts(self, span: Span) -> list[str]:
        return [word.text for word in self.words[span.start : span.end]]


def spot_words(
    language: str, audio: Audio, part: Span, texts: Sequence[str]
) -> list[SpottedWord | None]:
    """Finds the best place and score of each word in a part of a recording, given in milliseconds.

    Spoken words have scores of -13 to -17 nats per frame, others mostly -18 to -25. None for a word
    that has no sound, and for all words if the text as a whole is rejected.
    """
    said = lexicon_tokens(texts, language)
    words = [one for group in said for one in group]
    (found,) = forced_alignment.align([forced_alignment.Utterance(samples_of(audio, part), words)])
    if found is None:
        return [None] * len(texts)
    heard = iter(found)
    return [_together([next(heard) for _ in group]) for group in said]


def _together(heard: Sequence[forced_alignment.WordAlignment]) -> SpottedWord | None:
    """Returns start and score of one word from the alignments of its lexicon tokens."""
    if not heard:
        return None
    lengths = [one.end - one.start for one in heard]
    score = np.average([one.score for one in heard], weights=lengths)
    return SpottedWord(round(heard[0].start), float(score))


def samples_of(audio: Audio, part: Span) -> Sound:
    """Returns the samples of a part of a recording."""
    rate = audio.sample_rate
    return np.asarray(audio.samples[part.start * rate // 1000 : part.end * rate // 1000])


def lexicon_tokens(
    texts: Sequence[str], language: str, given: Mapping[str, tuple[Phones, ...]] | None = None
) -> list[tuple[LexiconToken, ...]]:
    """Returns the lexicon tokens of each word; ``given`` has further pronunciations of tokens."""
    from aligner.alignment.acoustic.spoken_tokens import (
        spoken,  # here: languages are slow to import
    )

    words = [CaptionWord(text, 0, 1, "spoken", 1.0, None) for text in texts]
    return spoken(words, language, given or {})
