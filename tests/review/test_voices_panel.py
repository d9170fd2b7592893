"""Voices on the review page: heard, named, merged, moved, by mouse and by keyboard, and saved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsing import until

from aligner.captions import store
from aligner.captions.formats import FORMATS, PLAIN, sidecar_reader
from aligner.review import edits
from aligner.review.server import Server
from aligner.types import Json

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAME = "russia-and-assad"
WHY = "says 12 words that the article quotes of Peter Hale, and 9 other words of it"
Open = Callable[..., "Page"]


@pytest.fixture
def two_voices(folder: Path) -> Path:
    """The result with a second voice in its cues 5 to 9 and 15 to 19."""
    path = folder / f"{NAME}.json"
    record = json.loads(path.read_text("utf-8"))
    cues = record["cues"]
    for word in record["words"]:
        at = sum(cue["start_ms"] <= word["start_ms"] for cue in cues) - 1
        word["speaker"] = "2" if max(at, 0) % 10 >= 5 else "1"
    for at in range(5, len(cues), 5):
        cues[at]["lines"][0] = "-" + cues[at]["lines"][0]
    suggestion = {"name": "Peter Hale", "why": WHY}
    record["voices"] = [
        {"id": "1", "name": None, "label": "Speaker 1", "evidence": []},
        {
            "id": "2",
            "name": None,
            "label": "Speaker 2",
            "evidence": [],
            "suggestions": [suggestion],
        },
    ]
    text = json.dumps(record)
    path.write_text(text, "utf-8")
    outcome, _ = sidecar_reader.read(text)
    (folder / f"{NAME}.vtt").write_text(FORMATS["vtt"].render(outcome, PLAIN), "utf-8")
    return folder


def saved(folder: Path) -> Json:
    record: Json = json.loads((folder / f"{NAME}.json").read_text("utf-8"))
    return record


def posted(folder: Path, **changed: Any) -> Json:
    record = saved(folder)
    version = store.version_of((folder / f"{NAME}.json").read_text("utf-8"))
    return {"version": version} | {k: record[k] for k in ("words", "cues", "voices")} | changed


def test_voices_are_saved_with_every_format(two_voices: Path) -> None:
    voices = saved(two_voices)["voices"]
    voices[1] = {"id": "2", "name": "Anna", "label": "Anna", "evidence": ["named by a person"]}
    edits.save(two_voices, NAME, posted(two_voices, voices=voices))
    assert saved(two_voices)["voices"] == voices
    assert "<v Anna>" in (two_voices / f"{NAME}.vtt").read_text("utf-8")
    assert saved(two_voices)["corrections"] == 1


def test_a_page_that_knows_no_voices_takes_none_away(two_voices: Path) -> None:
    body = posted(two_voices)
    del body["voices"]
    body["cues"][0]["lines"] = ["Edited."]
    edits.save(two_voices, NAME, body)
    assert len(saved(two_voices)["voices"]) == 2


@pytest.mark.parametrize(
    ("ids", "says"),
    [("12", None), ("11", "same id"), ("1", "none of the voices"), ("23", "none of the voices")],
)
def test_voices_that_make_no_sense_are_refused(
    two_voices: Path, ids: str, says: str | None
) -> None:
    before = saved(two_voices)
    voices = [{"id": one, "label": f"Speaker {one}"} for one in ids]
    if says is None:
        edits.save(two_voices, NAME, posted(two_voices, voices=voices))
        return
    with pytest.raises(ValueError, match=says):
        edits.save(two_voices, NAME, posted(two_voices, voices=voices))
    assert saved(two_voices) == before


# ---------------------------------------------------------------- in a browser


def ready(page: Page) -> Page:
    page.wait_for_selector("html[data-ready=yes] #cue-list .cue")
    return page


def save(page: Page) -> None:
    page.keyboard.press("Control+s")
    page.locator("#state", has_text=re.compile("^saved$")).wait_for()


def speakers(folder: Path) -> set[str]:
    return {word["speaker"] for word in saved(folder)["words"]}


@pytest.mark.browser
def test_a_name_is_accepted_by_keyboard(served: Server, two_voices: Path, visit: Open) -> None:
    page = ready(visit(f"{served.address}page/{NAME}"))
    items = page.locator("#voice-list > li")
    assert items.first.locator("b").inner_text() == "Speaker 2", "the unsure one comes first"
    assert WHY in items.first.inner_text()
    page.keyboard.press("v")
    until(page, "document.getElementById('video').currentTime > 1")
    heard = page.evaluate("document.getElementById('video').currentTime")
    turns = [w["start_ms"] for w in saved(two_voices)["words"] if w["speaker"] == "2"]
    assert heard * 1000 >= min(turns) - 50, "its own words are heard"
    page.keyboard.press("y")
    assert page.locator(".cue", has_text="[Peter Hale]").count() == 3
    page.keyboard.press("Control+z")
    assert page.locator(".cue", has_text="[Peter Hale]").count() == 0
    page.keyboard.press("Control+y")
    save(page)
    voice = saved(two_voices)["voices"][1]
    assert voice == {
        "id": "2", "name": "Peter Hale", "label": "Peter Hale",
        "evidence": [WHY, "accepted by a person"],
    }  # fmt: skip
    assert "<v Peter Hale>[Peter Hale] " in (two_voices / f"{NAME}.vtt").read_text("utf-8")


@pytest.mark.browser
def test_rename_move_and_merge(served: Server, two_voices: Path, visit: Open) -> None:
    page = ready(visit(f"{served.address}page/{NAME}"))
    page.locator("[data-voice='1'] [data-field=name]").fill("Anna Weber")
    page.keyboard.press("Enter")
    assert page.locator("[data-voice='1'] b").inner_text() == "Anna Weber"
    page.locator(".cue .w").first.click()
    page.locator("#turn-voice").select_option("")
    page.locator("#turn-move").click()
    assert page.locator("[data-voice='3']").count() == 1
    save(page)
    assert speakers(two_voices) == {"1", "2", "3"}
    assert saved(two_voices)["words"][0]["speaker"] == "3"
    page.reload()
    ready(page)
    page.locator("[data-voice='3'] [data-field=into]").select_option("2")
    page.locator("[data-voice='3'] [data-field=merge]").click()
    save(page)
    assert speakers(two_voices) == {"1", "2"}
    assert saved(two_voices)["words"][0]["speaker"] == "2"
    assert [v["name"] for v in saved(two_voices)["voices"]] == ["Anna Weber", None]


@pytest.mark.browser
def test_a_correction_of_text_keeps_who_speaks(
    served: Server, two_voices: Path, visit: Open
) -> None:
    before = [w["speaker"] for w in saved(two_voices)["words"]]
    page = ready(visit(f"{served.address}page/{NAME}"))
    page.locator(".cue").first.locator(".w").first.click()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type(" indeed")
    page.keyboard.press("Escape")
    save(page)
    after = saved(two_voices)["words"]
    assert [w["speaker"] for w in after if w["text"] != "indeed"] == before
    assert [w["speaker"] for w in after if w["text"] == "indeed"] == ["1"]


@pytest.mark.browser
def test_a_page_without_a_server_keeps_and_gives_the_voices(
    two_voices: Path, visit: Open, make_page: Callable[..., Path]
) -> None:
    page = ready(visit(make_page(two_voices).as_uri()))
    page.locator("[data-voice='2'] [data-field=accept]").click()
    page.reload()
    assert ready(page).locator("[data-voice='2'] b").inner_text() == "Peter Hale", "it is kept"
    got: list[Any] = []
    page.on("download", lambda download: got.append(download))
    page.locator("#save").click()
    for _ in range(100):
        if len(got) == 2:
            break
        page.wait_for_timeout(50)
    files = {Path(d.suggested_filename).suffix: Path(d.path()).read_text("utf-8") for d in got}
    outcome, record = sidecar_reader.read(files[".json"])
    assert record["voices"][1]["name"] == "Peter Hale"
    assert files[".vtt"] == FORMATS["vtt"].render(outcome, PLAIN)
    assert files[".vtt"].count(" --> ") == 30


@pytest.mark.browser
def test_one_voice_has_no_panel(folder: Path, visit: Open, make_page: Callable[..., Path]) -> None:
    page = ready(visit(make_page(folder).as_uri()))
    assert page.locator("#voices").is_hidden()
    page.locator("#help").click()
    assert "suggested" not in page.locator("#keys-list").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 320])
def test_axe_finds_nothing_in_the_panel(
    two_voices: Path, visit: Open, make_page: Callable[..., Path], width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    address = make_page(two_voices).as_uri()
    page = ready(visit(address, viewport={"width": width, "height": 900}, bypass_csp=True))
    page.keyboard.press("v")
    assert page.locator("#voices").is_visible()
    found = axe.run(page).response["violations"]
    assert not [(v["id"], n["html"][:120]) for v in found for n in v["nodes"]]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
