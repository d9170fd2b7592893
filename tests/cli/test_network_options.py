"""The options of the network on the command line, over real HTTP on loopback."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from proxying import Proxying
from server import Reply, Server

from aligner import cli

TEXT = b"<p>The council closed the bridge on Monday, and opened it again on Friday.</p>" * 4
PAGE = b"<!doctype html><title>A story</title><article><h1>A story</h1>" + TEXT + b"</article>"
COMMANDS = ("check", "caption", "batch")
Run = Callable[..., tuple[int, str, str]]


class Members(Server):
    """Shows its page to those alone who bring the cookie or the header of a member."""

    def reply_to(self, path: str) -> Reply:
        brought = self.headers[-1]
        is_member = "sid=1" in brought.get("Cookie", "") or brought.get("X-Key") == "1"
        return super().reply_to(path) if is_member else Reply(status=401)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("ALIGNER_NO_CONFIG", "1")
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["aligner", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    return ran


@pytest.fixture
def site() -> Iterator[Server]:
    with Members({"/a": Reply(PAGE)}) as made:
        yield made


@pytest.fixture
def cookies(tmp_path: Path) -> str:
    path = tmp_path / "cookies.txt"
    path.write_text("127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\t1\n")
    return str(path)


def arguments(command: str, address: str, folder: Path) -> list[str]:
    """A command for one address."""
    if command != "batch":
        return [command, address, "--allow-private", "--json"]
    listed = folder / "list.txt"
    listed.write_text(address)
    return [command, str(listed), "--allow-private", "--json", "--ignore-robots", "-o", "out"]


@pytest.mark.parametrize("command", COMMANDS)
def test_cookies_of_a_member(
    run: Run, site: Server, cookies: str, tmp_path: Path, command: str
) -> None:
    given = arguments(command, site.url("/a"), tmp_path)
    assert json.loads(run(*given)[1])["state"] == "login"
    once_more = ["--only", "login"] if command == "batch" else []
    _, out, _ = run(*given, *once_more, "--cookies", cookies)
    assert json.loads(out)["state"] == "none"


@pytest.mark.parametrize("command", COMMANDS)
def test_bad_cookies_are_named(run: Run, tmp_path: Path, command: str) -> None:
    path = tmp_path / "cookies.json"
    path.write_text('[{"name": "sid", "value": "s3cret"}]')
    given = arguments(command, "http://127.0.0.1:9/a", tmp_path)
    code, _, err = run(*given, "--cookies", str(path))
    assert code == 2
    assert f"{path}, line 1: not a cookie: it is JSON" in err
    assert "s3cret" not in err


def test_a_header_is_for_the_hosts_named_here(run: Run, site: Server, tmp_path: Path) -> None:
    code, _, _ = run("check", site.url("/a"), "--allow-private", "--header", "X-Key: 1")
    assert code == 3
    site.routes["/list.txt"] = Reply(site.url("/a").encode(), "text/plain")
    with Server({"/b": Reply(PAGE)}) as other:
        listed = tmp_path / "list.txt"
        listed.write_text(f"{site.url('/a')}\n{other.url('/b', 'localhost')}\n")
        header = f"X-Key@http://127.0.0.1:{site.port}: 1"
        run("check", "--from", str(listed), "--allow-private", "--header", header)
        assert other.headers
        assert not any("X-Key" in headers for headers in other.headers)
        code, _, err = run("check", "--from", str(listed), "--header", "X-Key: s3cret")
    assert code == 2
    assert "X-Key@HOST" in err
    assert "s3cret" not in err


@pytest.mark.slow
def test_the_recordings_host_gets_no_header(run: Run) -> None:
    """The article's host is named; the recording lies elsewhere, by a redirect of it too."""
    with Server() as media, Server() as site:
        media.routes["/talk.mp3"] = Reply(b"ID3" + bytes(999), "audio/mpeg", ranges=True)
        site.routes["/go"] = Reply(
            status=302, headers={"Location": media.url("/talk.mp3", "localhost")}
        )
        for address in (media.url("/talk.mp3", "localhost"), site.url("/go")):
            video = f"<audio src='{address}'></audio>".encode()
            site.routes["/a"] = Reply(PAGE.replace(b"</article>", video + b"</article>"))
            for command in ("check", "caption"):
                run(command, site.url("/a"), "--allow-private", "--header", "X-Key: s3cret")
    assert {headers["X-Key"] for headers in site.headers} == {"s3cret"}
    assert len(media.headers) >= 4
    assert not any("X-Key" in headers for headers in media.headers)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_proxy_that_refuses_is_named(run: Run, tmp_path: Path, command: str) -> None:
    with Proxying(authorization="Basic x") as proxy:
        given = arguments(command, "https://news.example/a", tmp_path)
        code, out, err = run(*given, "--proxy", proxy.url("anna:s3cret@"), "--retries", "0")
    assert code in (1, 7)
    assert f"the proxy {proxy.url()} does not accept the user and password (407)" in out + err
    sidecars = "".join(path.read_text() for path in tmp_path.rglob("*.json*"))
    assert "s3cret" not in out + err + sidecars


@pytest.mark.parametrize(("retries", "asked"), [("0", 1), ("3", 4)])
def test_retries(run: Run, monkeypatch: pytest.MonkeyPatch, retries: str, asked: int) -> None:
    monkeypatch.setattr("aligner.net.client.backoff_s", lambda _: 0.01)
    with Server({"/a": Reply(status=502)}) as server:
        code, _, _ = run("check", server.url("/a"), "--allow-private", "--retries", retries)
    assert (code, len(server.asked)) == (1, asked)


def test_what_was_found_with_cookies_is_remembered_apart(
    run: Run, site: Server, cookies: str
) -> None:
    given = ["check", site.url("/a"), "--allow-private", "--json", "--state", "seen"]
    assert json.loads(run(*given)[1])["state"] == "login"
    assert json.loads(run(*given, "--cookies", cookies)[1])["state"] == "none"
