"""Plots the records of ``speed.py``: time against length, one line for each contestant.

    python benchmarks/speed_plot.py RUNS.jsonl PICTURE.png

Needs matplotlib (speed-requirements.txt) and nothing of aligner: ``speed.py --plot`` runs it with
the peers' Python.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import median
from typing import Any

STYLES: dict[str, tuple[str, str, str]] = {
    "aligner": ("aligner", "#0b5394", "-"),
    "no-draft": ("aligner --no-draft", "#0b5394", "--"),
    "stable-ts": ("stable-ts, given the text", "#6a329f", "-"),
    "whisper-ctranslate2-batched": ("whisper-ctranslate2, batched", "#b45f06", "--"),
    "whisper-ctranslate2": ("whisper-ctranslate2", "#b45f06", "-"),
    "whisper-timestamped": ("whisper-timestamped", "#38761d", "-"),
    "whisper-greedy": ("openai-whisper, greedy", "#990000", "--"),
    "whisper": ("openai-whisper", "#990000", "-"),
    "floor": ("the encoder alone", "#777777", ":"),
}
"""The contestants that are drawn: label, colour, line style."""

Line = list[tuple[float, float]]
"""Pairs of minutes of sound and seconds of computing, by length."""
TICKS = [a * 10**n for n in range(-1, 5) for a in (1, 2, 5)]


def lines(records: list[dict[str, Any]]) -> dict[str, Line]:
    """Returns the medians of each contestant."""
    runs = [r for r in records if r["kind"] == "run" and "failed" not in r]
    found: dict[str, Line] = {}
    for name in STYLES:
        lengths = sorted({r["seconds"] for r in runs if r["contestant"] == name})
        for length in lengths:
            here = [r for r in runs if (r["contestant"], r["seconds"]) == (name, length)]
            took = median(r["floor"]["best_s"] if "floor" in r else r["wall_s"] for r in here)
            found.setdefault(name, []).append((length / 60, took))
    return found


def draw(found: dict[str, Line], about: str, target: Path) -> None:
    """Draw lines on two logarithmic axes, each with its label at its end."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter

    figure, axes = pyplot.subplots(figsize=(9, 5.5), dpi=150)
    for name, line in found.items():
        title, colour, kind = STYLES[name]
        x, y = zip(*line, strict=True)
        axes.plot(x, y, kind, color=colour, marker="o", markersize=4, label=title)
    axes.set_xscale("log")
    axes.set_yscale("log")
    plain = FuncFormatter(lambda value, _at: f"{value:g}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(plain)
    points = [point for line in found.values() for point in line]
    axes.set_xticks(sorted({x for x, _ in points}))
    least, most = (pick(y for _, y in points) for pick in (min, max))
    axes.set_yticks([y for y in TICKS if least / 2 <= y <= most * 2])
    axes.minorticks_off()
    axes.set_xlabel("minutes of sound")
    axes.set_ylabel("seconds from start to finish")
    axes.set_title(f"Time against length, Whisper base, {about}", fontsize=10)
    axes.grid(visible=True, alpha=0.3)
    handles, titles = axes.get_legend_handles_labels()
    slowest = sorted(
        zip(found.values(), handles, titles, strict=True), key=lambda f: -f[0][-1][1] / f[0][-1][0]
    )
    axes.legend([h for _, h, _ in slowest], [t for *_, t in slowest], fontsize=8)
    figure.tight_layout()
    figure.savefig(target)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("runs", type=Path)
    parser.add_argument("picture", type=Path)
    args = parser.parse_args()
    text = args.runs.read_text(encoding="utf-8")
    records = [json.loads(line) for line in text.splitlines() if line.strip()]
    about = next(r for r in records if r["kind"] == "session")
    draw(lines(records), f"{about['cores']} cores", args.picture)


if __name__ == "__main__":
    main()
