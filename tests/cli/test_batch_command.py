"""`aligner batch`: arguments, what it prints, exit codes, and being killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from news_site import options, site
from server import Server

from aligner.cli import settings
from aligner.cli.batch import batch


@pytest.fixture(scope="module")
def news() -> Iterator[Server]:
    with site(4) as server:
        yield server


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    made = options(tmp_path_factory.mktemp("recorded"))
    return ("--engine", "recorded", "--model", str(made.model), "--allow-private", "--no-cache")


def started(*arguments: str | Path, stdin: str = "") -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-m", "aligner", "batch", *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    process.stdin.write(stdin)
    process.stdin.close()
    process.stdin = None
    return process


def ran(*arguments: str | Path, stdin: str = "") -> tuple[int, str, str]:
    process = started(*arguments, stdin=stdin)
    out, err = process.communicate(timeout=100)
    assert "Traceback" not in err
    return process.returncode, out, err


@pytest.mark.slow
def test_a_list_on_standard_input(news: Server, recorded: tuple[str, ...], tmp_path: Path) -> None:
    given = f"{news.url('/n0/')}\n{news.url('/none/')}\n"
    command = ("-", "-o", str(tmp_path), *recorded)
    code, out, err = ran(*command, "-n", stdin=given)
    assert (code, out.count("would caption"), list(tmp_path.iterdir())) == (0, 2, [])
    code, out, err = ran(*command, "--json", stdin=given)
    assert code == 7
    assert {json.loads(line)["schema"] for line in out.splitlines()} == {"aligner-result/1"}
    assert sorted(json.loads(line)["status"] for line in out.splitlines()) == [
        "captioned", "no_media",
    ]  # fmt: skip
    assert f"2 articles: 1 captioned, 1 no_media; {tmp_path / 'report.html'}" in err
    code, out, err = ran(*command, "--only", "captioned", "-q", stdin=f"{news.url('/n0/')}\n")
    assert (code, err) == (0, "")
    assert "captioned" in out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "give a LIST"),
        (("no-such-list",), "cannot be read"),
        (("-", "--only", "nonsense"), "choose from captioned"),
        (("-", "--fail-on", "nonsense"), "choose from captioned"),
        (("-", "--recheck-after", "7"), "give it like 90m"),
        (("-", "--format", "nonsense"), "choose from vtt"),
        (("-", "--state", "there"), "--state goes with an address"),
        (("-", "--workers", "0"), "give --gpu-workers"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], why: str, tmp_path: Path) -> None:
    code, _, err = ran(*arguments, "-o", tmp_path)
    assert code == 2
    assert why in err


@pytest.mark.slow
def test_the_exit_code_is_about_what_this_run_did(
    news: Server, recorded: tuple[str, ...], tmp_path: Path
) -> None:
    none, lost = news.url("/none/"), news.url("/404")
    first = ("-", "-o", str(tmp_path), *recorded)
    assert ran(*first, stdin=f"{none}\n")[0] == 7
    code, out, err = ran(*first, stdin=f"{none}\n")
    assert (code, out) == (0, "")
    assert "1 articles: 1 no_media; nothing was to be done" in err
    assert ran(*first, stdin=f"{none}\n{lost}\n")[0] == 7
    assert ran(*first, stdin=f"{none}\n{lost}\n")[0] == 0


@pytest.mark.slow
def test_a_dry_run_says_what_is_looked_at_again(
    news: Server, recorded: tuple[str, ...], tmp_path: Path
) -> None:
    command, given = ("-", "-o", str(tmp_path), *recorded), f"{news.url('/none/')}\n"
    ran(*command, stdin=given)
    code, out, err = ran(*command, "-n", "--recheck-after", "0s", stdin=given)
    assert (code, "1 to do" in err) == (0, True)
    assert f"{news.url('/none/')}: would do again (no_media of 20" in out
    assert ran(*command, "-n", "--recheck-after", "1d", stdin=given)[1] == ""
    command = ("-", "-o", str(tmp_path / "heard"), *recorded)
    given = f"{news.url('/n0/')}\n"
    assert ran(*command, stdin=given)[0] == 0
    out = ran(*command, "-n", "--review", stdin=given)[1]
    assert out == f"{news.url('/n0/')}: would write what is missing: n0.*\n"
    assert "would do again (captioned of" in ran(*command, "-n", "-f", stdin=given)[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fail_on", "codes"),
    [("no_media", (7, 7)), ("error", (0, 0)), ("speech_only, no_media", (7, 7)), ("", (0, 0))],
)
def test_what_the_run_fails_on(
    news: Server, recorded: tuple[str, ...], tmp_path: Path, fail_on: str, codes: tuple[int, int]
) -> None:
    command = ("-", "-o", str(tmp_path), *recorded, "--fail-on", fail_on)
    assert tuple(ran(*command, stdin=f"{news.url('/none/')}\n")[0] for _ in codes) == codes


@pytest.mark.slow
def test_results_at_an_address(news: Server, recorded: tuple[str, ...], tmp_path: Path) -> None:
    address = f"file://{tmp_path / 'shared'}"
    command = ("-", "-o", address, "--state", str(tmp_path / "state"), *recorded)
    code, _, err = ran(*command, stdin=f"{news.url('/none/')}\n")
    assert code == 7
    assert f"1 articles: 1 no_media; {address}/report.html" in err
    assert sorted(p.name for p in (tmp_path / "shared").iterdir()) == [
        "none.json", "none.txt", "report.html", "report.jsonl",
    ]  # fmt: skip
    code, out, _ = ran(*command, "-n", stdin=f"{news.url('/none/')}\n")
    assert (code, out) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_stopped_in_the_middle_it_goes_on(
    news: Server, recorded: tuple[str, ...], tmp_path: Path, how: signal.Signals
) -> None:
    given = "".join(f"{news.url(f'/n{n}/')}\n" for n in range(4))
    command = ("-", "-o", str(tmp_path / "out"), *recorded)
    process = started(*command, stdin=given)
    assert process.stdout
    process.stdout.readline()
    os.kill(process.pid, how)
    _, err = process.communicate(timeout=20)
    assert process.returncode == (-9 if how is signal.SIGKILL else 130)
    assert "Traceback" not in err
    began = time.monotonic()
    assert ran(*command, stdin=given)[0] == 0
    assert time.monotonic() - began < 60  # nobody waits for a lease
    made = sorted(p.name for p in (tmp_path / "out").iterdir() if not p.name.startswith("report"))
    assert made == [
        ".aligner", *(f"n{n}.{kind}" for n in range(4) for kind in ("json", "txt", "vtt")),
    ]  # fmt: skip
    report = (tmp_path / "out" / "report.jsonl").read_text("utf-8")
    assert [json.loads(row)["status"] for row in report.splitlines()] == ["captioned"] * 4
    texts = [(tmp_path / "out" / f"n{n}.vtt").read_text("utf-8") for n in range(4)]
    assert len({text.replace(f"/n{n}/", "/") for n, text in enumerate(texts)}) == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_table_on_a_terminal(news: Server, recorded: tuple[str, ...], tmp_path: Path) -> None:
    import pty

    listed = tmp_path / "list.txt"
    listed.write_text(f"{news.url('/n0/')}\n{news.url('/none/')}\n")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "aligner", "batch", listed, "-o", tmp_path / "out", *recorded],
        stdout=subprocess.DEVNULL, stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "150"},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # nobody has the terminal any more
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait(timeout=60) == 7
    text = shown.decode()
    for said in ("of 2", "at work", "no_media", "2 articles: 1 captioned, 1 no_media"):
        assert said in text
    assert "Traceback" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file or directory"),
        ('{\n "schema": "aligner/1"\n}\n', "give a JSON array of addresses"),
        ('["https://news.example/a",\n', "not JSON either: Expecting value: line 2 column 1"),
    ],
)
def test_what_is_no_list_leaves_nothing(tmp_path: Path, text: str | None, why: str) -> None:
    given = tmp_path / "list.json"
    if text is not None:
        given.write_text(text, encoding="utf-8")
    code, _, err = ran(given, "-o", tmp_path / "out")
    assert code == 2
    assert f"list.json: {'cannot be read' if text is None else 'not a list'}: {why}" in err
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------- --keep-media


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        (["l.txt"], None),
        (["--keep-media", "l.txt"], sys.maxsize),  # the flag that it was in 0.2.0
        (["l.txt", "--keep-media"], sys.maxsize),
        (["--keep-media", "-o", "out", "l.txt"], sys.maxsize),
        (["--keep-media", "all", "l.txt"], sys.maxsize),
        (["--keep-media", "25MB", "l.txt"], 25_000_000),
        (["--keep-media=10kb", "l.txt"], 10_000),
        (["--keep-media", "none", "l.txt"], 0),
    ],
)
def test_keep_media_takes_a_size_or_stands_alone(arguments: list[str], size: int | None) -> None:
    given = batch.make_context("batch", list(arguments)).params
    assert (given["keep_media"], given["lists"]) == (size, ("l.txt",))


def test_keep_media_after_the_end_of_options_is_a_list() -> None:
    given = batch.make_context("batch", ["--", "--keep-media", "l.txt"]).params
    assert (given["keep_media"], given["lists"]) == (None, ("--keep-media", "l.txt"))


@pytest.mark.parametrize(("value", "size"), [("true", sys.maxsize), ("1", sys.maxsize), ("0", 0)])
def test_keep_media_in_a_variable_may_be_that_of_a_flag(
    monkeypatch: pytest.MonkeyPatch, value: str, size: int
) -> None:
    monkeypatch.setenv("ALIGNER_KEEP_MEDIA", value)
    settings.add_variables(batch, ("batch",))
    assert batch.make_context("batch", ["l.txt"]).params["keep_media"] == size
