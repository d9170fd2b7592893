"""Downloads of models, which other libraries make, by proxies and authorities as all else."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import httpx
import pytest
from proxying import Proxying
from server import Reply, Server
from web2 import Server2, certificate

from aligner.errors import BadSource
from aligner.net import trust
from aligner.net.options import NetworkOptions
from aligner.net.third_party import configured


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def ask(way: str, url: str) -> bytes:
    """As openai-whisper's download asks, or as the hub's client."""
    if way == "urllib":
        with urllib.request.urlopen(url) as answer:
            body: bytes = answer.read()
            return body
    with httpx.Client() as client:
        return client.get(url).content


@pytest.mark.parametrize("way", ["urllib", "httpx"])
def test_proxy_addresses_are_parsed(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    with Server({"/a": Reply(b"weights")}) as server, Proxying({"hub": "127.0.0.1"}) as proxy:
        with configured(NetworkOptions(proxy=proxy.url())):
            assert ask(way, server.url("/a", "hub")) == b"weights"
        assert len(proxy.asked) == 1
        monkeypatch.setenv("HTTP_PROXY", proxy.url())
        with configured(NetworkOptions()):
            assert ask(way, server.url("/a", "hub")) == b"weights"
        with configured(NetworkOptions(proxy="")):
            assert ask(way, server.url("/a")) == b"weights"
        assert len(proxy.asked) == 2
    monkeypatch.delenv("HTTP_PROXY")
    assert dict(os.environ) == before


def test_other_values_are_no_proxies() -> None:
    with (
        pytest.raises(BadSource, match="--proxy"),
        configured(NetworkOptions(proxy="socks5://a:1")),
    ):
        pass


@pytest.mark.parametrize("way", ["urllib", "httpx"])
def test_the_systems_authorities(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setattr(trust, "CA_FILES", (str(pem),))
    monkeypatch.setattr(trust, "HAS_STORE", False)
    with Server2(pem, b"weights", ("http/1.1",)).serving() as server, configured(NetworkOptions()):
        assert ask(way, f"{server.url}/a") == b"weights"
    assert "SSL_CERT_FILE" not in os.environ


@pytest.mark.slow
def test_a_model_is_fetched_through_a_proxy(tmp_path: Path) -> None:
    """From a hub that has none: it is asked, by the proxy, and what it says is told."""
    environment = os.environ | {
        "HF_ENDPOINT": "http://hub.example", "HF_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path), "ALIGNER_CACHE": str(tmp_path), "ALIGNER_NO_CONFIG": "1",
    }  # fmt: skip
    with Proxying() as proxy:
        ran = subprocess.run(
            [sys.executable, "-m", "aligner", "models", "fetch", "medium", "--proxy", proxy.url()],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert ran.returncode == 1
    assert "medium" in ran.stderr
    assert any(line.startswith("GET http://hub.example/") for line in proxy.asked)
