"""Nobody is told of the use of this program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ENCODE = """
import numpy as np
from aligner.types import Audio
from aligner.audio import vad
vad.run(Audio(np.zeros(16_000, np.int16), 16_000))
import sys; assert "onnxruntime" in sys.modules
"""
IMPORT = "from aligner._util.telemetry import silence_onnxruntime; silence_onnxruntime()"


@pytest.mark.slow
@pytest.mark.parametrize("code", [ENCODE, IMPORT], ids=["vad", "import"])
def test_onnxruntime_leaves_no_identifier(tmp_path: Path, code: str) -> None:
    """Versions that send events write one into the user's cache as soon as they are imported."""
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    unchanged = "import os; assert 'ORT_DISABLE_TELEMETRY' not in os.environ"
    subprocess.run([sys.executable, "-c", f"{code}\n{unchanged}"], env=environment, check=True)
    assert not [path for path in tmp_path.rglob("*onnxruntime*") if path.is_file()]
