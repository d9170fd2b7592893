"""Measures the quality of cues: limits, unbroken phrases, and agreement with professional breaks.

    pip install -r benchmarks/captions-requirements.txt     for the peers and the tagger
    python benchmarks/captions.py CORPUS [--sidecars DIR] [--only breaks,pairs,rules,speed]

breaks  The cues of each professional caption file are joined, each word gets its share of its cue's
        time, and the words are segmented again. Printed is F1 of the ends of cues, of the ends of
        lines within cues, and of both, by language, for aligner and its peers. Files are counted
        in two halves, those used when the costs were fitted and those held out; and, if there is
        a tagger, by whether the professional kept phrases unbroken. Pauses between cues are kept
        in the times for all segmenters; --no-pauses removes them.
pairs   The share of line and cue ends that separate words which belong together by spaCy's parser.
rules   For the words of sidecars (made by benchmarks/cases.py) and of the read stories: valid
        WebVTT, lines, gaps, durations, reading speed; and the number of cues that every
        segmentation would make too fast or too short, because of the speech.
speed   Seconds of one core for 7,500, 15,000 and 30,000 words.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from caption_pairs import MODELS, split
from caption_peers import CUTTERS
from caption_words import Breaks, Sample, from_readings, from_sidecars, professionals

from aligner.captions.cell_width import cell_width
from aligner.captions.formats.vtt import render
from aligner.captions.profiles import PROFILES, Profile
from aligner.captions.segmentation import CueOptions, make_cues
from aligner.captions.segmentation.line_breaking import COSTS
from aligner.types import CaptionResult, Captions, CaptionWord, Cue

SEEN = ("video1", "video2", "easy-checks", "conformance", "abilities-barriers")
"""Parts of the names of files that were used when the costs were fitted; others are held out."""
PARTED = 0.2
"""If more than this share of a file's ends separate a phrase (see pairs), it was broken by counting
characters; such files are also counted separately."""
KINDS = ("cue ends", "line ends", "both")


# ---------------------------------------------------------------- breaks


def tally(truth: Breaks, made: Breaks) -> list[Counter[str]]:
    """Count right, missing and wrong breaks for each of KINDS."""
    sides = (
        (truth.cues, made.cues),
        (truth.lines, made.lines),
        (truth.cues | truth.lines, made.cues | made.lines),
    )
    return [Counter(right=len(a & b), missing=len(a - b), wrong=len(b - a)) for a, b in sides]


def f1(counts: Counter[str]) -> float:
    both = 2 * counts["right"] + counts["missing"] + counts["wrong"]
    return 100 * 2 * counts["right"] / both if both else 0.0


def show_breaks(samples: list[Sample]) -> None:
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        half = "seen" if any(part in sample.name for part in SEEN) else "held out"
        groups[f"{sample.language} {half}"].append(sample)
        groups[f"{sample.language} all"].append(sample)
        if sample.language in MODELS:
            parted, count = split(sample, _truth(sample))
            kind = "phrases parted" if parted.total() > PARTED * count else "phrases kept"
            groups[f"{sample.language} {kind}"].append(sample)
            groups[f"{sample.language} {kind}, {half}"].append(sample)
    for group, members in sorted(groups.items()):
        print(f"\n{group}: {len(members)} files, {sum(len(s.words) for s in members)} words")
        print(f"{'':14}" + "".join(f"{kind:>12}" for kind in KINDS))
        for name, cutter in CUTTERS.items():
            counts = [Counter[str]() for _ in KINDS]
            for sample in members:
                for total, found in zip(counts, tally(_truth(sample), cutter(sample)), strict=True):
                    total.update(found)
            print(f"{name:14}" + "".join(f"{f1(c):12.1f}" for c in counts))


def without_pauses(sample: Sample) -> Sample:
    """Extend each word to the start of the next, so that only the text tells where cues end."""
    closed = [replace(a, end_ms=b.start_ms) for a, b in pairwise(sample.words)]
    return replace(sample, words=(*closed, sample.words[-1]))


def _truth(sample: Sample) -> Breaks:
    assert sample.breaks  # noqa: S101
    return sample.breaks


# ---------------------------------------------------------------- pairs


def show_pairs(samples: Iterable[Sample]) -> None:
    known = [s for s in samples if s.language in MODELS]
    print(
        f"\nbreaks that part a pair; {len(known)} files, {sum(len(s.words) for s in known)} words"
    )
    for language in MODELS:
        for name, cutter in CUTTERS.items():
            parted, breaks = Counter[str](), 0
            for sample in known:
                if sample.language == language:
                    found, count = split(sample, cutter(sample))
                    parted.update(found)
                    breaks += count
            kinds = ", ".join(f"{kind} {n}" for kind, n in parted.most_common())
            share = 100 * parted.total() / max(breaks, 1)
            print(f"{language} {name:14}{share:6.2f} % of {breaks}: {kinds}")


# ---------------------------------------------------------------- rules


def faults(captions: Captions, profile: Profile, duration_ms: int) -> Counter[str]:
    """Count the cues that break each rule of a profile."""
    found = Counter(cues=len(captions.cues))
    for cue in captions.cues:
        found.update(_faults(cue, profile))
        found["past the end"] += cue.end_ms > duration_ms
    for before, after in pairwise(captions.cues):
        gap = after.start_ms - before.end_ms
        found["gap"] += gap < profile.min_gap_ms or profile.min_gap_ms < gap < profile.chain_ms
    return found


def _faults(cue: Cue, profile: Profile) -> Counter[str]:
    lasts = cue.end_ms - cue.start_ms
    cells = sum(cell_width(line) for line in cue.lines)
    words = sum(len(line.split()) for line in cue.lines)
    return Counter(
        {
            "wide line": sum(cell_width(line) > profile.max_line_chars for line in cue.lines),
            "many lines": len(cue.lines) > profile.max_lines,
            "too long": lasts > profile.max_duration_ms,
            "too short": lasts < profile.min_duration_ms,
            "too quick": profile.reading_ms(cells, words) > lasts + 1,
        }
    )


def show_rules(samples: list[Sample]) -> None:
    for name, standard in PROFILES.items():
        total, least = Counter[str](), Counter[str]()
        for sample in samples:
            profile = standard.for_language(sample.language)
            captions = make_cues(sample.words, sample.language, standard, sample.duration_ms)
            render(
                CaptionResult("captioned", "", sample.name, captions=captions)
            )  # raises if invalid
            total.update(faults(captions, profile, sample.duration_ms))
            total["valid"] += 1
            least.update(_least(sample, standard))
        print(f"\n{name}: {len(samples)} recordings; cues that break a rule:")
        print("  " + ", ".join(f"{rule} {n}" for rule, n in total.items()))
        print(f"  forced by the speech: too quick {least['quick']}, too short {least['short']}")


def _least(sample: Sample, profile: Profile) -> Counter[str]:
    """Returns the fewest cues too fast, and the fewest too short, of any segmentation."""
    found = Counter[str]()
    for kind in ("quick", "short"):
        heavy = {"quick": replace(COSTS, too_fast=1e6), "short": replace(COSTS, too_short=1e6)}
        options = CueOptions(costs=heavy[kind])
        made = make_cues(sample.words, sample.language, profile, sample.duration_ms, options)
        rules = faults(made, profile.for_language(sample.language), sample.duration_ms)
        found[kind] = rules[f"too {kind}"]
    return found


# ---------------------------------------------------------------- speed


def show_speed(samples: list[Sample]) -> None:
    words = [word for s in samples if s.language == "en" for word in s.words]
    print()
    for count in (7_500, 15_000, 30_000):
        many = [_moved(words[k % len(words)], k) for k in range(count)]
        began = time.process_time()
        made = make_cues(tuple(many), "en", PROFILES["netflix"], many[-1].end_ms + 5000)
        print(f"{count} words: {time.process_time() - began:.2f} s, {len(made.cues)} cues")


def _moved(word: CaptionWord, place: int) -> CaptionWord:
    return replace(word, start_ms=place * 360, end_ms=place * 360 + 360, article_word=place)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sidecars", type=Path, help="output folder of benchmarks/cases.py")
    parser.add_argument("--no-pauses", action="store_true", help="remove the pauses between cues")
    parser.add_argument("--only", default="breaks,pairs,rules,speed")
    args = parser.parse_args()
    wanted = args.only.split(",")
    captions = professionals(args.corpus)
    if args.no_pauses:
        captions = [without_pauses(sample) for sample in captions]
    spoken = from_sidecars(args.sidecars) if args.sidecars else []
    spoken += from_readings(args.corpus)
    if "breaks" in wanted:
        show_breaks(captions)
    if "pairs" in wanted:
        show_pairs([s for s in captions if "elephants" not in s.name] + spoken)
    if "rules" in wanted:
        show_rules(spoken)
    if "speed" in wanted:
        show_speed(captions)


if __name__ == "__main__":
    main()
