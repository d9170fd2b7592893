"""The counting of benchmarks/coverage.py."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parent.parent / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_benchmark", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def said(text: str, start: float, each: float = 0.4) -> list[tuple[str, float, float]]:
    return [(w, start + k * each, start + k * each + 0.3) for k, w in enumerate(text.split())]


def test_a_turn_with_too_few_words_is_lost(benchmark: ModuleType) -> None:
    turns = [(0.0, 4.0), (4.0, 8.0), (8.0, 12.0)]
    result = benchmark.Result()
    words = [*said("a b c", 0.0), *said("d e", 4.0)]
    benchmark._count(result, "x", turns, words)
    assert (result.turns, result.seconds) == (3, 12.0)
    assert result.lost == [("x", 4.0, 8.0), ("x", 8.0, 12.0)]
    assert (result.words, result.again, result.backwards) == (5, 0, 0)


def test_words_twice_and_words_in_the_wrong_order_are_counted(benchmark: ModuleType) -> None:
    text = "one two three four five six"
    assert benchmark._again([*said(text, 0.0), *said(text, 10.0)]) == 2
    assert benchmark._again([*said(text, 0.0), *said(text, 100.0)]) == 0
    result = benchmark.Result()
    benchmark._count(result, "x", [], [*said("a b", 5.0), *said("c d", 4.0)])
    assert result.backwards == 1


def test_a_folder_is_read(benchmark: ModuleType, tmp_path: Path) -> None:
    record = '{"audio": "a.opus", "turns": [{"start": 0, "end": 1}, {"start": 1, "end": 3.5}]}'
    (tmp_path / "one.json").write_text(record)
    (tmp_path / "two.json").write_text(record)
    (tmp_path / "two.txt").write_text("What is said.")
    found = list(benchmark._recordings(tmp_path, set()))
    assert [(r.name, r.turns, r.text) for r in found] == [
        ("one", [(1.0, 3.5)], None),
        ("two", [(1.0, 3.5)], "What is said."),
    ]
    assert [r.name for r in benchmark._recordings(tmp_path, {"tw"})] == ["two"]
