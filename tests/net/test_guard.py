"""Which addresses may be asked."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligner.net.connection import Connector
from aligner.net.guard import (
    Network,
    NotPublic,
    is_http_url,
    is_public,
    names_media,
    resolve_public,
    suffix_of,
)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.8.8", "loopback"),
        ("0.0.0.0", "this host"),  # noqa: S104
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("169.254.169.254", "link-local: the metadata service of clouds"),
        ("100.64.0.1", "carrier's network"),
        ("100.100.100.200", "the metadata service of Alibaba"),
        ("192.0.0.192", "the metadata service of Oracle"),
        ("192.0.0.9", "anycast for the port control protocol"),
        ("168.63.129.16", "the metadata service of Azure"),
        ("::ffff:168.63.129.16", "the same, mapped"),
        ("64:ff9b::a83f:8110", "the same, NAT64"),
        ("2002:a83f:8110::", "the same, 6to4"),
        ("fd00:ec2::254", "the metadata service of Amazon"),
        ("192.88.99.1", "6to4 relays"),
        ("198.19.0.1", "benchmarks"),
        ("2001:db8::1", "documentation"),
        ("3fff::1", "documentation"),
        ("2001:20::1", "ORCHIDv2"),
        ("192.0.2.1", "documentation"),
        ("224.0.0.1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("::1", "loopback"),
        ("::", "unspecified"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local with a zone"),
        ("fc00::1", "unique local"),
        ("fec0::1", "site-local"),
        ("ff02::1", "multicast"),
        ("::ffff:127.0.0.1", "loopback, mapped"),
        ("::ffff:10.0.0.1", "private, mapped"),
        ("::127.0.0.1", "loopback, IPv4-compatible"),
        ("2002:7f00:1::", "loopback, 6to4"),
        ("2002:c0a8:101::1", "private, 6to4"),
        ("64:ff9b::7f00:1", "loopback, NAT64"),
        ("64:ff9b::a9fe:a9fe", "link-local, NAT64"),
        ("2001:0:7f00:1::", "loopback as Teredo server"),
        ("2001:0:808:808:0:0:80ff:fffe", "loopback as Teredo client"),
    ],
)
def test_private_addresses(address: str, what: str) -> None:
    assert not is_public(address), what


@given(st.ip_addresses())
def test_what_python_calls_private_is_private(address: ipaddress.IPv4Address) -> None:
    """Python's tables grow with its versions: what they add must be added to ours."""
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast


EDGES = [
    address
    for constants in (ipaddress._IPv4Constants, ipaddress._IPv6Constants)  # type: ignore[attr-defined]
    for block in constants._private_networks
    for address in (block.network_address, block.broadcast_address)
]


@pytest.mark.parametrize("address", EDGES, ids=str)
def test_the_edges_of_pythons_private_blocks(address: ipaddress.IPv4Address) -> None:
    assert not is_public(str(address))


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://example.com/a", True),
        ("https://example.com:8443/a?b#c", True),
        ("https://пример.испытание/а", True),
        ("http://[2606:2800:220:1::1]/", True),
        ("ftp://example.com/a.mp3", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("data:text/html,hello", False),
        ("//example.com/a", False),
        ("/a.mp3", False),
        ("http://", False),
        ("http://:80/", False),
        ("http://example.com:99999/", False),
        ("http://example.com:x/", False),
        ("http://[::1/", False),
        ("http://example.com/\r\nHost: other", False),
        ("", False),
    ],
)
def test_http_urls(url: str, may: bool) -> None:
    assert is_http_url(url) is may


@pytest.mark.parametrize(
    ("url", "suffix", "media"),
    [
        ("https://a.example/x/Report.MP3?download=1", ".mp3", True),
        ("https://a.example/master.m3u8#t=1", ".m3u8", True),
        ("https://a.example/a%2Emp4", ".mp4", True),
        ("https://a.example/page.html?file=a.mp3", ".html", False),
        ("https://a.example/", "", False),
        ("http://[", "", False),
    ],
)
def test_suffix(url: str, suffix: str, media: bool) -> None:
    assert (suffix_of(url), names_media(url)) == (suffix, media)


def answers(*addresses: str) -> Network:
    return Network(resolve=lambda *_: addresses)


def test_one_local_address_among_public_ones_refuses_the_host() -> None:
    with pytest.raises(NotPublic) as caught:
        resolve_public("news.example", 80, False, answers("93.184.216.34", "10.0.0.7"))
    assert (caught.value.host, caught.value.address) == ("news.example", "10.0.0.7")


def test_private_addresses_may_be_allowed() -> None:
    assert resolve_public("a.example", 80, True, answers("10.0.0.7")) == (("10.0.0.7", 80),)


def test_no_address_is_an_error() -> None:
    with pytest.raises(OSError, match="no address"):
        resolve_public("a.example", 80, False, answers())


@pytest.mark.parametrize("spelling", ["127.1", "0x7f000001", "2130706433", "localhost", "[::1]"])
def test_other_spellings_of_loopback_are_refused(spelling: str) -> None:
    with pytest.raises(NotPublic):
        Connector().open("http", spelling.strip("[]"), 80, 1)


def test_the_next_address_is_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        route = {"93.184.216.34": 1, "93.184.216.35": port}
        network = Network(lambda *_: tuple(route), lambda ip, _: ("127.0.0.1", route[ip]))
        with Connector(network=network).open("http", "news.example", 80, 5) as made:
            assert made.getpeername() == ("127.0.0.1", port)
