"""Many sources: one outcome each, and the same again goes on."""

import atexit
import json
import multiprocessing
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from news_site import PAGE, SAMPLE, options, recording, site
from server import Reply, Server

import aligner
from aligner import asr
from aligner.captions import store
from aligner.discovery import sources
from aligner.errors import BadSource, EngineUnavailable, OutputError
from aligner.jobs import FAILED, Batch, BatchOptions, dry_run
from aligner.jobs.selection import JobSelection
from aligner.net import client
from aligner.pipeline import source_lists
from aligner.types import DateRange, FeedItem, Listed, MediaLink

ROOM = Path(tempfile.mkdtemp(prefix="aligner-test-"))
atexit.register(shutil.rmtree, ROOM, ignore_errors=True)
OPTIONS = options(ROOM)


@pytest.fixture(scope="module")
def news() -> Iterator[Server]:
    with site() as server:
        yield server


def batch(folder: Path, sources: list[str], **changes: object) -> list[str]:
    """Statuses of what a run did, by the names of the items."""
    with Batch(OPTIONS, replace(BatchOptions(folder), **changes)) as run:  # type: ignore[arg-type]
        run.enter(sources)
        made = [f"{done.name} {done.outcome.status}" for done in run.results()]
        run.write_reports()
    return sorted(made)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.slow
def test_each_item_ends_in_one_outcome(news: Server, tmp_path: Path) -> None:
    lost = str(tmp_path / "lost.html")
    given = [news.url(p) for p in ("/n0/", "/none/", "/gone/", "/n1/", "/404", "/n0/")]
    made = batch(tmp_path / "out", [*given, lost, "ftp://example.com/x"])
    assert made == [
        "404 error", "gone media_unavailable", "lost error", "n0 captioned", "n1 captioned",
        "none no_media", "x error",
    ]  # fmt: skip
    assert not list((tmp_path / "out" / ".aligner" / "work").iterdir())
    rows = [
        json.loads(line)
        for line in (tmp_path / "out" / "report.jsonl").read_text("utf-8").splitlines()
    ]
    assert Counter(row["status"] for row in rows) == Counter(line.split()[1] for line in made)
    sidecar = json.loads((tmp_path / "out" / "n0.json").read_text("utf-8"))
    assert sidecar["source"]["given"] == given[0]


@pytest.mark.slow
def test_a_batch_writes_what_caption_writes(news: Server, tmp_path: Path) -> None:
    batch(tmp_path / "many", [news.url("/n0/")])
    outcome = aligner.caption(news.url("/n0/"), OPTIONS)
    files = store.write_outcome(outcome, tmp_path / "one", "n0", ("vtt", "json", "txt"))
    for file in files:
        assert file.read_bytes() == (tmp_path / "many" / file.name).read_bytes()


@pytest.mark.slow
def test_what_is_done_is_not_done_again(news: Server, tmp_path: Path) -> None:
    given = [news.url("/n0/"), news.url("/none/")]
    batch(tmp_path, given)
    asked = len(news.asked)
    assert batch(tmp_path, given) == []
    assert len(news.asked) == asked
    (tmp_path / "none.json").unlink()
    assert batch(tmp_path, given) == ["none no_media"]
    assert batch(tmp_path, given, formats=("vtt", "json", "txt", "srt")) == [
        "n0 captioned", "none no_media",
    ]  # fmt: skip
    assert (tmp_path / "n0.srt").is_file()


@pytest.mark.slow
def test_a_folder_without_its_ledger(news: Server, tmp_path: Path) -> None:
    """What `aligner caption` has left, and what a damaged ledger knew, is done."""
    batch(tmp_path, [news.url("/n0/")])
    os.utime(tmp_path / "n0.json", (1793491200, 1793491200))
    (tmp_path / ".aligner" / "ledger.sqlite").write_bytes(b"this is no database" * 1000)
    with Batch(OPTIONS, BatchOptions(tmp_path)) as run:
        assert run.ledger.put_aside
        assert run.enter([news.url("/n0/")]) == 0
        assert run.snapshot().counts == {"captioned": 1}
        run.write_reports()
    (row,) = rows(tmp_path)
    assert row["coverage"]["speech_in_article"] > 0.8
    assert row["places_to_look_at"]["total"] >= 0
    assert (row["started"], row["ended"], row["seconds"]) == (None, "2026-11-01T00:00:00Z", None)


@pytest.mark.slow
def test_choosing_what_to_do(tmp_path: Path) -> None:
    with Server({"/a": Reply(PAGE), "/b": Reply(status=500)}) as server:
        given = [server.url("/a"), server.url("/b")]
        assert batch(tmp_path, given, limit=1) == ["a media_unavailable"]
        with dry_run(OPTIONS, BatchOptions(tmp_path)) as plan:
            assert plan.enter([*given, "new.html"]) == 2
            assert [item.name for item in plan.ledger.wanted()] == ["b", "new"]
        assert batch(tmp_path, given) == ["b error"]
        assert batch(tmp_path, given) == []
        again = batch(tmp_path, given, statuses=("queued", *FAILED))
        assert again == ["a media_unavailable", "b error"]
        assert batch(tmp_path, given, statuses=("error",)) == ["b error"]
    rows = [json.loads(r) for r in (tmp_path / "report.jsonl").read_text("utf-8").splitlines()]
    assert [row["attempts"] for row in rows] == [2, 3]


def aged(folder: Path, days: int) -> None:
    """As if all that ended had ended so many days earlier."""
    with closing(sqlite3.connect(folder / ".aligner" / "ledger.sqlite")) as db:
        db.execute("UPDATE items SET ended = ended - ?", (days * 86_400,))
        db.commit()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({}, []),
        ({"recheck_after": timedelta(days=8)}, []),
        ({"recheck_after": timedelta(days=6)}, ["a media_unavailable", "b error", "c no_media"]),
        ({"recheck_after": timedelta(days=6), "statuses": (), "recheck": ("no_media",)},
         ["c no_media"]),
        ({"statuses": ("gone",)}, ["a media_unavailable"]),
        ({"statuses": ("unreachable", "none")}, ["b error", "c no_media"]),
        ({"statuses": ("login",)}, []),
    ],
)  # fmt: skip
def test_what_is_looked_at_again(
    tmp_path: Path, changes: dict[str, object], again: list[str]
) -> None:
    page = Reply((SAMPLE / "no-media.html").read_bytes())
    with Server({"/a": Reply(PAGE), "/b": Reply(status=500), "/c": page}) as server:
        given = [server.url(path) for path in ("/a", "/b", "/c")]
        first = ["a media_unavailable", "b error", "c no_media"]
        assert batch(tmp_path, given) == first
        aged(tmp_path, 7)
        assert batch(tmp_path, given, **changes) == again
        assert batch(tmp_path, given, **(changes | {"statuses": ("queued",)})) == []


def test_a_recheck_that_was_stopped_goes_on(tmp_path: Path) -> None:
    """With ``--only`` as well, though what was under way is queued again."""
    page = Reply((SAMPLE / "no-media.html").read_bytes())
    with Server({"/a": page, "/b": page}) as server:
        given = [server.url("/a"), server.url("/b")]
        assert batch(tmp_path, given, limit=1) == ["a no_media"]
        only = {"statuses": ("no_media",)}
        how = replace(BatchOptions(tmp_path), **only)  # type: ignore[arg-type]
        with Batch(OPTIONS, how) as run:
            assert run.enter(given) == 1
            assert run.ledger.claim(JobSelection(("no_media",)))
            assert run.ledger.counts() == {"running": 1, "queued": 1}
        assert batch(tmp_path, given, **only) == ["a no_media"]


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(r) for r in (folder / "report.jsonl").read_text("utf-8").splitlines()]


def test_the_report_has_the_lists_own_columns_and_times(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    with Server(
        {"/a": Reply(PAGE), "/b": Reply((SAMPLE / "no-media.html").read_bytes())}
    ) as server:
        a, b = server.url("/a"), server.url("/b")
        listed.write_text(f"id,url,desk\n1,{b},<city>\n2,,sport\n3,{b},again\n4,{a},\n")

        def run(limit: int | None = None) -> list[dict[str, Any]]:
            with Batch(OPTIONS, BatchOptions(tmp_path / "out", limit=limit)) as batch:
                batch.enter(
                    source_lists.read(str(listed), (), batch.session.fetch_list, DateRange())
                )
                list(batch.results())
                batch.write_reports()
            return rows(tmp_path / "out")

        before = datetime.now(UTC).replace(microsecond=0)
        first = run(limit=2)
        assert [row["status"] for row in first] == ["no_media", "error", "queued"]
        assert first[1]["reason"] == f"{listed}, line 3: no address in the column url"
        assert (first[2]["started"], first[2]["ended"], first[2]["seconds"]) == (None,) * 3
        listed.write_text(listed.read_text().replace("city", "town"))
        again = run()
    said = [row["listed"] for row in again]
    assert [(entry["line"], entry["columns"]) for entry in said] == [
        (2, {"id": "1", "desk": "<town>"}),
        (3, {"id": "2", "desk": "sport"}),
        (5, {"id": "4", "desk": ""}),
    ]
    started, ended = (datetime.fromisoformat(again[0][key]) for key in ("started", "ended"))
    assert before <= started <= ended <= datetime.now(UTC)
    assert 0 < again[0]["seconds"] < 60
    assert again[0]["ended"] == first[0]["ended"]
    shown = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "id: 1 · desk: &lt;town&gt;" in shown


def test_articles_of_a_listed_feed_have_its_columns(listing_site: Server, tmp_path: Path) -> None:
    for _ in range(2):  # the second run knows that it is a feed
        with Batch(OPTIONS, BatchOptions(tmp_path)) as run:
            run.enter([Listed(listing_site.url("/feed"), "x.csv", 2, {"desk": "city"})])
            list(run.results())
            run.write_reports()
        said = [row["listed"] for row in rows(tmp_path)]
        assert said == [{"list": "x.csv", "line": 2, "columns": {"desk": "city"}}] * len(said)
        assert len(said) > 1


@pytest.mark.slow
def test_items_of_a_feed(news: Server, tmp_path: Path) -> None:
    link = MediaLink(news.url("/n0/russia-and-assad.mp4"), "video", "feeds")
    item = FeedItem("Russia and Assad", news.url("/none/"), (link,))
    assert [o.status for o in aligner.batch([item], BatchOptions(tmp_path), OPTIONS)] == [
        "captioned"
    ]


# ---------------------------------------------------------------- items that are lists themselves

FEED = """<rss version="2.0"><channel><title>News</title>{}</channel></rss>"""
ENTRY = "<item><title>t</title><link>{}</link><pubDate>{}</pubDate></item>"
OLD, NEW = "Mon, 02 Nov 2026 10:00:00 GMT", "Mon, 09 Nov 2026 10:00:00 GMT"
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


@pytest.fixture
def listing_site() -> Iterator[Server]:
    """Articles that link nothing; /feed and /other list a, b, and themselves; /map lists c."""
    page = Reply((SAMPLE / "no-media.html").read_bytes())
    with Server({f"/{name}": page for name in "abcd"}) as server:
        entries = [("/a", OLD), ("/b", NEW), ("/other", NEW), ("/feed", NEW)]
        feed = FEED.format("".join(ENTRY.format(server.url(path), when) for path, when in entries))
        listed = SITEMAP.format(f"<url><loc>{server.url('/c')}</loc></url>")
        server.routes["/feed"] = Reply(feed.encode(), "application/rss+xml")
        server.routes["/other"] = server.routes["/feed"]
        server.routes["/map"] = Reply(listed.encode(), "application/xml")
        server.routes["/empty"] = Reply(FEED.format("").encode(), "application/rss+xml")
        yield server


@pytest.mark.slow
def test_feeds_and_sitemaps_among_the_items(listing_site: Server, tmp_path: Path) -> None:
    """Their articles are done in their place; a feed that a feed names is not read for ever."""
    given = [listing_site.url(path) for path in ("/feed", "/d", "/map", "/empty")]
    made = ["a no_media", "b no_media", "c no_media", "d no_media", "empty no_media", "other error"]
    assert batch(tmp_path, given) == made
    rows = (tmp_path / "report.jsonl").read_text("utf-8").splitlines()
    assert len(rows) == len(made)
    assert batch(tmp_path, given) == []
    assert batch(tmp_path, given, statuses=("error",)) == ["other error"]
    (tmp_path / "c.json").unlink()
    with dry_run(OPTIONS, BatchOptions(tmp_path)) as plan:
        assert plan.enter(given) == 1


@pytest.mark.slow
def test_limits_and_times_of_lists_among_the_items(listing_site: Server, tmp_path: Path) -> None:
    given = [listing_site.url("/feed"), listing_site.url("/map")]
    since = DateRange(since=datetime(2026, 11, 5, tzinfo=UTC))
    assert batch(tmp_path / "new", given, window=since) == [
        "b no_media", "map no_media", "other error",
    ]  # fmt: skip
    assert len(batch(tmp_path / "few", given[:1], limit=1)) == 1
    assert len(batch(tmp_path / "few", given[:1])) == 2  # the rest of a, b and /other


def test_a_list_that_is_gone_the_next_time(listing_site: Server, tmp_path: Path) -> None:
    given = [listing_site.url("/map")]
    assert batch(tmp_path, given) == ["c no_media"]
    listing_site.routes["/map"] = Reply(status=404)
    assert batch(tmp_path, given) == ["map error"]


@pytest.mark.slow
@pytest.mark.parametrize("size", [True, 1_000_000_000])
def test_recordings_are_kept_if_asked(news: Server, tmp_path: Path, size: int) -> None:
    batch(tmp_path, [news.url("/n0/")], keep_media=size)
    assert names(tmp_path / "media") == ["n0.mp4"]
    assert (tmp_path / "media" / "n0.mp4").read_bytes() == recording()


@pytest.mark.slow
@pytest.mark.parametrize("size", [False, 0, 1, 1000])
def test_larger_recordings_are_not_kept(news: Server, tmp_path: Path, size: int) -> None:
    batch(tmp_path, [news.url("/n0/")], keep_media=size)
    assert not (tmp_path / "media").exists()


@pytest.mark.slow
def test_another_file_with_a_recordings_name_stays(news: Server, tmp_path: Path) -> None:
    mine = tmp_path / "media" / "n0.mp4"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    assert batch(tmp_path, [news.url("/n0/")], keep_media=True) == ["n0 captioned"]
    assert (mine.read_bytes(), names(mine.parent)) == (b"mine", ["n0.mp4"])


@pytest.mark.slow
def test_a_small_disk_budget_only_slows_down(news: Server, tmp_path: Path) -> None:
    made = batch(tmp_path, [news.url(f"/n{n}/") for n in range(3)], disk_bytes=1)
    assert [line.split()[1] for line in made] == ["captioned"] * 3


# ---------------------------------------------------------------- going on, and stopping


def leave_before_listening(folder: Path, news: Server) -> None:
    """What a run leaves where the recogniser is not there."""
    missing = replace(OPTIONS, model=str(folder / "none"))
    with Batch(missing, BatchOptions(folder)) as run:
        run.enter([news.url("/n0/")])
        with pytest.raises((EngineUnavailable, BadSource)):
            next(run.results())


@pytest.mark.slow
def test_going_on_after_the_last_finished_step(news: Server, tmp_path: Path) -> None:
    """The recogniser is not there; then it is: nothing is fetched a second time."""
    leave_before_listening(tmp_path, news)
    asked = len(news.asked)
    assert batch(tmp_path, [news.url("/n0/")]) == ["n0 captioned"]
    assert len(news.asked) == asked


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["shorter", "gone", "nonsense"])
def test_what_is_not_as_it_was_left_is_begun_anew(
    news: Server, tmp_path: Path, damage: str
) -> None:
    leave_before_listening(tmp_path, news)
    (sound,) = (tmp_path / ".aligner" / "work").rglob("*.pcm")
    if damage == "shorter":
        sound.write_bytes(sound.read_bytes()[:100])
    elif damage == "gone":
        sound.unlink()
    else:
        with Batch(OPTIONS, BatchOptions(tmp_path)) as run, run.ledger.changing() as db:
            db.execute("UPDATE items SET state = ?", (b'{"step": "listen"}',))
    assert batch(tmp_path, [news.url("/n0/")]) == ["n0 captioned"]


def test_what_a_killed_run_left_is_cleared_up(news: Server, tmp_path: Path) -> None:
    given = [news.url("/none/")]
    batch(tmp_path, given)
    left = tmp_path / ".aligner" / "work" / "1"
    left.mkdir()
    (left / "recording.mp4").write_bytes(b"x")
    assert batch(tmp_path, given) == []
    assert not left.exists()


@pytest.mark.slow
def test_a_full_disk_stops_the_run_and_nothing_is_lost(
    news: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        raise OutputError(path, store.REASONS[28])

    given = [news.url("/none/"), news.url("/n0/")]
    with monkeypatch.context() as patch:
        patch.setattr(store, "atomic_write", full)
        patch.setattr(store.journal, "write_temporary", full)
        with pytest.raises(OutputError, match="the disk is full"):
            batch(tmp_path, given)
    assert batch(tmp_path, given) == ["n0 captioned", "none no_media"]


def test_a_disk_that_is_full_for_the_ledger(tmp_path: Path) -> None:
    """As SQLite says it; what was done before is there, and there is no half of the rest."""
    with Server({"/a": Reply(PAGE), "/b": Reply(PAGE)}) as server:
        given = [server.url("/a"), server.url("/b")]
        assert batch(tmp_path, given[:1]) == ["a media_unavailable"]
        with Batch(OPTIONS, BatchOptions(tmp_path)) as run:
            pages = run.ledger.query("PRAGMA page_count")[0][0]
            run.ledger.query(f"PRAGMA max_page_count = {pages}")
            with pytest.raises(OutputError, match="full"):
                run.enter([*given, *(f"{given[1]}?{n}" for n in range(1000))])
        assert batch(tmp_path, given) == ["b media_unavailable"]


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each item says so; when there is one, ``--retry-failed`` does them."""

    def nobody(*_: object, **__: object) -> None:
        raise OSError(101, "Network is unreachable")

    with Server({"/a": Reply((SAMPLE / "no-media.html").read_bytes())}) as server:
        with monkeypatch.context() as patch:
            patch.setattr("socket.socket.connect", nobody)
            assert batch(tmp_path, [server.url("/a")]) == ["a error"]
        reason = json.loads((tmp_path / "a.json").read_text("utf-8"))["reason"]
        assert "cannot be reached" in reason
        again = batch(tmp_path, [server.url("/a")], statuses=("queued", *FAILED))
        assert again == ["a no_media"]


def test_a_clock_that_was_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done stays done, and the rest is done, whatever year it is."""
    page = Reply((SAMPLE / "no-media.html").read_bytes())
    with Server({"/a": page, "/b": page}) as server:
        given = [server.url("/a"), server.url("/b")]
        assert batch(tmp_path, given[:1]) == ["a no_media"]
        now = time.time
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda: now() - 3e8)
            assert batch(tmp_path, given) == ["b no_media"]
        assert batch(tmp_path, given) == []


@pytest.mark.parametrize("keep", [0, 100, 0.5])
def test_a_ledger_with_holes(tmp_path: Path, keep: float) -> None:
    """Bytes of it are gone, from some place on: it is put aside, and the files say what is done."""
    page = Reply((SAMPLE / "no-media.html").read_bytes())
    with Server({f"/{name}": page for name in "abc"}) as server:
        given = [server.url(f"/{name}") for name in "abc"]
        assert len(batch(tmp_path, given[:2])) == 2
        ledger = tmp_path / ".aligner" / "ledger.sqlite"
        whole = ledger.read_bytes()
        first = int(keep * len(whole)) if keep < 1 else int(keep)
        ledger.write_bytes(whole[:first] + b"\x55" * (len(whole) - first))
        assert batch(tmp_path, given) == ["c no_media"]
        assert list(ledger.parent.glob("damaged-*.sqlite"))


def test_what_no_library_should_raise_is_an_outcome(
    news: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError("a page like a well")

    monkeypatch.setattr(sources, "survey", broken)
    given = [news.url("/n0/"), "lost.html"]
    assert batch(tmp_path, given) == ["lost error", "n0 error"]
    made = json.loads((tmp_path / "n0.json").read_text("utf-8"))
    assert made["reason"] == "unexpected at step find: RecursionError: a page like a well"


def test_an_item_that_kills_the_program_is_given_up(news: Server, tmp_path: Path) -> None:
    given = [news.url("/n0/")]
    with Batch(OPTIONS, BatchOptions(tmp_path)) as run:
        run.enter(given)
        with run.ledger.changing() as db:
            db.execute("UPDATE items SET deaths = 5")
    assert batch(tmp_path, given) == ["n0 error"]
    assert "given up" in (tmp_path / "n0.json").read_text("utf-8")


@pytest.mark.slow
def test_the_recogniser_is_loaded_once(
    news: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = []
    load = asr.load

    def counted(*given: Any) -> asr.Engine:
        loads.append(given)
        return load(*given)

    monkeypatch.setattr(asr, "load", counted)
    batch(tmp_path, [news.url("/n0/"), news.url("/n1/")])
    assert len(loads) == 1


# ---------------------------------------------------------------- servers that misbehave


def reset() -> Iterable[bytes]:
    raise ConnectionResetError


@pytest.mark.slow
def test_servers_that_misbehave(news: Server, tmp_path: Path) -> None:
    """Each is an outcome of its own; the others go on."""
    routes = {
        "/stalls": Reply(PAGE, delay_s=5),
        "/resets": Reply(chunks=reset),
        "/lies": Reply(PAGE, promised=len(PAGE) + 1000),
        "/short/": Reply(PAGE),
        "/short/russia-and-assad.mp4": Reply(recording()[:5000], "video/mp4", promised=90_000),
        "/text/": Reply(PAGE),
        "/text/russia-and-assad.mp4": Reply(b"<html>not found", "video/mp4"),
    }
    busy = {"/limits": Reply(status=429, headers={"Retry-After": "3600"})}
    web = client.WebOptions(timeout_s=3)
    with Server(routes) as server, Server(busy) as other:  # the whole host is left alone for 429
        given = [server.url(path) for path in routes if not path.endswith(".mp4")]
        given.append(other.url("/limits"))
        nowhere = "http://127.0.0.1:9/closed"
        made = batch(tmp_path, [*given, nowhere, news.url("/n0/")], web=web)
    assert made == [
        "closed error", "lies error", "limits error", "n0 captioned", "resets error",
        "short media_unavailable", "stalls error", "text media_unavailable",
    ]  # fmt: skip


def test_a_corrupt_cache(news: Server, tmp_path: Path) -> None:
    web = client.WebOptions(cache=tmp_path / "cache")
    batch(tmp_path / "one", [news.url("/none/")], web=web)
    (tmp_path / "cache").mkdir(exist_ok=True)
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(b"\x00nonsense")
    assert batch(tmp_path / "two", [news.url("/none/")], web=web) == ["none no_media"]


# ---------------------------------------------------------------- two at once


def _run(folder: Path, given: list[str], made: "multiprocessing.Queue[list[str]]") -> None:
    made.put(batch(folder, given))


@pytest.mark.slow
def test_two_runs_share_a_folder(tmp_path: Path) -> None:
    with site(6) as server:
        given = [server.url(f"/n{n}/") for n in range(6)]
        fork = multiprocessing.get_context("spawn")
        made = fork.Queue()
        runs = [fork.Process(target=_run, args=(tmp_path, given, made)) for _ in range(2)]
        for run in runs:
            run.start()
        both = [made.get(timeout=100) for _ in runs]
        for run in runs:
            run.join()
        fetched = Counter(path for path in server.asked if path.endswith("/"))
    assert sorted(both[0] + both[1]) == [f"n{n} captioned" for n in range(6)]
    assert set(fetched.values()) == {1}


@pytest.mark.slow
def test_one_that_stops_reading_lets_go(news: Server, tmp_path: Path) -> None:
    given = [news.url(f"/n{n}/") for n in range(3)]
    first = next(iter(aligner.batch(given, BatchOptions(tmp_path), OPTIONS)))
    assert first.status == "captioned"
    assert not [t for t in threading.enumerate() if not t.daemon and "main" not in t.name.lower()]
    rest = batch(tmp_path, given)
    assert 1 <= len(rest) <= 2
