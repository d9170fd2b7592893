"""Trying media addresses over real HTTP: what plays, and each way in which it does not."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from server import Reply, Server, redirect

from aligner.discovery.hls import read, select
from aligner.discovery.probe import ProbeOptions, probe
from aligner.discovery.probe.http_errors import has_expired
from aligner.net.client import Session, WebOptions
from aligner.net.guard import Network
from aligner.types import MediaKind, MediaLink, ProbeResult, Rendition

HERE = ProbeOptions(allow_private=True)
ASKING = WebOptions(allow_private=True, timeout_s=5)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


def attempt(
    server: Server,
    path: str,
    kind: MediaKind = "video",
    options: ProbeOptions = HERE,
    asking: WebOptions = ASKING,
) -> ProbeResult:
    with Session(asking) as session:
        return probe(MediaLink(server.url(path), kind, "html5"), session.fetch_range, options)


# ---------------------------------------------------------------- recordings of our own


@cache
def recording(
    form: str, sound: str | None, pictures: bool = False, seconds: int = 2, **options: str
) -> bytes:
    """A tone, or grey pictures, or both, in a container."""
    file = Path(tempfile.mkdtemp(prefix="aligner-test-")) / "recording"
    with av.open(str(file), "w", format=form, options=options) as out:
        tone = out.add_stream(sound, rate=16_000, layout="mono") if sound else None
        film = out.add_stream("mpeg4", rate=10, width=64, height=48) if pictures else None
        if isinstance(film, av.VideoStream):
            film.pix_fmt = "yuv420p"
            for _ in range(10 * seconds):
                grey = np.full((48, 64, 3), 90, dtype=np.uint8)
                out.mux(film.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
            out.mux(film.encode(None))
        if isinstance(tone, av.AudioStream):
            wave = np.sin(np.arange(16_000 * seconds) / 16_000 * 2 * np.pi * 220) * 9000
            frame = av.AudioFrame.from_ndarray(
                wave.astype("<i2")[None, :], format="s16", layout="mono"
            )
            frame.sample_rate = 16_000
            out.mux(tone.encode(frame))
            out.mux(tone.encode(None))
    made = file.read_bytes()
    shutil.rmtree(file.parent)
    return made


def mp4(**options: str) -> bytes:
    return recording("mp4", "aac", pictures=True, **options)


FILES = {
    "mp3": (recording("mp3", "mp3"), "audio_only"),
    "flac": (recording("flac", "flac"), "audio_only"),
    "wav": (recording("wav", "pcm_s16le"), "audio_only"),
    "m4a": (recording("mp4", "aac"), "audio_only"),
    "aac": (recording("adts", "aac"), "audio_only"),
    "mp4, index last": (mp4(), "playable"),
    "mp4, index first": (mp4(movflags="faststart"), "playable"),
    "mp4, in fragments": (mp4(movflags="frag_keyframe+empty_moov"), "playable"),
    "mkv": (recording("matroska", "aac", pictures=True), "playable"),
    "ts": (recording("mpegts", "aac", pictures=True), "playable"),
    "mp4 without sound": (recording("mp4", None, pictures=True), "no_audio"),
}


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
@pytest.mark.parametrize(("body", "state"), FILES.values(), ids=FILES)
def test_files(server: Server, body: bytes, state: str, ranges: bool) -> None:
    server.routes["/a"] = Reply(body, "application/octet-stream", ranges=ranges)
    tried = attempt(server, "/a")
    assert tried.state == state, tried.reason
    assert tried.probed
    assert tried.probed.bytes == len(body)
    assert tried.probed.has_audio == (state != "no_audio")
    assert tried.probed.has_video == (state != "audio_only")


@pytest.mark.parametrize("name", ["mp3", "flac", "wav", "m4a", "mp4, index last", "mkv"])
def test_lengths(server: Server, name: str) -> None:
    server.routes["/a"] = Reply(FILES[name][0], "video/mp4", ranges=True)
    tried = attempt(server, "/a")
    assert tried.probed
    assert tried.probed.duration_ms == pytest.approx(2000, abs=150)
    assert "2 s" in tried.reason
    assert tried.probed.bitrate


def late_index() -> bytes:
    """An MP4 file of 20 MB whose index stands at its end: a long box lies before it."""
    whole = mp4()
    at = whole.index(b"mdat") - 4
    free = 20_000_000
    # The samples' places are wrong now, which nobody notices without decoding.
    return whole[:at] + free.to_bytes(4, "big") + b"free" + bytes(free - 8) + whole[at:]


def test_of_a_large_file_little_is_fetched(server: Server) -> None:
    server.routes["/a.mp4"] = Reply(late_index(), "video/mp4", ranges=True)
    tried = attempt(server, "/a.mp4")
    assert tried.state == "playable", tried.reason
    assert tried.probed
    assert tried.probed.duration_ms == pytest.approx(2000, abs=100)
    assert server.sent < 1_500_000
    assert len(server.asked) < 8


def test_a_late_index_without_ranges(server: Server) -> None:
    server.routes["/a.mp4"] = Reply(late_index(), "video/mp4")
    tried = attempt(server, "/a.mp4")
    assert tried.state == "playable"
    assert "not seen" in tried.reason
    assert server.sent < 15_000_000  # what the sockets took before we hung up


def id3(size: int) -> bytes:
    """An ID3v2.3 tag with a picture of so many random bytes."""
    picture = b"\0image/png\0\3\0" + np.random.default_rng(1).bytes(size)
    frame = b"APIC" + len(picture).to_bytes(4, "big") + b"\0\0" + picture
    digits = (len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + bytes(digits) + frame


def flac_with_picture(size: int) -> bytes:
    whole = FILES["flac"][0]  # the mark, STREAMINFO of 38 bytes, and other blocks
    picture = bytes(28) + size.to_bytes(4, "big") + np.random.default_rng(1).bytes(size)
    block = b"\6" + len(picture).to_bytes(3, "big") + picture
    return whole[:42] + block + whole[42:]


def wav_with_other_chunk(size: int) -> bytes:
    whole = FILES["wav"][0]
    return whole[:12] + b"JUNK" + size.to_bytes(4, "little") + bytes(size) + whole[12:]


LONG_HEADERS = {
    "mp3": id3(2_000_000) + FILES["mp3"][0],
    "mp3, a little longer than what is fetched first": id3(1 << 18) + FILES["mp3"][0],
    "mp3, two tags": id3(100_000) + id3(300_000) + FILES["mp3"][0],
    "aac": id3(2_000_000) + FILES["aac"][0],
    "flac": flac_with_picture(2_000_000),
    "wav": wav_with_other_chunk(2_000_000),
}


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
@pytest.mark.parametrize("body", LONG_HEADERS.values(), ids=LONG_HEADERS)
def test_long_headers_are_passed_over(server: Server, body: bytes, ranges: bool) -> None:
    server.routes["/a"] = Reply(body, "application/octet-stream", ranges=ranges)
    tried = attempt(server, "/a")
    assert tried.state == "audio_only", tried.reason
    assert tried.probed
    assert tried.probed.duration_ms == pytest.approx(2000, abs=150)
    assert len(server.asked) < 5


def test_of_a_large_cover_little_is_fetched(server: Server) -> None:
    server.routes["/a"] = Reply(id3(20_000_000) + FILES["mp3"][0], "audio/mpeg", ranges=True)
    assert attempt(server, "/a").state == "audio_only"
    assert server.sent < 600_000


@pytest.mark.parametrize(
    "body", [id3(9_000_000) + FILES["mp3"][0], wav_with_other_chunk(9_000_000)], ids=["mp3", "wav"]
)
def test_header_that_is_longer_than_all_that_is_fetched(server: Server, body: bytes) -> None:
    server.routes["/a"] = Reply(body, "application/octet-stream")
    tried = attempt(server, "/a")
    assert (tried.state, tried.probed) == ("audio_only", None)
    assert "not seen" in tried.reason
    server.routes["/b"] = Reply(bytes(9_000_000) + body, "audio/mpeg")
    assert attempt(server, "/b").state == "not_media"


def test_tag_before_something_else(server: Server) -> None:
    server.routes["/a"] = Reply(id3(300_000) + b"Only some words. " * 90_000, "audio/mpeg")
    assert attempt(server, "/a").state == "not_media"


def test_a_name_and_a_type_that_lie(server: Server) -> None:
    server.routes |= {
        "/a.mp4": Reply(FILES["mp3"][0], "text/html", ranges=True),
        "/b.mp3": Reply(b"<!doctype html><h1>Oh</h1>", "audio/mpeg"),
        "/c.mp3": Reply(b"\x89PNG....", "audio/mpeg"),
        "/d.mp3": Reply(bytes(range(256)) * 400, "audio/mpeg"),
        "/e.mp3": Reply(b"", "audio/mpeg"),
        "/f.mp3": Reply(b'{"error": 1}', "audio/mpeg"),
    }
    assert attempt(server, "/a.mp4").state == "audio_only"
    for path in ("/b.mp3", "/c.mp3", "/d.mp3", "/e.mp3", "/f.mp3"):
        assert attempt(server, path).state == "not_media", path


def test_protected_files(server: Server) -> None:
    scheme = b"\0\0\0\x14schm\0\0\0\0cenc\0\1\0\0"
    at = (body := mp4(movflags="faststart")).index(b"mdat") - 4
    server.routes["/a.mp4"] = Reply(
        body[:at] + b"\0\0\0\x1cuuid" + scheme + body[at:], "video/mp4", ranges=True
    )
    assert attempt(server, "/a.mp4").state == "drm"


def test_a_radio_station(server: Server) -> None:
    server.routes["/live"] = Reply(
        content_type="audio/mpeg", headers={"icy-name": "Radio"},
        chunks=lambda: iter(lambda: FILES["mp3"][0], None),
    )  # fmt: skip
    assert attempt(server, "/live").state == "live"


# ---------------------------------------------------------------- refusals

PAST, FUTURE = "1500000000", "4000000000"

REFUSALS = {
    "404": ("/a", Reply(status=404), "gone"),
    "410": ("/a", Reply(status=410), "gone"),
    "401": ("/a", Reply(status=401), "login"),
    "402": ("/a", Reply(status=402), "login"),
    "403": ("/a", Reply(b"Forbidden", status=403), "refused"),
    "429": ("/a", Reply(status=429), "refused"),
    "451": ("/a", Reply(status=451), "geo_blocked"),
    "500": ("/a", Reply(status=500), "unreachable"),
    "503": ("/a", Reply(status=503), "unreachable"),
    "418": ("/a", Reply(status=418), "refused"),
    "416": ("/a", Reply(status=416), "not_media"),
    "expired by its query": (f"/a?Expires={PAST}&Signature=x", Reply(status=403), "expired"),
    "not expired": (f"/a?Expires={FUTURE}&Signature=x", Reply(status=403), "refused"),
    "gone, not expired": (f"/a?Expires={PAST}", Reply(status=404), "gone"),
    "expired by its words": (
        "/a",
        Reply(b"<Code>AccessDenied</Code><Message>Request has expired</Message>", status=403),
        "expired",
    ),
    "country": ("/a", Reply(b"This video is not available in your country.", status=403),
                "geo_blocked"),
    "robots' wall": ("/a", Reply(b"<title>Just a moment...</title>", status=403), "refused"),
    "login, in words": ("/a", Reply(b"Please log in to listen", status=403), "login"),
    "country, with 200": (
        "/a", Reply(b"<html>Not available in your region</html>"), "geo_blocked"
    ),
    "to a login page": ("/a", redirect("/login?next=a"), "login"),
    "a page": ("/a", Reply(b"<html><p>Hello</p></html>"), "not_media"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "reply", "state"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(server: Server, path: str, reply: Reply, state: str) -> None:
    server.routes |= {"/a": reply, "/login": Reply(b"<html><form>Name</form></html>")}
    tried = attempt(server, path)
    assert tried.state == state
    assert tried.reason


@pytest.mark.parametrize(
    ("query", "expired"),
    [
        ("", False),
        (f"Expires={PAST}", True),
        (f"e={PAST}&h=abc", True),
        (f"exp={PAST}000", True),
        (f"expires={FUTURE}", False),
        (f"hdnea=st=1400000000~exp={PAST}~acl=/*~hmac=00", True),
        (f"hdnea=st=1400000000~exp={FUTURE}~acl=/*~hmac=00", False),
        ("X-Amz-Date=20200101T000000Z&X-Amz-Expires=3600", True),
        ("X-Amz-Date=20990101T000000Z&X-Amz-Expires=3600", False),
        ("X-Goog-Date=20200101T000000Z&X-Goog-Expires=3600", True),
        ("X-Amz-Date=20209901T000000Z&X-Amz-Expires=3600", False),
        ("expires=soon&e=7", False),
    ],
)
def test_expiry(query: str, expired: bool) -> None:
    assert has_expired(f"https://a.example/b.mp4?{query}") is expired


# ---------------------------------------------------------------- HLS

TS = FILES["ts"][0]
SOUND_TS = recording("mpegts", "aac")
VOD = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\n{0}\n#EXTINF:1.5,\nb.ts\n#EXT-X-ENDLIST\n"
MASTER = """#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.4d,mp4a.40.2",RESOLUTION=640x360
large.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=300000,CODECS="avc1.4d,mp4a.40.2",RESOLUTION=320x180
small.m3u8
"""


def playlist(text: str) -> Reply:
    return Reply(text.encode(), "application/vnd.apple.mpegurl")


def with_playlists(server: Server, **texts: str) -> None:
    server.routes |= {f"/{name}.m3u8": playlist(text) for name, text in texts.items()}
    server.routes |= {"/a.ts": Reply(TS, "video/mp2t"), "/s.ts": Reply(SOUND_TS, "video/mp2t")}


def test_a_media_playlist(server: Server) -> None:
    with_playlists(server, a=VOD.format("a.ts"))
    tried = attempt(server, "/a.m3u8")
    assert tried.state == "playable", tried.reason
    assert tried.probed
    assert tried.probed.duration_ms == 3500
    assert server.asked == ["/a.m3u8", "/a.ts"]


def test_a_master_leads_to_its_smallest(server: Server) -> None:
    with_playlists(server, a=MASTER, small=VOD.format("a.ts"))
    tried = attempt(server, "/a.m3u8")
    assert tried.state == "playable", tried.reason
    assert tried.probed
    assert (tried.probed.duration_ms, tried.probed.bitrate) == (3500, 300_000)
    assert server.asked == ["/a.m3u8", "/small.m3u8", "/a.ts"]


def test_sound_of_its_own_is_preferred(server: Server) -> None:
    media = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",URI="sound.m3u8"\n'
    with_playlists(server, a=MASTER + media, sound=VOD.format("s.ts"))
    tried = attempt(server, "/a.m3u8")
    assert tried.state == "playable", tried.reason  # the master has pictures beside it
    assert "/sound.m3u8" in server.asked


def test_fragments_with_a_header(server: Server) -> None:
    whole = mp4(movflags="frag_keyframe+empty_moov")
    cut = whole.index(b"moof") - 4
    text = VOD.format("a.m4s").replace("#EXTINF", '#EXT-X-MAP:URI="i.mp4"\n#EXTINF', 1)
    with_playlists(server, a=text)
    server.routes |= {"/i.mp4": Reply(whole[:cut]), "/a.m4s": Reply(whole[cut:])}
    assert attempt(server, "/a.m3u8").state == "playable"


@pytest.mark.parametrize("same_file", [True, False])
def test_pieces_that_are_ranges_of_a_file(server: Server, same_file: bool) -> None:
    whole = mp4(movflags="frag_keyframe+empty_moov")
    cut = whole.index(b"moof") - 4
    header = "all.mp4" if same_file else "i.mp4"
    text = (
        f'#EXTM3U\n#EXT-X-MAP:URI="{header}",BYTERANGE="{cut}@0"\n#EXTINF:2,\n'
        f"#EXT-X-BYTERANGE:{len(whole) - cut}@{cut}\nall.mp4\n#EXT-X-ENDLIST\n"
    )
    with_playlists(server, a=text)
    server.routes |= {"/i.mp4": Reply(whole[:cut]), "/all.mp4": Reply(whole, ranges=True)}
    assert attempt(server, "/a.m3u8").state == "playable"


KEY = '#EXT-X-KEY:METHOD={},URI="{}"\n#EXTINF'
PLAYLISTS = {
    "live": (VOD.format("a.ts").replace("#EXT-X-ENDLIST", ""), "live"),
    "sound": (VOD.format("s.ts"), "audio_only"),
    "empty": ("#EXTM3U\n#EXT-X-ENDLIST\n", "not_media"),
    "protected": (VOD.replace("#EXTINF", KEY.format("SAMPLE-AES", "skd://x"), 1), "drm"),
    "encrypted": (VOD.replace("#EXTINF", KEY.format("AES-128", "k.bin"), 1), "playable"),
    "a piece is gone": (VOD.format("gone.ts"), "gone"),
    "a piece is a page": (VOD.format("page.html"), "not_media"),
    "a rendition is gone": ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nx.m3u8\n", "gone"),
    "a rendition is a page": ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\npage.html\n", "not_media"),
    "itself": ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n", "not_media"),
    "nonsense": ("#EXTM3U\n#EXTINF:x,\na.ts\n#EXTINF:1e999\na.ts\n#EXT-X-ENDLIST", "playable"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "state"), PLAYLISTS.values(), ids=PLAYLISTS)
def test_playlists(server: Server, text: str, state: str) -> None:
    with_playlists(server, a=text.replace("{0}", "a.ts"))
    server.routes["/page.html"] = Reply(b"<html>No</html>")
    tried = attempt(server, "/a.m3u8")
    assert tried.state == state, tried.reason


FORBIDDEN = {
    "file": "file:///etc/passwd",
    "ftp": "ftp://a.example/a.ts",
    "loopback": "http://127.0.0.1:1/a.ts",
    "private": "http://192.168.0.1/a.ts",
    "metadata": "http://169.254.169.254/latest/meta-data",
    "mapped": "http://[::ffff:10.0.0.1]/a.ts",
    "localhost": "http://localhost/a.ts",
}
INSIDE_OUT = Network(
    resolve=lambda host, _: ("93.184.216.34" if host == "news.example" else host,),
    route=lambda ip, port: ("127.0.0.1" if ip.startswith("93.") else ip, port),
)


@pytest.mark.parametrize("where", ["piece", "rendition", "map", "second piece"])
@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_playlist_that_names_what_it_should_not(server: Server, address: str, where: str) -> None:
    texts = {
        "piece": VOD.format(address),
        "second piece": VOD.format("a.ts").replace("b.ts", address),
        "rendition": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{address}\n",
        "map": VOD.format("a.ts").replace("#EXTINF", f'#EXT-X-MAP:URI="{address}"\n#EXTINF', 1),
    }
    with_playlists(server, a=texts[where])
    link = MediaLink(server.url("/a.m3u8", "news.example"), "video", "html5")
    with Session(WebOptions(network=INSIDE_OUT)) as session:
        tried = probe(link, session.fetch_range, ProbeOptions())
    assert tried.state == "refused", tried.reason
    assert server.asked == ["/a.m3u8"]


def test_a_name_in_a_playlist_that_leads_inside(server: Server) -> None:
    with_playlists(server, a=VOD.format("http://inside.example/a.ts"))
    network = replace(
        INSIDE_OUT,
        resolve=lambda host, _: ("93.184.216.34" if host == "news.example" else "10.0.0.1",),
    )
    link = MediaLink(server.url("/a.m3u8", "news.example"), "video", "html5")
    with Session(WebOptions(network=network)) as session:
        tried = probe(link, session.fetch_range, ProbeOptions())
    assert (tried.state, "--allow-private" in tried.reason) == ("refused", True)


@pytest.mark.slow
def test_a_playlist_of_a_hundred_thousand_pieces() -> None:
    text = "#EXTM3U\n" + "#EXTINF:2,\na.ts\n" * 100_000 + "#EXT-X-ENDLIST"
    began = time.process_time()
    assert read(text, "http://a.example/").duration_ms == 200_000_000
    assert time.process_time() - began < 30


CODECS = {
    "not declared": "",
    "of pictures only": ',CODECS="avc1.4d"',
    "of pictures only, and a comma": ',CODECS="avc1.4d,"',
    "of pictures only, with a group": ',CODECS="avc1.4d",AUDIO="g"',
    "without a version": ',CODECS="avc1.4d,mp4a"',
}


@pytest.mark.parametrize("codecs", CODECS.values(), ids=CODECS)
@pytest.mark.parametrize("has_sound", [True, False])
def test_the_segments_say_whether_there_is_sound(
    server: Server, codecs: str, has_sound: bool
) -> None:
    master = (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",NAME="n",DEFAULT=YES\n'
        f"#EXT-X-STREAM-INF:BANDWIDTH=5,RESOLUTION=6x4{codecs}\nx.m3u8\n"
    )
    with_playlists(server, a=master, x=VOD.format("a.ts"))
    if not has_sound:
        server.routes["/a.ts"] = Reply(recording("mpegts", None, pictures=True), "video/mp2t")
    assert attempt(server, "/a.m3u8").state == ("playable" if has_sound else "no_audio")


def test_declared_sound_comes_first() -> None:
    text = "#EXTM3U" + "".join(
        f'\n#EXT-X-STREAM-INF:BANDWIDTH={rate},CODECS="{codecs}"\n{name}'
        for rate, codecs, name in [(1, "avc1.4d", "a"), (9, "avc1.4d,mp4a.40.2", "b")]
    )
    assert select(read(text, "http://a.example/")).url == "http://a.example/b"


# ---------------------------------------------------------------- DASH

MPD = """<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="{type}"
mediaPresentationDuration="PT1M2.5S"><Period>{protection}
<AdaptationSet mimeType="video/mp4"><Representation id="v" codecs="avc1"/></AdaptationSet>
<AdaptationSet mimeType="audio/mp4"><SegmentTemplate initialization="{init}" media="x"/>
<Representation id="a1" codecs="mp4a.40.2" bandwidth="64000"/></AdaptationSet></Period></MPD>"""
DASH = {
    "plays": ({}, "playable"),
    "live": ({"type": "dynamic"}, "live"),
    "protected": ({"protection": '<ContentProtection schemeIdUri="urn:uuid:x"/>'}, "drm"),
    "file": ({"init": "file:///etc/passwd"}, "refused"),
    "gone": ({"init": "none-$RepresentationID$.mp4"}, "gone"),
}


@pytest.mark.parametrize(("changes", "state"), DASH.values(), ids=DASH)
def test_dash(server: Server, changes: dict[str, str], state: str) -> None:
    given = {"type": "static", "protection": "", "init": "i-$RepresentationID$.mp4"} | changes
    server.routes |= {
        "/a.mpd": Reply(MPD.format(**given).encode(), "application/dash+xml"),
        "/i-a1.mp4": Reply(recording("mp4", "aac", movflags="frag_keyframe+empty_moov")),
    }
    tried = attempt(server, "/a.mpd")
    assert tried.state == state, tried.reason
    if state == "playable":
        assert tried.probed
        assert tried.probed.duration_ms == 62_500


def test_dash_that_is_no_xml(server: Server) -> None:
    server.routes |= {"/a.mpd": Reply(b"<MPD"), "/b.mpd": Reply(b"<MPD></MPD>")}
    assert attempt(server, "/a.mpd").state == "not_media"
    assert attempt(server, "/b.mpd").state == "not_media"


def test_dash_entities_are_not_read(server: Server) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><MPD><BaseURL>&a;</BaseURL></MPD>'
    server.routes["/a.mpd"] = Reply(bomb.encode(), "application/dash+xml")
    tried = attempt(server, "/a.mpd")
    assert tried.state == "not_media"
    assert "root" not in tried.reason


# ---------------------------------------------------------------- bad servers


def test_a_byte_a_second(server: Server) -> None:
    server.routes["/a.mp3"] = Reply(FILES["mp3"][0], "audio/mpeg", drip_s=0.2)
    began = time.monotonic()
    tried = attempt(server, "/a.mp3", asking=replace(ASKING, timeout_s=0.5))
    assert tried.state == "unreachable"
    assert time.monotonic() - began < 20  # all of it takes minutes


def test_a_server_that_stops_answering() -> None:
    whole = Reply(late_index(), "video/mp4", ranges=True)

    class Stalling(Server):
        def reply_to(self, path: str) -> Reply:  # noqa: ARG002  the same for every path
            return whole if len(self.asked) < 2 else replace(whole, delay_s=2)

    with Stalling() as stalling:
        tried = attempt(stalling, "/a.mp4", asking=replace(ASKING, timeout_s=0.7))
    assert tried.state == "unreachable"
    assert "0.7 s" in tried.reason


def test_an_endless_body(server: Server) -> None:
    server.routes["/a.mp3"] = Reply(
        content_type="audio/mpeg", chunks=lambda: iter(lambda: FILES["mp3"][0], None)
    )
    assert attempt(server, "/a.mp3").state == "audio_only"
    assert server.sent < 15_000_000


@pytest.mark.parametrize("promised", [10, 50_000_000])
def test_a_length_that_lies(server: Server, promised: int) -> None:
    server.routes["/a.mp3"] = Reply(FILES["mp3"][0], "audio/mpeg", promised=promised)
    assert attempt(server, "/a.mp3").state in ("unreachable", "not_media")


def test_a_redirect_inside(server: Server) -> None:
    server.routes["/a.mp3"] = redirect(server.url("/secret.mp3"))
    link = MediaLink(server.url("/a.mp3", "news.example"), "audio", "html5")
    with Session(WebOptions(network=INSIDE_OUT)) as session:
        assert probe(link, session.fetch_range, ProbeOptions()).state == "refused"
    assert server.asked == ["/a.mp3"]


def test_a_budget_ends_an_attempt(server: Server) -> None:
    with_playlists(server, a=MASTER, small=VOD.format("a.ts"))
    tried = attempt(server, "/a.m3u8", options=replace(HERE, max_requests=2))
    assert tried.state == "unreachable"
    assert len(server.asked) == 2


# ---------------------------------------------------------------- embeds


def embed(server: Server, path: str) -> MediaLink:
    url = server.url(path)
    return MediaLink(url, "video", "embed", qualities=(Rendition(url, mime="text/html"),))


def test_embeds_are_not_asked_without_leave(server: Server) -> None:
    with Session(ASKING) as session:
        tried = probe(embed(server, "/e"), session.fetch_range, replace(HERE, ask_others=False))
    assert tried.state == "embed_only"
    assert not server.asked


def test_embeds_are_described_by_ytdlp(server: Server) -> None:
    server.routes |= {
        "/e": Reply(b'<html><video src="/a.mp4"></video></html>'),
        "/none": Reply(b"<html>nothing</html>"),
        "/a.mp4": Reply(mp4(), "video/mp4", ranges=True),
    }
    with Session(ASKING) as session:
        assert probe(embed(server, "/e"), session.fetch_range, HERE).state == "playable"
        assert probe(embed(server, "/none"), session.fetch_range, HERE).state == "not_media"
