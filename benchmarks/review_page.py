"""Measures the review page: its speed with three hours of captions, and clicks to find faults.

    python benchmarks/review_page.py --help

Part "large": a result of 30,000 words in 4,000 cues (the sample's words repeated, other words about
every 60 words, a waveform of random peaks) is opened in Chromium with a silent recording of three
hours. Printed are the page's size; the time from opening it until it can be used (``data-ready``,
including navigation) and until every row exists; the time from a click on a cue until the player is
there and the cue's row is selected and drawn, median and maximum of 20; tasks of over 50 ms while
all captions are scrolled through, and while 8 s are played; the memory of the page's scripts and of
its process.

Part "faults": the sample's result gets ten faults. Each place in the list "Look at first" is
clicked once, from the top. Printed are the clicks until all ten faults were reached, and those
among them that led to something else.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aligner.audio.ffmpeg import ffmpeg_path
from aligner.captions.formats.sidecar_reader import read
from aligner.captions.profiles import PROFILES
from aligner.review.page import PageContext, build
from aligner.review.waveform import Waveform
from aligner.types import Json, Span, SpeechSegments

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SAMPLE = Path(__file__).parents[1] / "tests" / "data" / "review"
WORDS, CUES, WORD_MS, PAUSE_EVERY = 30_000, 4_000, 350, 20
ARGUMENTS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()


# ---------------------------------------------------------------- three hours


def large() -> Json:
    """Returns a sidecar of three hours."""
    record: Json = json.loads((SAMPLE / "russia-and-assad.json").read_text("utf-8"))
    texts = [w["text"] for w in record["words"]]
    words, cues, divergence, article = [], [], [], []
    for n in range(WORDS):
        start = n * WORD_MS + n // PAUSE_EVERY * 200
        changed = n % 61 == 60
        origin = "spoken" if changed else "verified"
        words.append({
            "text": texts[n % len(texts)], "start_ms": start, "end_ms": start + WORD_MS - 20,
            "origin": origin, "score": 0.9, "article_word": None if changed else n,
        })  # fmt: skip
        article.append("another" if changed else texts[n % len(texts)])
        if changed:
            divergence.append({
                "kind": "changed", "article": [n, n + 1], "start_ms": start,
                "end_ms": start + WORD_MS - 20, "text": texts[n % len(texts)],
            })  # fmt: skip
    for k in range(CUES):
        part = words[k * WORDS // CUES : (k + 1) * WORDS // CUES]
        line = [w["text"] for w in part]
        cues.append({
            "start_ms": part[0]["start_ms"], "end_ms": part[-1]["end_ms"],
            "lines": [" ".join(line[:4]), " ".join(line[4:])], "origin": "verified",
        })  # fmt: skip
    paragraphs = [" ".join(article[n : n + 120]) for n in range(0, WORDS, 120)]
    record["article"] = [{"role": "body", "text": p} for p in paragraphs]
    record["media"]["duration_ms"] = words[-1]["end_ms"] + 1000
    return record | {"words": words, "cues": cues, "divergence": divergence}


def write_large(folder: Path) -> Path:
    """Write the page of three hours and its recording."""
    text = json.dumps(large())
    outcome, record = read(text)
    duration = outcome.duration_ms or 0
    steps = duration // 20
    peaks = random.Random(1).randbytes(steps)  # noqa: S311  a picture, not a secret
    speech = SpeechSegments(tuple(Span(t, t + 6800) for t in range(0, duration, 7200)))
    sound = Waveform(20, peaks, speech)
    media = folder / "large.wav"
    silence = f"anullsrc=r=8000:cl=mono:d={duration / 1000}"
    command = [str(ffmpeg_path()), "-loglevel", "error", "-f", "lavfi", "-i", silence]
    subprocess.run([*command, "-c:a", "pcm_u8", str(media)], check=True)
    page = folder / "large.html"
    shown = PageContext("large", PROFILES["netflix"], "./large.wav", sound, "1", record)
    page.write_text(build(outcome, shown), "utf-8")
    return page


def until(page: Page, condition: str, seconds: float = 30) -> float:
    """Wait for a condition; returns the milliseconds that it took."""
    start = time.perf_counter()
    while not page.evaluate(condition):
        if time.perf_counter() - start > seconds:
            raise SystemExit(f"never: {condition}")
        time.sleep(0.002)
    return (time.perf_counter() - start) * 1000


def measure_large(browser: Browser, folder: Path) -> None:
    """Print the figures of part "large"."""
    path = write_large(folder)
    print(f"page: {path.stat().st_size / 1e6:.1f} MB; {WORDS} words, {CUES} cues")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    start = time.perf_counter()
    page.goto(path.as_uri(), wait_until="commit")
    until(page, "document.documentElement?.dataset.ready === 'yes'")
    shown = time.perf_counter() - start
    until(page, f"document.querySelectorAll('.cue').length === {CUES}")
    whole = time.perf_counter() - start
    told = page.evaluate("performance.now()")
    print(
        f"shown: {shown:.2f} s; every row there: {whole:.2f} s (page's clock {told / 1000:.2f} s)"
    )
    until(page, "document.getElementById('video').readyState > 2")
    print(f"seeking: {seeking(page)}")
    print(f"scrolling through all: {tasks(page, lambda: page.evaluate(SCROLL))}")
    page.locator("#play").click()
    print(f"8 s of playing: {tasks(page, lambda: page.wait_for_timeout(8000))}")
    page.locator("#play").click()
    print(f"memory: {memory(page)}")
    page.close()


def tasks(page: Page, work: Callable[[], object]) -> str:
    """Returns the page's tasks of over 50 ms during an action, in wall time and in CPU time.

    Wall time includes that of other programs on the machine.
    """
    browser = page.context.browser
    assert browser  # noqa: S101
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    work()
    events = json.loads(browser.stop_tracing())["traceEvents"]
    main = {
        (e["pid"], e["tid"])
        for e in events
        if e["name"] == "thread_name" and e["args"].get("name") == "CrRendererMain"
    }
    run = [
        e for e in events if (e["pid"], e["tid"]) in main and e["name"].endswith("RunTask")
        if e["ph"] == "X"
    ]  # fmt: skip
    clock, own = ([e.get(key, 0) / 1000 for e in run] for key in ("dur", "tdur"))
    return (
        f"{len(run)} tasks; over 50 ms by the clock {sum(t > 50 for t in clock)} (most "
        f"{max(clock):.0f} ms), by the processor's time {sum(t > 50 for t in own)} (most "
        f"{max(own):.0f} ms)"
    )


SCROLL = """async () => { const pane = document.getElementById('captions-pane');
for (let y = 0; y < pane.scrollHeight; y += pane.scrollHeight / 300) {
  pane.scrollTop = y; await new Promise(requestAnimationFrame); } }"""

SEEK = """async (k) => { const row = document.querySelectorAll('.cue')[k];
const video = document.getElementById('video'); const at = performance.now();
const there = new Promise(done => video.addEventListener('seeked', done, { once: true }));
row.querySelector('.go').click(); await there;
await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame);
return [performance.now() - at, row.getAttribute('aria-current')]; }"""


def seeking(page: Page) -> str:
    """Click on 20 cues; returns the times until player and page are there."""
    times = []
    for k in range(20):
        took, current = page.evaluate(SEEK, (k * 1831 + 977) % CUES)
        if current != "true":
            raise SystemExit("the row is not chosen")
        times.append(took)
    return f"median {statistics.median(times):.0f} ms, most {max(times):.0f} ms"


def memory(page: Page) -> str:
    """Returns the memory of the page's scripts, as the browser reports it."""
    client = page.context.new_cdp_session(page)
    client.send("HeapProfiler.collectGarbage")
    heap = client.send("Runtime.getHeapUsage")["usedSize"]
    counts = client.send("Memory.getDOMCounters")
    browser = page.context.browser
    assert browser  # noqa: S101
    system = browser.new_browser_cdp_session()
    found = system.send("SystemInfo.getProcessInfo")["processInfo"]
    sizes = [resident(p["id"]) for p in found if p["type"] == "renderer"]
    return (
        f"{heap / 1e6:.0f} MB of scripts, {counts['nodes']} nodes, {max(sizes, default=0):.0f} MB "
        "resident of the page's process"
    )


def resident(process: int) -> float:
    """Returns a process's resident memory in MB; 0 without /proc."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(ln.split()[1]) / 1000 for ln in lines if ln.startswith("VmRSS")), 0)


# ---------------------------------------------------------------- ten faults


def planted() -> tuple[Json, list[tuple[str, int | None]]]:
    """Returns the sample's sidecar with ten faults, and the time of each."""
    record: Json = json.loads((SAMPLE / "russia-and-assad.json").read_text("utf-8"))
    words = record["words"]
    faults: list[tuple[str, int | None]] = []
    for kind, at, said in (
        ("a number", 31, "thirteen"), ("a number", 123, "12"), ("a name", 45, "Carey"),
        ("a name", 49, "Petrov"), ("a negation", 110, "not"),
    ):  # fmt: skip
        w = next(x for x in words[at:] if x["article_word"] is not None)
        place = [w["article_word"], w["article_word"] + 1]
        divergence = {"kind": "changed", "article": place, "text": said}
        record["divergence"].append(divergence | {k: w[k] for k in ("start_ms", "end_ms")})
        w |= {"text": said, "origin": "spoken", "article_word": None}
        faults.append((kind, w["start_ms"]))
    for w in words[140:152]:
        w |= {"origin": "interpolated"}
    faults.append(("guessed times", words[140]["start_ms"]))
    for w in words[60:63]:
        w["score"] = 0.15
    faults.append(("weak words", words[60]["start_ms"]))
    extra = words[186:196]
    text = " ".join(w["text"] for w in extra)
    span = {"start_ms": extra[0]["start_ms"], "end_ms": extra[-1]["end_ms"]}
    record["divergence"].append({"kind": "extra_speech", "article": None, "text": text} | span)
    for w in extra:
        w |= {"origin": "spoken", "article_word": None}
    faults.append(("extra speech", span["start_ms"]))
    cue = record["cues"][4]
    cue["end_ms"] = cue["start_ms"] + 1200
    faults.append(("reading speed", cue["start_ms"]))
    gone = record["cues"].pop(14)
    faults.append(("speech without a caption", gone["start_ms"]))
    record["divergence"].sort(key=lambda d: d["start_ms"] or 0)
    return record, faults


def measure_faults(browser: Browser, folder: Path) -> None:
    """Print the figures of part "faults"."""
    record, faults = planted()
    outcome, _ = read(json.dumps(record))
    speech = spoken(record["words"])
    path = folder / "faults.html"
    shown = PageContext("faults", PROFILES["netflix"], None, Waveform(10, b"", speech), "1", record)
    path.write_text(build(outcome, shown), "utf-8")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(path.as_uri())
    left = list(faults)
    clicks = 0
    for button in page.locator("details[open] .issue").all():
        button.click()
        clicks += 1
        at = round(page.evaluate("document.getElementById('now').textContent") and now(page))
        found = [f for f in left if f[1] is not None and abs(f[1] - 400 - at) < 700]
        left = [f for f in left if f not in found]
        if not left:
            break
    done = len(faults) - len(left)
    print(f"faults: {done} of {len(faults)} found with {clicks} clicks; missed: {left}")
    page.close()


def spoken(words: list[Json]) -> SpeechSegments:
    """Returns where somebody speaks by the words; pauses of under 300 ms count as speech."""
    segments: list[Span] = []
    for w in words:
        if segments and w["start_ms"] - segments[-1].end < 300:
            segments[-1] = Span(segments[-1].start, max(segments[-1].end, w["end_ms"]))
        else:
            segments.append(Span(w["start_ms"], w["end_ms"]))
    return SpeechSegments(tuple(segments))


def now(page: Page) -> float:
    """Returns the position of the recording in ms."""
    minutes, seconds = page.locator("#now").inner_text().split(":")
    return int(minutes) * 60_000 + float(seconds) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=RAW)
    parser.add_argument("part", nargs="*", default=["large", "faults"], help="large, faults")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="path of Chromium")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    parts: dict[str, Any] = {"large": measure_large, "faults": measure_faults}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=ARGUMENTS)
        for part in options.part:
            parts[part](browser, Path(folder))
        browser.close()


RAW = argparse.RawDescriptionHelpFormatter

if __name__ == "__main__":
    main()
