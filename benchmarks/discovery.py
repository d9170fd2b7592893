"""Measures how often the media of saved pages are found and ranked first, by aligner and peers.

    python benchmarks/discovery.py PAGES_DIR [-v] [--no-peers]

PAGES_DIR has saved pages and a ``truth.json``: {"page.html": {"url", "media": [{"urls": [...],
"also": [...], "relation"}], "decoys": [{"url"}]}}. Counted are pages whose media have an address
in the truth. *found*: the media are among the candidates. *first*: they are the best candidate.
*recall* is first over these pages; *precision* is first over the pages with an answer, including
pages without media. Pages whose media have no address in the truth are not counted. A recording of
another event in the page's player ("related") counts as the page's, and is also counted separately.
Peers are yt-dlp's generic extractor (the page is served from loopback), extruct and newspaper4k,
if they are installed.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from aligner.discovery import article, sources
from aligner.discovery.sources.providers import recording_at
from aligner.discovery.sources.renditions import same_recording
from aligner.types import MediaLink, Page

Answer = list[str]
"""Addresses, best first."""
EVERYTHING = sources.FindOptions(relations=("article", "page", "other"))


@dataclass(frozen=True, slots=True)
class Case:
    """A saved page and the truth about it."""

    path: Path
    url: str | None
    wanted: frozenset[str]
    is_related: bool
    has_media: bool
    decoys: frozenset[str]

    @property
    def page(self) -> Page:
        text = self.path.read_text(encoding="utf-8", errors="replace")
        kind = "text/html" if self.path.suffix == ".html" else "application/rss+xml"
        return Page(self.url, self.url, text, 200, kind)


def cases(folder: Path) -> list[Case]:
    """Returns the pages in a folder's truth.json."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return [_case(folder / name, said) for name, said in truth.items() if (folder / name).exists()]


def _case(path: Path, said: dict[str, Any]) -> Case:
    media = said.get("media") or []
    urls = [u for m in media for u in (*m.get("urls", ()), *m.get("also", ()))]
    decoys = [d["url"] for d in said.get("decoys") or () if d.get("url")]
    wanted = frozenset(key(u) for u in urls if urlsplit(u).netloc)
    url = said.get("url") or ""
    return Case(
        path,
        url if url.startswith("http") else None,
        wanted,
        bool(media) and all(m.get("relation") == "related" for m in media),
        bool(media),
        frozenset(key(urljoin(url, u)) for u in decoys) - wanted,
    )


def key(url: str) -> str:
    """Returns a key that is equal for all addresses of one recording."""
    known = recording_at(url)
    return same_recording(known.page if known else url)


# ---------------------------------------------------------------- who answers


def ours(case: Case) -> tuple[Answer, Answer]:
    """Returns aligner's candidates for the article, and all candidates."""
    found = candidates(case)
    return [link.url for link in found if link.relation == "article"], [link.url for link in found]


def candidates(case: Case) -> tuple[MediaLink, ...]:
    page = case.page
    return sources.find(page, article.extract(page), EVERYTHING)


def ytdlp_generic(case: Case) -> tuple[Answer, Answer]:
    """Returns the answer of yt-dlp's generic extractor to the page, served from loopback."""
    import yt_dlp

    options = {"quiet": True, "no_warnings": True, "force_generic_extractor": True, "proxy": ""}
    options |= {"socket_timeout": 3, "retries": 0, "logger": Silent(), "cachedir": False}
    with served(case.path.parent) as base, yt_dlp.YoutubeDL(options) as client:
        try:
            info = client.extract_info(f"{base}/{case.path.name}", download=False, process=False)
        except yt_dlp.utils.YoutubeDLError:
            return [], []
        entries = list(info.get("entries") or [info])[:10]
    urls = [f["url"] for e in entries for f in (e.get("formats") or [e]) if f.get("url")]
    return urls, urls


class Silent:
    """A logger of yt-dlp that discards all messages."""

    def debug(self, _: str) -> None: ...

    warning = error = info = debug


class served:  # noqa: N801 - a context manager, used like a function
    """Serve a folder's files over HTTP on loopback."""

    def __init__(self, folder: Path) -> None:
        handler = partial(Quiet, directory=str(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


def extruct_all(case: Case) -> tuple[Answer, Answer]:
    """Returns the contentUrl, embedUrl and og: addresses that extruct finds."""
    extruct = import_module("extruct")
    data = extruct.extract(case.page.html, base_url=case.url, errors="ignore", uniform=True)
    urls = [urljoin(case.url or "", u) for u in _media_values(data)]
    return urls, urls


def _media_values(value: Any) -> list[str]:
    """Yields the addresses under names of media in extruct's answer."""
    names = ("contentUrl", "contentURL", "embedUrl", "embedURL", "og:video", "og:audio")
    found: list[str] = []
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, (dict, list)):
            found += _media_values(inner)
        elif isinstance(inner, str) and str(name).startswith(names) and "/" in inner:
            found.append(inner)
    return found


def newspaper4k(case: Case) -> tuple[Answer, Answer]:
    """Returns the addresses of newspaper4k's movies."""
    newspaper = import_module("newspaper")
    read = newspaper.Article(case.url or "https://news.example/")
    read.download(input_html=case.page.html)
    try:
        read.parse()
    except (newspaper.ArticleException, ImportError):  # it wants more packages for some languages
        return [], []
    urls = [str(movie.get("src") if isinstance(movie, dict) else movie) for movie in read.movies]
    return urls, urls


Finder = Callable[[Case], tuple[Answer, Answer]]
PEERS: dict[str, Finder] = {
    "yt-dlp generic": ytdlp_generic,
    "extruct": extruct_all,
    "newspaper4k": newspaper4k,
}

# ---------------------------------------------------------------- how good the answers are


@dataclass(slots=True)
class Tally:
    """Counts over all pages."""

    wanted: int = 0
    found: int = 0
    first: int = 0
    related_first: int = 0
    answered: int = 0
    wrong: int = 0
    decoys_first: int = 0
    seconds: float = 0.0

    def row(self, name: str) -> str:
        recall = self.first / self.wanted if self.wanted else 0.0
        precision = self.first / self.answered if self.answered else 0.0
        return (
            f"{name:16} {self.found:3} of {self.wanted:3}  {self.first:5}  {recall:6.3f}"
            f"  {precision:9.3f}  {self.wrong:5}  {self.decoys_first:6}  {self.related_first:7}"
            f"  {1000 * self.seconds:7.0f}"
        )


HEAD = "finder           found       first  recall  precision  wrong  decoys  related  ms a page"


def judge(name: str, finder: Finder, all_cases: list[Case], verbose: bool) -> Tally:
    """Count a finder's answers on all pages."""
    tally = Tally()
    for case in all_cases:
        began = time.perf_counter()
        own, every = finder(case)
        tally.seconds += (time.perf_counter() - began) / len(all_cases)
        best = key(own[0]) if own else None
        verdict = _count(tally, case, best, {key(url) for url in every})
        if verbose:
            print(f"{name:16} {verdict:9} {case.path.name:60.60} {own[0] if own else '-'}")
    return tally


def _count(tally: Tally, case: Case, best: str | None, every: set[str]) -> str:
    tally.decoys_first += best in case.decoys
    tally.found += bool(case.wanted & every)
    tally.wanted += bool(case.wanted)
    if case.has_media and not case.wanted:
        return "uncounted"
    tally.answered += best is not None
    if best in case.wanted:
        tally.first += 1
        tally.related_first += case.is_related
        return "right"
    tally.wrong += best is not None
    return "wrong" if best else "missed" if case.wanted else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, metavar="PAGES_DIR")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print a line for each page and finder"
    )
    parser.add_argument("--no-peers", action="store_true", help="measure only aligner")
    args = parser.parse_args()
    all_cases = cases(args.folder)
    finders: dict[str, Finder] = {"aligner": ours} | ({} if args.no_peers else PEERS)
    print(HEAD)
    for name, finder in finders.items():
        try:
            print(judge(name, finder, all_cases, args.verbose).row(name))
        except ImportError as error:
            print(f"{name:16} not installed: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
