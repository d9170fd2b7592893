"""The segmenters that are compared: aligner's and those of other projects.

Used by ``captions.py``. ``captions-requirements.txt`` installs stable-ts and openai-whisper.
faster-whisper has no segmenter of its own: its command lines use openai-whisper's, or its rules.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any

from caption_words import UNSPACED, Breaks, Sample

from aligner.captions.profiles import PROFILES
from aligner.captions.segmentation import make_cues

LINE, LINES = 42, 2
Cutter = Callable[[Sample], Breaks]


def breaks_of(sample: Sample, cues: Iterable[Iterable[str]]) -> Breaks:
    """Returns the breaks of cues, which are lists of lines, by counting non-space characters."""
    ends = {n: k for k, n in enumerate(accumulate(_size(w.text) for w in sample.words), start=1)}
    at, cue_ends, line_ends = 0, set(), set()
    for cue in cues:
        for line in cue:
            at += _size(line)
            line_ends.add(ends.get(at))
        cue_ends.add(ends.get(at))
    cue_ends -= {None, len(sample.words)}
    return Breaks(
        frozenset(k for k in cue_ends if k),
        frozenset(k for k in line_ends - cue_ends if k and k < len(sample.words)),
    )


def _size(text: str) -> int:
    return len("".join(text.split()))


def ours(sample: Sample, profile: str = "netflix") -> Breaks:
    made = make_cues(sample.words, sample.language, PROFILES[profile], sample.duration_ms)
    return breaks_of(sample, (cue.lines for cue in made.cues))


def greedy(sample: Sample) -> Breaks:
    """Fill lines and cues with words; begin a new cue after 2 s of silence."""
    cues: list[list[str]] = [[]]
    last = 0
    for word in sample.words:
        text = (" " if word.space_before else "") + word.text
        silent = word.start_ms - last > 2000
        if cues[-1] and not silent and len(cues[-1][-1] + text) <= LINE:
            cues[-1][-1] += text
        elif cues[-1] and not silent and len(cues[-1]) < LINES:
            cues[-1].append(word.text)
        else:
            cues.append([word.text])
        last = word.end_ms
    return breaks_of(sample, cues)


def _segments(sample: Sample) -> list[dict[str, Any]]:
    """Returns all words as one segment with times in seconds, the input of both libraries."""
    spaced = sample.language not in UNSPACED
    words = [
        {
            "word": (" " if spaced else "") + w.text,
            "start": w.start_ms / 1000,
            "end": w.end_ms / 1000,
            "probability": 1.0,
        }
        for w in sample.words
    ]
    text = "".join(str(w["word"]) for w in words)
    span = {"start": words[0]["start"], "end": words[-1]["end"]}
    return [{"id": 0, "text": text, "words": words, **span}]


def whisper(sample: Sample) -> Breaks:
    """openai-whisper's WriteVTT with --max_line_width 42 --max_line_count 2."""
    from whisper.utils import WriteVTT

    out = io.StringIO()
    options = {"max_line_width": LINE, "max_line_count": LINES}
    WriteVTT(".").write_result({"segments": _segments(sample)}, out, options)
    blocks = out.getvalue().split("\n\n")[1:]
    return breaks_of(sample, (block.splitlines()[1:] for block in blocks if block.strip()))


def _stable(sample: Sample) -> Any:
    import stable_whisper

    logging.getLogger("stable_whisper").setLevel(logging.ERROR)
    result = stable_whisper.WhisperResult(
        {"segments": _segments(sample), "language": sample.language}, show_unsorted=False
    )
    return result.regroup(True)


def stable_ts(sample: Sample) -> Breaks:
    """stable-ts's default regrouping, which makes no lines."""
    return breaks_of(sample, ([segment.text] for segment in _stable(sample).segments))


def stable_ts_42(sample: Sample) -> Breaks:
    """The same with lines of 42 characters and cues of two lines."""
    result = _stable(sample).split_by_length(LINE * LINES)
    result.split_by_length(LINE, newline=True)
    return breaks_of(sample, (segment.text.split("\n") for segment in result.segments))


CUTTERS: dict[str, Cutter] = {
    "aligner": ours,
    "greedy": greedy,
    "whisper": whisper,
    "stable-ts": stable_ts,
    "stable-ts 42": stable_ts_42,
}
