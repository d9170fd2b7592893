"""Measures who speaks when: words to the wrong voice, borders, false changes, names, and time.

    python benchmarks/speakers.py FOLDER [--words FOLDER]
    python benchmarks/speakers.py FOLDER --whole-runs 3

FOLDER has recordings of several voices in ``multi`` and of one in ``single``: ID.json with "audio"
(the name of the recording beside it), "kind", and "turns" with "start" and "end" in seconds and
"speaker". Words and their times are recognised first, as `aligner caption` does without an article;
``--words`` keeps them there for the next run. ``names`` has CASE.txt, an article, its recording
and, in CASE.json, also "names": the name that each speaker may be given, or null.

A word is right if a speaker of the turn in its middle has the voice that the word is given; each
voice stands for one speaker, so that the fewest words are wrong. A border is found if it is within
half a second of a true one.

``--whole-runs`` measures instead what `aligner caption --speakers names` takes beyond what it takes
with `off`, each a process of its own, on the longest recordings of the folder: processor time for
each minute of sound, and peak memory.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aligner
from aligner.alignment.speaker_names import name_voices
from aligner.asr.models import speaker_model
from aligner.audio import decode, speakers
from aligner.captions.formats import sidecar, sidecar_reader
from aligner.types import CaptionResult, CaptionWord, MediaFile, MediaLink, Voice, VoiceLimits

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


def recognised(recording: Path, kept: Path) -> CaptionResult:
    """Returns the captions of a recording without speakers, by the article beside it, if any."""
    place = kept / f"{recording.stem}.json"
    if not place.is_file():
        text = recording.with_suffix(".txt")
        if not text.is_file():
            text = kept / "nothing.txt"
            text.write_text("Nothing.\n")
        place.write_text(
            sidecar.render(
                aligner.caption(str(text), aligner.Options(media=recording, speakers="off"))
            )
        )
    return sidecar_reader.read(place.read_text())[0]


def told_apart(
    recording: Path, words: Sequence[CaptionWord], scratch: Path
) -> tuple[tuple[int, ...], float, float]:
    """Returns the voice of each word, the minutes of sound and the seconds of one core."""
    media = MediaFile(recording, MediaLink(str(recording), "audio", "given"), None, "")
    audio = decode.decode(media, scratch, lambda *_: None)
    before = time.process_time()
    voices = speakers.diarize(audio, words, speaker_model.resolve(), VoiceLimits())
    return voices, audio.duration_ms / 60_000, time.process_time() - before


def measured(truth: Path, kept: Path) -> Score:
    """Tells the voices of a recording apart and returns the counts."""
    record = json.loads(truth.read_text())
    recording = truth.with_name(record["audio"])
    captions = recognised(recording, kept).captions
    words = captions.words if captions else ()
    voices, minutes, seconds = told_apart(recording, words, kept)
    return Score(*score(words, voices, record["turns"]), minutes, seconds)


def names(truth: Path, kept: Path) -> tuple[int, int, int]:
    """Returns the right names, the wrong ones, and those that may be given in a case of names."""
    record = json.loads(truth.read_text())
    recording = truth.with_name(record["audio"])
    result = recognised(recording, kept)
    captions, article = result.captions, result.article
    if not captions or not article:
        return 0, 0, 0
    numbers, _, _ = told_apart(recording, captions.words, kept)
    words = [replace(w, speaker=str(n)) for w, n in zip(captions.words, numbers, strict=True)]
    voices = [Voice(str(n), f"Speaker {n + 1}") for n in sorted(set(numbers))]
    given, right = 0, 0
    for voice in name_voices(voices, words, article, captions.language):
        own = [w for w in words if w.speaker == voice.id]
        who = Counter(
            speaker
            for w in own
            for speaker in _speakers_at((w.start_ms + w.end_ms) / 2000, record["turns"])
        )
        given += voice.name is not None
        right += voice.name is not None and voice.name == record["names"][who.most_common(1)[0][0]]
    return right, given - right, sum(name is not None for name in record["names"].values())


# ---------------------------------------------------------------- whole runs


def whole_run(recording: Path, mode: str) -> tuple[float, float]:
    """Returns the processor time in seconds and the peak memory in MB of `aligner caption`."""
    with TemporaryDirectory() as scratch:
        text = recording.with_suffix(".txt")
        if not text.is_file():
            text = Path(scratch) / "nothing.txt"
            text.write_text("Nothing.\n")
        command = [sys.executable, "-m", "aligner", "caption", str(text), "--media", str(recording)]
        command += ["--speakers", mode, "-o", scratch]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            _, status, used = os.wait4(run.pid, 0)
            run.returncode = os.waitstatus_to_exitcode(status)
        if run.returncode not in (0, 6):  # 6: the speech is not the article
            raise SystemExit(f"{recording}: aligner caption ends with {run.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def compare_runs(folder: Path, most: int) -> bool:
    """Prints what voices cost in whole runs; returns whether there are recordings."""
    recordings = []
    for truth in sorted(folder.rglob("*.json")):
        record = json.loads(truth.read_text())
        if "turns" in record and "audio" in record:
            recordings.append((truth.with_name(record["audio"]), record["turns"][-1]["end"] / 60))
    recordings = sorted(recordings, key=lambda pair: -pair[1])[:most]
    for recording, minutes in recordings:
        plain, plain_mb = min(whole_run(recording, "off") for _ in range(2))
        named, named_mb = min(whole_run(recording, "names") for _ in range(2))
        print(
            f"{recording.name}: {minutes:.1f} min, {(named - plain) / minutes:+.2f} s a minute,"
            f" {named_mb - plain_mb:+.0f} MB on {plain_mb:.0f} MB"
        )
    return bool(recordings)


def main() -> int:
    """Prints a table; returns 1 if there are no recordings."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, default=Path("speaker-words"))
    parser.add_argument("--whole-runs", type=int, metavar="N", default=0)
    given = parser.parse_args()
    if given.whole_runs:
        return 0 if compare_runs(given.folder, given.whole_runs) else 1
    given.words.mkdir(parents=True, exist_ok=True)
    groups: dict[str, list[Score]] = defaultdict(list)
    for kind in ("multi", "single"):
        for truth in sorted((given.folder / kind).glob("*.json")):
            named = json.loads(truth.read_text()).get("kind", "")
            group = "hard" if named.startswith("hard") else kind
            groups[group].append(measured(truth, given.words))
            one = groups[group][-1]
            borders = f"borders {one.found}/{one.shown}/{one.true}"
            print(f"{truth.stem}: {one.wrong} of {one.words} words, {borders}", file=sys.stderr)
    for group, scores in groups.items():
        print(_line(group, scores))
    cases = [names(truth, given.words) for truth in sorted((given.folder / "names").glob("*.json"))]
    if cases:
        right, wrong, possible = (sum(counts) for counts in zip(*cases, strict=True))
        print(f"names: {len(cases)} articles, {right} of {possible} names given, {wrong} wrong")
    return 0 if groups or cases else 1


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
