"""Measures the errors of word start times.

    python benchmarks/alignment.py CORPUS [--output DIR] [--heard] [--timing fine]

CORPUS has speech/timit_dev/recordings (sound, text and hand-labelled words) and cases/ (made-up
news pages with recordings and the truth about them). The recordings are timed here, from sound and
text alone. The output of `aligner caption` for a case (see benchmarks/cases.py), or for a recording
and its text, is expected in DIR/<case or recording>/*.json.

With --heard the recordings are also recognised by Whisper base without their text, and the
recogniser's own times are measured. A language without an acoustic model has no other times.
(CORPUS has words with known times in English only.)
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from aligner import asr
from aligner.alignment import acoustic
from aligner.alignment.acoustic.forced_alignment import Utterance, align
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.asr import models
from aligner.audio import vad
from aligner.audio.decode import decode
from aligner.discovery.download import local
from aligner.languages import normalise
from aligner.types import Audio, CaptionWord


@dataclass(frozen=True, slots=True)
class Timed:
    """A word and its start in milliseconds."""

    text: str
    start: float


def report(name: str, errors: Sequence[float]) -> None:
    """Print one line of statistics: measured starts minus true starts."""
    off = np.abs(errors)
    print(
        f"{name:24} {len(off):5} words  mean {off.mean():5.1f}  median {np.median(off):5.1f}  "
        f"bias {np.median(errors):+5.1f}  within 20/50 ms {(off <= 20).mean():.1%} "
        f"{(off <= 50).mean():.1%}  over 200 ms {(off > 200).sum()}  worst {off.max():.0f}",
        flush=True,
    )


# ---------------------------------------------------------------- from sound and text


def roughly(audio: Audio, texts: Sequence[str]) -> tuple[CaptionWord, ...]:
    """Returns rough times of words: the whole recording is aligned as one window."""
    said = [LexiconToken(text, normalise(text)) for text in texts]
    (found,) = align([Utterance(audio.samples, said)])
    if found is None:
        raise SystemExit("a recording's text does not fit its sound")
    return tuple(
        CaptionWord(text, round(place.start), round(place.end), "verified", 1.0)
        for text, place in zip(texts, found, strict=True)
    )


def recordings(folder: Path, scratch: Path, care: acoustic.TimingOptions) -> list[float]:
    """Returns for each hand-labelled recording the errors of its words' starts in ms."""
    errors: list[float] = []
    seconds = took = 0.0
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        audio = decode(local(path.with_suffix(".flac")), scratch)
        rough = roughly(audio, [word["w"] for word in truth["words"]])
        speech = vad.find_speech(audio)
        began = time.process_time()
        words = acoustic.refine(audio, rough, speech, truth["lang"], care)
        took += time.process_time() - began
        seconds += truth["duration"]
        errors += [
            word.start_ms - true["start"] * 1000
            for word, true in zip(words, truth["words"], strict=True)
        ]
    print(f"timed {seconds:.0f} s of sound in {took:.1f} s of one core: {seconds / took:.0f} times")
    return errors


def heard(folder: Path, scratch: Path) -> list[float]:
    """Returns for each recording the errors in ms of the recogniser's starts of correct words."""
    engine = asr.load("ctranslate2", "base", models.resolve)
    errors: list[float] = []
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        audio = decode(local(path.with_suffix(".flac")), scratch)
        how = asr.ListenOptions(truth["lang"])
        found = engine.transcribe([vad.run(audio)], options=how, progress=lambda *_: None)
        ours = [Timed(word.text, word.start_ms) for word in found.words]
        theirs = [Timed(word["w"], word["start"] * 1000) for word in truth["words"]]
        errors += [one.start - other.start for one, other in pairs(ours, theirs)]
    return errors


# ---------------------------------------------------------------- through the whole command


def pairs(made: Sequence[Timed], true: Sequence[Timed]) -> list[tuple[Timed, Timed]]:
    """Yields the pairs of equal words of two lists, in order."""
    ours, theirs = ([normalise(word.text) for word in side] for side in (made, true))
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return [(made[b.a + k], true[b.b + k]) for b in blocks for k in range(b.size)]


def output(made: Path, truth: Path) -> list[float]:
    """Returns the errors in ms of the starts of words that a sidecar shares with a case's truth."""
    found = json.loads(made.read_text(encoding="utf-8"))
    known = json.loads(truth.read_text(encoding="utf-8"))
    spoken = known.get("spoken") or known.get("words", ())
    ours = [Timed(word["text"], word["start_ms"]) for word in found["words"]]
    theirs = [Timed(word.get("written", word["w"]), word["start"] * 1000) for word in spoken]
    return [one.start - other.start for one, other in pairs(ours, theirs)]


def through(folder: Path, truths: dict[str, Path], what: str) -> None:
    """Report the output of the command for each case or recording, and for all together."""
    together: list[float] = []
    for name, truth in truths.items():
        made = next(iter(sorted((folder / name).glob("*.json"))), None)
        if made and (errors := output(made, truth)):
            report(name, errors)
            together += errors
    if together:
        report(f"{what}, whole command", together)


def main() -> None:
    import tempfile

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--output", type=Path, help="folder with the output of aligner caption")
    parser.add_argument(
        "--heard", action="store_true", help="also measure the recogniser's own times"
    )
    parser.add_argument("--timing", choices=["usual", "fine"], default="usual")
    args = parser.parse_args()
    folder = args.corpus / "speech" / "timit_dev" / "recordings"
    with tempfile.TemporaryDirectory() as scratch:
        found = recordings(folder, Path(scratch), acoustic.TimingOptions(args.timing))
        own = heard(folder, Path(scratch)) if args.heard else []
    report("recordings, from text", found)
    if own:
        report("recordings, heard", own)
    if args.output is None:
        return
    cases = sorted((args.corpus / "cases").glob("*/truth.json"))
    through(args.output, {truth.parent.name: truth for truth in cases}, "cases")
    labelled = sorted(folder.glob("*.json"))
    through(args.output, {truth.stem: truth for truth in labelled}, "recordings")


if __name__ == "__main__":
    main()
