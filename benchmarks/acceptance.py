"""What the draft's words are accepted at: errors against work saved.

    python benchmarks/acceptance.py CASES_DIR [--doubts 1,2.5,4] [--only d01,d02] [--minutes 5]

CASES_DIR holds a folder a case: page.html, the recording, and truth.json, which tells what is said.
Every recording is heard without a draft, and with one for each threshold: the surprise in nats from
which on a run of the article's words is in doubt and decoded (``engines/doubts.py``). The last line
accepts everything that has a time.

Printed for all cases together: words wrong, of those said; words "accepted wrongly", which are not
said there but stand in the article beside the word that they stand beside in the transcript
(without a draft these are chance, or the recogniser's own); passages decoded, texts weighed,
windows decoded whole; and processor seconds, which other work on the machine changes by a tenth.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from aligner import engines, vad, web, weights
from aligner.article import extract
from aligner.audio import decode
from aligner.download import local
from aligner.engines import doubts
from aligner.languages import fold
from aligner.match.draft import draft
from aligner.nouns import Article, Audio, Span, Speech

LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    article: Article
    audio: Audio
    speech: Speech
    windows: tuple[Span, ...]
    said: list[str]


@dataclass(frozen=True, slots=True)
class Result:
    """Sums over all cases."""

    said: int
    wrong: int
    accepted_wrongly: int
    seconds: float
    work: Counter[str]


def main() -> None:
    args = _arguments()
    only = set(args.only.split(",")) if args.only else None
    cases = list(_cases(args.cases, only, args.minutes * 60_000))
    print(f"{len(cases)} cases, {sum(len(c.said) for c in cases)} words\n")
    print(
        "| in doubt from | words wrong | accepted wrongly | passages | weighed | whole | core-s |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    _print("(no draft)", _measured(cases, None))
    for nats in [*map(float, args.doubts.split(",")), math.inf]:
        _print(f"{nats:g} nats", _measured(cases, nats))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--doubts", default="1,1.5,2.5,4,6", help="nats, comma-separated")
    parser.add_argument("--only", help="names of cases, comma-separated")
    parser.add_argument("--minutes", type=int, default=5, help="of each recording (5)")
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
        speech = vad.find_speech(audio)
        windows = vad.windows(speech, audio.duration_ms)
        windows = tuple(window for window in windows if window.end <= most_ms)
        words = [w["w"] for w in truth["spoken"] if w["end"] * 1000 <= windows[-1].end]
        article = extract(web.load(place / "page.html", None))
        yield Case(place.name, article, audio, speech, windows, _keys(words))


def _measured(cases: Sequence[Case], nats: float | None) -> Result:
    """Hear every case; with a draft whose words are in doubt from ``nats`` on, or without one."""
    if nats is not None:
        doubts.DOUBT = nats
    engine: Any = engines.load("ctranslate2", "base", weights.resolve)
    work = _counted(engine)
    said = wrong = accepted = 0
    began = time.process_time()
    for case in cases:
        words = draft(case.article, LANGUAGE) if nats is not None else ()
        how = engines.ListenOptions(LANGUAGE, words, speech=case.speech)
        heard = engine.transcribe(case.audio, case.windows, options=how, progress=lambda *_: None)
        missed, taken = _compared(case, _keys([word.text for word in heard.words]))
        said, wrong, accepted = said + len(case.said), wrong + missed, accepted + taken
    return Result(said, wrong, accepted, time.process_time() - began, work)


def _compared(case: Case, heard: list[str]) -> tuple[int, int]:
    """Words wrong (left out, added or others), and those of them that the article has there."""
    printed = _keys(word for part in case.article.paragraphs for word in part.text.split())
    beside = set(pairwise(printed))
    wrong = accepted = 0
    for how, i, j, k, end in SequenceMatcher(None, case.said, heard, autojunk=False).get_opcodes():
        if how == "equal":
            continue
        wrong += max(j - i, end - k)
        for at in range(k, end):
            before, after = tuple(heard[at - 1 : at + 1]), tuple(heard[at : at + 2])
            accepted += before in beside or after in beside
    return wrong, accepted


def _keys(words: Iterable[str]) -> list[str]:
    return [key for word in words if (key := fold(word))]


def _counted(engine: Any) -> Counter[str]:
    """Count what a recogniser is asked."""
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


def _print(name: str, result: Result) -> None:
    work = result.work
    share = f"{result.wrong} ({result.wrong / result.said:.1%})"
    counts = f"{work['go_on']} | {work['verify']} | {work['decode']} | {result.seconds:.0f}"
    print(f"| {name} | {share} | {result.accepted_wrongly} | {counts} |", flush=True)


if __name__ == "__main__":
    main()
