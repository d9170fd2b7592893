"""Words that are perhaps said in a part of a sound -> where they fit it best, and how well.

What is said has a fit of -13 to -17 nats to a frame, what is not mostly -18 to -25.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from aligner.nouns import Audio, CaptionWord, Fitted, Span, Witness
from aligner.timing import forced


def witness_of(language: str) -> Witness:
    """Who looks for words of a language."""
    return partial(_fitted, language)


def _fitted(
    language: str, audio: Audio, part: Span, texts: Sequence[str]
) -> Sequence[Fitted | None]:
    from aligner.timing.saying import spoken  # here: languages are slow to import

    words = [CaptionWord(text, 0, 1, "spoken", 1.0, None) for text in texts]
    said = spoken(words, language)
    rate = audio.sample_rate
    samples = np.asarray(audio.samples[part.start * rate // 1000 : part.end * rate // 1000])
    (found,) = forced.find_words([forced.Spoken(samples, [one for group in said for one in group])])
    if found is None:
        return [None] * len(texts)
    heard = iter(found)
    return [_together([next(heard) for _ in group]) for group in said]


def _together(heard: Sequence[forced.Heard]) -> Fitted | None:
    """What is spoken for a word, as one."""
    if not heard:
        return None
    lengths = [one.end - one.start for one in heard]
    fit = np.average([one.fit for one in heard], weights=lengths)
    return Fitted(round(heard[0].start), float(fit))
