"""robots.txt: which pages it lets us read, how often, and what its absence or failure means."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from server import Reply, Server, redirect

from aligner.errors import AddressRefused, DisallowedByRobots, PageUnavailable
from aligner.net.client import Session, WebOptions
from aligner.net.rate_limit import HostThrottle
from aligner.net.robots import FAILURE_S, MAX_BYTES, MOST_SITES, RULES_S, Robots
from aligner.types import PartialContent

SITE = "https://news.example"
ASKING = WebOptions(allow_private=True, timeout_s=10, robots=True)


def serving(said: str | bytes, status: int = 200) -> Callable[[str, int, int], PartialContent]:
    """Return a function that answers every request as a site with this robots.txt does."""
    data = said.encode() if isinstance(said, str) else said

    def ask(url: str, start: int, length: int) -> PartialContent:
        return PartialContent(url, status, "text/plain", data[start : start + length])

    return ask


RULES = {
    "a wildcard in the middle": (
        "User-agent: *\nDisallow: /*/print/\n",
        {"/story/print/1": False, "/story/1": True, "/print/1": True},
    ),
    "an end of the address": (
        "User-agent: *\nDisallow: /*.pdf$\n",
        {"/a.pdf": False, "/a.pdf?page=2": True, "/a.pdf.html": True},
    ),
    "a query": (
        "User-agent: *\nDisallow: /*?view=amp\n",
        {"/a?view=amp": False, "/a?view=full": True, "/a": True},
    ),
    "the longest match wins, disallowing": (
        "User-agent: *\nAllow: /\nDisallow: /private/\n",
        {"/private/a": False, "/a": True},
    ),
    "the longest match wins, allowing": (
        "User-agent: *\nDisallow: /news/\nAllow: /news/open/\n",
        {"/news/open/a": True, "/news/a": False},
    ),
    "two groups for one agent are one": (
        "User-agent: aligner\nDisallow: /a/\n\nUser-agent: bot\nDisallow: /\n\n"
        "User-agent: aligner\nDisallow: /b/\n",
        {"/a/1": False, "/b/1": False, "/c/1": True},
    ),
    "equal length: allowing wins": (
        "User-agent: *\nDisallow: /page\nAllow: /page\n",
        {"/page": True},
    ),
    "a group of several agents": (
        "User-agent: bot\nUser-agent: Aligner\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n",
        {"/a": False, "/b": True},
    ),
    "an agent whose name ends like ours": (
        "User-agent: realigner\nDisallow: /\n",
        {"/a": True},
    ),
    "an empty rule": ("User-agent: *\nDisallow:\n", {"/a": True}),
    "escapes and letters are the same": (
        "User-agent: *\nDisallow: /caf%C3%A9/\nDisallow: /día/\n",
        {"/café/a": False, "/caf%c3%a9/a": False, "/d%C3%ADa/b": False, "/cafe/a": True},
    ),
    "a byte order mark and Windows line ends": (
        "\ufeffUser-agent: *\r\nDisallow: /a # not this\r\n",
        {"/a": False, "/b": True},
    ),
    "a sitemap between the rules of a group": (
        "User-agent: *\nSitemap: https://news.example/s.xml\nDisallow: /a\n",
        {"/a": False, "/b": True},
    ),
    "robots.txt itself": ("User-agent: *\nDisallow: /\n", {"/robots.txt": True, "/": False}),
    "a page in place of rules": ("<!doctype html><p>Disallow everything? No.</p>", {"/a": True}),
}


@pytest.mark.parametrize(("said", "paths"), RULES.values(), ids=RULES)
def test_rules_follow_rfc_9309(said: str, paths: dict[str, bool]) -> None:
    robots = Robots(serving(said))
    assert {path: robots.allow(SITE + path) for path in paths} == paths


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_a_site_without_the_file_allows_everything(status: int) -> None:
    assert Robots(serving("User-agent: *\nDisallow: /", status)).allow(f"{SITE}/a")


@pytest.mark.parametrize("status", [500, 502, 503, 599])
def test_a_server_error_for_robots_txt_disallows_everything(status: int) -> None:
    with pytest.raises(
        PageUnavailable, match=rf"{SITE}/a: .*\({status}\).*--ignore-robots"
    ) as told:
        Robots(serving("", status)).allow(f"{SITE}/a")
    assert told.value.http_status == status


def test_a_file_that_is_too_long_is_read_up_to_its_last_whole_line() -> None:
    start = "User-agent: *\nDisallow: /a\n"
    filler = "#" * (MAX_BYTES - len(start) - len("\nDisallow: /"))
    said = f"{start}{filler}\nDisallow: /never-whole\nDisallow: /b\n"
    assert said[:MAX_BYTES].endswith("\nDisallow: /")
    robots = Robots(serving(said))
    assert [robots.allow(SITE + path) for path in ("/a", "/b", "/c")] == [False, True, True]


# ---------------------------------------------------------------- what is remembered


class Site:
    """A site whose answer can change, a clock that is set by hand, and a count of requests."""

    def __init__(self) -> None:
        self.said, self.status, self.now, self.asked = "", 200, 0.0, 0
        self.failure: PageUnavailable | None = None
        self.robots = Robots(self.ask, clock=lambda: self.now)

    def ask(self, url: str, start: int, length: int) -> PartialContent:
        self.asked += 1
        if self.failure:
            raise self.failure
        return serving(self.said, self.status)(url, start, length)


def test_rules_are_read_once_a_day() -> None:
    site = Site()
    assert site.robots.allow(f"{SITE}/a")
    site.said, site.now = "User-agent: *\nDisallow: /", RULES_S - 1
    assert site.robots.allow(f"{SITE}/b")
    assert site.asked == 1
    site.now = RULES_S + 1
    assert not site.robots.allow(f"{SITE}/b")


def test_failures_are_remembered_for_a_shorter_time() -> None:
    site = Site()
    site.status = 503
    for _ in range(2):
        with pytest.raises(PageUnavailable):
            site.robots.allow(f"{SITE}/a")
    assert site.asked == 1
    site.status, site.now = 200, FAILURE_S + 1
    assert site.robots.allow(f"{SITE}/a")


def test_a_site_that_cannot_be_reached_is_told_so_of_its_page() -> None:
    site = Site()
    site.failure = PageUnavailable(f"{SITE}/robots.txt", "no full answer within 30 s")
    for page in ("/a", "/b"):
        with pytest.raises(PageUnavailable, match=f"{SITE}{page}: no full answer") as told:
            site.robots.allow(SITE + page)
        assert not isinstance(told.value, DisallowedByRobots)
    assert site.asked == 1


def test_a_private_address_is_refused_by_the_request_for_the_page() -> None:
    site = Site()
    site.failure = AddressRefused(f"{SITE}/robots.txt", "127.0.0.1")
    assert site.robots.allow(f"{SITE}/a")


def test_the_number_of_sites_is_limited() -> None:
    site = Site()
    for n in range(MOST_SITES + 1):
        site.robots.allow(f"https://{n}.example/")
    assert len(site.robots._sites) == MOST_SITES
    site.robots.allow("https://0.example/")  # the oldest was forgotten
    assert site.asked == MOST_SITES + 2


# ---------------------------------------------------------------- how often a site may be asked


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


@pytest.mark.parametrize(
    ("said", "least_s"),
    [
        ("User-agent: *\nCrawl-delay: 0.4\n", 0.8),
        ("User-agent: aligner\nCrawl-delay: .4\n\nUser-agent: *\nCrawl-delay: 9\n", 0.8),
        ("User-agent: bot\nCrawl-delay: 9\n", 0.0),
        ("User-agent: *\nCrawl-delay: -9\n", 0.0),
        ("User-agent: *\nCrawl-delay: soon\n", 0.0),
    ],
)
def test_a_declared_delay_is_kept(server: Server, said: str, least_s: float) -> None:
    pages = [f"/{n}" for n in range(3)]
    server.routes = {path: Reply(b"<p>A page") for path in pages}
    server.routes["/robots.txt"] = Reply(said.encode(), "text/plain")
    began = time.monotonic()
    with Session(ASKING) as session:
        for path in pages:
            session.fetch(server.url(path))
    took = time.monotonic() - began
    assert least_s <= took < least_s + 5


def test_a_declared_delay_is_no_longer_than_we_wait(server: Server) -> None:
    server.routes = {"/a": Reply(b"<p>A page"), "/b": Reply(b"<p>Another")}
    server.routes["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 86400\n", "text/plain")
    began = time.monotonic()
    with Session(replace(ASKING, longest_wait_s=0.3)) as session:
        session.fetch(server.url("/a"))
        session.fetch(server.url("/b"))
    assert 0.3 <= time.monotonic() - began < 5


def test_a_declared_delay_does_not_shorten_the_users() -> None:
    throttle = HostThrottle(per_host=1, delay_s=0.3, longest_wait_s=60)
    throttle.slow_down("news.example", 0.1)
    waited = []
    for _ in range(2):
        waited.append(throttle.enter("news.example").turn_s)
        throttle.leave("news.example")
    assert waited[0] < 0.1
    assert waited[1] > 0.2


# ---------------------------------------------------------------- over real connections


def test_redirects_of_robots_txt_are_followed(server: Server) -> None:
    server.routes = {
        "/robots.txt": redirect("/rules"),
        "/rules": Reply(b"User-agent: *\nDisallow: /a", "text/plain"),
    }
    with (
        Session(ASKING) as session,
        pytest.raises(DisallowedByRobots, match="asks programs not to"),
    ):
        session.fetch(server.url("/a"))
    assert server.asked == ["/robots.txt", "/rules"]


def test_an_empty_file_allows_everything(server: Server) -> None:
    server.routes = {"/robots.txt": Reply(b"", "text/plain"), "/a": Reply(b"<p>A page")}
    with Session(ASKING) as session:
        assert session.fetch(server.url("/a")).html == "<p>A page"


def test_a_port_where_nobody_listens() -> None:
    with Server() as server:
        gone = server.url("/a")
    with Session(ASKING) as session, pytest.raises(PageUnavailable, match="refuses the conn"):
        session.fetch(gone)
