"""Media addresses -> files, by the real yt-dlp over real HTTP."""

import gc
import hashlib
import io
import math
import struct
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from server import Reply, Server, megabytes, redirect

from aligner.discovery.download import DownloadOptions, download, local
from aligner.discovery.ytdlp.errors import as_unavailable
from aligner.errors import BadSource, MediaUnavailable
from aligner.net.guard import Network
from aligner.types import MediaLink, Rendition

pytestmark = [
    # After an error yt-dlp leaves files and connections open; the collector closes them.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.usefixtures("collected"),
]

HERE = DownloadOptions(allow_private=True, timeout_s=5)
PAGE = b"<!doctype html><html><head><title>A page</title></head><body><p>Hello.</p></body></html>"
PACKET = b"\x47" + bytes(range(187))
"""As long as a packet of an MPEG transport stream, and begun like one."""


def tone(seconds: float = 1.0) -> bytes:
    """A real WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        samples = (int(9000 * math.sin(t / 5)) for t in range(int(16000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", s) for s in samples))
    return out.getvalue()


TONE = tone()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server({"/a.wav": Reply(TONE, "audio/wav"), "/page.html": Reply(PAGE)}) as made:
        yield made


@pytest.fixture(autouse=True)
def _collect() -> Iterator[None]:
    """Let the collector meet what yt-dlp left open here, and not in other tests."""
    yield
    gc.collect()


def link(url: str, found_by: str = "html5") -> MediaLink:
    return MediaLink(url, "audio", found_by)


def refused(url: str, folder: Path, options: DownloadOptions = HERE) -> MediaUnavailable:
    """The error of a download that fails, after a look that it left nothing behind."""
    with pytest.raises(MediaUnavailable) as caught:
        download(link(url), folder, options)
    assert list(folder.iterdir()) == []
    return caught.value


# ---------------------------------------------------------------- what is downloaded


def test_a_file(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    given = link(server.url("/a.wav"))
    media = download(given, tmp_path, HERE, lambda done, total: told.append((done, total)))
    assert media.path.read_bytes() == TONE
    assert media.sha256 == hashlib.sha256(TONE).hexdigest()
    assert (media.link, media.duration_ms) == (given, None)
    assert list(tmp_path.iterdir()) == [media.path]
    assert media.path.suffix == ".wav"
    assert told[-1] == (len(TONE), len(TONE))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/a.mp3", "application/octet-stream"),
        ("/a.mp3", "text/plain"),
        ("/stream", "audio/wav"),
        ("/get.php?file=a.wav", "audio/x-wav"),
    ],
)
def test_files_under_other_names(
    server: Server, tmp_path: Path, path: str, content_type: str
) -> None:
    server.routes[path] = Reply(TONE, content_type)
    assert download(link(server.url(path)), tmp_path, HERE).path.read_bytes() == TONE


def test_a_redirect_is_followed(server: Server, tmp_path: Path) -> None:
    server.routes["/b.wav"] = redirect("/a.wav")
    assert download(link(server.url("/b.wav")), tmp_path, HERE).path.read_bytes() == TONE


def test_the_same_recording_twice_is_one_file(server: Server, tmp_path: Path) -> None:
    first, second = (download(link(server.url("/a.wav")), tmp_path, HERE) for _ in range(2))
    assert first == second
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("found_by", ["ytdlp", "given"])
def test_a_page_that_embeds_it(server: Server, tmp_path: Path, found_by: str) -> None:
    server.routes["/e.html"] = Reply(PAGE.replace(b"Hello.", b"<audio src='a.wav'></audio>"))
    given = link(server.url("/e.html"), found_by)
    assert download(given, tmp_path, HERE).path.read_bytes() == TONE


def test_a_player_in_a_frame(server: Server, tmp_path: Path) -> None:
    server.routes["/embed/player/0/1.html"] = Reply(b"<html><audio src='/a.wav'></audio></html>")
    url = server.url("/embed/player/0/1.html")
    given = MediaLink(url, "audio", "pangea", qualities=(Rendition(url, None, "text/html"),))
    assert download(given, tmp_path, HERE).path.read_bytes() == TONE


# ---------------------------------------------------------------- streams in pieces

MASTER = """#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=1280x720,CODECS="avc1.64001f,mp4a.40.2"
large.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=200000,RESOLUTION=426x240,CODECS="avc1.42c015,mp4a.40.2"
small.m3u8
"""
HLS = "application/vnd.apple.mpegurl"


def playlist(*pieces: str, mark: str = "", end: str = "#EXT-X-ENDLIST\n") -> Reply:
    lines = "".join(f"#EXTINF:1.0,\n{piece}\n" for piece in pieces)
    return Reply(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{mark}{lines}{end}".encode(), HLS)


def test_the_smallest_of_a_stream(server: Server, tmp_path: Path) -> None:
    server.routes |= {
        "/s/master.m3u8": Reply(MASTER.encode(), HLS),
        "/s/small.m3u8": playlist("1.ts", "2.ts"),
        "/s/1.ts": Reply(PACKET * 2, "video/mp2t"),
        "/s/2.ts": Reply(PACKET * 3, "video/mp2t"),
    }
    media = download(link(server.url("/s/master.m3u8")), tmp_path, HERE)
    assert media.path.read_bytes() == PACKET * 5
    assert list(tmp_path.iterdir()) == [media.path]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (playlist("1.ts", end=""), "live"),
        (playlist("1.ts", mark='#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key"\n'), "drm"),
        (playlist("1.ts", "missing.ts"), "gone"),
        (playlist("file:///etc/passwd"), "refused"),
    ],
    ids=["live", "protected", "a piece is missing", "a piece of this disk"],
)
def test_streams_that_cannot_be_had(
    server: Server, tmp_path: Path, reply: Reply, state: str
) -> None:
    server.routes |= {"/s/a.m3u8": reply, "/s/1.ts": Reply(PACKET, "video/mp2t")}
    assert refused(server.url("/s/a.m3u8"), tmp_path).state == state


# ---------------------------------------------------------------- what cannot be had

STATUSES = {
    404: "gone",
    410: "gone",
    401: "login",
    403: "refused",
    451: "geo_blocked",
    429: "refused",
    503: "unreachable",
    418: "refused",
}


@pytest.mark.slow
@pytest.mark.parametrize(("status", "state"), STATUSES.items())
def test_statuses(server: Server, tmp_path: Path, status: int, state: str) -> None:
    server.routes["/b.mp3"] = Reply(b"sorry", status=status)
    error = refused(server.url("/b.mp3"), tmp_path)
    assert error.state == state
    assert str(status) in error.why


@pytest.mark.parametrize("path", ["/page.html", "/b.mp3", "/c"])
def test_a_web_page_is_no_recording(server: Server, tmp_path: Path, path: str) -> None:
    server.routes |= {"/b.mp3": Reply(PAGE), "/c": Reply(PAGE, "audio/mpeg")}
    error = refused(server.url(path), tmp_path)
    assert (error.state, error.why) == ("not_media", "it is a web page, not a recording")


def test_a_page_that_embeds_another_recording_is_not_the_one_linked(
    server: Server, tmp_path: Path
) -> None:
    server.routes["/b.mp3"] = Reply(PAGE.replace(b"Hello.", b"<audio src='a.wav'></audio>"))
    assert refused(server.url("/b.mp3"), tmp_path).state == "not_media"


@pytest.mark.parametrize("body", [b"%PDF-1.7", b'{"error": 1}', b"\x89PNG\r\n"])
def test_other_files_are_no_recordings(server: Server, tmp_path: Path, body: bytes) -> None:
    server.routes["/b.mp3"] = Reply(body * 200, "application/octet-stream")
    assert refused(server.url("/b.mp3"), tmp_path).state == "not_media"


def test_a_file_of_no_bytes(server: Server, tmp_path: Path) -> None:
    server.routes["/b.mp3"] = Reply(b"", "audio/mpeg")
    error = refused(server.url("/b.mp3"), tmp_path)
    assert (error.state, error.why) == ("not_media", "the file is empty")


def test_a_file_that_breaks_off(server: Server, tmp_path: Path) -> None:
    server.routes["/b.mp3"] = Reply(TONE, "audio/mpeg", promised=len(TONE) * 2)
    error = refused(server.url("/b.mp3"), tmp_path)
    assert (error.state, error.why) == ("unreachable", "the file breaks off before its end")


@pytest.mark.parametrize("told", [True, False], ids=["length told", "endless"])
def test_a_file_that_is_too_large(server: Server, tmp_path: Path, told: bool) -> None:
    endless = megabytes(100, TONE)
    server.routes["/b.mp3"] = (
        Reply(TONE, "audio/mpeg", promised=100_000_000)
        if told
        else Reply(content_type="audio/mpeg", chunks=endless.chunks)
    )
    options = DownloadOptions(allow_private=True, max_bytes=1_000_000)
    assert "larger than 1 MB" in refused(server.url("/b.mp3"), tmp_path, options).why
    assert server.sent < 30_000_000


def test_nobody_listens(tmp_path: Path) -> None:
    with Server() as gone:
        url = gone.url("/a.mp3")
    assert refused(url, tmp_path).state == "unreachable"


def test_a_server_that_says_nothing(server: Server, tmp_path: Path) -> None:
    server.routes["/b.mp3"] = Reply(TONE, "audio/mpeg", delay_s=2)
    options = DownloadOptions(allow_private=True, timeout_s=0.3)
    assert refused(server.url("/b.mp3"), tmp_path, options).state == "unreachable"


@pytest.mark.slow
@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/b.mp3", "-o", ""])
def test_not_an_address(tmp_path: Path, url: str) -> None:
    assert refused(url, tmp_path).state == "not_media"


def test_ctrl_c_leaves_nothing(server: Server, tmp_path: Path) -> None:
    def interrupt(_done: int, _total: int | None) -> None:
        raise KeyboardInterrupt

    server.routes["/b.mp3"] = Reply(TONE * 50, "audio/mpeg")
    with pytest.raises(KeyboardInterrupt):
        download(link(server.url("/b.mp3")), tmp_path, HERE, interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("ERROR: [Site] 12: This video is DRM protected", "drm"),
        ("ERROR: [Site] 12: This video is not available from your location", "geo_blocked"),
        ("ERROR: [Site] 12: This video is only available for registered users. Use --x", "login"),
        ("ERROR: [Site] 12: Sign in to confirm your age", "login"),
        ("ERROR: [Site] 12: This live event will begin in 2 hours", "live"),
        ("ERROR: [Site] 12: This video has been removed by the uploader", "gone"),
        ("ERROR: [Site] 12: The link has expired", "expired"),
        ("ERROR: [generic] Unsupported URL: http://a.example/", "not_media"),
        ("ERROR: [Site] 12: Unable to extract data; please report this issue on", "unreachable"),
    ],
)
def test_what_yt_dlp_says(text: str, state: str) -> None:
    error = as_unavailable("http://a.example/", Exception(text))
    assert error.state == state
    assert not any(mark in error.why for mark in ("ERROR", "[", "report", "--x"))


# ---------------------------------------------------------------- private addresses


def pretend(port: int) -> Network:
    """A network where news.example is public, and leads to the test's server all the same."""
    known = {"news.example": "93.184.216.34"}
    return Network(
        resolve=lambda host, _: (known.get(host, host),),
        route=lambda ip, its: ("127.0.0.1", port) if ip.startswith("93.") else (ip, its),
    )


def test_loopback_is_refused_without_leave(server: Server, tmp_path: Path) -> None:
    error = refused(server.url("/a.wav"), tmp_path, DownloadOptions())
    assert error.state == "refused"
    assert "127.0.0.1 is not a public address; give --allow-private" in error.why
    assert not server.asked


def test_a_public_host_is_asked(server: Server, tmp_path: Path) -> None:
    options = DownloadOptions(network=pretend(server.port))
    assert download(link("http://news.example/a.wav"), tmp_path, options).path.is_file()


def test_a_redirect_inside_is_refused(server: Server, tmp_path: Path) -> None:
    server.routes["/b.wav"] = redirect(server.url("/a.wav"))
    options = DownloadOptions(network=pretend(server.port))
    assert "not a public" in refused("http://news.example/b.wav", tmp_path, options).why
    assert set(server.asked) == {"/b.wav"}


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/a.wav"])
def test_a_redirect_out_of_the_web_is_refused(server: Server, tmp_path: Path, to: str) -> None:
    server.routes["/b.wav"] = redirect(to)
    refused(server.url("/b.wav"), tmp_path)


def test_a_stream_with_pieces_inside_is_refused(server: Server, tmp_path: Path) -> None:
    server.routes |= {"/a.m3u8": playlist(server.url("/1.ts")), "/1.ts": Reply(PACKET)}
    options = DownloadOptions(network=pretend(server.port))
    assert "not a public" in refused("http://news.example/a.m3u8", tmp_path, options).why
    assert "/1.ts" not in server.asked


# ---------------------------------------------------------------- a file that is here already


def test_a_local_file(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    path.write_bytes(TONE)
    media = local(path)
    assert (media.path, media.sha256) == (path, hashlib.sha256(TONE).hexdigest())
    assert (media.link.kind, media.link.found_by, media.link.url) == ("audio", "given", str(path))


def test_a_local_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no such file"):
        local(tmp_path / "talk.wav")


def test_a_local_folder(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="cannot be read"):
        local(tmp_path)


@pytest.mark.parametrize("body", [b"", PAGE], ids=["empty", "a page"])
def test_a_local_file_that_is_no_recording(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "talk.wav"
    path.write_bytes(body)
    with pytest.raises(MediaUnavailable) as caught:
        local(path)
    assert caught.value.state == "not_media"
