"""Pages and media that mean harm: what SECURITY.md says is so."""

import gc
import logging
import sys
import wave
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from large_index import large_index
from processes import watched
from server import Reply, Server

from aligner.audio import decode, libav_decoder
from aligner.audio.ffmpeg import ProcessLimits, running
from aligner.captions import store
from aligner.cli.console import LogLines, redact_secrets, strip_control_chars
from aligner.discovery import ytdlp
from aligner.discovery.download import DownloadOptions, download
from aligner.errors import AlignerError, MediaUnavailable
from aligner.types import MediaFile, MediaLink

CANARY = b"the canary sings"


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A file of this disk that no page has any business with."""
    path = tmp_path / "canary.txt"
    path.write_bytes(CANARY)
    return path


# ---------------------------------------------------------------- playlists that name other things

HEAD = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:10\n#EXT-X-PLAYLIST-TYPE:VOD\n"
TAIL = "\n#EXT-X-ENDLIST\n"
PIECES = {
    "file": "#EXTINF:10,\n{file}",
    "path": "#EXTINF:10,\n{path}",
    "concat": "#EXTINF:10,\nconcat:{path}|{path}",
    "subfile": "#EXTINF:10,\nsubfile,,start,0,end,9,,:{path}",
    "crypto": "#EXTINF:10,\ncrypto+{file}",
    "data": "#EXTINF:10,\ndata:audio/mpeg;base64,AAAA",
    "map": '#EXT-X-MAP:URI="{file}"\n#EXTINF:10,\n/piece.ts',
    "key": '#EXT-X-KEY:METHOD=AES-128,URI="{file}"\n#EXTINF:10,\n/piece.ts',
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("piece", PIECES)
def test_playlists_reach_no_file(piece: str, canary: Path, tmp_path: Path) -> None:
    body = HEAD + PIECES[piece].format(file=canary.as_uri(), path=canary) + TAIL
    routes = {
        "/a.m3u8": Reply(body.encode(), "application/vnd.apple.mpegurl"),
        "/piece.ts": Reply(b"\x47" + bytes(187), "video/mp2t"),
    }
    out = tmp_path / "out"
    out.mkdir()
    how = DownloadOptions(allow_private=True, timeout_s=5)
    with Server(routes) as server:
        link = MediaLink(server.url("/a.m3u8"), "video", "html5")
        with pytest.raises(MediaUnavailable):
            download(link, out, how)
    assert not list(out.iterdir())
    gc.collect()  # yt-dlp leaves its file to the collector, which would warn in another test


LISTS = {
    "concat.txt": "ffconcat version 1.0\nfile {path}\n",
    "hls.mp4": HEAD + "#EXTINF:10,\n{file}" + TAIL,
    "dash.mp4": '<?xml version="1.0"?><MPD><Period><AdaptationSet><Representation><BaseURL>{file}'
    "</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "sdp.mp4": "v=0\nm=audio 9 RTP/AVP 0\nc=IN IP4 127.0.0.1\n",
    "rtsp.mp4": "[reference]\nRef1={file}\n",
}


@pytest.mark.parametrize("name", LISTS)
def test_files_that_name_other_files_are_not_opened(
    name: str, canary: Path, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(LISTS[name].format(file=canary.as_uri(), path=canary))
    with pytest.raises(MediaUnavailable) as raised:
        decode.decode(media(path), tmp_path)
    assert CANARY.decode() not in str(raised.value)
    assert not list(tmp_path.glob("*.pcm"))


# ---------------------------------------------------------------- limits


def media(path: Path) -> MediaFile:
    return MediaFile(path, MediaLink(path.name, "audio", "given"), None, "5" * 64)


def tone(path: Path, seconds: int) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(b"\x00\x10" * (16_000 * seconds))
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems limit no running process")
@pytest.mark.parametrize(
    ("program", "limits"),
    [
        ("import time; time.sleep(0.3); bytearray(1 << 30)", ProcessLimits(memory_bytes=1 << 29)),
        ("while True: pass", ProcessLimits(cpu_s=1)),
        ("import time; time.sleep(60)", ProcessLimits(wall_s=0.5)),
    ],
    ids=["memory", "computing", "time"],
)
def test_a_program_is_held_to_its_limits(program: str, limits: ProcessLimits) -> None:
    with running([sys.executable, "-c", program], deque(maxlen=5), limits=limits) as process:
        assert process.wait(timeout=20) != 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems limit no running process")
def test_a_large_index_in_a_small_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(large_index())
    with (
        watched("inspector_program", "libav_decoder") as most,
        pytest.raises(AlignerError) as raised,
    ):
        decode.decode(media(path), tmp_path)
    assert raised.value.exit_code in {4, 5}
    assert 0 < max(most) < 800 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_filters_start_no_threads() -> None:
    """On a machine with many cores their stacks would take the address space of the decoder."""
    before = len(list(Path("/proc/self/task").iterdir()))
    filters = libav_decoder._Filters((48_000, "fltp", "stereo"), [decode.FILTERS])
    assert len(list(Path("/proc/self/task").iterdir())) <= before
    assert filters


def test_sound_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_DURATION_S", 2)
    with pytest.raises(MediaUnavailable, match="longer than") as raised:
        decode.decode(media(tone(tmp_path / "long.wav", 5)), tmp_path)
    assert raised.value.state == "refused"
    assert [path.name for path in tmp_path.iterdir()] == ["long.wav"]


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("kill -SEGV $$", "the decoder ended with code -11"),
        ("echo Invalid data >&2; exit 69", "Invalid data"),
        ("kill -KILL $$", "it takes too long"),
    ],
)
def test_a_crash_of_the_decoder_is_an_outcome(
    script: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(decode, "_command", lambda *_: [str(program)])
    with pytest.raises(AlignerError, match=why):
        decode.decode(media(tone(tmp_path / "a.wav", 1)), tmp_path)


def test_a_download_that_drips(tmp_path: Path) -> None:
    slow = Reply(bytes(20_000), "video/mp4", drip_s=0.001)
    how = ytdlp.YtdlOptions(allow_private=True, longest_s=0.5, only_direct=True)
    with (
        Server({"/slow.mp4": slow}) as server,
        pytest.raises(MediaUnavailable, match=r"takes more than 0\.5 s"),
    ):
        ytdlp.fetch(server.url("/slow.mp4"), tmp_path, how)


# ---------------------------------------------------------------- names


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.text(), st.text().map(lambda text: f"https://example.com/{text}")))
def test_names_stay_in_their_folder(source: str) -> None:
    try:
        name = store.output_name(source, set())
    except ValueError:
        return  # no address that urlsplit can read
    assert name
    assert Path(name).name == name
    assert not name.startswith(".")
    assert len(name.encode()) < 200
    assert name.isprintable()


# ---------------------------------------------------------------- what is shown


def logged(text: str) -> str:
    """What a log shows of a text."""
    record = logging.LogRecord("aligner", logging.WARNING, "", 0, "%s", (text,), None)
    return LogLines("aligner: %(message)s").format(record).removeprefix("aligner: ")


@pytest.mark.parametrize("show", [strip_control_chars, redact_secrets, logged])
def test_terminals_get_no_commands(show: Callable[[str], str]) -> None:
    shown = show("\x1b]0;owned\x07\x1b[2J\u202eevil\u2066\x9b31m\r\x08\x00")
    assert shown.isprintable()
    assert "evil" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:pass@a.example/b: gone", "https://...@a.example/b: gone"),
        ("at https://a.example/v?x=1&Token=abc&y=2", "at https://a.example/v?x=1&Token=...&y=2"),
        ("https://s3.example/v?X-Amz-Signature=ff%20", "https://s3.example/v?X-Amz-Signature=..."),
        ("https://a.example/@me/b?page=2", "https://a.example/@me/b?page=2"),
    ],
)
def test_logs_hold_no_secrets(text: str, shown: str) -> None:
    assert redact_secrets(text) == logged(text) == shown
