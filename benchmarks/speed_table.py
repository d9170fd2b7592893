"""Makes tables in Markdown of the records of ``speed.py``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from speed_peers import CONTESTANTS

Record = dict[str, Any]
Runs = dict[str, list[Record]]
"""The runs of each contestant, at one length."""

QUIET = 0.05
"""The maximum share of the cores' time that others used during an undisturbed run."""
STEADY = 240.0
"""Seconds of sound from which starting and loading matter little."""


def table(records: Sequence[Record]) -> str:
    """Returns all tables."""
    runs = [r for r in records if r["kind"] == "run"]
    good = [r for r in runs if "failed" not in r]
    parts = [_about(records, runs)]
    lengths = sorted({(r["recording"], r["seconds"]) for r in runs})
    for name, seconds in lengths:
        here = [r for r in good if (r["recording"], r["seconds"]) == (name, seconds)]
        parts.append(f"### {name}, {seconds:.0f} s\n\n" + "\n".join(_rows(_by_name(here), seconds)))
        if figures := list(_figures(_by_name(here))):
            parts.append("\n".join(figures))
    if len(lengths) > 1:
        parts.append("### Against length\n\n" + "\n".join(_growth(good)))
    if failed := [r for r in runs if "failed" in r]:
        lines = (f"- {r['contestant']}, {r['seconds']:.0f} s: {r['failed'][-200:]}" for r in failed)
        parts.append("Failed:\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _about(records: Sequence[Record], runs: Sequence[Record]) -> str:
    """Yields the machine, and whether there was other load."""
    sessions = [r for r in records if r["kind"] == "session"]
    commits = sorted({str(s["commit"]) for s in sessions})
    places = sorted({f"{s['processor']}, {s['cores']} cores, {s['system']}" for s in sessions})
    versions = {f"{n} {v}" for s in sessions for n, v in s["versions"].items()}
    others = [r["others"] for r in runs if r["others"] is not None]
    disturbed = sum(share > QUIET for share in others)
    stolen = max((r["stolen"] or 0 for r in runs), default=0)
    quiet = (
        f"{disturbed} of {len(others)} runs were disturbed (other processes had more than "
        f"{QUIET:.0%} of the cores' time; at most {max(others):.0%}); the host took {stolen:.0%} "
        "at most."
        if others
        else "What else ran is not known."
    )
    where = f"{'; '.join(places)}; aligner at {', '.join(commits)}"
    return f"{where}; {', '.join(sorted(versions))}.\n{quiet}"


def _by_name(runs: Sequence[Record]) -> Runs:
    return {n: found for n in CONTESTANTS if (found := [r for r in runs if r["contestant"] == n])}


def _middle(runs: Sequence[Record], key: str) -> float:
    return median(r[key] or 0 for r in runs)


HEAD = (
    *("", "runs", "seconds (least to most)", "x real time", "core-seconds", "peak MB"),
    *("without mapped files", "words", "times aligner's seconds", "times its memory"),
)


def _rows(runs: Runs, seconds: float) -> Iterator[str]:
    yield _row(HEAD)
    yield _row(["---", *["---:"] * (len(HEAD) - 1)])
    ours = runs.get("aligner")
    for name, found in runs.items():
        walls = [seconds_of(r) for r in found]
        wall, peak = median(walls), _middle(found, "peak_mb")
        yield _row(
            [
                CONTESTANTS[name].title, str(len(found)),
                f"{wall:.2f} ({min(walls):.2f} to {max(walls):.2f})", f"{seconds / wall:.1f}",
                "" if name == "floor" else f"{_middle(found, 'cpu_s'):.1f}", f"{peak:.0f}",
                f"{_middle(found, 'own_mb'):.0f}", f"{_middle(found, 'words'):.0f}",
                f"{wall / _middle(ours, 'wall_s'):.2f}" if ours else "",
                f"{peak / _middle(ours, 'peak_mb'):.2f}" if ours else "",
            ]
        )  # fmt: skip


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figures(runs: Runs) -> Iterator[str]:
    """Yields figures that follow from several contestants together."""
    walls = {name: _middle(found, "wall_s") for name, found in runs.items()}
    if "floor" in runs and "aligner" in walls:
        floor = median(r["floor"]["best_s"] for r in runs["floor"])
        windows = runs["floor"][0]["floor"]
        best = windows["batch"]
        way = "one on each core" if best == "cores" else f"in batches of {best}"
        yield (
            f"- Share of the encoder-only floor: {floor / walls['aligner']:.2f} ({floor:.2f} s for "
            f"{windows['windows']} windows of {windows['sound_s']:.0f} s together, quickest "
            f"{way}; starting, decoding and finding speech took "
            f"{median(r['floor']['before_s'] for r in runs['floor']):.2f} s, loading "
            f"{median(r['floor']['load_s'] for r in runs['floor']):.2f} s more)"
        )
    if {"other", "other-no-draft"} <= walls.keys():
        ratio = walls["other"] / walls["other-no-draft"]
        yield f"- An article that does not match, against the plain path with it: {ratio:.3f}"
    if {"other", "no-draft"} <= walls.keys():
        ratio = walls["other"] / walls["no-draft"]
        yield f"- The same against the plain path with the article that matches: {ratio:.3f}"


def _growth(runs: Sequence[Record]) -> Iterator[str]:
    """Yields the seconds for a minute of sound, and the memory, at every length."""
    lengths = sorted({r["seconds"] for r in runs})
    found = {
        (name, s): [r for r in runs if (r["contestant"], r["seconds"]) == (name, s)]
        for name in CONTESTANTS
        for s in lengths
    }
    for title, value in (
        ("seconds a minute", _a_minute),
        ("peak MB (without mapped files)", _peak),
    ):
        yield _row([title, *(f"{s:.0f} s" for s in lengths)])
        yield _row(["---", *["---:"] * len(lengths)])
        for name, contestant in CONTESTANTS.items():
            if any(found[name, s] for s in lengths):
                cells = (value(found[name, s]) if found[name, s] else "" for s in lengths)
                yield _row([contestant.title, *cells])
        yield ""
    for name in ("aligner", "no-draft"):
        yield from _linear(name, [found[name, s] for s in lengths if s > STEADY and found[name, s]])


def _linear(name: str, by_length: Sequence[Sequence[Record]]) -> Iterator[str]:
    """Yields the growth of time and memory from the shortest to the longest length."""
    if len(by_length) < 2:
        return
    short, long = by_length[0], by_length[-1]
    times = [_middle(r, "wall_s") / r[0]["seconds"] for r in (short, long)]
    more = _middle(long, "peak_mb") - _middle(short, "peak_mb")
    own = _middle(long, "own_mb") - _middle(short, "own_mb")
    yield (
        f"- {CONTESTANTS[name].title}, {long[0]['seconds']:.0f} s against "
        f"{short[0]['seconds']:.0f} s: "
        f"{times[1] / times[0]:.3f} times the seconds a minute, {more:+.0f} MB "
        f"({own:+.0f} MB without mapped files)"
    )


def seconds_of(run: Record) -> float:
    """Returns the seconds of a run; for the floor, those of features and encoder."""
    return float(run["floor"]["best_s"] if "floor" in run else run["wall_s"])


def _a_minute(runs: Sequence[Record]) -> str:
    return f"{median(seconds_of(r) / r['seconds'] * 60 for r in runs):.2f}"


def _peak(runs: Sequence[Record]) -> str:
    return f"{_middle(runs, 'peak_mb'):.0f} ({_middle(runs, 'own_mb'):.0f})"
