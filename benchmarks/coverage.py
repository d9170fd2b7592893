"""Measures which turns of recordings with several voices get no words, by aligner and its peers.

    python benchmarks/coverage.py DIR [--only tune_03,tune_05] [--ways no-draft,said,openai-whisper]
                                  [--engine ctranslate2] [--model base] [--repeat 12] [--json FILE]

DIR has recordings with exact turns: ID.json with "audio" (a file beside it) and "turns", each with
"start" and "end" in seconds; and possibly ID.txt with the spoken text. A turn of at least 1.2 s is
lost if it gets fewer than 0.7 words a second; words count whose middle is in the turn. Ways:

    once       aligner, without an article, no window decoded again (``asr/recovery.py``)
    no-draft   aligner, without an article
    said       aligner, with the spoken text as article: ID.txt, or faster-whisper's transcript
    half       aligner, with every second sentence of that
    other      aligner, with another story
    openai-whisper (greedy), faster-whisper, faster-whisper-batched: in this process, with the same
    weights and otherwise their own defaults

Printed for each way, for all recordings together: turns and seconds lost, the longest lost turn,
the seconds that aligner reports as not understood, words, words that end a repetition of five words
within a minute ("again"), words that start before the previous word, and core-seconds. With
--repeat N the recordings are repeated N times as one recording, by no-draft alone; the memory of
the process after each tenth of it is printed too.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from aligner import Captioner, Options, from_text
from aligner.asr import ListenOptions, load, models
from aligner.asr.recovery import Recovery
from aligner.audio import vad
from aligner.audio.decode import decode
from aligner.discovery.download import local
from aligner.languages import normalise
from aligner.pipeline.benchmark import worker as bench
from aligner.types import Audio, AudioSoFar, Transcript

HERE = Path(__file__).resolve().parent
sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != HERE]
"""Numba, of openai-whisper, imports a package of this file's name where there is one."""

SHORTEST_S, LEAST = 1.2, 0.7
"""Minimum seconds of a turn, and the words a second below which it is lost."""
RUN, WITHIN_S = 5, 60.0
"""Words of a repetition, and the seconds within which it counts."""
OURS = ("once", "no-draft", "said", "half", "other")
PEERS = ("openai-whisper", "faster-whisper", "faster-whisper-batched")

Said = tuple[str, float, float]
"""A word, its start and its end in seconds."""


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    path: Path
    turns: Sequence[tuple[float, float]]
    """The turns that are long enough."""
    text: str | None


@dataclass(slots=True)
class Result:
    """Sums over recordings."""

    turns: int = 0
    seconds: float = 0.0
    lost: list[tuple[str, float, float]] = field(default_factory=list)
    told_s: float = 0.0
    words: int = 0
    again: int = 0
    backwards: int = 0
    core_s: float = 0.0


def main() -> None:
    args = _arguments()
    recordings = list(_recordings(args.folder, set(filter(None, args.only.split(",")))))
    if args.repeat:
        _long(recordings, args)
        return
    print(HEAD)
    results = {}
    for way in args.ways.split(","):
        results[way] = _measured(recordings, _listener(way, args))
        print(_row(way, results[way]), flush=True)
    if args.json:
        lost = {way: {"lost": result.lost} for way, result in results.items()}
        args.json.write_text(json.dumps(lost, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--only", default="", help="beginnings of the names of recordings, comma-separated"
    )
    parser.add_argument("--ways", default=",".join((*OURS, *PEERS)))
    parser.add_argument("--engine", default="ctranslate2", help="recogniser of aligner")
    parser.add_argument("--model", default="base")
    parser.add_argument("--repeat", type=int, default=0)
    parser.add_argument("--json", type=Path, help="file to which the lost turns are written")
    return parser.parse_args()


def _recordings(folder: Path, only: set[str]) -> Iterable[Recording]:
    for file in sorted(folder.glob("*.json")):
        if only and not any(file.stem.startswith(start) for start in only):
            continue
        record = json.loads(file.read_text(encoding="utf-8"))
        turns = [(float(t["start"]), float(t["end"])) for t in record["turns"]]
        text = file.with_suffix(".txt")
        yield Recording(
            file.stem,
            folder / record["audio"],
            [turn for turn in turns if turn[1] - turn[0] >= SHORTEST_S],
            text.read_text(encoding="utf-8") if text.is_file() else None,
        )


# ---------------------------------------------------------------- counting

HEAD = """\
| way | turns lost | seconds lost | share | longest | told | words | again | backwards | core-s |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""


def _row(way: str, result: Result) -> str:
    gone = [end - start for _, start, end in result.lost]
    share = sum(gone) / result.seconds if result.seconds else 0.0
    return (
        f"| {way} | {len(gone)} of {result.turns} | {sum(gone):.0f} of {result.seconds:.0f} "
        f"| {share:.1%} | {max(gone, default=0.0):.1f} | {result.told_s:.0f} | {result.words} "
        f"| {result.again} | {result.backwards} | {result.core_s:.0f} |"
    )


Listen = Callable[[Recording], tuple[list[Said], float]]
"""Returns the words of a recording, and the seconds of speech reported as not understood."""


def _measured(recordings: Iterable[Recording], listen: Listen) -> Result:
    result = Result()
    for recording in recordings:
        began = time.process_time()
        words, told_s = listen(recording)
        result.core_s += time.process_time() - began
        result.told_s += told_s
        _count(result, recording.name, recording.turns, words)
    return result


def _count(
    result: Result, name: str, turns: Sequence[tuple[float, float]], words: Sequence[Said]
) -> None:
    middles = np.array([(start + end) / 2 for _, start, end in words])
    for start, end in turns:
        count = int(((start <= middles) & (middles < end)).sum())
        result.turns += 1
        result.seconds += end - start
        if count < LEAST * (end - start):
            result.lost.append((name, start, end))
    result.words += len(words)
    result.again += _again(words)
    result.backwards += sum(b[1] < a[1] for a, b in pairwise(words))


def _again(words: Sequence[Said]) -> int:
    """Count the words that end a run which was written within the last minute."""
    known: dict[tuple[str, ...], float] = {}
    count = 0
    keys = [normalise(word) for word, _, _ in words]
    for at in range(RUN, len(words) + 1):
        run, start = tuple(keys[at - RUN : at]), words[at - 1][1]
        count += run in known and start - known[run] < WITHIN_S
        known[run] = start
    return count


# ---------------------------------------------------------------- aligner


def _listener(way: str, args: argparse.Namespace) -> Listen:
    if way in PEERS:
        return _peer(way, args.model)
    captioner = Captioner(Options(engine=args.engine, model=args.model, speakers="off"))

    def listen(recording: Recording) -> tuple[list[Said], float]:
        how = Options(
            engine=args.engine, model=args.model, language="en",
            draft=way not in ("once", "no-draft"), media=str(recording.path),
        )  # fmt: skip
        with _once() if way == "once" else nullcontext():
            made = captioner.caption(from_text(_article(way, recording, args.model)), how)
        captions = made.captions.words if made.captions else ()
        words = [(w.text, w.start_ms / 1000, w.end_ms / 1000) for w in captions]
        return words, sum(map(len, made.not_understood)) / 1000

    return listen


def _once() -> AbstractContextManager[Any]:
    """Within this context, no window is decoded again."""
    return patch.object(Recovery, "recover", lambda _self, _window, words, _encoded: list(words))


def _article(way: str, recording: Recording, model: str) -> str:
    if way in ("once", "no-draft", "other"):
        return (Path(bench.__file__).with_name("reading.txt")).read_text(encoding="utf-8")
    text = recording.text or _heard(recording, model)
    sentences = re.findall(r"[^.?!]+[.?!]*", text)
    return "".join(sentences if way == "said" else sentences[::2])


@cache
def _heard_by(model: str) -> Listen:
    return _peer("faster-whisper", model)


def _heard(recording: Recording, model: str) -> str:
    """Returns faster-whisper's transcript, for recordings without a text."""
    words, _ = _heard_by(model)(recording)
    return " ".join(word.strip() for word, _, _ in words)


# ---------------------------------------------------------------- its peers


def _peer(way: str, model: str) -> Listen:
    if way == "openai-whisper":
        return _openai_whisper(model)
    import faster_whisper

    folder = models.resolve(model, "ctranslate2").path
    engine: Any = faster_whisper.WhisperModel(str(folder), device="cpu", compute_type="int8")
    more: dict[str, Any] = {}
    if way == "faster-whisper-batched":
        engine, more = faster_whisper.BatchedInferencePipeline(engine), {"batch_size": 8}

    def listen(recording: Recording) -> tuple[list[Said], float]:
        segments, _ = engine.transcribe(
            str(recording.path), language="en", word_timestamps=True, **more
        )
        return [(w.word, w.start, w.end) for s in segments for w in s.words], 0.0

    return listen


def _openai_whisper(model: str) -> Listen:
    import whisper

    engine = whisper.load_model(str(models.resolve(model, "openai").path))

    def listen(recording: Recording) -> tuple[list[Said], float]:
        found = engine.transcribe(
            _sound(recording.path).window(0, 1 << 40), language="en", word_timestamps=True,
            fp16=False,
        )  # fmt: skip
        words = [w for segment in found["segments"] for w in segment["words"]]
        return [(w["word"], w["start"], w["end"]) for w in words], 0.0

    return listen


def _sound(path: Path) -> Audio:
    with tempfile.TemporaryDirectory() as folder:
        audio = decode(local(path), Path(folder), lambda *_: None)
        return Audio(np.array(audio.samples), audio.sample_rate)


# ---------------------------------------------------------------- an hour and more


def _long(recordings: Sequence[Recording], args: argparse.Namespace) -> None:
    """Recognise all recordings, repeated as one; prints losses and memory."""
    sounds, turns, at = [], [], 0.0
    for recording in list(recordings) * args.repeat:
        audio = _sound(recording.path)
        turns += [(at + start, at + end) for start, end in recording.turns]
        sounds.append(audio.samples)
        at += len(audio.samples) / audio.sample_rate
    audio = Audio(np.concatenate(sounds), 16_000)
    sounds.clear()
    marks: list[tuple[float, float]] = []

    def follow(heard: Transcript, there: AudioSoFar) -> None:
        share = heard.words[-1].end_ms / there.audio.duration_ms if heard.words else 0.0
        if share >= (len(marks) + 1) / 10:
            marks.append((share, _memory_mb()))

    engine = load(args.engine, args.model, models.resolve)
    began = time.process_time()
    heard = engine.transcribe(
        [vad.run(audio)], options=ListenOptions("en", on_partial=follow), progress=lambda *_: None
    )
    words = [(w.text, w.start_ms / 1000, w.end_ms / 1000) for w in heard.words]
    result = Result(core_s=time.process_time() - began)
    _count(result, "long", turns, words)
    print(f"{at / 60:.0f} minutes\n\n{HEAD}\n{_row('no-draft', result)}\n")
    print("MB at", ", ".join(f"{share:.0%}: {mb:.0f}" for share, mb in marks))


def _memory_mb() -> float:
    """Returns the memory of this process that is not mapped from files."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
