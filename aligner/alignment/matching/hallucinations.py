"""Finds hallucinations: words that a recogniser makes up over music, applause or noise.

For such sound Whisper writes "Thank you." or "I don't know": a few unlikely words, stretched over
all of the sound or crowded together at its end. Speech that is hard to understand fills its time
with words.
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

MIN_LOG_PROBABILITY = -1.0
"""Mean log probability below which words are doubted: that of openai-whisper."""
MAX_TOKEN_MS = 1_000
"""Mean length of a spoken word above which nobody speaks. The longest single word of the readers of
TIMIT takes 0.99 s."""
MIN_WORD_MS = 40
"""Mean length below which nobody says several words. Single words may be as short."""
PAUSE_MS = 1_000
"""Least pause that separates two runs of words; each run is tested by itself."""


def hallucinated_words(matches: Sequence[Match], transcript: Transcript) -> frozenset[int]:
    """Returns the indices of words that are extra speech, doubted, and too slow or too fast."""
    extra = (match.spoken for match in matches if match.op == "extra_speech" and match.spoken)
    runs = (run for span in extra for run in _split_at_pauses(span, transcript.words))
    return frozenset(
        at for run in runs if _is_hallucinated(run, transcript) for at in range(run.start, run.end)
    )


def drop_words(
    places: Collection[int],
    transcript: Transcript,
    rescore: RescoreFn | None,
    acoustic_rescore: RescoreFn | None = None,
) -> tuple[Transcript, RescoreFn | None, RescoreFn | None]:
    """Removes words from a transcript; returns it with rescorers that count the remaining words."""
    kept = [at for at in range(len(transcript.words)) if at not in places]
    lost = [word.text for at, word in enumerate(transcript.words) if at in places]
    log.info("not speech, and not in the article: %s", " ".join(lost))
    words = tuple(transcript.words[at] for at in kept)

    def of_kept(rescore: RescoreFn, spoken: Span, wording: str) -> float | None:
        if not kept:
            return None
        start = kept[spoken.start] if spoken.start < len(kept) else kept[-1] + 1
        end = kept[spoken.end - 1] + 1 if len(spoken) else start
        # A wording cannot be compared across dropped words.
        is_contiguous = end - start == len(spoken)
        return rescore(Span(start, end), wording) if is_contiguous else None

    left = replace(transcript, words=words)
    return (
        left,
        rescore and partial(of_kept, rescore),
        acoustic_rescore and partial(of_kept, acoustic_rescore),
    )


def _split_at_pauses(span: Span, words: Sequence[Word]) -> Iterator[Span]:
    """Splits a run of words at its pauses."""
    start = span.start
    for at in range(span.start + 1, span.end):
        if words[at].start_ms - words[at - 1].end_ms >= PAUSE_MS:
            yield Span(start, at)
            start = at
    yield Span(start, span.end)


def _is_hallucinated(run: Span, transcript: Transcript) -> bool:
    """Whether a run of words is doubted by the recogniser, and too slow or too fast."""
    words = transcript.words[run.start : run.end]
    length = sum(word.end_ms - word.start_ms for word in words)
    log_probability = sum(math.log(max(word.score, 1e-9)) for word in words) / len(words)
    if log_probability >= MIN_LOG_PROBABILITY:
        return False
    if length < MIN_WORD_MS * len(words):
        return len(words) > 1
    if length <= MAX_TOKEN_MS * len(words):
        return False
    said = languages.get(transcript.language).say([word.text for word in words])
    return length > MAX_TOKEN_MS * len(said)
