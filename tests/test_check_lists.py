"""`aligner check` with lists: what they may be, their bad lines, and remembering what was found."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from server import Reply, Server
from test_check import Checker, check, page, site, video

from aligner.discovery import page_worker
from aligner.pipeline.check.store import FILE, VERSION
from aligner.types import Article, Page

__all__ = ["check", "site"]

FEED = "<rss version='2.0'><channel><title>n</title><item><link>{}</link></item></channel></rss>"
SITEMAP = (
    "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{}</loc></url></urlset>"
)


@pytest.mark.parametrize(
    ("name", "text", "line", "columns"),
    [
        ("l.txt", "# remark\n{}\n", 2, {}),
        ("l.csv", "id,link\n7,{}\n", 2, {"id": "7"}),
        ("l.tsv", "id\turl\n7\t{}\n", 2, {"id": "7"}),
        ("l.jsonl", '\n{{"url": "{}", "id": 7}}\n', 2, {"id": 7}),
        ("l.json", '[{{"url": "{}", "id": 7}}]', None, {"id": 7}),
        ("l.xml", FEED, None, {}),
        ("l.xml", SITEMAP, None, {}),
    ],
)
@pytest.mark.parametrize("where", ["file", "address"])
def test_what_a_batch_reads(
    check: Checker, site: Server, tmp_path: Path, name: str, text: str, line: int | None,
    columns: dict[str, Any], where: str,
) -> None:  # fmt: skip
    given = text.format(site.url("/none"))
    path = tmp_path / name
    path.write_text(given, encoding="utf-8")
    kind = "application/xml" if name.endswith("xml") else "text/plain"
    site.routes[f"/{name}"] = Reply(given.encode(), kind)
    listed = str(path) if where == "file" else site.url(f"/{name}")
    (row,) = check.rows("--from", listed)
    assert (row["source"], row["state"]) == (site.url("/none"), "none")
    assert row["listed"] == {"list": listed, "line": line, "columns": columns}


def test_a_column_by_its_name(check: Checker, site: Server, tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(f"page,url\n{site.url('/none')},no\n{site.url('/plays')},no\n")
    states = check.states("--from", path, "--column", "page")
    assert states == {site.url("/none"): "none", site.url("/plays"): "playable"}


def test_a_bad_line_is_a_line_of_output(check: Checker, site: Server, tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_bytes(
        f"id,url\n1,{site.url('/none')}\n2,\n3,nowhere.html\n4,ftp://x.example/a\n".encode()
        + f'"5,{site.url("/none")}\n6,{site.url("/x")}\xe9\n7,{site.url("/plays")}\n'.encode(
            "latin-1"
        )
    )
    code, out, err = check("--json", "--from", path)
    rows = {row["listed"]["line"]: row for row in map(json.loads, out.splitlines())}
    assert {line: row["state"] for line, row in rows.items()} == {
        2: "none", 3: "not_media", 4: "not_media", 5: "not_media", 6: "not_media", 7: "not_media",
        8: "playable",
    }  # fmt: skip
    reasons = {line: rows[line]["reason"] for line in range(3, 8)}
    assert all(why.startswith(f"{path}, line {line}: ") for line, why in reasons.items())
    assert "no address in the column url" in reasons[3]
    assert "no such file" in reasons[4]
    assert "no such file" in reasons[5]
    assert "quoting is broken" in reasons[6]
    assert "not text in UTF-8" in reasons[7]
    assert (code, "7 sources: 5 not_media, " in err) == (7, True)


def test_csv_says_where_a_source_stands(check: Checker, site: Server, tmp_path: Path) -> None:
    path = tmp_path / "l.txt"
    path.write_text(f"# remark\n{site.url('/none')}\n{site.url('/lost')}\n")
    for remembered in ("no", "yes"):
        out = check("--csv", "--from", path, "--state", tmp_path, "--no-network-embeds")[1]
        rows = {row["line"]: row for row in csv.DictReader(io.StringIO(out))}
        assert {line: row["http_status"] for line, row in rows.items()} == {"2": "200", "3": "404"}
        assert {row["list"] for row in rows.values()} == {str(path)}
        assert {row["remembered"] for row in rows.values()} == {remembered}


def test_bad_lines_on_standard_input(check: Checker, site: Server) -> None:
    code, out, _ = check("-", stdin=f"nowhere.html\n{site.url('/none')}\n")
    assert code == 7
    assert "standard input, line 1: nowhere.html: no such file" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--from", "no-such-list.csv"), "no-such-list.csv: cannot be read"),
        (("--from", "-", "--url", "https://news.example/"), "go with a single source"),
        (("x.html", "--recheck-after", "7d"), "--recheck-after goes with --state"),
        (("x.html", "--state", "s", "--recheck-after", "soon"), "give it like 90m, 12h, 7d or 2w"),
    ],
)
def test_wrong_use(check: Checker, arguments: tuple[str, ...], why: str) -> None:
    code, _, err = check(*arguments)
    assert (code, why in err) == (2, True), err


# ---------------------------------------------------------------- remembering


def rows_of(check: Checker, site: Server, state: Path, *more: str | Path) -> list[dict[str, Any]]:
    site.asked.clear()
    return check.rows("--state", state, "--no-network-embeds", *more)


def test_what_was_found_is_not_asked_again(check: Checker, site: Server, tmp_path: Path) -> None:
    state, given = tmp_path / "seen", [site.url("/plays"), site.url("/none"), site.url("/lost")]
    first = rows_of(check, site, state, *given)
    again = rows_of(check, site, state, *given, site.url("/gone"))
    assert {asked for asked in site.asked if asked != "/robots.txt"} == {"/gone", "/gone.mp4"}
    assert [row["remembered"] for row in again].count(True) == 3
    known = {row["source"]: row for row in again if row["remembered"]}
    assert known == {row["source"]: row | {"remembered": True} for row in first}


@pytest.mark.parametrize(("age_days", "asked"), [(6, False), (8, True)])
def test_what_is_stale_is_asked_again(
    check: Checker, site: Server, tmp_path: Path, age_days: int, asked: bool
) -> None:
    rows_of(check, site, tmp_path, site.url("/none"))
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute("UPDATE findings SET at = at - ?", (age_days * 86_400,))
        db.commit()
    site.routes["/none"] = page(video("/a.mp4"))
    (row,) = rows_of(check, site, tmp_path, site.url("/none"), "--recheck-after", "7d")
    assert (row["remembered"], row["state"]) == ((False, "playable") if asked else (True, "none"))
    (row,) = rows_of(check, site, tmp_path, site.url("/none"))
    assert row["remembered"]  # without the option nothing is too old
    assert datetime.fromisoformat(row["checked"]) < datetime.now(UTC)


def test_what_passes_and_bad_lines_are_asked_again(
    check: Checker, site: Server, tmp_path: Path
) -> None:
    (row,) = rows_of(check, site, tmp_path, "http://127.0.0.1:9/")
    assert (row["state"], row["remembered"]) == ("unreachable", False)
    assert not rows_of(check, site, tmp_path, "http://127.0.0.1:9/")[0]["remembered"]
    listed, saved = tmp_path / "l.txt", tmp_path / "saved.html"
    listed.write_text(f"{saved}\n{site.url('/none')}\n")
    assert "no such file" in rows_of(check, site, tmp_path, "--from", listed)[0]["reason"]
    saved.write_bytes(page().body)
    states = {row["state"] for row in rows_of(check, site, tmp_path, "--from", listed)}
    assert states == {"none"}


def test_looking_in_another_way_is_another_look(
    check: Checker, site: Server, tmp_path: Path
) -> None:
    (one,) = rows_of(check, site, tmp_path, site.url("/gone"), "--no-probe")
    (two,) = rows_of(check, site, tmp_path, site.url("/gone"))
    assert (one["state"], two["state"], two["remembered"]) == ("playable", "gone", False)


def test_exit_codes_of_a_single_source_stay(check: Checker, site: Server, tmp_path: Path) -> None:
    for _ in range(2):
        assert check("--state", tmp_path, site.url("/none"), "--no-network-embeds")[0] == 3


@pytest.mark.parametrize(
    ("change", "code", "why"),
    [
        (b"this is no database" * 500, 2, "not a database of check results, or damaged: remove it"),
        (f"PRAGMA user_version = {VERSION + 1}", 2, "made by a later version of aligner"),
        ("UPDATE findings SET finding = 'x'", 3, ""),
        ("UPDATE findings SET finding = '{}', at = 'y'", 3, ""),
    ],
)
def test_a_state_that_cannot_be_used(
    check: Checker, site: Server, tmp_path: Path, change: bytes | str, code: int, why: str
) -> None:
    rows_of(check, site, tmp_path, site.url("/none"))
    if isinstance(change, bytes):
        (tmp_path / FILE).write_bytes(change)
    else:
        with closing(sqlite3.connect(tmp_path / FILE)) as db:
            db.execute(change)
            db.commit()
    ended, _, err = check("--state", tmp_path, site.url("/none"), "--no-network-embeds")
    assert (ended, why in err) == (code, True), err


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopped_in_the_middle_it_goes_on(
    site: Server, tmp_path: Path, how: signal.Signals
) -> None:
    site.routes |= {f"/s{n}": Reply(page().body, delay_s=0.2) for n in range(12)}
    listed = tmp_path / "l.txt"
    listed.write_text("".join(f"{site.url(f'/s{n}')}\n" for n in range(12)))
    command = [
        sys.executable, "-m", "aligner", "check", "--allow-private", "--json", "--no-cache",
        "--no-network-embeds", "--ignore-robots", "-j", "2", "--state", str(tmp_path / "seen"),
        "--from", str(listed),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    told = [process.stdout.readline() for _ in range(4)]
    os.kill(process.pid, how)
    rest, err = process.communicate(timeout=30)
    assert process.returncode == (-9 if how is signal.SIGKILL else 130)
    assert "Traceback" not in err
    before = {
        json.loads(line)["source"] for line in (*told, *rest.splitlines()) if line.endswith("}\n")
    }
    assert len(before) >= 4
    asked = Counter(site.asked)
    time.sleep(0.3)  # requests under way come to an end
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert Counter(row["source"] for row in rows) == Counter(listed.read_text().split())
    assert {row["source"] for row in rows if row["remembered"]} >= before
    again = Counter(site.asked) - asked
    assert not {site.url(path) for path in again} & before
    assert "of them found earlier" in ran.stderr


def test_an_unforeseen_error_is_its_sources_line(
    check: Checker, site: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = page_worker.article_of

    def sometimes_broken(page: Page) -> Article:
        if str(page.url).endswith("/none"):
            raise RecursionError("a page like a well\nwith water in it")
        return read(page)

    monkeypatch.setattr("aligner.discovery.page_worker.article_of", sometimes_broken)
    code, out, err = check("--json", site.url("/none"), site.url("/plays"), site.url("/gone"))
    rows = {row["source"]: row for row in map(json.loads, out.splitlines())}
    assert {row["state"] for row in rows.values()} == {"unreachable", "playable", "gone"}
    reason = rows[site.url("/none")]["reason"]
    assert reason == "unexpected: RecursionError: a page like a well"
    assert code == 7
    assert "3 sources" in err
