"""Signals: noted, heeded, and nothing temporary left behind."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest


def run(script: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={"TMPDIR": str(temporary), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_folder_that_nobody_knows_of_yet_is_removed(tmp_path: Path, number: str) -> None:
    """The signal comes right after a folder was made, before its maker could note its name."""
    ran = run(
        f"""
        import os, signal, tempfile
        from aligner.cli import interrupt
        interrupt.listen()
        interrupt.gather_temporary_files()
        made = os.mkdir
        def interrupted(*args):
            made(*args)
            os.kill(os.getpid(), signal.{number})
        os.mkdir = interrupted
        try:
            tempfile.TemporaryDirectory(prefix="work-")
        except KeyboardInterrupt:
            print(sum(len(folders) for _, folders, _ in os.walk({str(tmp_path)!r})))
        interrupt.cleanup()
        """,
        tmp_path,
    )
    assert (ran.stdout, ran.stderr) == ("2\n", "")  # the run's folder, and the lost one in it
    assert list(tmp_path.iterdir()) == []


def test_a_swallowed_signal_is_heeded(tmp_path: Path) -> None:
    ran = run(
        """
        import os, signal
        from aligner.cli import interrupt
        interrupt.listen()
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except BaseException:
            pass
        try:
            interrupt.raise_if_interrupted()
        except KeyboardInterrupt:
            print("heeded")
        """,
        tmp_path,
    )
    assert (ran.stdout, ran.stderr) == ("heeded\n", "")


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_the_exit_code_stays_wherever_the_signal_fell(tmp_path: Path, number: str) -> None:
    """Every dataclass is made by ``exec`` of a text; an interruption there is remembered."""
    (tmp_path / "ended.py").write_text(
        textwrap.dedent(
            f"""
            import os, signal, sys
            from aligner.cli import interrupt
            interrupt.listen()
            try:
                exec("import os, signal; os.kill(os.getpid(), signal.{number}); os.getpid()")
            except KeyboardInterrupt:
                interrupt.cleanup()
                sys.exit(130)
            """
        ),
        encoding="utf-8",
    )
    ran = subprocess.run(
        [sys.executable, "-m", "ended"], cwd=tmp_path, capture_output=True, text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])}, check=False, timeout=60,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (130, "")
