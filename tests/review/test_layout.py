"""Nothing is clipped or stands beyond the window, whatever a result holds, on usual screens."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsing import NAME
from test_playback import serving

from aligner.review.intake import Services

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[..., "Page"]
WIDTHS = (1280, 1366, 1400, 1440, 1520, 1600)
HEIGHTS = (720, 900)
TITLE = (
    "A very long headline of the kind that wire services write when nobody counts the words " * 2
)
REASON = "the recording cannot be had: the site answers with status 403; the best candidate " * 3
LATER_MS = 2 * 3600 * 1000 + 754_000

CLIPPED = """() => {
  const found = [], width = document.documentElement.clientWidth;
  const name = (e) => e.tagName + (e.id ? `#${e.id}` : "");
  if (document.documentElement.scrollWidth > width) found.push("the page scrolls sideways");
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest("dialog:not([open]), svg, #said, .skip, option, #wave, .menu ul, #intake-address")) continue;
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (!box.width || !box.height || style.visibility === "hidden") continue;
    if (box.right > width + 1 || box.left < -1) found.push(`${name(e)} stands beyond the window`);
    const hides = (axis) => ["hidden", "clip"].includes(style[`overflow${axis}`]);
    const narrow = hides("X") || ["INPUT", "BUTTON"].includes(e.tagName);
    if (e.clientWidth && narrow && e.scrollWidth > e.clientWidth + 1) found.push(`${name(e)} is cut off`);
    if (e.clientHeight && hides("Y") && e.scrollHeight > e.clientHeight + 1) found.push(`${name(e)} is cut off below`);
  }
  return [...new Set(found)];
}"""  # noqa: E501


def put(folder: Path, name: str, change: Callable[[Any], object]) -> None:
    record = json.loads((folder / f"{NAME}.json").read_text("utf-8"))
    change(record)
    (folder / f"{name}.json").write_text(json.dumps(record), "utf-8")


def without_captions(record: Any) -> None:
    empty: dict[str, Any] = {key: [] for key in ("words", "cues", "divergence")}
    record |= empty | {"status": "media_unavailable", "reason": REASON, "lang": None}
    record |= {"coverage": None}
    record["source"]["title"] = TITLE
    record["media"]["url"] = "https://news.example/" + "long-name-" * 20 + ".mp4"


def long(record: Any) -> None:
    """A recording of hours that is not beside its result, with a long title."""
    record["source"]["title"], record["reason"] = TITLE, REASON
    record["media"] |= {"url": "https://127.0.0.1:1/a.mp4", "duration_ms": 3 * LATER_MS}
    for part in ("words", "cues", "divergence"):
        for item in record[part]:
            for edge in ("start_ms", "end_ms"):
                item[edge] = item[edge] and item[edge] + LATER_MS


@pytest.mark.browser
def test_nothing_is_clipped(folder: Path, visit: Open) -> None:
    put(folder, "without", without_captions)
    put(folder, "long", long)
    services = Services(caption=lambda *_: None, download=lambda *_: None)  # type: ignore[arg-type]
    clipped = []
    with serving(folder, services) as server:
        for path in ("", f"page/{NAME}", "page/without", "page/long"):
            page = visit(server.address + path, expected=("ERR_",))
            for width in WIDTHS:
                for height in HEIGHTS:
                    page.set_viewport_size({"width": width, "height": height})
                    page.wait_for_timeout(50)
                    clipped += [(path, width, height, w) for w in page.evaluate(CLIPPED)]
    assert clipped == []


@pytest.mark.browser
def test_a_clipped_page_would_be_seen(folder: Path, visit: Open) -> None:
    put(folder, "long", long)
    with serving(folder, Services()) as server:
        page = visit(f"{server.address}page/long", viewport={"width": 1280, "height": 720})
        page.evaluate("() => { document.querySelector('h1').style.whiteSpace = 'nowrap'; }")
        assert page.evaluate(CLIPPED)
