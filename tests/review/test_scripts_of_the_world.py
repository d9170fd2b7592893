"""Right-to-left and unspaced scripts on the page, and a recording without a picture."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aligner.audio.ffmpeg import ffmpeg_path
from aligner.types import Json

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]
ARABIC = ["وصل", "الوزير", "إلى", "دمشق", "صباح", "اليوم."]
CHINESE = ["国务卿", "星期二", "抵达", "大马士革，", "会见", "外长。"]


def record(lang: str, words: list[str], spaced: bool, changed: int) -> Json:
    """A sidecar of one sentence over two cues; one word is another than the article's."""
    glue = " " if spaced else ""
    made: list[Json] = []
    for k, text in enumerate(words):
        word: Json = {
            "text": text, "start_ms": k * 500, "end_ms": k * 500 + 480, "score": 0.9,
            "origin": "spoken" if k == changed else "verified",
            "article_word": None if k == changed else k,
        }  # fmt: skip
        if not spaced and k:
            word["space_before"] = False
        made.append(word)
    place = {"kind": "changed", "article": [changed, changed + 1], "text": words[changed]}
    times = {key: made[changed][key] for key in ("start_ms", "end_ms")}
    cues = [
        {"start_ms": 0, "end_ms": 1480, "lines": [glue.join(words[:3])], "origin": "verified"},
        {"start_ms": 1500, "end_ms": 2980, "lines": [glue.join(words[3:])], "origin": "spoken"},
    ]
    return {
        "schema": "aligner/1", "status": "captioned", "reason": "…",
        "source": {"url": None, "title": words[0], "language": lang, "given": "x"},
        "lang": lang, "media": {"url": "x.wav", "kind": "audio", "duration_ms": 3000},
        "engine": None, "coverage": {"speech_in_article": 1, "article_in_speech": 1},
        "words": made, "cues": cues, "divergence": [place | times],
        "article": [{"role": "body", "text": glue.join(words)}],
    }  # fmt: skip


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    tone = "sine=frequency=300:duration=3"
    path = tmp_path / "x.wav"
    command = [str(ffmpeg_path()), "-loglevel", "error", "-f", "lavfi", "-i", tone, str(path)]
    subprocess.run(command, check=True)
    return path


@pytest.mark.parametrize(
    ("lang", "words", "spaced", "direction"),
    [("ar", ARABIC, True, "rtl"), ("zh", CHINESE, False, "ltr")],
)
def test_a_script(
    tmp_path: Path, sound: Path, visit: Open, make_page: Callable[..., Path],
    lang: str, words: list[str], spaced: bool, direction: str,
) -> None:  # fmt: skip
    (tmp_path / "x.json").write_text(json.dumps(record(lang, words, spaced, 4)), "utf-8")
    page = visit(make_page(tmp_path, "x", media="./x.wav").as_uri())
    glue = " " if spaced else ""
    cue = page.locator(".cue .words").nth(1)
    assert cue.inner_text() == glue.join(words[3:])
    assert cue.evaluate("el => getComputedStyle(el).direction") == direction
    assert cue.get_attribute("lang") == lang
    assert page.locator("#article-pane mark").inner_text() == words[4]
    cue.locator(".w").nth(1).click()
    assert page.locator("#now").inner_text() == "0:02.0"
    page.keyboard.press("s")
    assert page.locator(".cue").count() == 3
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Home")
    page.keyboard.type("X " if spaced else "字")
    page.keyboard.press("Escape")
    kept = page.locator(".cue[aria-current] .w:not(.edited)").all_inner_texts()
    assert kept[-1] == words[5]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert cue.inner_text() == glue.join(words[3:])


def test_a_recording_without_a_picture_shows_its_captions(
    tmp_path: Path, sound: Path, visit: Open, make_page: Callable[..., Path]
) -> None:
    (tmp_path / "x.json").write_text(json.dumps(record("en", list("abcdef"), True, 4)), "utf-8")
    page = visit(make_page(tmp_path, "x", media="./x.wav").as_uri())
    page.locator(".cue .w").nth(1).click()
    for _ in range(60):
        active = page.evaluate(
            "[...(document.getElementById('video').textTracks[0]?.activeCues ?? [])]"
            ".map(c => c.text)"
        )
        if active:
            break
        page.wait_for_timeout(50)
    assert active == ["a b c"]
    assert page.locator("#screen").bounding_box()
