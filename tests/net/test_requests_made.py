"""How often pages without media are asked for, and as whom."""

import pytest
from server import Reply, Server

from aligner.net.options import NetworkOptions
from aligner.pipeline import check
from aligner.pipeline.options import Options
from aligner.types import Listed

TEXT = "<p>The council closed the bridge on Monday, and opened it again on Friday.</p>" * 5
FRAMES = "<iframe src=/ad.html></iframe>"


@pytest.mark.slow
@pytest.mark.parametrize("more", ["", FRAMES])
def test_a_page_without_media_is_asked_for_once(more: str) -> None:
    pages = [f"/n{number}.html" for number in range(8)]
    html = f"<!doctype html><title>A story</title><article>{TEXT}</article>{more}"
    routes = {page: Reply(html.encode()) for page in pages}
    options = Options(allow_private=True, net=NetworkOptions(contact="desk@news.example"))
    with Server(routes) as server, check.ListChecker(options) as run:
        states = {
            checked.finding.state for checked in run.results(map(Listed, map(server.url, pages)))
        }
    assert states == {"none"}
    assert sorted(server.asked) == [*pages, "/robots.txt"]
    agents = {headers["User-Agent"] for headers in server.headers}
    assert agents == {"Mozilla/5.0 (compatible; aligner; +desk@news.example)"}
