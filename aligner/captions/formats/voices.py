"""Whose words a cue shows, for formats that say it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from aligner.captions.formats.base import one_line
from aligner.types import Captions, CaptionWord, Voice


def voices_of_cues(captions: Captions) -> tuple[Voice | None, ...]:
    """Returns the voice of most words that begin while a cue is shown; None if there is none."""
    if not captions.voices:
        return (None,) * len(captions.cues)
    known = {voice.id: voice for voice in captions.voices}
    words = sorted(captions.words, key=lambda word: word.start_ms)
    starts = [word.start_ms for word in words]
    found = []
    for cue in captions.cues:
        first, end = bisect_left(starts, cue.start_ms), bisect_left(starts, cue.end_ms)
        counts = Counter(w.speaker for w in words[first:end] if w.speaker in known)
        found.append(known[counts.most_common(1)[0][0] or ""] if counts else None)
    return tuple(found)


def turns(captions: Captions) -> Iterator[tuple[Voice, Sequence[CaptionWord]]]:
    """Yields each voice's turn with its words; words without a known speaker end a turn."""
    known = {voice.id: voice for voice in captions.voices}
    for speaker, words in groupby(captions.words, key=lambda word: word.speaker):
        if speaker in known:
            yield known[speaker], list(words)


def label_of(voice: Voice) -> str:
    """Returns the label on one line; "Speaker" and the id if it is empty."""
    return one_line(voice.label) or one_line(f"Speaker {voice.id}")
