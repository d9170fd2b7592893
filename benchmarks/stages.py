"""Measures the wall time and CPU time of each stage of captioning.

    python benchmarks/stages.py ARTICLE RECORDING [--engine ctranslate2] [--no-draft]

ARTICLE is a page's text (.txt) or a saved page, RECORDING a local file. The stages run in this
process, once; loading libraries and the model counts to the stage that needs them first. CPU time
is that of all cores together. With --no-draft the recogniser does not get the article.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from aligner.audio.decode import probe
from aligner.pipeline import steps
from aligner.pipeline.options import Options


class Clock:
    """Records when each stage begins."""

    def __init__(self) -> None:
        self.marks: list[tuple[str, float, float]] = []

    def stage(self, name: str) -> None:
        self.marks.append((name, time.perf_counter(), time.process_time()))

    def advance(self, _done: int, _total: int | None) -> None:
        return


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("article")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--engine", default="ctranslate2")
    parser.add_argument("--no-draft", action="store_true")
    args = parser.parse_args()
    clock = Clock()
    options = Options(
        media=str(args.recording), speakers="off", engine=args.engine, draft=not args.no_draft
    )
    outcome = steps.caption(args.article, options, clock)
    clock.stage("end")
    length = (probe(args.recording).duration_ms or 0) / 1000
    print(f"{args.recording.name}: {length:.0f} s of sound; {outcome.status}: {outcome.reason}")
    for (name, wall, cpu), (_, wall_end, cpu_end) in zip(
        clock.marks, clock.marks[1:], strict=False
    ):
        print(f"  {name:10} {wall_end - wall:7.2f} s   {cpu_end - cpu:7.2f} core-seconds")
    first, last = clock.marks[0], clock.marks[-1]
    print(f"  {'all':10} {last[1] - first[1]:7.2f} s   {last[2] - first[2]:7.2f} core-seconds")


if __name__ == "__main__":
    main()
