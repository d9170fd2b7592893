"""The editor's story, as the commands tell it: what a person did is never lost."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "editors_story.py"


@pytest.mark.slow
def test_nothing_is_lost() -> None:
    ran = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert "WRONG" not in ran.stdout
    assert ran.stdout.endswith("Nothing was lost.\n"), ran.stdout + ran.stderr
    assert ran.returncode == 0
    assert ran.stdout.count("$ aligner") == 13
