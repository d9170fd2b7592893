"""Measures who speaks when: words to the wrong voice, borders, false changes, time and memory.

    python benchmarks/speakers.py FOLDER [--words FOLDER]

FOLDER has recordings of several voices in ``multi`` and of one in ``single``: ID.json with "audio"
(the name of the recording beside it), "kind", and "turns" with "start" and "end" in seconds and
"speaker". Words and their times are recognised first, as `aligner caption` does without an article;
``--words`` keeps them there for the next run.

A word is right if a speaker of the turn in its middle has the voice that the word is given; each
voice stands for one speaker, so that the fewest words are wrong. A border is found if it is within
half a second of a true one.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aligner
from aligner.asr.models import speaker_model
from aligner.audio import decode, speakers
from aligner.captions.formats import sidecar, sidecar_reader
from aligner.types import CaptionWord, MediaFile, MediaLink, VoiceLimits

NEAR_MS = 500


@dataclass(frozen=True, slots=True)
class Score:
    """The counts of one recording."""

    words: int
    wrong: int
    found: int
    shown: int
    true: int
    minutes: float
    seconds: float


def score(
    words: Sequence[CaptionWord], voices: Sequence[int], turns: Any
) -> tuple[int, int, int, int, int]:
    """Returns the numbers of words, wrong words, found borders, shown borders and true borders."""
    truth = [_speakers_at((w.start_ms + w.end_ms) / 2000, turns) for w in words]
    names = sorted({turn["speaker"] for turn in turns})
    counts = [
        [
            sum(v == voice and name in who for v, who in zip(voices, truth, strict=True))
            for name in names
        ]
        for voice in sorted(set(voices))
    ]
    true, last = [], frozenset(names)
    for word, who in zip(words, truth, strict=True):
        if not who & last:
            true.append(word.start_ms)
        last = who & last or who
    shown = [
        word.start_ms
        for word, now, before in zip(words[1:], voices[1:], voices, strict=False)
        if now != before
    ]
    return len(words), len(words) - _most_right(counts), _paired(shown, true), len(shown), len(true)


def _speakers_at(second: float, turns: Any) -> frozenset[str]:
    """Returns who speaks at a time; the nearest speaker if nobody does."""
    distances = [(max(t["start"] - second, second - t["end"], 0), t["speaker"]) for t in turns]
    least = min(distances)[0]
    return frozenset(speaker for distance, speaker in distances if distance == least)


def _most_right(counts: Sequence[Sequence[int]]) -> int:
    """Returns the most words that are right, if each voice stands for at most one speaker."""
    best = {0: 0}
    for row in counts:
        longer = dict(best)
        for taken, right in best.items():
            for at, count in enumerate(row):
                if not taken >> at & 1:
                    key = taken | 1 << at
                    longer[key] = max(longer.get(key, 0), right + count)
        best = longer
    return max(best.values())


def _paired(shown: Sequence[int], true: Sequence[int]) -> int:
    left, found = list(true), 0
    for border in shown:
        near = [t for t in left if abs(t - border) <= NEAR_MS]
        if near:
            left.remove(min(near, key=lambda t: abs(t - border)))
            found += 1
    return found


# ---------------------------------------------------------------- one recording


def recognised(recording: Path, kept: Path) -> tuple[CaptionWord, ...]:
    """Returns the words of a recording, with their times."""
    place = kept / f"{recording.stem}.json"
    if not place.is_file():
        text = kept / "nothing.txt"
        text.write_text("Nothing.\n")
        result = aligner.caption(str(text), aligner.Options(media=recording))
        kept.mkdir(parents=True, exist_ok=True)
        place.write_text(sidecar.render(result))
    captions = sidecar_reader.read(place.read_text())[0].captions
    return captions.words if captions else ()


def measured(truth: Path, kept: Path, scratch: Path) -> Score:
    """Tells the voices of a recording apart and returns the counts."""
    record = json.loads(truth.read_text())
    recording = truth.with_name(record["audio"])
    words = recognised(recording, kept)
    media = MediaFile(recording, MediaLink(str(recording), "audio", "given"), None, "")
    audio = decode.decode(media, scratch, lambda *_: None)
    before = time.process_time()
    voices = speakers.diarize(audio, words, speaker_model.resolve(), VoiceLimits())
    seconds = time.process_time() - before
    return Score(*score(words, voices, record["turns"]), audio.duration_ms / 60_000, seconds)


def main() -> int:
    """Prints a table; returns 1 if there are no recordings."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, default=Path("speaker-words"))
    given = parser.parse_args()
    given.words.mkdir(parents=True, exist_ok=True)
    groups: dict[str, list[Score]] = defaultdict(list)
    peak = 0
    for kind in ("multi", "single"):
        for truth in sorted((given.folder / kind).glob("*.json")):
            named = json.loads(truth.read_text()).get("kind", "")
            group = "hard" if named.startswith("hard") else kind
            groups[group].append(measured(truth, given.words, given.words))
            one = groups[group][-1]
            borders = f"borders {one.found}/{one.shown}/{one.true}"
            print(f"{truth.stem}: {one.wrong} of {one.words} words, {borders}", file=sys.stderr)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for group, scores in groups.items():
        print(_line(group, scores))
    print(f"peak memory of this process {peak / 1024:.0f} MB")
    return 0 if groups else 1


def _line(group: str, scores: Sequence[Score]) -> str:
    words, wrong, found, shown, true = (
        sum(getattr(s, name) for s in scores)
        for name in ("words", "wrong", "found", "shown", "true")
    )
    each = sum(s.seconds for s in scores) / sum(s.minutes for s in scores)
    if group == "single":
        said = f"false changes in {sum(s.shown > 0 for s in scores)} of {len(scores)} recordings"
    else:
        precision, recall = found / max(shown, 1), found / max(true, 1)
        borders = f"borders P {precision:.3f} R {recall:.3f}"
        said = f"wrong voice {wrong / words:.2%} of {words} words, {borders}"
    return f"{group}: {len(scores)} recordings, {said}, {each:.2f} s of one core a minute"


if __name__ == "__main__":
    raise SystemExit(main())
