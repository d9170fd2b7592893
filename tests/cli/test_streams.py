"""Standard input, output and error that are closed, full, pipes, or of another encoding."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
ALIGNER = [sys.executable, "-m", "aligner"]
TITLE = "The river’s ‘мост’ 😀"
posix = pytest.mark.skipif(os.name != "posix", reason="descriptors and shells of POSIX")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no such device")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for k in range(3):
        text = f"<html lang=en><title>{TITLE}</title><article><p>The council met.</article>"
        Path(f"{k}.html").write_text(text, encoding="utf-8")
    Path("list").write_text("".join(f"missing-{k}.html\n" for k in range(1000)))
    Path("map.xml").write_text("<urlset><url><loc>http://a.invalid/1</loc></url></urlset>")
    Path("a.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n")
    return tmp_path


def shell(
    command: str, encoding: str = "utf-8", stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Runs a command of bash in which ``aligner`` is the program."""
    python = f'aligner() {{ "{sys.executable}" -m aligner --no-config "$@"; }}; '
    ran = subprocess.run(
        ["bash", "-c", python + command], input=stdin, capture_output=True, timeout=60, check=False,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert b"Traceback" not in ran.stderr
    assert b"unexpected" not in ran.stderr
    assert b"Exception ignored" not in ran.stderr
    return ran


# ---------------------------------------------------------------- encodings


@posix
@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii", "cp1251"])
def test_every_encoding_of_output_shows_every_page(folder: Path, encoding: str) -> None:
    pages = [f"{k}.html" for k in range(len([*folder.glob("*.html")]))]
    ran = shell(f"aligner check --json {' '.join(pages)}", encoding)
    rows = [json.loads(line) for line in ran.stdout.decode(encoding, "replace").splitlines()]
    assert ran.returncode == 0
    assert sorted(row["source"] for row in rows) == pages
    if encoding != "ascii":  # which click replaces by UTF-8
        assert {row["title"] for row in rows} == {TITLE}
    table = shell(f"aligner check {' '.join(pages)}", encoding)
    assert all(page.encode() in table.stdout for page in pages)


@pytest.mark.slow
@posix
def test_a_name_that_is_no_utf_8(folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9.html")
    (folder / name).write_text("<p>The council met.")
    ran = subprocess.run([*ALIGNER, "check", "--json", name], capture_output=True, check=False)
    assert json.loads(ran.stdout)["source"] == "caf\ufffd.html"
    assert ran.returncode == 3


# ---------------------------------------------------------------- what cannot be written


@posix
@needs_full
@pytest.mark.parametrize(
    "command",
    ["check -q 0.html", "check -q --csv 0.html 1.html", "models", "config", "lint a.vtt", "--help"],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
@pytest.mark.slow
def test_an_output_that_takes_nothing(
    folder: Path, command: str, unbuffered: str, where: str
) -> None:
    ran = shell(f"export PYTHONUNBUFFERED={unbuffered}; aligner {command} {where}")
    why = {">&-": "Bad file descriptor"}.get(where, "No space left on device")
    assert ran.stderr.decode() == f"aligner: standard output: cannot be written: {why}\n"
    assert ran.returncode == 1


@pytest.mark.slow
@posix
@needs_full
def test_a_full_output(folder: Path) -> None:
    ran = shell("aligner check -q --json 0.html 1.html >/dev/full")
    assert ran.stderr == b"aligner: standard output: cannot be written: No space left on device\n"
    assert ran.returncode == 1


@pytest.mark.slow
@posix
@needs_full
@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-"])
def test_messages_that_nobody_gets(folder: Path, where: str) -> None:
    ran = shell(f"aligner check missing.html {where}")
    assert (ran.stdout, ran.returncode) == (b"", 2)
    ran = shell(f"aligner check --json 0.html 1.html {where}")
    assert len(ran.stdout.splitlines()) == 2
    assert ran.returncode == 0


@posix
def test_a_reader_that_has_enough(folder: Path) -> None:
    ran = shell("aligner check -q --json --from list | head -n 1 >one; echo ${PIPESTATUS[0]}")
    assert ran.stdout == b"1\n"
    assert ran.stderr == b""
    assert len(Path("one").read_text().splitlines()) == 1


# ---------------------------------------------------------------- what cannot be read


@posix
@pytest.mark.slow
@pytest.mark.parametrize("command", ["check -", "caption -", "batch - -o out", "lint -"])
def test_an_input_that_is_closed(folder: Path, command: str) -> None:
    ran = shell(f"aligner {command} <&-")
    assert ran.stderr.endswith(b"-: standard input cannot be read: Bad file descriptor\n")
    assert ran.returncode == 2


@pytest.mark.slow
@posix
@pytest.mark.parametrize("line", [b"caf\xe9.html\n", b"http://a.invalid/caf\xe9\n", b"\xff\xfe\n"])
def test_an_input_that_is_no_text(folder: Path, line: bytes) -> None:
    ran = shell("aligner caption -", stdin=line)
    assert ran.returncode == 2
    assert ran.stderr.startswith(b"aligner: ")
    ran = shell("aligner check --json --from -", stdin=line + b"0.html\n")
    states = [json.loads(row)["state"] for row in ran.stdout.splitlines()]
    assert (sorted(states), ran.returncode) == (["none", "not_media"], 7)


# ---------------------------------------------------------------- pipes are read once


@posix
@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "rows"),
    [
        ("cat list | aligner check -q --json --from /dev/stdin", 1000),
        ("aligner check -q --csv --from <(cat list)", 1001),
        ("aligner check -q --json --from /dev/stdin <list", 1000),
        ("aligner batch --dry-run <(cat list) -o out | grep missing", 1000),
        ("cat list | aligner batch --dry-run /dev/stdin -o out | grep missing", 1000),
        ("mkfifo pipe; cat list >pipe & aligner batch --dry-run pipe -o out | grep missing", 1000),
        ("aligner batch --dry-run <(cat map.xml) -o out | grep a.invalid", 1),
        ("aligner batch --dry-run --sitemap <(cat map.xml) -o out | grep a.invalid", 1),
        ("aligner batch --dry-run <(gzip <map.xml) -o out | grep a.invalid", 1),
        ('aligner batch --dry-run <(echo \'["a.html","b.html"]\') -o out | grep html', 2),
        ("aligner lint --json <(cat a.vtt)", 1),
    ],
)
def test_a_pipe_is_read_once(folder: Path, command: str, rows: int) -> None:
    ran = shell(command)
    assert len(ran.stdout.splitlines()) == rows, ran.stderr
