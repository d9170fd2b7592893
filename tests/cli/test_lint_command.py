"""`aligner lint`: what it prints, writes and ends with."""

import io
import json
import signal
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aligner import cli
from aligner.cli import interrupt
from aligner.cli.lint_run import FAILS

GOOD = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nTwo seconds.\n"
BAD = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nTom & Jerry\n\n00:00:03.000 --> 00:00:05.000\nEnd\n"
MENDED = BAD.replace("&", "&amp;").replace("03.000\nTom", "02.920\nTom")


@dataclass
class Ran:
    code: int
    out: str
    err: str


class Lint:
    def __init__(self, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.patch, self.captured = patch, captured

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Ran:
        self.patch.setattr(sys, "argv", ["aligner", "lint", *map(str, arguments)])
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self.captured.readouterr()
        assert "Traceback" not in err
        return Ran(int(ended.value.code or 0), out, err)


@pytest.fixture
def lint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Lint]:
    before = {number: signal.getsignal(number) for number in interrupt.SIGNALS}
    yield Lint(monkeypatch, capsys)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.vtt"
    path.write_text(BAD, encoding="utf-8")
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.vtt"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_a_good_file(lint: Lint, good: Path) -> None:
    ran = lint(good, "--fail-on", "any")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{good}: vtt, 1 cues, valid\n")
    assert ran.out.count("100 %") == 9


def test_breaches_have_their_line(lint: Lint, bad: Path) -> None:
    ran = lint(bad)
    assert ran.code == 1
    assert ran.out.startswith(f"{bad}:4: bare & (&)\n{bad}: vtt, 2 cues, not valid in 1 places\n")
    assert "gap" in ran.out
    assert "50.0 %" in ran.out
    assert "line 3: a gap of 0.000 s to the next one" in ran.out


def test_a_last_line_without_a_line_end_is_a_note(lint: Lint, tmp_path: Path) -> None:
    path = tmp_path / "short.vtt"
    path.write_text(GOOD.rstrip("\n"), encoding="utf-8")
    ran = lint(path, "--fail-on", "any")
    assert ran.code == 0
    assert ran.out.startswith(f"{path}:4: note: the last line has no line end\n{path}: vtt, 1 cues")
    assert "not valid" not in ran.out
    told = json.loads(lint("--json", path).out)
    assert (told["valid"], told["breaches"]) == (True, [])
    assert told["notes"] == [{"line": 4, "what": "the last line has no line end"}]
    assert lint("--fix", path).code == 0
    assert path.read_text(encoding="utf-8") == GOOD


def test_quiet_prints_breaches_alone(lint: Lint, bad: Path, good: Path) -> None:
    assert lint("-q", bad, good).out == f"{bad}:4: bare & (&)\n"


def test_json_is_one_object_a_file(lint: Lint, bad: Path, good: Path) -> None:
    ran = lint("--json", good, bad)
    assert ran.code == 1
    first, second = map(json.loads, ran.out.splitlines())
    assert (first["schema"], first["file"], first["kind"]) == ("aligner-lint/1", str(good), "vtt")
    assert (first["cues"], first["valid"], first["profile"]) == (1, True, "netflix")
    assert second["breaches"] == [{"line": 4, "what": "bare & (&)"}]
    assert second["rules"]["gap"]["share"] == 0.5
    assert second["rules"]["gap"]["faults"][0]["cue"] == 1
    assert "fixed" not in second


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("invalid", 0), ("gap", 1), ("overlap", 0), ("any", 1), ("overlap,gap", 1)],
)
def test_fail_on(lint: Lint, tmp_path: Path, fail_on: str, code: int) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(BAD.replace("&", "and"), encoding="utf-8")
    assert lint(path, "--fail-on", fail_on).code == code


def test_frames_a_second_decide_about_gaps(lint: Lint, tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(BAD.replace("&", "and").replace("03.000\nTom", "02.966\nTom"), encoding="utf-8")
    assert lint(path, "--fail-on", "gap").code == 1
    assert lint(path, "--fail-on", "gap", "--fps", "59.94").code == 0


def test_standard_input(lint: Lint) -> None:
    assert lint("-", stdin=BAD.encode()).out.startswith("standard input:4: bare &")
    ran = lint("-", "--fix", stdin=BAD.encode())
    assert (ran.code, ran.out) == (0, MENDED)


# ---------------------------------------------------------------- fix


def test_fix_writes_the_file_anew(lint: Lint, bad: Path) -> None:
    bad.chmod(0o640)
    ran = lint("--fix", bad)
    assert ran.code == 0
    assert "50.0 % -> 100 %" in ran.out
    assert f"{bad}: fixed: 1 end times moved, 0 cues with new line breaks" in ran.out
    assert bad.read_text(encoding="utf-8") == MENDED
    assert stat.S_IMODE(bad.stat().st_mode) == 0o640
    assert [path.name for path in bad.parent.iterdir()] == ["bad.vtt"]


def test_fix_with_output_leaves_the_file(lint: Lint, bad: Path) -> None:
    target = bad.with_name("out.vtt")
    ran = lint("--fix", bad, "-o", target, "--json")
    assert bad.read_text(encoding="utf-8") == BAD
    assert target.read_text(encoding="utf-8") == MENDED
    fixed = json.loads(ran.out)["fixed"]
    assert (fixed["out_times_moved"], fixed["cues_rebroken"]) == (1, 0)
    assert fixed["before"]["gap"]["share"] == 0.5


def test_a_good_file_is_not_written(lint: Lint, good: Path) -> None:
    before = good.stat()
    lint("--fix", good)
    assert good.stat().st_mtime_ns == before.st_mtime_ns
    assert good.stat().st_ino == before.st_ino


def test_a_link_stays_a_link(lint: Lint, bad: Path) -> None:
    link = bad.with_name("link.vtt")
    link.symlink_to(bad.name)
    lint("--fix", link)
    assert link.is_symlink()
    assert bad.read_text(encoding="utf-8") == MENDED


def test_a_file_that_cannot_be_read_whole_stays(lint: Lint, tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_bytes(BAD.encode() + b"\xff\n")
    ran = lint("--fix", path)
    assert ran.code == 2
    assert "not fixed, and nothing is written: line 8: a byte that is not UTF-8" in ran.err
    assert f"{path}:8: a byte that is not UTF-8" in ran.out
    assert path.read_bytes() == BAD.encode() + b"\xff\n"


def test_a_folder_that_is_not_there(lint: Lint, bad: Path) -> None:
    ran = lint("--fix", bad, "-o", bad.parent / "none" / "a.vtt")
    assert ran.code == 1
    assert "the folder does not exist" in ran.err


# ---------------------------------------------------------------- wrong use


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.vtt"], "none.vtt: cannot be read: No such file"),
        (["."], "cannot be read: Is a directory"),
        (["x.vtt", "-o", "y.vtt"], "--output goes with --fix"),
        (["x.vtt", "y.vtt", "--fix", "-o", "z.vtt"], "--output goes with a single file"),
        (["x.vtt", "--fail-on", "taste"], "taste: choose from invalid"),
        (["x.vtt", "--profile", "none"], "none"),
        ([], "Missing argument"),
    ],
)
def test_wrong_use_is_told(lint: Lint, arguments: list[str], said: str) -> None:
    ran = lint(*arguments)
    assert ran.code == 2
    assert said in ran.err


def test_of_several_files_one_that_is_none_does_not_stop_the_others(
    lint: Lint, good: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html>", encoding="utf-8")
    ran = lint(page, good)
    assert ran.code == 2
    assert f"{page}: not a caption file" in ran.err
    assert f"{good}: vtt, 1 cues, valid" in ran.out


def test_the_help_names_exit_codes_and_examples(lint: Lint) -> None:
    out = lint("--help").out
    assert "Exit codes:" in out
    assert "aligner lint captions/*.vtt" in out
    assert FAILS[0] == "invalid"
