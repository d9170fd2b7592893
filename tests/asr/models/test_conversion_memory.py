"""Conversions hold one array in memory at a time, beside the pages of the mapped file."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_whisper
from test_transformers_folder import published

from aligner.asr.models import ct2_to_openai, quantized, transformers_folder

WIDTH = 256
CONVERSIONS: dict[str, Callable[[Path, Path], None]] = {
    "8 bits": quantized.make,
    "openai": ct2_to_openai.convert,
    "transformers": transformers_folder.convert,
}


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_one_array_at_a_time(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny_whisper, "WIDTH", WIDTH)
    folder = tmp_path / "model"
    if kind == "transformers":
        published(folder)
        size = (folder / transformers_folder.WEIGHTS).stat().st_size
    else:
        tiny_whisper.whole(folder, encoder_layers=12)
        size = (folder / "model.bin").stat().st_size
    CONVERSIONS[kind](folder, tmp_path / "imports")  # first, for what is imported on the way
    tracemalloc.start()
    try:
        CONVERSIONS[kind](folder, tmp_path / "made")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    largest = 4 * WIDTH * WIDTH * 4  # the widest layer, in 32 bits
    assert peak < 4.5 * largest < size
