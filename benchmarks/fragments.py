"""Measures the errors of the starts of read passages, through the whole command.

    python benchmarks/fragments.py FOLDER... [--changes plain,added,inserted,missing] [--only 0004]
                                   [--keep DIR] [-v]

Each FOLDER has read stories: NAME.mp3, and NAME.json with "fragments" in the order of the reading:
{"text", "start", "end"} in seconds. Text and sound are captioned as by `aligner caption TEXT
--media SOUND`, with the chosen changes:

plain       the text as it is read
added       the middle of the text has a passage of another story, which nobody reads
inserted    the middle of the recording has 20 s of another story's sound between two passages
missing     two passages that are read are not in the text

A passage starts with its first word in the captions, or with the recognised words in its place. If
there are none, as for a soft "the", the second or third word is used ("by a later word"). A passage
without any of the three is "not found", and counts as wrong. With --keep the results stay in DIR
and are used again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path

import numpy as np
from alignment import Timed
from numpy.typing import NDArray

from aligner.audio.decode import decode
from aligner.captions.formats import sidecar
from aligner.discovery.download import local
from aligner.languages import normalise
from aligner.pipeline import steps
from aligner.pipeline.options import Options

RATE = 16_000
INSERTED_S = 20
NEAR_MS, FAR_MS = 300, 1_000
AMONG = 3
"""Number of words at the beginning of a passage by which it is found."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and its start; None if nobody reads it."""

    text: str
    start_ms: float | None
    written: bool = True
    """Whether it is in the text."""


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    passages: tuple[Passage, ...]
    samples: NDArray[np.int16]


def load(path: Path, scratch: Path) -> Story:
    """Returns the story of a JSON file with its sound."""
    known = json.loads(path.read_text(encoding="utf-8"))
    passages = tuple(Passage(part["text"], part["start"] * 1000) for part in known["fragments"])
    name = f"{path.parent.name}-{path.stem}"
    samples = decode(local(path.with_name(known["audio"])), scratch).samples
    return Story(name, passages, np.array(samples))


# ---------------------------------------------------------------- the changes


def plain(story: Story, _: Story) -> Story:
    return story


def added(story: Story, other: Story) -> Story:
    """Insert the longest passage of another story in the middle of the text."""
    middle = len(story.passages) // 2
    unread = max(other.passages, key=lambda passage: len(passage.text))
    more = (*story.passages[:middle], replace(unread, start_ms=None), *story.passages[middle:])
    return replace(story, passages=more)


def inserted(story: Story, other: Story) -> Story:
    """Insert the beginning of another story's sound between the two passages in the middle."""
    middle = len(story.passages) // 2
    cut_ms = story.passages[middle].start_ms or 0.0
    cut = round((cut_ms - 50) * RATE / 1000)
    strange = other.samples[: INSERTED_S * RATE]
    samples = np.concatenate([story.samples[:cut], strange, story.samples[cut:]])
    later = tuple(
        replace(passage, start_ms=(passage.start_ms or 0.0) + len(strange) * 1000 / RATE)
        for passage in story.passages[middle:]
    )
    return replace(story, passages=story.passages[:middle] + later, samples=samples)


def missing(story: Story, _: Story) -> Story:
    """Remove two passages from the text, one in each half."""
    count = len(story.passages)
    left_out = {count // 3, 2 * count // 3}
    passages = tuple(
        replace(passage, written=k not in left_out) for k, passage in enumerate(story.passages)
    )
    return replace(story, passages=passages)


CHANGES: dict[str, Callable[[Story, Story], Story]] = {
    "plain": plain,
    "added": added,
    "inserted": inserted,
    "missing": missing,
}


# ---------------------------------------------------------------- through the command, and measured


def captioned(story: Story, scratch: Path) -> str:
    """Returns the sidecar that the command writes for a story."""
    sound, text = scratch / f"{story.name}.wav", scratch / f"{story.name}.txt"
    with wave.open(str(sound), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(story.samples.tobytes())
    written = (passage.text for passage in story.passages if passage.written)
    text.write_text("\n\n".join(written) + "\n", encoding="utf-8")
    options = Options(media=str(sound), speakers="off")
    return sidecar.render(steps.caption(str(text), options))


@dataclass(frozen=True, slots=True)
class Start:
    """The start of a passage in the captions."""

    off_ms: float
    """The measured start minus the true one."""
    word: int
    """The index of the word by which it was found."""


def starts(story: Story, made: str) -> list[Start | None]:
    """Returns the start of each passage that is read; None if it is not found."""
    words = [Timed(word["text"], word["start_ms"]) for word in json.loads(made)["words"]]
    read = [passage for passage in story.passages if passage.start_ms is not None]
    sounding = [[word for word in passage.text.split() if normalise(word)] for passage in read]
    true = [Timed(word, k) for k, texts in enumerate(sounding) for word in texts]
    first = [0, *accumulate(map(len, sounding))]
    found: dict[int, Start] = {}
    for ours, at in matched(words, true):
        k = int(true[at].start)
        place = at - first[k]
        if place < AMONG and k not in found:
            found[k] = Start(ours.start - (read[k].start_ms or 0.0), place)
    return [found.get(k) for k in range(len(read))]


def matched(made: Sequence[Timed], true: Sequence[Timed]) -> Iterator[tuple[Timed, int]]:
    """Yields pairs of our word and the index of the true word.

    They are the words that agree, and the first of those that differ between two that agree.
    """
    ours, theirs = ([normalise(word.text) for word in side] for side in (made, true))
    for kind, a, end, b, to in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from zip(made[a:end], range(b, to), strict=True)
        elif kind == "replace":
            yield made[a], b


def report(name: str, found: Sequence[Start | None]) -> None:
    """Print one line."""
    known = [start for start in found if start]
    off = np.abs([start.off_ms for start in known])
    near = (off <= NEAR_MS).sum() / len(found)
    median, tenth = np.percentile(off, [50, 90])
    print(
        f"{name:16} {len(found):4} starts  within {NEAR_MS} ms {near:6.1%}  median {median:4.0f}  "
        f"p90 {tenth:4.0f}  worst {off.max():5.0f}  over 1 s {(off > FAR_MS).sum()}  "
        f"by a later word {sum(start.word > 0 for start in known)}  "
        f"not found {len(found) - len(known)}",
        flush=True,
    )


def one(story: Story, change: str, keep: Path | None, verbose: bool) -> list[Start | None]:
    """Caption a changed story and measure it."""
    kept = keep / f"{story.name}-{change}.json" if keep else None
    if kept and kept.is_file():
        made = kept.read_text(encoding="utf-8")
    else:
        with tempfile.TemporaryDirectory() as scratch:
            made = captioned(story, Path(scratch))
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(made, encoding="utf-8")
    found = starts(story, made)
    read = [passage for passage in story.passages if passage.start_ms is not None]
    for start, passage in zip(found, read, strict=True):
        if verbose and (start is None or abs(start.off_ms) > NEAR_MS):
            off = f"{start.off_ms:+.0f} ms" if start else "not found"
            print(f"    {story.name} {change} at {passage.start_ms} ms: {off}: {passage.text[:60]}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--changes", default=",".join(CHANGES))
    parser.add_argument("--only", default="", help="names of stories, comma-separated")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("-v", action="store_true", help="print each wrong start")
    args = parser.parse_args()
    wanted = set(args.only.split(",")) - {""}
    for folder in args.folders:
        paths = sorted(folder.glob("*.json"))
        with tempfile.TemporaryDirectory() as scratch:
            stories = [load(path, Path(scratch)) for path in paths]
        for change in args.changes.split(","):
            together: list[Start | None] = []
            for k, story in enumerate(stories):
                if not wanted or paths[k].stem in wanted:
                    changed = CHANGES[change](story, stories[(k + 1) % len(stories)])
                    together += one(changed, change, args.keep, args.v)
            report(f"{folder.name} {change}", together)


if __name__ == "__main__":
    main()
