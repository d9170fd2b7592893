"""Which proxy is asked for which host."""

import pytest

from aligner.net.proxies import Proxy, parse, select_proxies


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://proxy.example:8080", Proxy("http", "proxy.example", 8080)),
        ("proxy.example:8080", Proxy("http", "proxy.example", 8080)),
        ("https://proxy.example/", Proxy("https", "proxy.example", 443)),
        ("http://a:b%40c@[::1]:81", Proxy("http", "::1", 81, "a", "b@c")),
    ],
)
def test_an_address(text: str, proxy: Proxy) -> None:
    assert parse(text, "--proxy") == proxy


def test_a_proxys_name_shows_no_password() -> None:
    proxy = parse("http://anna:s3cret@[::1]:81", "--proxy")
    assert proxy.name == "http://[::1]:81"
    assert "s3cret" not in repr(proxy)


@pytest.mark.parametrize(
    ("direct", "host", "port", "is_direct"),
    [
        ("*", "news.example", 80, True),
        ("news.example", "news.example", 80, True),
        ("news.example", "www.news.example", 80, True),
        (".news.example", "news.example", 80, True),
        ("*.news.example", "www.news.example", 80, True),
        ("news.example", "badnews.example", 80, False),
        ("News.Example", "NEWS.example.", 80, True),
        ("news.example:81", "news.example", 81, True),
        ("news.example:81", "news.example", 80, False),
        ("a.example, news.example", "news.example", 80, True),
        ("a.example b.example", "b.example", 80, True),
        ("127.0.0.1", "127.0.0.1", 80, True),
        ("10.0.0.0/8", "10.1.2.3", 80, True),
        ("10.0.0.0/8", "11.1.2.3", 80, False),
        ("::1", "[::1]", 80, True),
        ("[::1]:81", "::1", 81, True),
        ("fd00::/8", "fd12::1", 443, True),
        ("0.0.1", "127.0.0.1", 80, True),  # a suffix, as curl and Python take it
        (",,", "news.example", 80, False),
        ("", "news.example", 80, False),
    ],
)
def test_no_proxy(
    monkeypatch: pytest.MonkeyPatch, direct: str, host: str, port: int, is_direct: bool
) -> None:
    monkeypatch.setenv("NO_PROXY", direct)
    assert (select_proxies("http://127.0.0.1:1").of("https", host, port) is None) == is_direct


def test_each_scheme_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://one:1")
    monkeypatch.setenv("ALL_PROXY", "http://two:2")
    found = select_proxies(None)
    assert (found.https, found.http) == (Proxy("http", "one", 1), Proxy("http", "two", 2))
    assert select_proxies("http://three:3").of("http", "a", 80) == Proxy("http", "three", 3)
    assert select_proxies("").of("http", "a", 80) is None
