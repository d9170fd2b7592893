"""Pages in the style of many publishers: the article's own recording first, no decoy before it."""

import json
import sys
from pathlib import Path

import pytest
from test_find import PAGES

from aligner.discovery import article
from aligner.discovery.sources import SOURCES, FindOptions, find
from aligner.discovery.sources.renditions import same_file
from aligner.types import MediaLink, Page

ROOT = Path(__file__).parents[3]
PUBLISHERS = ROOT / "tests" / "data" / "publishers"
TRUTH = json.loads((PUBLISHERS / "truth.json").read_text(encoding="utf-8"))
EVERYTHING = FindOptions(relations=("article", "page", "other"))


def found_on(path: Path, url: str) -> tuple[MediaLink, ...]:
    page = Page(url, url, path.read_text(encoding="utf-8"), 200)
    return find(page, article.extract(page), EVERYTHING)


@pytest.mark.parametrize("name", TRUTH)
def test_the_articles_own_is_first(name: str) -> None:
    said = TRUTH[name]
    wanted = {same_file(url) for media in said["media"] for url in media["urls"]}
    own = [link for link in found_on(PUBLISHERS / name, said["url"]) if link.relation == "article"]
    assert bool(own) == bool(wanted)
    assert {same_file(link.url) for link in own} <= wanted


def test_every_page_is_listed_and_dated() -> None:
    assert {path.name for path in PUBLISHERS.glob("*.html")} == set(TRUTH)
    assert all(name[:2] == "20" and name[10] == "_" for name in TRUTH)


@pytest.mark.slow
def test_every_way_has_a_page() -> None:
    saved = [(PUBLISHERS / name, said["url"]) for name, said in TRUTH.items()]
    saved += [(path, "https://news.example/2025/11/3/ferry") for path in PAGES.glob("*.html")]
    ways = {link.found_by for path, url in saved for link in found_on(path, url)}
    assert ways >= set(SOURCES) - {"feeds"}, "a feed is no page: see test_feeds"


@pytest.mark.slow
def test_the_benchmark_counts_them(capsys: pytest.CaptureFixture[str]) -> None:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import discovery
    finally:
        sys.path.pop(0)
    tally = discovery.judge("aligner", discovery.ours, discovery.cases(PUBLISHERS), verbose=True)
    assert (tally.first, tally.wrong, tally.decoys_first) == (tally.wanted, 0, 0)
    assert capsys.readouterr().out.count(" right ") == tally.first
