"""The page in a real browser: looking, listening, correcting, by mouse and by keyboard."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsing import until
from webvtt import WebVTT

from aligner._util.distribution import VERSION
from aligner.captions.formats.vtt_check import breaches

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

RESULT = Path(__file__).parents[1] / "data" / "review"
NAME = "russia-and-assad"
Open = Callable[..., "Page"]


@pytest.fixture
def page(folder: Path, visit: Open, make_page: Callable[..., Path]) -> Page:
    return visit(make_page(folder, media=f"./{NAME}.mp4").as_uri())


def chosen(page: Page) -> Locator:
    return page.locator(".cue[aria-current]")


def clock(page: Page) -> float:
    time: float = page.evaluate("document.getElementById('video').currentTime")
    return time


def ready(page: Page) -> None:
    until(page, "document.getElementById('video').readyState > 1")


def go_to(page: Page, words: str) -> None:
    page.locator(".cue", has_text=words).first.locator(".w").first.click()


def downloads(page: Page) -> dict[str, str]:
    """What the button gives, by suffix."""
    got: list[Any] = []
    page.on("download", lambda download: got.append(download))
    page.locator("#save").click()
    for _ in range(40):
        if len(got) == 2:
            break
        page.wait_for_timeout(50)
    return {Path(d.suggested_filename).suffix: Path(d.path()).read_text("utf-8") for d in got}


# ---------------------------------------------------------------- looking


def test_the_captions_are_those_of_the_file(page: Page) -> None:
    ready(page)
    until(page, "document.getElementById('video').textTracks[0].cues?.length === 30")
    shown = page.evaluate(
        "[...document.getElementById('video').textTracks[0].cues]"
        ".map(c => [c.startTime, c.endTime, c.text])"
    )
    written = WebVTT().read(str(RESULT / f"{NAME}.vtt"))
    assert [s[2] for s in shown] == [c.text for c in written.captions]
    assert f"00:00:{shown[4][0]:.3f}" == written.captions[4].start


def test_what_is_downloaded_unchanged_is_what_the_command_wrote(page: Page) -> None:
    got = downloads(page)
    written = (RESULT / f"{NAME}.vtt").read_text("utf-8")
    assert got[".vtt"] == written.replace("aligner 0.1.0", f"aligner {VERSION}")
    before = json.loads((RESULT / f"{NAME}.json").read_text("utf-8"))
    after = json.loads(got[".json"])
    assert after == before
    assert list(after) == list(before)


def test_a_click_on_a_word_seeks_and_the_spoken_word_is_marked(page: Page) -> None:
    ready(page)
    page.locator(".w", has_text="confrontation").click()
    until(page, "document.querySelector('.w.now')?.textContent === 'confrontation'")
    words = json.loads((RESULT / f"{NAME}.json").read_text("utf-8"))["words"]
    start = next(w["start_ms"] for w in words if w["text"] == "confrontation")
    assert clock(page) == pytest.approx(start / 1000, abs=0.002)
    assert page.evaluate("[...CSS.highlights.get('spoken')][0].toString()") == "confrontation"


def test_the_spoken_word_follows_the_playing(page: Page) -> None:
    ready(page)
    page.locator("#play").click()
    until(page, "document.querySelector('.w.now')?.textContent === 'editorial'")
    page.keyboard.press("Escape")
    page.locator("#play").click()
    assert page.evaluate("document.getElementById('video').paused")


def test_a_click_in_the_article_seeks(page: Page) -> None:
    ready(page)
    box = page.evaluate(
        """() => { const walk = document.createTreeWalker(
             document.getElementById('article-text'), NodeFilter.SHOW_TEXT);
           while (walk.nextNode()) { const at = walk.currentNode.data.indexOf('Coalition');
             if (at < 0) continue; const r = new Range(); r.setStart(walk.currentNode, at + 2);
             r.setEnd(walk.currentNode, at + 3); r.startContainer.parentElement.scrollIntoView();
             const b = r.getBoundingClientRect(); return [b.x + 1, b.y + b.height / 2]; } }"""
    )
    page.mouse.click(*box)
    until(page, "document.querySelector('.w.now')?.textContent === 'Coalition'")


MARKS = (
    ("captions", "changed", "Saudi Arabia"),
    ("article", "changed", "Assad is"),
    ("captions", "extra", "Next, an editorial reflecting the views"),
    ("article", "unspoken", "Russia and Assad"),
)


def test_what_differs_is_marked_on_both_sides(page: Page) -> None:
    for pane, kind, text in MARKS:
        mark = page.locator(f"#{pane}-pane mark.{kind}", has_text=text).first
        assert mark.get_attribute("aria-description")
        line = mark.evaluate("el => getComputedStyle(el).textDecorationLine")
        assert line in ("underline", "line-through")  # not by colour alone


def test_both_sides_are_joined_by_lines(page: Page) -> None:
    page.locator(".issue", has_text="Saudi Arabia").click()
    page.locator("#play").click()
    page.wait_for_selector("#connectors path")
    number = page.locator("#captions-pane mark", has_text="Saudi").get_attribute("data-place")
    page.wait_for_selector(f'#connectors path[data-place="{number}"]')
    ends = page.locator(f'#connectors path[data-place="{number}"]').get_attribute("d")
    mark = page.locator("#captions-pane mark", has_text="Saudi").bounding_box()
    lines = page.locator("#connectors").bounding_box()
    assert mark
    assert lines
    top = mark["y"] - lines["y"]
    assert float(re.findall(r"-?[\d.]+", ends or "")[1]) == pytest.approx(top, abs=1.5)
    page.locator("#captions-pane mark", has_text="Saudi").hover()
    assert page.locator(".pointed").count() >= 3


def test_the_picture_seeks(page: Page) -> None:
    ready(page)
    box = page.locator("svg.match").bounding_box()
    assert box
    page.locator("svg.match").scroll_into_view_if_needed()
    page.locator("svg.match").click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    until(page, "document.getElementById('video').currentTime > 40")
    assert clock(page) == pytest.approx(50, abs=3)


# ---------------------------------------------------------------- what to look at first


def test_the_worst_comes_first_and_is_a_click_away(page: Page) -> None:
    groups = page.locator("#issue-list details").evaluate_all("a => a.map(d => d.dataset.group)")
    assert groups[:3] == ["number", "name", "extra"]
    page.locator(".issue").first.click()
    assert "16" in chosen(page).inner_text()
    assert page.locator("#issues-left").inner_text() == "6 to look at"


def test_a_place_is_ticked_off_and_stays_so(page: Page) -> None:
    page.locator("#issue-list input").first.check()
    assert page.locator("#issues-left").inner_text() == "5 to look at"
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    assert page.locator("#issue-list input").first.is_checked()
    page.keyboard.press("n")
    assert "Saudi" in chosen(page).inner_text()
    page.keyboard.press("x")
    assert page.locator("#issues-left").inner_text() == "4 to look at"


def test_a_corrected_place_leaves_the_list(page: Page) -> None:
    page.locator(".issue", has_text="Saudi Arabia").click()
    page.keyboard.press("a")
    until(page, "!document.querySelector('#issue-list').textContent.includes('Saudi')")
    page.keyboard.press("Control+z")
    until(page, "document.querySelector('#issue-list').textContent.includes('Saudi')")


# ---------------------------------------------------------------- correcting


def test_a_text_is_edited_by_keyboard(page: Page) -> None:
    go_to(page, "on September 15,")
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type(" 2015")
    page.keyboard.press("Escape")
    assert "on September 15, 2015" in chosen(page).inner_text()
    assert chosen(page).locator(".w.edited").all_inner_texts() == ["2015"]
    assert "edited" in page.locator("#origin").inner_text()
    page.keyboard.press("Control+z")
    assert "2015" not in chosen(page).inner_text()
    page.keyboard.press("Control+Shift+z")
    assert "2015" in chosen(page).inner_text()
    got = downloads(page)
    assert "on September 15, 2015\n" in got[".vtt"]
    cue = next(c for c in json.loads(got[".json"])["cues"] if "2015" in c["lines"][0])
    assert cue["origin"] == "edited"


def test_split_and_join_at_the_cursor(page: Page) -> None:
    count = page.locator(".cue").count()
    page.locator(".w", has_text="Foreign").first.click()
    page.keyboard.press("s")
    assert page.locator(".cue").count() == count + 1
    assert chosen(page).locator(".words").inner_text() == "Foreign Minister Sergei Lavrov"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("j")
    assert page.locator(".cue").count() == count
    assert "Russian Foreign Minister" in chosen(page).inner_text().replace("\n", " ")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Home")
    for _ in "Secretary of State":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Enter")
    assert page.locator(".cue").count() == count + 1
    assert chosen(page).locator(".words").inner_text().startswith("John Kerry")


FRAMES = (
    ("]", "in-time", 40),
    ("[", "in-time", -40),
    ("{", "out-time", -40),
    ("}", "out-time", 40),
)


def test_times_by_frames(page: Page) -> None:
    go_to(page, "on September 15,")
    for key, field, change in FRAMES:
        before = seconds(page, field)
        page.keyboard.press(key)
        assert seconds(page, field) == pytest.approx(before + change / 1000, abs=0.0011), key


def seconds(page: Page, field: str) -> float:
    minutes, rest = page.locator(f"#{field}").input_value().split(":")
    return int(minutes) * 60 + float(rest)


def test_times_by_buttons_typed_and_from_the_recording(page: Page) -> None:
    ready(page)
    go_to(page, "on September 15,")
    page.locator("#in-time").fill("0:21.300")
    page.locator("#in-time").press("Tab")
    assert seconds(page, "in-time") == 21.3
    page.locator("#in-on").click()
    assert seconds(page, "in-time") == 21.34
    page.locator("#in-time").fill("soon")
    page.locator("#in-time").press("Tab")
    assert page.locator("#in-time").get_attribute("aria-invalid") == "true"
    page.locator(".w", has_text="15,").first.click()
    page.keyboard.press("o")
    assert seconds(page, "out-time") == pytest.approx(clock(page), abs=0.002)


def test_dragging_a_cue_and_its_edges(page: Page) -> None:
    go_to(page, "on September 15,")
    block = page.locator(".block.chosen")
    before, end = seconds(page, "in-time"), seconds(page, "out-time")
    box = block.locator(".grip.in").bounding_box()
    assert box
    x, y = box["x"] + 3, box["y"] + 30
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 25, y, steps=4)
    page.mouse.up()
    assert seconds(page, "in-time") > before + 0.1
    assert seconds(page, "out-time") == end
    page.keyboard.press("Control+z")
    assert seconds(page, "in-time") == before


@pytest.mark.parametrize(
    ("where", "key", "before", "after"),
    [
        ("Saudi Arabia", "a", "Saudi Arabia", "Assad is"),
        ("cease-fire", "h", "cease-fire", "ceasefire"),
    ],
)
def test_whose_wording_with_one_key(
    page: Page, where: str, key: str, before: str, after: str
) -> None:
    page.locator(".w", has_text=where.split()[0]).first.click()
    assert before in chosen(page).inner_text()
    picks = page.locator("#choices .says").all_inner_texts()
    page.keyboard.press(key)
    text = chosen(page).locator(".words").inner_text()
    assert before not in text
    assert sorted(picks) == sorted([before, after])
    assert after in text
    if key == "a":
        assert page.locator(".pick[aria-pressed=true] .says").inner_text() == after
        page.keyboard.press("h")
        assert before in chosen(page).locator(".words").inner_text()
        page.locator(".pick", has_text=after).focus()
        page.keyboard.press("Enter")
        assert after in chosen(page).locator(".words").inner_text()
        assert page.evaluate("document.activeElement.className") == "pick"


def test_a_cue_is_added_and_dropped(page: Page) -> None:
    ready(page)
    count = page.locator(".cue").count()
    page.evaluate("document.getElementById('video').currentTime = 16.5")
    until(page, "document.getElementById('now').textContent === '0:16.5'")
    page.keyboard.press("c")
    page.keyboard.type("A pause.")
    page.keyboard.press("Escape")
    assert page.locator(".cue").count() == count + 1
    assert chosen(page).locator(".words").inner_text() == "A pause."
    page.keyboard.press("Delete")
    assert page.locator(".cue").count() == count
    page.keyboard.press("Control+z")
    assert page.locator(".cue", has_text="A pause.").count() == 1
    assert not breaches(downloads(page)[".vtt"])


def test_the_profile_is_heeded_as_one_types(page: Page) -> None:
    go_to(page, "on September 15,")
    page.locator("#do-edit").click()
    page.keyboard.press("End")
    page.keyboard.type(" and on many other days of that long and bitter month")
    page.locator("#lint li", has_text="characters, 42 at most").wait_for()
    page.keyboard.press("Escape")
    assert "42 at most" in chosen(page).locator(".remarks").inner_text()


def test_every_button_of_a_cue(page: Page) -> None:
    ready(page)
    count = page.locator(".cue").count()
    go_to(page, "Secretary of State")
    page.locator(".w", has_text="Foreign").first.click()
    page.locator("#do-split").click()
    assert page.locator(".cue").count() == count + 1
    page.locator("#undo").click()
    page.locator("#redo").click()
    page.locator("#do-drop").click()
    page.locator("#do-join").click()
    page.locator("#do-add").click()
    page.keyboard.type("New.")
    page.keyboard.press("Escape")
    page.locator("#do-replay").click()
    until(page, "!document.getElementById('video').paused")
    for _ in range(5):
        page.locator("#undo").click()
    assert page.locator(".cue").count() == count
    assert page.locator("#undo").is_disabled()


def test_undo_without_end(page: Page) -> None:
    before = page.locator("#cue-list").text_content()
    go_to(page, "on September 15,")
    for _ in range(40):
        page.keyboard.press("]")
    for _ in range(40):
        page.keyboard.press("Control+z")
    assert page.locator("#cue-list").text_content() == before
    assert page.locator("#state").inner_text() == ""


def test_a_closed_tab_loses_nothing(
    folder: Path, visit: Open, make_page: Callable[..., Path]
) -> None:
    first = visit(make_page(folder).as_uri())
    context = first.context
    go_to(first, "on September 15,")
    first.keyboard.press("Enter")
    first.keyboard.press("End")
    first.keyboard.type(" 2015")
    first.wait_for_timeout(400)
    first.close(run_before_unload=False)
    second = context.new_page()
    second.goto((folder / f"{NAME}.html").as_uri())
    second.wait_for_selector("html[data-ready=yes]")
    assert second.locator("#restored").is_visible()
    assert second.locator(".cue", has_text="15, 2015").count() == 1
    second.keyboard.press("Control+z")
    assert second.locator(".cue", has_text="15, 2015").count() == 0
    second.keyboard.press("Control+Shift+z")
    second.locator("#put-off").click()
    assert second.locator(".cue", has_text="15, 2015").count() == 0
    second.reload()
    second.wait_for_selector("html[data-ready=yes]")
    assert second.locator("#restored").is_hidden()


# ---------------------------------------------------------------- for everyone


def test_the_list_of_keys_and_single_keys_off(page: Page) -> None:
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    assert page.locator("#keys-list dt").count() > 25
    page.locator("#single-keys").uncheck()
    page.keyboard.press("Escape")
    count = page.locator(".cue").count()
    page.keyboard.press("Delete")
    assert page.locator(".cue").count() == count
    page.keyboard.press("Control+z")


def test_the_whole_way_by_keyboard(page: Page) -> None:
    """Tab reaches every control that is shown, and the focus is always seen."""
    seen = set()
    page.locator("body").press("Tab")
    for _ in range(120):
        found = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
            return [e.id || e.className || e.tagName, s.outlineStyle !== 'none',
                    e.closest('.open') !== null]; }"""
        )
        assert found[1] or found[2] or found[0] == "BODY", found
        seen.add(found[0])
        page.keyboard.press("Tab")
    for wanted in ("save", "theme", "help", "play", "place", "speed", "in-time", "do-edit", "go",
                   "article-pane", "wave-in", "issue"):  # fmt: skip
        assert any(wanted in name.split() for name in seen), wanted


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (800, "light"), (320, "dark")]
)
def test_axe_finds_nothing(
    folder: Path, visit: Open, make_page: Callable[..., Path], scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(
        make_page(folder, media=f"./{NAME}.mp4").as_uri(),
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=True,
    )
    states = [".issue", "#do-edit", "#help"]
    if width < 1100:
        states = ["#tab-issues", "#tab-captions", "#tab-match"]
    for state in states:
        page.keyboard.press("Escape")
        page.locator(state).first.click()
        found = axe.run(page).response["violations"]
        assert not [(v["id"], n["html"][:120], n["any"][:1]) for v in found for n in v["nodes"]]


SIZES = ((320, 568), (390, 844), (768, 1024), (1024, 768), (1440, 900), (3840, 2160))


def test_nothing_sticks_out(folder: Path, visit: Open, make_page: Callable[..., Path]) -> None:
    page = visit(make_page(folder, media=f"./{NAME}.mp4").as_uri())
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wide = "[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && "
        wide += "e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('#wave'))"
        assert page.evaluate(f"{wide}.map(e => e.outerHTML.slice(0, 90))") == [], width


def test_hostile_texts_do_nothing(
    folder: Path, visit: Open, make_page: Callable[..., Path]
) -> None:
    evil = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>\u2028"
    record = json.loads((folder / f"{NAME}.json").read_text("utf-8"))
    record["source"] |= {"title": evil, "url": f"javascript:window.pwned=1//{evil}"}
    record["reason"] = evil
    record["lang"] = 'en"><script>window.pwned=1</script>'
    record["media"]["url"] = f'x" onerror="window.pwned=1{evil}'
    record["engine"]["model"] = f"base{evil}--> {{{{data}}}} {{{{script}}}}"
    for part in (*record["words"][:20], *record["divergence"], *record["article"]):
        part["text"] = evil
    for cue in record["cues"][:4]:
        cue["lines"] = [evil, "{{data}}"]
    (folder / "evil.json").write_text(json.dumps(record), "utf-8")
    shutil.copy(folder / f"{NAME}.mp4", folder / "evil.mp4")
    page = visit(make_page(folder, "evil", media="./evil.mp4").as_uri())
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, script[src], #captions script").count() == 0
    assert page.locator("h1").inner_text().startswith("</script>")
    assert not breaches(downloads(page)[".vtt"])


def test_a_page_asks_nothing_of_the_network(
    folder: Path, visit: Open, make_page: Callable[..., Path]
) -> None:
    page = visit(make_page(folder, media=f"./{NAME}.mp4").as_uri())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    ready(page)
    assert all(a.startswith(("file:", "blob:")) for a in asked), asked
    assert "connect-src 'self'" in (page.locator("meta[http-equiv]").get_attribute("content") or "")


def test_a_result_without_captions_has_a_page_too(
    folder: Path, visit: Open, make_page: Callable[..., Path]
) -> None:
    record = json.loads((folder / f"{NAME}.json").read_text("utf-8"))
    record |= {"status": "no_media", "media": None, "words": [], "cues": [], "divergence": []}
    record |= {"lang": None, "coverage": None, "engine": None}
    (folder / "bare.json").write_text(json.dumps(record), "utf-8")
    page = visit(make_page(folder, "bare").as_uri())
    assert page.locator("#intake-why").inner_text() == record["reason"]
    assert page.locator("#article-text").is_visible()
    assert page.locator("#intake-elsewhere").is_visible()
    for part in ("#captions", "#video", "#no-media", "#intake-give", "#save"):
        assert page.locator(part).is_hidden()
    for key in ("Enter", "ArrowDown", "s", "j", "a", "Delete", "n", "x", "]", "i", "Space", "r"):
        page.keyboard.press(key)
    page.keyboard.press("c")
    page.keyboard.type("A first one.")
    page.keyboard.press("Escape")
    assert page.locator(".cue").count() == 1
    assert page.locator(".cue").is_visible()
    assert page.locator("#intake").is_hidden()
