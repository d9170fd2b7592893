"""Measures the threshold for words of the draft: wrong words accepted, against work saved.

    python benchmarks/calibration/draft_acceptance.py CASES_DIR [--doubts 1.5,2.5,4]
                                                      [--only d01,d02] [--minutes 2]

CASES_DIR has a folder for each case: page.html, the recording, and truth.json with the words that
are spoken. Every recording is recognised without a draft, and with one for each threshold: the
surprisal in nats from which a run of the article's words is doubted and decoded
(``verification.py``). The last line but one accepts everything except numbers, negations and words
without a time. The last line lets the acoustic model confirm no name.

Then every recording is recognised with an article in which every tenth word is replaced by another
one of the article: a name by a name, a number by the next one, a word by a word. If such a word is
in the transcript in the place of the spoken one, it was accepted wrongly.

Prints, for all cases together: wrong words, of those spoken; accepted words, of those replaced, by
kind; and, for the unchanged article, passages decoded, texts scored, windows decoded whole, and
processor seconds, which vary by a tenth with other work on the machine.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from aligner import asr
from aligner.alignment import acoustic
from aligner.alignment.matching.draft_text import draft
from aligner.asr import models
from aligner.asr.draft import verification
from aligner.audio import vad
from aligner.audio.decode import decode
from aligner.discovery.article import extract
from aligner.discovery.download import local
from aligner.languages import normalise
from aligner.net import client
from aligner.types import Audio, AudioSoFar, DraftWord

LANGUAGE = "en"

Draft = tuple[DraftWord, ...]


@dataclass(frozen=True, slots=True)
class Case:
    sound: AudioSoFar
    said: list[str]
    draft: Draft
    otherwise: Draft
    """The draft with other words in it."""
    put_in: dict[str, tuple[str, str]]
    """Each of those: its kind, and the word that it stands for."""


@dataclass(frozen=True, slots=True)
class Result:
    """Sums over all cases."""

    said: int
    wrong: int
    accepted: Counter[str]
    """Words that were put in and found in the transcript, by kind."""
    seconds: float
    work: Counter[str]


def main() -> None:
    args = _arguments()
    only = set(args.only.split(",")) if args.only else None
    cases = list(_cases(args.cases, only, args.minutes * 60_000))
    put_in = Counter(kind for case in cases for kind, _ in case.put_in.values())
    print(f"{len(cases)} cases, {sum(len(c.said) for c in cases)} words said;", end=" ")
    print("put in:", ", ".join(f"{count} {kind}s" for kind, count in sorted(put_in.items())), "\n")
    print("| in doubt from | words wrong | accepted: names, numbers, words |", end="")
    print(" passages | weighed | whole | core-s |\n| --- |" + " ---: |" * 6)
    _print("(no draft)", _measured(cases, lambda _: ()), None)
    usual = verification.THRESHOLD
    for nats in [*map(float, args.doubts.split(",")), math.inf]:
        verification.THRESHOLD = nats
        plain, changed = (_measured(cases, attrgetter(name)) for name in ("draft", "otherwise"))
        _print(f"{nats:g} nats", plain, changed)
    verification.THRESHOLD, verification.MIN_MEAN_SCORE = usual, math.inf
    plain, changed = (_measured(cases, attrgetter(name)) for name in ("draft", "otherwise"))
    _print(f"{usual:g} nats, nothing borne out", plain, changed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--doubts", default="1.5,2.5,4", help="nats, comma-separated")
    parser.add_argument("--only", help="names of cases, comma-separated")
    parser.add_argument("--minutes", type=int, default=2, help="of each recording (2)")
    return parser.parse_args()


def _cases(folder: Path, only: set[str] | None, most_ms: int) -> Iterator[Case]:
    for place in sorted(folder.iterdir()):
        truth_file = place / "truth.json"
        if not truth_file.is_file() or (only and place.name not in only):
            continue
        truth = json.loads(truth_file.read_text(encoding="utf-8"))
        if truth["lang"] != LANGUAGE or not truth["spoken"]:
            continue
        with tempfile.TemporaryDirectory() as work:
            audio = decode(local(place / truth["media"]), Path(work), lambda *_: None)
            audio = Audio(np.array(audio.samples), audio.sample_rate)
        arrived = vad.run(audio)
        windows = tuple(window for window in arrived.windows if window.end <= most_ms)
        words = [w["w"] for w in truth["spoken"] if w["end"] * 1000 <= windows[-1].end]
        written = draft(extract(client.load(place / "page.html", None)), LANGUAGE)
        sound = replace(arrived, windows=windows)
        yield Case(sound, _keys(words), written, *otherwise(written))


def otherwise(words: Draft) -> tuple[Draft, dict[str, tuple[str, str]]]:
    """Returns a draft with every tenth word changed, and the kind and original of each."""
    put_in: dict[str, tuple[str, str]] = {}
    found = list(words)
    for at in range(7, len(words), 10):
        kind = _kind(words[at].text)
        if kind == "number":
            new = re.sub(r"\d+", lambda digits: str(int(digits[0]) + 1), words[at].text)
        else:
            others = [w.text for w in [*words[at + 20 :], *words[:at]] if _kind(w.text) == kind]
            new = next(
                (w for w in others if normalise(w) != normalise(words[at].text)), words[at].text
            )
        if normalise(new) not in put_in and normalise(new) != normalise(words[at].text):
            put_in[normalise(new)] = (kind, normalise(words[at].text))
            found[at] = replace(words[at], text=new)
    return tuple(found), put_in


def _kind(word: str) -> str:
    if any(c.isdigit() for c in word):
        return "number"
    return "name" if word[:1].isupper() else "word"


def _measured(cases: Sequence[Case], draft_of: Callable[[Case], Draft]) -> Result:
    """Recognise every case, with a draft if it has words."""
    engine: Any = asr.load("ctranslate2", "base", models.resolve)
    work = _counted(engine)
    said = wrong = 0
    accepted: Counter[str] = Counter()
    began = time.process_time()
    for case in cases:
        how = asr.ListenOptions(LANGUAGE, draft_of(case), word_spotter=acoustic.word_spotter)
        heard = engine.transcribe([case.sound], options=how, progress=lambda *_: None)
        keys = _keys(word.text for word in heard.words)
        missed, taken = _compared(case.said, keys, case.put_in)
        said, wrong = said + len(case.said), wrong + missed
        accepted += taken
    return Result(said, wrong, accepted, time.process_time() - began, work)


def _compared(
    said: list[str], heard: list[str], put_in: dict[str, tuple[str, str]]
) -> tuple[int, Counter[str]]:
    """Count wrong words, and replaced words that were accepted."""
    wrong = 0
    accepted: Counter[str] = Counter()
    for how, i, j, k, end in SequenceMatcher(None, said, heard, autojunk=False).get_opcodes():
        if how != "equal":
            wrong += max(j - i, end - k)
            known = (put_in[word] for word in heard[k:end] if word in put_in)
            accepted.update(kind for kind, was in known if was in said[i:j])
    return wrong, accepted


def _keys(words: Iterable[str]) -> list[str]:
    return [key for word in words if (key := normalise(word))]


def _counted(engine: Any) -> Counter[str]:
    """Count the requests to a recogniser."""
    work: Counter[str] = Counter()

    def count(name: str, size: Callable[[Any], int]) -> None:
        real = getattr(engine, name)

        def counted(*args: Any, **named: Any) -> Any:
            work[name] += size(args)
            return real(*args, **named)

        setattr(engine, name, counted)

    count("go_on", lambda args: len(args[0]))
    count("verify", lambda _: 1)
    count("decode", lambda args: len(args[0]))
    return work


def _print(name: str, plain: Result, changed: Result | None) -> None:
    work = plain.work
    share = f"{plain.wrong} ({plain.wrong / plain.said:.1%})"
    kinds = ("name", "number", "word")
    taken = ", ".join(str(changed.accepted[kind]) for kind in kinds) if changed else "-"
    counts = f"{work['go_on']} | {work['verify']} | {work['decode']} | {plain.seconds:.0f}"
    print(f"| {name} | {share} | {taken} | {counts} |", flush=True)


if __name__ == "__main__":
    main()
