"""Words that neither the sound nor the article bears out: what recognisers make up over music.

Given music, applause or hum that passes for speech, Whisper writes "Thank you." or "I don't know":
a few unlikely words, stretched over all of the sound or crowded together at its end. Speech that is
merely hard to understand fills its time with words.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from aligner import languages
from aligner.alignment.matching.substitution_policy import RescoreFn
from aligner.types import Match, Span, Transcript, Word

log = logging.getLogger(__name__)

UNSURE = -1.0
"""Mean log probability, below which openai-whisper too does not believe a text."""
SLOW_MS = 1_000
"""Mean length of a spoken word above which nobody speaks. The longest single word of TIMIT's
readers takes 0.99 s."""
QUICK_MS = 40
"""Mean length of several words that nobody says so quickly: they have no time of their own. The
shortest words last as long, but not one after the other."""
PAUSE_MS = 1_000
"""A pause between two runs of words, which are judged each by itself."""


def hallucinated_words(matches: Sequence[Match], transcript: Transcript) -> frozenset[int]:
    """The words that are not in the article, doubted by the recogniser, and too slow or too quick.

    Indices into the transcript's words, as those of the matches are.
    """
    extra = (match.spoken for match in matches if match.op == "extra_speech" and match.spoken)
    runs = (run for span in extra for run in _parted(span, transcript.words))
    return frozenset(
        at for run in runs if _is_denied(run, transcript) for at in range(run.start, run.end)
    )


def drop_words(
    places: Collection[int],
    transcript: Transcript,
    gain: RescoreFn | None,
    fit: RescoreFn | None = None,
) -> tuple[Transcript, RescoreFn | None, RescoreFn | None]:
    """A transcript less some words, and whoever may be asked, about what is left."""
    kept = [at for at in range(len(transcript.words)) if at not in places]
    lost = [word.text for at, word in enumerate(transcript.words) if at in places]
    log.info("not speech, and not in the article: %s", " ".join(lost))
    words = tuple(transcript.words[at] for at in kept)

    def of_kept(asked: RescoreFn, spoken: Span, wording: str) -> float | None:
        if not kept:
            return None
        start = kept[spoken.start] if spoken.start < len(kept) else kept[-1] + 1
        end = kept[spoken.end - 1] + 1 if len(spoken) else start
        whole = end - start == len(spoken)  # a wording says nothing of what was left out between
        return asked(Span(start, end), wording) if whole else None

    left = replace(transcript, words=words)
    return left, gain and partial(of_kept, gain), fit and partial(of_kept, fit)


def _parted(span: Span, words: Sequence[Word]) -> Iterator[Span]:
    """A run of words, cut at its pauses."""
    start = span.start
    for at in range(span.start + 1, span.end):
        if words[at].start_ms - words[at - 1].end_ms >= PAUSE_MS:
            yield Span(start, at)
            start = at
    yield Span(start, span.end)


def _is_denied(run: Span, transcript: Transcript) -> bool:
    words = transcript.words[run.start : run.end]
    length = sum(word.end_ms - word.start_ms for word in words)
    surety = sum(math.log(max(word.score, 1e-9)) for word in words) / len(words)
    if surety >= UNSURE:
        return False
    if length < QUICK_MS * len(words):
        return len(words) > 1
    if length <= SLOW_MS * len(words):
        return False
    said = languages.get(transcript.language).say([word.text for word in words])
    return length > SLOW_MS * len(said)
