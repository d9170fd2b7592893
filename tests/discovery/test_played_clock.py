"""Time 0 of a stream is where Chromium with hls.js has it.

hls.js is a package of npm: `make test` puts it into the virtual environment where npm is there.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsing import browser as browser
from server import Reply, Server
from tones import BURSTS_MS, onsets_ms, run_ffmpeg, tones, write_wav

from aligner.audio.decode import decode
from aligner.discovery.download import DownloadOptions, download
from aligner.types import MediaLink

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    # After an error yt-dlp leaves files and connections open; the collector closes them.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.usefixtures("collected"),
]

HERE = DownloadOptions(allow_private=True, timeout_s=5)
PLAYER = b"""<!doctype html><title>x</title><video id=v></video><script src=/hls.min.js></script>
<script>
function load(address) {
  return new Promise((done, failed) => {
    const video = document.getElementById("v"), hls = new Hls({ maxBufferLength: 60 })
    hls.on(Hls.Events.ERROR, (_, error) => error.fatal && failed(new Error(error.details)))
    hls.on(Hls.Events.BUFFER_EOS, () => setTimeout(() => done(state(video)), 200))
    setTimeout(() => failed(new Error("no end: " + JSON.stringify(state(video)))), 15000)
    hls.loadSource(address)
    hls.attachMedia(video)
  })
}
function state(video) {
  const ranges = []
  for (let n = 0; n < video.buffered.length; n++)
    ranges.push([video.buffered.start(n), video.buffered.end(n)])
  return { ranges, duration: video.duration }
}
</script>"""
"""A page whose function ``load`` plays a stream, and returns what is buffered, in seconds."""
NEAR_S = 0.15
"""An encoder's delay, and the padding of the last frame."""


def hls_js() -> bytes:
    """hls.js; the test is skipped where it is not installed."""
    named = os.environ.get("ALIGNER_HLS_JS")
    path = Path(sys.prefix) / "npm/node_modules/hls.js/dist/hls.min.js"
    path = Path(named) if named else path
    if not path.is_file():
        pytest.skip("no hls.js: `make test` installs it with npm, or name one in ALIGNER_HLS_JS")
    return path.read_bytes()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


FRAGMENTS = "-hls_segment_type fmp4"
STREAMS = [
    # name, how the segments are made, their first time stamp
    *(("fragments", FRAGMENTS, start_s) for start_s in (0, 5, 20, 90_000)),
    *(("transport", "-muxdelay 0", start_s) for start_s in (0, 10)),
]


@pytest.mark.parametrize(("form", "made", "start_s"), STREAMS)
def test_a_stream_starts_at_0_in_the_player_and_here(
    page: Page, tmp_path: Path, form: str, made: str, start_s: float
) -> None:
    write_wav(tmp_path / "tones.wav", tones(44_100), 44_100)
    segments = f"-f hls {made} -hls_time 1 -hls_playlist_type vod -output_ts_offset {start_s}"
    run_ffmpeg(tmp_path, f"-i tones.wav -c:a aac {segments}", "s.m3u8")
    pages = {"/": Reply(PLAYER), "/hls.min.js": Reply(hls_js(), "text/javascript")}
    with Server(pages, tmp_path) as server:
        page.goto(server.url("/"))
        played: dict[str, Any] = page.evaluate("load('/s.m3u8')")
        media = download(MediaLink(server.url("/s.m3u8"), "video", "hls"), tmp_path, HERE)
    audio = decode(media, tmp_path)
    assert len(played["ranges"]) == 1, json.dumps(played)
    begin_s, end_s = played["ranges"][0]
    assert begin_s == pytest.approx(0, abs=NEAR_S)
    assert end_s == pytest.approx(audio.duration_ms / 1000, abs=NEAR_S)
    assert onsets_ms(audio) == pytest.approx([b + begin_s * 1000 for b in BURSTS_MS], abs=60)
