"""A real browser, and results to review in it."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aligner.captions.formats.sidecar_reader import read
from aligner.captions.profiles import PROFILES
from aligner.captions.store import version_of
from aligner.review.page import PageContext, build
from aligner.review.served_folder import ServerConfig
from aligner.review.server import Server
from aligner.types import Json

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SAMPLE = Path(__file__).parents[1] / "samples" / "russia-and-assad"
RESULT = Path(__file__).parent / "data" / "review"
"""What came out for the sample at one time; the sample itself may come out otherwise."""
NAME = "russia-and-assad"
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
)


def chromium() -> str:
    """The browser's place; the test is skipped where there is none."""
    found = os.environ.get("ALIGNER_CHROMIUM") or shutil.which("chromium")
    found = found or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no browser: install chromium, or name one in ALIGNER_CHROMIUM")
    return found


def node() -> str:
    """Node: the one that playwright brings, else the system's; skips without any."""
    try:
        from playwright._impl._driver import compute_driver_executable

        return compute_driver_executable()[0]
    except ImportError:
        pass
    found = shutil.which("node")
    if not found:
        pytest.skip("no Node: install playwright, or node")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=QUIET.split())
        yield started
        started.close()


def until(page: Page, condition: str) -> None:
    """Wait for something to be so. (The driver's own way needs eval, which the page forbids.)"""
    for _ in range(160):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {condition}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the sample's result and its recording."""
    for suffix in (".json", ".vtt", ".txt"):
        shutil.copy(RESULT / f"{NAME}{suffix}", tmp_path)
    shutil.copy(SAMPLE / f"{NAME}.mp4", tmp_path)
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[Server]:
    with Server(ServerConfig(folder, PROFILES["netflix"], lambda _: None)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def write_page(folder: Path, name: str = NAME, media: str | None = None) -> Path:
    """The page of a sidecar, without an outline of the sound."""
    text = (folder / f"{name}.json").read_text("utf-8")
    outcome, record = read(text)
    shown = PageContext(name, PROFILES["netflix"], media, version=version_of(text), record=record)
    page = folder / f"{name}.html"
    page.write_text(build(outcome, shown), "utf-8")
    return page


@pytest.fixture
def make_page() -> Callable[..., Path]:
    return write_page


Open = Callable[..., "Page"]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens a page in a browser of its own; whatever it complains of fails the test."""
    contexts = []
    complaints: list[str] = []

    def complain(text: str, expected: tuple[str, ...]) -> None:
        if not any(part in text for part in expected):
            complaints.append(text)

    def opened(address: str, expected: tuple[str, ...] = (), **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complain(str(error), expected))
        page.on(
            "console",
            lambda m: complain(m.text, expected) if m.type in ("error", "warning") else None,
        )
        page.goto(address)
        page.wait_for_selector("html[data-ready=yes]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def sidecar(folder: Path, name: str = NAME) -> Json:
    record: Json = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return record
