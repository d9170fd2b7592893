"""The sample's page and recording belong together, and its server serves ranges as players ask."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urljoin

import httpx
import lxml.html
import pytest

from aligner.audio.decode import probe

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
FOLDER = SAMPLES / "russia-and-assad"
RECORDING = FOLDER / "russia-and-assad.mp4"
SIZE = RECORDING.stat().st_size


def load(name: str) -> ModuleType:
    """A script of samples/, which is no package, as a module."""
    spec = importlib.util.spec_from_file_location(f"samples_{name}", SAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make, serve = load("make"), load("serve")


def page(name: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring((FOLDER / name).read_text(encoding="utf-8"))


def declared_s(document: lxml.html.HtmlElement) -> int:
    (shown,) = document.find_class("js-duration")
    hours, minutes, seconds = map(int, shown.text_content().split(":"))
    return hours * 3600 + minutes * 60 + seconds


def test_recording_is_small_and_has_the_declared_length() -> None:
    found = probe(RECORDING)
    assert (found.has_audio, found.has_video) == (True, True)
    assert found.duration_ms is not None
    assert declared_s(page("index.html")) == round(found.duration_ms / 1000)
    assert SIZE < 3_000_000


def test_page_links_the_recording() -> None:
    (video,) = page("index.html").iter("video")
    assert video.get("src") == RECORDING.name
    (direct,) = page("index.html").find_class("c-mmp__fallback-link")
    assert direct.get("href") == RECORDING.name


def test_page_without_media_names_no_address() -> None:
    document = page("no-media.html")
    assert declared_s(document) == 197
    assert "No media source currently available" in document.text_content()
    assert not list(document.iter("video", "audio", "source", "iframe"))
    assert ".mp4" not in lxml.html.tostring(document, encoding="unicode")


@pytest.mark.parametrize("name", ["index.html", "no-media.html"])
def test_pages_have_the_text_as_it_was_published(name: str) -> None:
    article = tomllib.loads((SAMPLES / "russia-and-assad.toml").read_text(encoding="utf-8"))
    document = page(name)
    shown = [p.text_content() for p in document.xpath("//div[@class='wsw']/p")]
    assert shown == article["body"]
    assert [p.text_content() for p in document.find_class("intro")] == [article["summary"]] * 2
    assert [p.text_content() for p in document.find_class("caption")] == [article["caption"]] * 2


def test_what_is_read_has_no_figures_and_leaves_the_caption_out() -> None:
    article = tomllib.loads((SAMPLES / "russia-and-assad.toml").read_text(encoding="utf-8"))
    script = make._script(article)
    assert script[0].startswith("Next, an editorial")
    assert script[-1].startswith("That was an editorial")
    assert len(script) == 2 + 1 + len(article["body"])
    assert not re.search(r"\d|FILE|ISIL", " ".join(script))


@pytest.mark.slow
def test_pages_are_what_make_writes(tmp_path: Path) -> None:
    article = tomllib.loads((SAMPLES / "russia-and-assad.toml").read_text(encoding="utf-8"))
    (tmp_path / RECORDING.name).symlink_to(RECORDING)
    make._write_pages(article, tmp_path)
    assert make.differences(tmp_path, FOLDER) == []
    (tmp_path / "index.html").write_text("another page", encoding="utf-8")
    assert make.differences(tmp_path, FOLDER) == ["index.html"]


# ---------------------------------------------------------------- the server


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve.serving() as url:
        yield url


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


RANGES = [
    # asked, status, bytes that come
    (None, 200, slice(None)),
    ("bytes=0-99", 206, slice(0, 100)),
    ("bytes=1000-", 206, slice(1000, None)),
    ("bytes=-500", 206, slice(SIZE - 500, None)),
    (f"bytes={SIZE - 10}-{SIZE + 10}", 206, slice(SIZE - 10, None)),
    (f"bytes={SIZE}-", 416, slice(0, 0)),
    ("bytes=9-3", 416, slice(0, 0)),
    ("lines=1-2", 416, slice(0, 0)),
]


@pytest.mark.parametrize(("asked", "status", "part"), RANGES, ids=[str(r[0]) for r in RANGES])
def test_ranges(
    address: str, client: httpx.Client, asked: str | None, status: int, part: slice
) -> None:
    url = urljoin(address, f"russia-and-assad/{RECORDING.name}")
    answer = client.get(url, headers={"Range": asked} if asked else {})
    assert answer.status_code == status
    assert answer.content == RECORDING.read_bytes()[part]
    assert answer.headers["Accept-Ranges"] == "bytes"
    if status == 206:
        start, stop, _ = part.indices(SIZE)
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
        assert answer.headers["Content-Type"] == "video/mp4"


def test_folder_shows_its_page(address: str, client: httpx.Client) -> None:
    answer = client.get(urljoin(address, "russia-and-assad/"))
    assert answer.content == (FOLDER / "index.html").read_bytes()


def test_nothing_outside_the_folder_is_served(address: str, client: httpx.Client) -> None:
    for path in ("../pyproject.toml", "%2e%2e/pyproject.toml"):
        assert client.get(f"{address}{path}").status_code == 404


@pytest.mark.slow
def test_command_gets_the_address_and_its_exit_code_is_kept() -> None:
    code = "import sys, urllib.request as u; u.urlopen(sys.argv[1]).read(); sys.exit(6)"
    command = [sys.executable, str(SAMPLES / "serve.py"), "--", sys.executable, "-c", code]
    ran = subprocess.run([*command, "{url}russia-and-assad/"], check=False, capture_output=True)
    assert (ran.returncode, ran.stderr) == (6, b"")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals to a group of processes")
def test_command_may_take_its_time_to_answer_ctrl_c() -> None:
    code = (
        "import signal, sys, time\n"
        "def answer(*_):\n"
        "    time.sleep(1)\n"
        "    print('interrupted')\n"
        "    sys.exit(130)\n"
        "signal.signal(signal.SIGINT, answer)\n"
        "print('ready', flush=True)\n"
        "for _ in range(600):\n"  # a signal right before a sleep is answered after it
        "    time.sleep(0.1)\n"
    )
    command = [sys.executable, str(SAMPLES / "serve.py"), "--", sys.executable, "-c", code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "interrupted\n")
