"""The number of runs decoded at the same time, on machines that are made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_whisper import binary, vocabulary, whisper_model, whole

from aligner._util import machine
from aligner.asr.backends import ctranslate2
from aligner.asr.models import resolve
from aligner.asr.whisper.streams import RESERVE_BYTES, DecoderShape, MachineRoom, stream_count

GB = 1 << 30
BASE, LARGE = DecoderShape(6, 512, 1500), DecoderShape(32, 1280, 1500)
SIZES = {"base": 80_000_000, "large": 1_600_000_000}


def test_a_stream_of_base_and_of_large_takes_what_was_measured() -> None:
    assert BASE.stream_bytes(4) == pytest.approx(220e6, rel=0.15)
    assert LARGE.stream_bytes(4) > 2 * GB


@pytest.mark.parametrize(
    ("cores", "physical", "free_gb", "base", "large"),
    [
        (2, 2, 16, 2, 2),
        (2, 1, 16, 2, 2),  # hyperthreads of a small machine
        (16, 8, 64, 8, 8),
        (64, 64, 16, 64, 4),
        (64, None, 512, 64, 64),
        (16, 16, 4, 15, 1),
        (16, 16, 1, 1, 1),
        (16, 16, None, 16, 16),
        (1, 1, 0, 1, 1),
    ],
)
def test_streams_follow_cores_and_memory(
    cores: int, physical: int | None, free_gb: int | None, base: int, large: int
) -> None:
    room = MachineRoom(cores, physical, None if free_gb is None else free_gb * GB)
    found = [
        stream_count(room, shape.stream_bytes(4), size)
        for shape, size in ((BASE, SIZES["base"]), (LARGE, SIZES["large"]))
    ]
    assert found == [base, large]


def test_no_machine_is_filled_up() -> None:
    for cores in (1, 3, 16, 96):
        for free in range(0, 64 * GB, GB // 2):
            each = LARGE.stream_bytes(4)
            found = stream_count(MachineRoom(cores, cores, free), each, SIZES["large"])
            assert 1 <= found <= cores
            assert found == 1 or found * each + SIZES["large"] + RESERVE_BYTES <= free


def test_the_engine_asks_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(machine, "usable_cores", lambda: 7)
    monkeypatch.setattr(machine, "physical_cores", lambda: 7)
    monkeypatch.setattr(machine, "free_memory", lambda: 8 * GB)
    folder = whole(tmp_path / "mine")
    held = whisper_model(vocabulary=len(vocabulary())) | {"decoder/pre_norm": np.array(1, np.int8)}
    projection = (("decoder/projection/weight", "decoder/embeddings/weight"),)
    (folder / "model.bin").write_bytes(binary(held, aliases=projection))
    weights = resolve(str(folder), "ctranslate2")
    assert ctranslate2.Ctranslate2(weights, "cpu").streams == 7
    monkeypatch.setattr(machine, "free_memory", lambda: 1000)
    assert ctranslate2.Ctranslate2(weights, "cpu").streams == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert ctranslate2.Ctranslate2(weights, "cpu").streams == 3
