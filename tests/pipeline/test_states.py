"""Every state of `aligner check`, each by a page like real ones and a server that answers."""

import re
from pathlib import Path

import pytest
from server import Reply, Server
from test_probe import MASTER, mp4, playlist, recording

from aligner.pipeline import check
from aligner.pipeline.options import Options
from aligner.types import MEDIA_STATES, CheckResult

STATES = Path(__file__).parents[1] / "data" / "states"
PRIVATE = Options(allow_private=True)
WITHOUT_EMBEDS = check.CheckOptions(embeds=False)
FILM = Reply(mp4(), "video/mp4", ranges=True)
VTT = Reply(b"WEBVTT\n\n00:00.000 --> 00:01.000\nThe bus is back.\n", "text/vtt")
LIVE = playlist("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nf9001.ts\n#EXTINF:4,\nf9002.ts\n")
PROTECTED = playlist(
    '#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key"\n#EXTINF:4,\na.ts\n#EXT-X-ENDLIST\n'
)
ANSWERS: dict[str, dict[str, Reply]] = {
    "playable": {"/media/bus_360p.mp4": FILM},
    "audio_only": {"/media/bus.mp3": Reply(recording("mp3", "mp3"), "audio/mpeg", ranges=True)},
    "no_audio": {"/media/bell.mp4": Reply(recording("mp4", None, pictures=True), "video/mp4")},
    "live": {"/media/harbour/index.m3u8": LIVE},
    "drm": {"/media/snow/protected.m3u8": PROTECTED},
    "geo_blocked": {
        "/media/snow.mp4": Reply(b"<p>This film is not available in your country.", status=403)
    },
    "login": {"/media/bell-long.mp4": Reply(status=401)},
    "gone": {"/media/2023/bus.mp4": Reply(status=410)},
    "expired": {"/media/snow.mp4": Reply(b"<Error><Code>AccessDenied</Code></Error>", status=403)},
    "refused": {"/media/judge.mp4": Reply(b"<title>Just a moment...</title>", status=403)},
    "unreachable": {"/media/rain.mp4": Reply(status=500)},
    "not_media": {"/media/ring.mp4": Reply(b"<!doctype html><title>District News</title>")},
    "embed_only": {},
    "already_captioned": {"/media/bus_360p.mp4": FILM, "/media/bus.en.vtt": VTT},
    "not_yet": {},
    "needs_script": {},
    "consent": {},
    "no_address": {},
    "none": {},
}
SAVED = ("no_address",)
"""States of pages that are given as files."""
NO_LINK = ("not_yet", "needs_script", "no_address", "none")
NOT_READ = ("consent",)
"""States of pages that show something else in the article's place."""


def test_every_state_has_its_page() -> None:
    assert set(ANSWERS) == set(MEDIA_STATES)
    dated = {re.fullmatch(r"\d{4}-\d\d-\d\d_(\w+)\.html", p.name) for p in STATES.iterdir()}
    assert {found[1] for found in dated if found} == set(MEDIA_STATES)


def finding(state: str) -> CheckResult:
    file = next(STATES.glob(f"*_{state}.html"))
    if state in SAVED:
        return check.check(str(file), PRIVATE, check_options=WITHOUT_EMBEDS)
    with Server({"/news/story.html": Reply(file.read_bytes()), **ANSWERS[state]}) as server:
        return check.check(server.url("/news/story.html"), PRIVATE, check_options=WITHOUT_EMBEDS)


@pytest.mark.parametrize("state", MEDIA_STATES)
def test_states(state: str) -> None:
    found = finding(state)
    assert (found.state, found.answered) == (state, state not in NOT_READ)
    assert len(found.reason) > 15
    assert (found.media is None) == (state in (*NO_LINK, *NOT_READ))
    assert (found.title is None) == (found.language is None) == (state in NOT_READ)


def test_captions_are_told_with_their_address_and_language() -> None:
    found = finding("already_captioned")
    assert "captions in en are there already, at http://" in found.reason
    assert "/media/bus.en.vtt" in found.reason
    assert found.media
    assert [track.language for track in found.media.tracks] == ["en"]


def test_embeds_without_leave_ask_nobody() -> None:
    page = next(STATES.glob("*_embed_only.html")).read_bytes()
    with Server({"/story": Reply(page)}) as server:
        found = check.check(server.url("/story"), PRIVATE, check_options=WITHOUT_EMBEDS)
        assert server.asked == ["/story"]
    assert found.media
    assert found.media.url == "https://www.youtube.com/watch?v=Sn0wM4rk3tQ"
    assert "youtube.com" in found.reason


def test_a_stream_of_several_renditions_plays() -> None:
    page = next(STATES.glob("*_live.html")).read_bytes()
    film = Reply(recording("mpegts", "aac", pictures=True), "video/mp2t")
    pieces = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\na.ts\n#EXT-X-ENDLIST\n"
    routes = {
        "/story": Reply(page),
        "/media/harbour/index.m3u8": playlist(MASTER),
        "/media/harbour/small.m3u8": playlist(pieces),
        "/media/harbour/a.ts": film,
    }
    with Server(routes) as server:
        found = check.check(server.url("/story"), PRIVATE, check_options=WITHOUT_EMBEDS)
    assert found.state == "playable", found.reason
