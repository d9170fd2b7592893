"""The benchmark's own sums: what a process took, whose turn it is, medians and ratios."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
try:
    import speed
    import speed_material
    import speed_plot
    import speed_runs
    import speed_table
finally:
    sys.path.pop(0)

CHILD = "import sys; x = b'1' * (100 << 20); print('ready', flush=True); sys.stdin.read()"
PARENT = f"""
import sys, time
from subprocess import PIPE, Popen
children = [Popen([sys.executable, "-c", {CHILD!r}], stdin=PIPE, stdout=PIPE) for _ in range(2)]
for child in children: child.stdout.readline()
time.sleep(2)
for child in children: child.communicate()
"""


def python(code: str, timeout_s: float = 60) -> speed_runs.Run:
    return speed_runs.run([sys.executable, "-c", code], os.environ, timeout_s)


@pytest.mark.slow
def test_what_a_process_says_and_takes() -> None:
    ran = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(6)")
    assert (ran.code, ran.said, ran.complaint) == (6, "out\n", "err\n")
    assert 0 < ran.cpu_s < ran.wall_s * (os.cpu_count() or 1)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_is_the_childrens_too() -> None:
    ran = python(PARENT)
    assert ran.own_mb is not None
    assert 200 < ran.own_mb < 400
    assert ran.own_mb <= ran.peak_mb  # the kernel's count begins with what started it: these tests


def test_a_process_that_takes_too_long_is_ended() -> None:
    ran = python("import time; time.sleep(600)", timeout_s=1)
    assert ran.code < 0


def test_rounds_begin_with_another_one_each_time() -> None:
    what: Any = "a recording"
    turns = [name for name, _ in speed._turns(["a", "b", "c"], [what], range(1, 3))]
    assert turns == ["b", "c", "a", "c", "a", "b"]


def test_words_are_those_of_the_cues(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text(
        "WEBVTT\n\nNOTE\nnot these words\n\n1\n00:01.000 --> 00:02.000 line:0\n"
        "two <00:01.500>words\nthree\n\n00:02.000 --> 00:03.000\nfour",
        "utf-8",
    )
    (tmp_path / "a.words.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\ntwo", "utf-8")
    assert speed._words(tmp_path) == 4


# ---------------------------------------------------------------- tables


def note(contestant: str, wall_s: float, seconds: float = 300.0, **more: Any) -> dict[str, Any]:
    return {
        "kind": "run", "contestant": contestant, "recording": "a/b.opus", "seconds": seconds,
        "wall_s": wall_s, "cpu_s": 2 * wall_s, "peak_mb": 500.0, "own_mb": 400.0, "others": 0.01,
        "stolen": 0.0, "code": 0, "words": 700, **more,
    }  # fmt: skip


SESSION = {
    "kind": "session", "cores": 2, "processor": "a processor", "system": "Linux", "python": "3",
    "commit": "abc", "versions": {"aligner": "0.1.0"},
}  # fmt: skip
FLOOR = {
    "windows": 12, "sound_s": 290.0, "load_s": 1.0, "before_s": 2.0, "batch": 1, "best_s": 6.0,
}  # fmt: skip


def test_medians_and_ratios() -> None:
    walls = (11.0, 10.0, 30.0)
    notes = [SESSION, *(note("aligner", wall, others=wall / 100) for wall in walls)]
    notes += [note("whisper", 55.0), note("floor", 40.0, floor=FLOOR), note("other", 21.0, code=6)]
    notes += [note("other-no-draft", 20.0), note("stable-ts", 1.0, failed="out of memory")]
    text = speed_table.table(notes)
    rows = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if "|" in line}
    assert "| 3 | 11.00 (10.00 to 30.00) | 27.3 |" in rows["aligner"]
    assert rows["openai-whisper, its defaults (beam 5)"].endswith("| 5.00 | 1.00 |")
    assert "| 6.00 (6.00 to 6.00) | 50.0 |" in rows["the encoder alone (features, encoder)"]
    assert "floor: 0.55" in text
    assert "against the plain path with it: 1.050" in text
    assert "3 of 8 runs were disturbed" in text
    assert "stable-ts, 300 s: out of memory" in text


def test_growth() -> None:
    notes = [SESSION, note("aligner", 10.0), note("aligner", 378.0, 10_800.0, peak_mb=560.0)]
    text = speed_table.table(notes)
    assert "| aligner | 2.00 | 2.10 |" in text
    assert "10800 s against 300 s: 1.050 times the seconds a minute, +60 MB (+0 MB" in text


def test_the_plot_has_a_line_a_contestant() -> None:
    notes = [SESSION, note("aligner", 10.0), note("aligner", 12.0), note("aligner", 4.0, 60.0)]
    notes += [note("floor", 9.0, floor=FLOOR), note("whisper", 1.0, failed="killed")]
    assert speed_plot.lines(notes) == {"aligner": [(1, 4), (5, 11)], "floor": [(5, 6)]}


# ---------------------------------------------------------------- what is read in a part


def test_the_article_is_cut_where_the_reading_is_and_repeated_with_it(tmp_path: Path) -> None:
    paragraphs = [
        {"role": "title", "text": "The title"},
        {"role": "caption", "text": "A photo"},
        {"role": "body", "text": "One two three."},
        {"role": "body", "text": "Four five."},
    ]
    times = ((1000, 4), (2000, 5), (3000, 6), (3500, None), (4000, 7), (5000, 8))
    words = [{"end_ms": end, "article_word": at} for end, at in times]
    result = {"lang": "en", "article": paragraphs, "words": words}
    text = json.loads(json.dumps(result))
    whole = speed_material.Source("a", "b", tmp_path / "a.wav", 6.0, text)
    assert list(speed_material._read(whole, 2.5)) == ["One two"]
    assert list(speed_material._read(whole, 4.2)) == ["One two three.", "Four"]
    assert list(speed_material._read(whole, 8.0)) == ["One two three.", "Four five.", "One two"]
