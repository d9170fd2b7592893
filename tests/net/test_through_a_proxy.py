"""Pages, parts of media and downloads by a real proxy on loopback, and by a private authority."""

import ssl
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from proxying import Proxying
from server import Reply, Server, redirect
from web2 import Server2, certificate

from aligner.discovery.download import DownloadOptions, download
from aligner.errors import AddressRefused, BadSource, MediaUnavailable, PageUnavailable
from aligner.net.client import Session, WebOptions, fetch
from aligner.net.guard import Network
from aligner.net.options import NetworkOptions
from aligner.types import MediaLink

TONE = b"RIFF" + (8036).to_bytes(4, "little") + b"WAVEfmt " + bytes(8028)
PAGE = "<!doctype html><title>A page</title><p>Words."
ADMITTED = f"Basic {b64encode(b'anna:s3cret').decode()}"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server({"/a": Reply(PAGE.encode()), "/a.wav": Reply(TONE, "audio/wav")}) as made:
        yield made


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


def by(proxy: str | None, **more: object) -> WebOptions:
    net = NetworkOptions(proxy=proxy, retries=0)
    return replace(WebOptions(allow_private=True, timeout_s=10, net=net), **more)  # type: ignore[arg-type]


def public(**hosts: str) -> Network:
    """A network where names have the given addresses, and 93.* leads to loopback all the same."""
    return Network(
        resolve=lambda host, _: (hosts.get(host.removesuffix(".example"), host),),
        route=lambda ip, port: ("127.0.0.1" if ip.startswith("93.") else ip, port),
    )


# ---------------------------------------------------------------- what goes through it


def test_a_page_of_http_is_asked_for_by_its_name(server: Server) -> None:
    with Proxying({"news.example": "127.0.0.1"}) as proxy:
        url = server.url("/a", "news.example")
        page = fetch(url, by(proxy.url()))
    assert (page.html, page.final_url) == (PAGE, url)
    assert proxy.asked == [f"GET {url}"]
    assert server.headers[0]["Host"] == f"news.example:{server.port}"


@pytest.mark.parametrize("protocols", [("h2", "http/1.1"), ("http/1.1",)])
def test_a_page_of_https_goes_through_a_tunnel(
    pem: Path, monkeypatch: pytest.MonkeyPatch, protocols: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with (
        Server2(pem, PAGE.encode(), protocols).serving() as server,
        Proxying() as proxy,
        Session(by(proxy.url())) as session,
    ):
        assert session.fetch(f"{server.url}/a").html == PAGE
        assert session.fetch_range(f"{server.url}/a", 0, 9).data == b"<!doctype"
    place = server.url.removeprefix("https://")
    assert proxy.asked == [f"CONNECT {place}"] * 2


@pytest.mark.slow
def test_a_proxy_that_is_asked_over_https(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with (
        Server2(pem, PAGE.encode(), ("http/1.1",)).serving() as server,
        Proxying(pem=pem) as proxy,
    ):
        assert fetch(f"{server.url}/a", by(proxy.url())).html == PAGE
        link = MediaLink(f"{server.url}/a.mp3", "audio", "given")
        options = DownloadOptions(True, net=NetworkOptions(proxy=proxy.url(), retries=0))
        with pytest.raises(MediaUnavailable, match="web page"):  # it was had, and is none
            download(link, pem.parent, options)
    assert len(proxy.asked) >= 2


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_the_environments_proxies(
    server: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with Proxying() as proxy:
        monkeypatch.setenv(name, proxy.url().removeprefix("http://"))
        assert fetch(server.url("/a"), by(None)).html == PAGE
        assert len(proxy.asked) == 1
        monkeypatch.setenv("NO_PROXY", "example.com, 127.0.0.0/8")
        assert fetch(server.url("/a"), by(None)).html == PAGE
        monkeypatch.delenv("NO_PROXY")
        assert fetch(server.url("/a"), by("")).html == PAGE
        assert len(proxy.asked) == 1


def test_a_recording_is_downloaded_through_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = MediaLink(server.url("/a.wav"), "audio", "html5")
    with Proxying(authorization=ADMITTED) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url("anna:s3cret@"))
        file = download(link, tmp_path, DownloadOptions(allow_private=True))
    assert file.path.read_bytes() == TONE
    assert proxy.asked
    assert set(proxy.asked) == {f"GET {server.url('/a.wav')}"}


def test_a_streams_pieces_are_downloaded_through_it(server: Server, tmp_path: Path) -> None:
    packet = b"G" + bytes(187)
    listed = (
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.ts\n#EXTINF:4,\n2.ts\n#EXT-X-ENDLIST\n"
    )
    server.routes |= {
        "/s/a.m3u8": Reply(listed.encode(), "application/vnd.apple.mpegurl"),
        "/s/1.ts": Reply(packet, "video/mp2t"),
        "/s/2.ts": Reply(packet * 2, "video/mp2t"),
    }
    with Proxying() as proxy:
        net = NetworkOptions(proxy=proxy.url(), retries=0)
        link = MediaLink(server.url("/s/a.m3u8"), "video", "html5")
        file = download(link, tmp_path, DownloadOptions(allow_private=True, net=net))
    assert file.path.read_bytes() == packet * 3
    assert {line.rpartition("/")[2] for line in proxy.asked} == {"a.m3u8", "1.ts", "2.ts"}
    assert len(proxy.asked) == len(server.asked)


def test_ones_password_is_given_to_it_alone(server: Server) -> None:
    with Proxying(authorization=ADMITTED) as proxy:
        assert fetch(server.url("/a"), by(proxy.url("anna:s3cret@"))).html == PAGE
    assert not {name for name in server.headers[0] if name.lower().startswith("proxy-")}


# ---------------------------------------------------------------- what it refuses


def refused_page(url: str, options: WebOptions) -> str:
    with pytest.raises(PageUnavailable) as caught:
        fetch(url, options)
    return str(caught.value)


def refused_download(url: str, options: WebOptions, folder: Path) -> str:
    how = DownloadOptions(options.allow_private, network=options.network, net=options.net)
    with pytest.raises(MediaUnavailable) as caught:
        download(MediaLink(url, "audio", "html5"), folder, how)
    return str(caught.value)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("user", "why"),
    [("", "asks for a user and password"), ("anna:wr0ng@", "does not accept the user")],
)
def test_a_proxy_that_requires_a_password(
    server: Server, tmp_path: Path, scheme: str, user: str, why: str
) -> None:
    with Proxying(authorization=ADMITTED) as proxy:
        options, url = by(proxy.url(user)), server.url("/a.wav").replace("http", scheme, 1)
        for said in (refused_page(url, options), refused_download(url, options, tmp_path)):
            assert f"the proxy {proxy.url()} {why}" in said
            assert "(407)" in said
            assert "wr0ng" not in said
    assert not server.asked


def test_a_proxy_that_refuses_to_connect(tmp_path: Path) -> None:
    with Proxying(status=403) as proxy:
        for said in (
            refused_page("https://news.example/a", by(proxy.url())),
            refused_download("https://news.example/a.mp3", by(proxy.url()), tmp_path),
        ):
            assert f"the proxy {proxy.url()} refuses to connect to news.example:443 (403)" in said


def test_an_unreachable_proxy_is_an_error(server: Server, tmp_path: Path) -> None:
    with Proxying() as proxy:
        gone = proxy.url("anna:s3cret@")
    for said in (
        refused_page(server.url("/a"), by(gone)),
        refused_page("https://news.example/a", by(gone)),
        refused_download(server.url("/a.wav"), by(gone), tmp_path),
    ):
        assert f"the proxy {proxy.url()} refuses the connection" in said
        assert "s3cret" not in said


def test_a_host_that_the_proxy_cannot_reach_is_tried_again() -> None:
    options = by(None)
    with Proxying() as proxy:
        net = NetworkOptions(proxy=proxy.url(), retries=2)
        said = refused_page("https://nowhere.example/", replace(options, net=net))
    assert "cannot reach nowhere.example:443 (502)" in said
    assert len(proxy.asked) == 3


def test_what_is_no_proxy_says_so(server: Server) -> None:
    with Server() as other:
        other.routes["/"] = Reply(b"hello")
        said = refused_page("https://news.example/", by(other.url("")))
    assert f"the proxy {other.url('')} " in said


@pytest.mark.parametrize("given", ["socks5://127.0.0.1:1", "ftp://x:1", "http://", "http://a:b"])
def test_an_address_that_is_no_proxy(given: str) -> None:
    with pytest.raises(BadSource, match="--proxy"):
        Session(by(given))


def test_a_bad_proxy_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://anna:s3cret@127.0.0.1:1")
    with pytest.raises(BadSource, match=r"ALL_PROXY.*SOCKS") as caught:
        Session(by(None))
    assert "s3cret" not in str(caught.value)


# ---------------------------------------------------------------- private addresses


def test_the_proxy_gets_the_checked_address(server: Server, tmp_path: Path) -> None:
    with Proxying() as proxy:
        options = by(proxy.url(), allow_private=False, network=public(news="93.184.216.34"))
        assert fetch(server.url("/a", "news.example"), options).html == PAGE
        link = MediaLink(server.url("/a.wav", "news.example"), "audio", "html5")
        how = DownloadOptions(network=options.network, net=options.net)
        assert download(link, tmp_path, how).path.read_bytes() == TONE
    assert set(proxy.asked) == {f"CONNECT 127.0.0.1:{server.port}"}
    assert {h["Host"] for h in server.headers} == {f"news.example:{server.port}"}


@pytest.mark.parametrize("resolves", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "inside.example", "localhost"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_private_addresses_are_refused_through_it_too(
    server: Server, tmp_path: Path, host: str, resolves: bool, scheme: str
) -> None:
    network = public(news="93.184.216.34", inside="10.0.0.7", localhost="127.0.0.1")
    secret = server.url("/secret", host).replace("http", scheme, 1)
    server.routes |= {"/to": redirect(secret), "/to.mp3": redirect(secret)}
    with Proxying({"news.example": "127.0.0.1", "inside.example": "127.0.0.1"}) as proxy:
        net = NetworkOptions(proxy=proxy.url(), proxy_resolves=resolves, retries=0)
        options = by(None, allow_private=False, network=network, net=net)
        with pytest.raises(AddressRefused):
            fetch(secret, options)
        assert not proxy.asked
        with pytest.raises(AddressRefused):
            fetch(server.url("/to", "news.example"), options)
        said = refused_download(server.url("/to.mp3", "news.example"), options, tmp_path)
        assert "not a public address" in said
    assert set(server.asked) == {"/to", "/to.mp3"}
    assert not any("secret" in line for line in proxy.asked)


def test_a_name_that_changes_its_address_is_of_no_use(server: Server) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1"])
    network = Network(lambda *_: (next(answers),), lambda _, port: ("127.0.0.1", port))
    with Proxying({"news.example": "127.0.0.1"}) as proxy:
        options = by(proxy.url(), allow_private=False, network=network)
        assert fetch(server.url("/a", "news.example"), options).html == PAGE
        with pytest.raises(AddressRefused):
            fetch(server.url("/a", "news.example"), options)
    assert proxy.asked == [f"CONNECT 127.0.0.1:{server.port}"]


def unknown(host: str, _port: int) -> tuple[str, ...]:
    import socket

    raise socket.gaierror(-2, f"{host} is not known")


def test_a_name_that_only_the_proxy_knows(server: Server) -> None:
    with Proxying({"news.example": "127.0.0.1"}) as proxy:
        options = by(proxy.url(), allow_private=False, network=Network(unknown))
        url = server.url("/a", "news.example")
        assert "--proxy-resolves" in refused_page(url, options)
        assert not proxy.asked
        net = replace(options.net, proxy_resolves=True)
        assert fetch(url, replace(options, net=net)).html == PAGE
        for odd in ("http://2130706433/", "http://127.1./", "http://0x7f000001/"):
            with pytest.raises(AddressRefused):
                fetch(odd, replace(options, net=net))
    assert proxy.asked == [f"GET {url}"]


def test_a_proxy_that_needs_names_is_explained(server: Server) -> None:
    with Proxying(status=403) as proxy:
        options = by(proxy.url(), allow_private=False, network=public(news="93.184.216.34"))
        said = refused_page(server.url("/a", "news.example"), options)
    assert "if it asks for names, give --proxy-resolves" in said


# ---------------------------------------------------------------- authorities


def test_a_private_authority(pem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server2(pem, TONE, ("http/1.1",)).serving() as server:
        link = MediaLink(f"{server.url}/a.wav", "audio", "html5")
        how = DownloadOptions(allow_private=True, net=NetworkOptions(retries=0))
        assert "certificate is not valid" in refused_page(f"{server.url}/a", by(None))
        with pytest.raises(MediaUnavailable, match=r"(?i)certificate"):
            download(link, tmp_path, how)
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert download(link, tmp_path, how).path.read_bytes() == TONE
        monkeypatch.delenv("SSL_CERT_FILE")
        folder = hashed(pem, tmp_path)
        monkeypatch.setenv("SSL_CERT_DIR", str(folder))
        assert download(link, tmp_path, how).path.read_bytes() == TONE


def test_the_store_of_macos_and_windows(
    pem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What asks it goes with both clients; here it asks for the file of the variable."""
    truststore = pytest.importorskip("truststore")
    from aligner.discovery.ytdlp import client
    from aligner.net import trust

    made = []

    def store(*_: object) -> ssl.SSLContext:
        made.append(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return cast(ssl.SSLContext, made[-1])

    monkeypatch.setattr(trust, "_from_environment", store)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    client._context.cache_clear()
    try:
        with (
            Server2(pem, TONE, ("h2", "http/1.1")).serving() as server,
            Proxying(pem=pem) as proxy,
        ):
            net = NetworkOptions(proxy=proxy.url(), retries=0)
            options = by(None, net=net)
            with Session(options) as session:
                assert session.fetch_range(f"{server.url}/a.wav", 0, 4).data == TONE[:4]
                assert session.fetch(f"{server.url}/a.html").html
            link = MediaLink(f"{server.url}/a.wav", "audio", "html5")
            how = DownloadOptions(allow_private=True, net=net)
            assert download(link, tmp_path, how).path.read_bytes() == TONE
    finally:
        client._context.cache_clear()
    assert len(made) >= 3


def hashed(pem: Path, folder: Path) -> Path:
    """A folder of certificates with the names that OpenSSL looks for."""
    import subprocess

    made = folder / "certificates"
    made.mkdir()
    ran = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", str(pem)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (made / f"{ran.stdout.strip()}.0").write_text(pem.read_text())
    return made


@pytest.mark.parametrize(
    ("name", "content"), [("SSL_CERT_FILE", None), ("SSL_CERT_FILE", "no"), ("SSL_CERT_DIR", None)]
)
def test_variables_that_name_nothing_of_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | None
) -> None:
    path = tmp_path / "authorities"
    if content:
        path.write_text(content)
    monkeypatch.setenv(name, str(path))
    with pytest.raises(BadSource, match=f"{name}: {path}"):
        fetch("https://127.0.0.1:1/", by(""))
