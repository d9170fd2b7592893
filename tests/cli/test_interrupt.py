"""Signals: noted, heeded, and nothing temporary left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from news_site import PAGE
from server import Reply, Server


@pytest.fixture(autouse=True)
def heeded_hangup() -> Iterator[None]:
    """Programs ignore SIGHUP if the one that starts them does, as under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def run(script: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={"TMPDIR": str(temporary), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
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


def test_a_second_signal_does_not_disturb_the_clean_up(tmp_path: Path) -> None:
    """Nor does one before the command begins, or after its end."""
    ran = run(
        """
        import os, signal
        from aligner.cli import interrupt
        def hit():
            os.kill(os.getpid(), signal.SIGINT)
        def command():
            try:
                hit()
            finally:
                hit()
                print("cleaned up")
        interrupt.listen(command.__code__)
        hit()
        try:
            command()
        except KeyboardInterrupt:
            hit()
            print("interrupted")
        interrupt.cleanup()
        """,
        tmp_path,
    )
    assert (ran.stdout, ran.stderr) == ("cleaned up\ninterrupted\n", "")


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    """As by `nohup aligner ...`."""
    ran = run(
        """
        import os, signal
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        from aligner.cli import interrupt
        interrupt.listen()
        os.kill(os.getpid(), signal.SIGHUP)
        interrupt.raise_if_interrupted()
        print("goes on")
        """,
        tmp_path,
    )
    assert (ran.stdout, ran.stderr) == ("goes on\n", "")


# ---------------------------------------------------------------- whole commands


@pytest.fixture
def site() -> Iterator[Server]:
    """An article whose recording does not come to an end."""
    endless = Reply(b"ID3" + bytes(60_000), "audio/mpeg", drip_s=0.002)
    with Server({"/a/": Reply(PAGE), "/a/russia-and-assad.mp4": endless}) as server:
        yield server


def begun(site: Server, folder: Path) -> subprocess.Popen[str]:
    """A command that has begun to download."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "aligner", "caption", site.url("/a/")]
    process = subprocess.Popen(
        [*command, "-o", str(folder / "out"), "--engine", "recorded", "--model", "none.json",
         "--allow-private", "-q"],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    asked = len(site.asked)
    end = time.monotonic() + 60
    while not (len(site.asked) > asked + 1 and any(temporary.rglob("recording*"))):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    return process


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [("SIGHUP",), ("SIGINT", "SIGINT", "SIGTERM")])
def test_signals_while_a_recording_is_downloaded(
    site: Server, tmp_path: Path, numbers: tuple[str, ...]
) -> None:
    process = begun(site, tmp_path)
    for number in numbers:
        process.send_signal(getattr(signal, number))
        time.sleep(0.03)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (130, "", "aligner: interrupted")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not [p for p in (tmp_path / "out").rglob("*") if p.is_file()]


@pytest.mark.slow
def test_the_next_run_removes_what_a_killed_one_left(site: Server, tmp_path: Path) -> None:
    killed, alive = begun(site, tmp_path), begun(site, tmp_path)
    folders = set((tmp_path / "tmp").iterdir())
    killed.kill()
    killed.communicate()
    third = begun(site, tmp_path)
    left = set((tmp_path / "tmp").iterdir())
    assert len(folders) == 2
    assert len(left & folders) == 1  # that of the one which still runs
    for process in (alive, third):
        process.terminate()
        process.communicate(timeout=60)
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("options", [("check",), ("check", "--jobs", "2"), ("caption",)])
def test_a_signal_while_a_page_is_read(tmp_path: Path, options: tuple[str, ...]) -> None:
    """A library would not heed it for as long as it reads; a process that does so is ended."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.html").write_text("<p>a<b>" * 1_000_000, "utf-8")
    command, *more = options
    names = ("a.html", "b.html") if more else ("a.html",)
    process = subprocess.Popen(
        [sys.executable, "-m", "aligner", command, *names, *more],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while not (begun := children(process.pid, "page_worker")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    time.sleep(1)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.strip().splitlines()[-1]) == (130, "aligner: interrupted")
    assert time.monotonic() - sent < 8
    assert not any(Path(f"/proc/{pid}").exists() for pid in begun)


def children(parent: int, program: str) -> list[int]:
    """The processes of a program that a process has started; needs /proc."""
    lists = Path(f"/proc/{parent}/task").glob("*/children")
    pids = [pid for one in lists for pid in one.read_text().split()]
    return [int(pid) for pid in pids if program in Path(f"/proc/{pid}/cmdline").read_text()]
