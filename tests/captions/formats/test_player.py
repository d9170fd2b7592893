"""The snippet in a real browser: its track has our cues, their times and their texts."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from outcomes import CUES, outcome, words
from server import Reply, Server

from aligner.captions.formats import FORMATS, Look
from aligner.types import CaptionResult, Cue

SAID = words("Tell AT&T that Lavrov left at noon")
SPOKEN = (
    Cue(0, 1500, ("- Tell AT&T that", "Lavrov"), "respelled"),
    Cue(1580, 3000, ("left at noon",), "verified"),
)
READ = """[...document.querySelector('track').track.cues].map(cue =>
    [cue.startTime * 1000, cue.endTime * 1000, cue.getCueAsHTML().textContent])"""


@pytest.fixture(scope="module")
def browser() -> Any:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    place = os.environ.get("ALIGNER_CHROMIUM") or shutil.which("chromium")
    place = place or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not place:
        pytest.skip("no browser: install chromium, or name one in ALIGNER_CHROMIUM")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "look"),
    [
        (outcome(*CUES), Look(name="a b#")),
        (outcome(*SPOKEN, words=SAID), Look(styled=True, karaoke=True)),
    ],
    ids=["strange texts", "styled and karaoke"],
)
def test_a_browser_has_our_cues(
    browser: Any, made: CaptionResult, look: Look, tmp_path: Path
) -> None:
    assert made.captions
    files = {
        "/player.html": Reply(FORMATS["html"].render(made, look).encode()),
        f"/{look.name}.vtt": Reply(FORMATS["vtt"].render(made, look).encode(), "text/vtt"),
        "/a%20b%23.vtt": Reply(FORMATS["vtt"].render(made, look).encode(), "text/vtt"),
    }
    with Server(files) as site:
        page = browser.new_page()
        page.goto(site.url("/player.html"), wait_until="domcontentloaded")
        page.wait_for_function("document.querySelector('track').readyState == 2", timeout=20_000)
        found = [(round(a), round(b), text) for a, b, text in page.evaluate(READ)]
        page.close()
    assert found == [(c.start_ms, c.end_ms, "\n".join(c.lines)) for c in made.captions.cues]
