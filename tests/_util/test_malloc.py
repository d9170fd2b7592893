"""What is given back: pages of a recording's sound, which come again when it is looked at."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from aligner._util import malloc
from aligner.audio import decode

MB = 1 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what of a map is in memory")
def test_the_pages_of_a_recording_are_given_back_and_come_again(tmp_path: Path) -> None:
    path = tmp_path / "sound.pcm"
    np.arange(4 * MB, dtype="<i2").tofile(path)
    sound = decode.reopen(path)

    assert int(sound.samples.max()) == 32_767
    assert resident_kb(path) == 8 * MB // 1024
    malloc.trim()

    assert resident_kb(path) == 0
    assert int(sound.samples[1_000_000]) == np.int64(1_000_000).astype("<i2")
    assert 0 < resident_kb(path) < 8 * MB // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists maps")
def test_a_recording_that_nobody_holds_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "sound.pcm"
    np.zeros(MB, "<i2").tofile(path)
    decode.reopen(path)

    malloc.trim()

    assert str(path) not in Path("/proc/self/maps").read_text("utf-8")


def resident_kb(path: Path) -> int:
    """How much of a file this process has in memory, mapped."""
    listed = Path("/proc/self/smaps").read_text("utf-8")
    found = re.search(rf"{re.escape(str(path))}\n(?:.*\n)*?Rss: +(\d+) kB", listed)
    assert found
    return int(found[1])
