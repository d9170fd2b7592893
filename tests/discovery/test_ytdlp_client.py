"""yt-dlp as it is asked: the sites that yt-dlp knows, under our name, with nothing else of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from server import Reply, Server, redirect
from yt_dlp import YoutubeDL

from aligner.discovery.ytdlp import YtdlOptions, describe, fetch
from aligner.discovery.ytdlp.client import Client, ClientOptions
from aligner.errors import MediaUnavailable
from aligner.net.connection import Connector
from aligner.net.cookies import Cookie
from aligner.net.headers import parse
from aligner.net.options import NetworkOptions

PAGE = b"<html><audio src=/a.mp3></audio>"


def asking(**net: object) -> YtdlOptions:
    return YtdlOptions(allow_private=True, timeout_s=5, net=NetworkOptions(**net))  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [["default"], ["generic"]])
def test_the_extractors_are_yt_dlps_own(names: list[str]) -> None:
    params = {"allowed_extractors": names, "quiet": True, "cachedir": False}
    with YoutubeDL(params) as theirs, Client(params, ClientOptions(Connector())) as ours:
        assert list(ours._ies) == list(theirs._ies)


@pytest.mark.parametrize(
    ("net", "agent"),
    [
        ({}, "Mozilla/5.0 (compatible; aligner)"),
        ({"contact": "a@b.example"}, "Mozilla/5.0 (compatible; aligner; +a@b.example)"),
        ({"contact": "a@b.example", "user_agent": "Gazette/1"}, "Gazette/1"),
    ],
)
def test_it_goes_under_our_name(tmp_path: Path, net: dict[str, object], agent: str) -> None:
    with Server(
        {"/page": Reply(PAGE), "/a.mp3": Reply(b"ID3" + bytes(999), "audio/mpeg")}
    ) as server:
        assert describe(server.url("/page"), asking(**net))
        assert fetch(server.url("/a.mp3"), tmp_path, asking(**net)).path.is_file()
    assert {headers["User-Agent"] for headers in server.headers} == {agent}
    assert len(server.headers) >= 3


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("retries", [0, 1])
def test_how_often_it_asks(tmp_path: Path, status: int, retries: int) -> None:
    with Server({"/a.mp3": Reply(status=status)}) as server:
        with pytest.raises(MediaUnavailable):
            describe(server.url("/a.mp3"), asking(retries=retries))
        assert len(server.asked) == retries + 1
        with pytest.raises(MediaUnavailable):
            fetch(server.url("/a.mp3"), tmp_path, asking(retries=retries))
        assert len(server.asked) == 2 * (retries + 1)


class Fails(Server):
    """Gives the recording once, and then is busy."""

    def reply_to(self, path: str) -> Reply:
        return super().reply_to(path) if len(self.asked) == 1 else Reply(status=503)


def test_how_often_it_asks_while_it_downloads(tmp_path: Path) -> None:
    recording = Reply(b"ID3" + bytes(999), "audio/mpeg")
    with Fails({"/a.mp3": recording}) as server, pytest.raises(MediaUnavailable):
        fetch(server.url("/a.mp3"), tmp_path, asking(retries=1))
    assert len(server.asked) == 3


def test_cookies_and_headers_go_to_their_hosts_alone(tmp_path: Path) -> None:
    with Server() as other, Server() as server:
        there = f"localhost:{other.port}"
        server.routes["/a.mp3"] = Reply(status=302, headers={"Location": f"http://{there}/b.mp3"})
        other.routes["/b.mp3"] = Reply(b"ID3" + bytes(999), "audio/mpeg")
        net = {
            "cookies": (Cookie("127.0.0.1", "sid", "s3cret"), Cookie("news.example", "b", "c")),
            "headers": parse("X-Key: s3cret", [server.url("/story")]),
        }
        assert fetch(server.url("/a.mp3"), tmp_path, asking(**net)).path.is_file()
    assert {headers["X-Key"] for headers in server.headers} == {"s3cret"}
    assert {headers["Cookie"] for headers in server.headers} == {"sid=s3cret"}
    assert other.headers
    assert not any("s3cret" in str(headers) for headers in other.headers)


def test_its_own_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """netrc, configuration and plugins in the places where yt-dlp itself looks for them."""
    for name in ("HOME", "XDG_CONFIG_HOME", "USERPROFILE", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login anna password s3cret\n")
    (tmp_path / ".netrc").chmod(0o600)
    for place in ("yt-dlp", "."):
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / "yt-dlp.conf").write_text("--netrc\n--user-agent s3cret\n")
    plugins = tmp_path / "yt-dlp-plugins" / "one" / "yt_dlp_plugins" / "extractor"
    plugins.mkdir(parents=True)
    (plugins / "evil.py").write_text(f"open({str(tmp_path / 'was-run')!r}, 'w').close()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "yt-dlp-plugins" / "one"))
    with Server({"/page": Reply(PAGE)}) as server:
        assert describe(server.url("/page"), asking())
    assert not any("s3cret" in str(headers) for headers in server.headers)
    assert not any("Authorization" in headers for headers in server.headers)
    assert not (tmp_path / "was-run").exists()


def test_a_password_in_an_address_goes_to_its_host_alone(tmp_path: Path) -> None:
    with Server() as other, Server() as server:
        server.routes["/a.mp3"] = redirect("/same.mp3")
        server.routes["/same.mp3"] = redirect(other.url("/b.mp3"))
        other.routes["/b.mp3"] = Reply(b"ID3" + bytes(999), "audio/mpeg")
        given = server.url("/a.mp3").replace("://", "://anna:s3cret@")
        assert fetch(given, tmp_path, asking()).path.is_file()
    assert server.headers
    assert all("Authorization" in headers for headers in server.headers)
    assert other.headers
    assert not any("Authorization" in headers for headers in other.headers)


PROGRAMS = ("deno", "node", "bun", "qjs", "ffmpeg", "ffprobe", "phantomjs", "rtmpdump", "aria2c")
STARTED = """
import sys
from pathlib import Path
from test_ytdlp_client import asking
from aligner.discovery import ytdlp
from aligner.discovery.ytdlp.client import Client, ClientOptions

started = []
events = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork")
sys.addaudithook(lambda event, given: started.append(given) if event in events else None)
page, recording, folder = sys.argv[1:]
assert ytdlp.describe(page, asking())
assert ytdlp.fetch(recording, Path(folder), asking()).path.is_file()
with ytdlp._asking(page, asking()) as client:
    assert not client._js_runtimes
assert all("extraction_program" in str(given) for given in started), started
"""


def test_it_starts_no_programs(tmp_path: Path) -> None:
    """Not even to ask for their versions, and also where JavaScript could be run."""
    path = tmp_path / "bin"
    path.mkdir()
    for name in PROGRAMS:
        (path / name).write_text(f"#!/bin/sh\ntouch {tmp_path / 'was-run'}\necho {name} 99.0\n")
        (path / name).chmod(0o700)
    recording = Reply(b"ID3" + bytes(999), "audio/mpeg")
    with Server({"/page": Reply(PAGE), "/a.mp3": recording}) as server:
        environment = os.environ | {
            "PATH": f"{path}:{os.environ['PATH']}", "PYTHONPATH": os.pathsep.join(sys.path),
        }  # fmt: skip
        given = (server.url("/page"), server.url("/a.mp3"), str(tmp_path))
        subprocess.run([sys.executable, "-c", STARTED, *given], env=environment, check=True)
    assert not (tmp_path / "was-run").exists()
