"""Everything of aligner that reads outside bytes, a record each: for the tests and benchmarks/fuzz.

A reader is given any bytes and an empty folder of its own. It ends, or raises an error of
errors.py: a sentence for people. Whatever else it raises is a fault of ours.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request

from reader_seeds import (
    ADDRESSES,
    DATES,
    HERE,
    JSON_TOKENS,
    SAMPLE,
    VTT_TOKENS,
    XML_TOKENS,
    Seeds,
    beginnings,
    files,
    kept_page,
    small_ledger,
    small_model,
    states,
    texts,
)

from aligner import jobs
from aligner._util import strict_json
from aligner.asr.backends import recorded
from aligner.asr.models import ct2_to_openai
from aligner.captions import lint, profiles, store
from aligner.captions.formats import FORMATS, Look, sidecar_reader
from aligner.captions.profiles import NETFLIX
from aligner.cli import review_run, settings
from aligner.discovery import article, sources
from aligner.discovery.html import json_ld, parse, read_json
from aligner.discovery.probe import ProbeOptions, probe
from aligner.discovery.sources import FindOptions
from aligner.errors import AlignerError, PageUnavailable
from aligner.jobs import BatchOptions, checkpoint, storage
from aligner.jobs.selection import JobSelection
from aligner.net import client, cookies
from aligner.net.cache import Cache
from aligner.net.charset import decode
from aligner.net.guard import is_http_url
from aligner.net.proxies import Proxy, ProxyError, tunnel
from aligner.net.robots import Robots
from aligner.pipeline import source_lists
from aligner.pipeline.options import Options
from aligner.pipeline.source_lists import entry_json
from aligner.review import edits
from aligner.review import results as review_folder
from aligner.review.page import limits
from aligner.types import DateRange, MediaLink, Page, PartialContent

EVERYWHERE = FindOptions(relations=("article", "page", "other"))
MEDIA = MediaLink("https://news.example/a/1.mp4", "video", "html5")
WINDOW = DateRange(datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads, and what it is tried with."""

    read: Callable[[bytes, Path], None]
    seeds: Seeds
    """Some bytes that are as they should be."""
    tokens: tuple[str, ...]
    """What such bytes are made of."""


def is_well(reader: Reader, data: bytes, folder: Path) -> bool:
    """Whether bytes are what the reader expects; what it does not foresee is raised."""
    try:
        reader.read(data, folder)
    except AlignerError:
        return False
    return True


# ---------------------------------------------------------------- pages and lists of them


def _page(data: bytes, _: Path) -> None:
    """What ``aligner check`` does with a page, once."""
    page = Page(HERE, HERE, decode(data, None), 200)
    text = article.extract(page)
    for link in sources.find(page, text, EVERYWHERE):
        assert is_http_url(link.url)
    sources.declared(page)


def _saved_page(data: bytes, _: Path) -> None:
    """A file whose address is unknown, as a page and as a text."""
    page = Page(None, None, decode(data, None), 200)
    article.extract(page)
    plain = replace(page, content_type="text/plain")
    article.extract(plain)
    sources.declared(plain)


def _json_ld(data: bytes, _: Path) -> None:
    text = decode(data, None)
    read_json(text)
    html = f'<html><script type="application/ld+json">{text}</script><p>A text.</p></html>'
    list(json_ld(parse(html)))
    sources.find(Page(HERE, HERE, html, 200), None, EVERYWHERE)


def _feed(data: bytes, _: Path) -> None:
    page = Page(HERE, HERE, decode(data, None), 200, "application/xml")
    found = sources.feeds.items(page)
    sources.feeds.item_of(found, HERE, "A title")
    for item in found:
        WINDOW.has(item.published)
        checkpoint.read_source(checkpoint.source_bytes(item))
        store.output_name(item.name, set())
    for item in found[:2]:
        article.extract(sources.feeds.as_page(item))


def _sitemap(data: bytes, folder: Path) -> None:
    place = folder / "sitemap.xml"
    place.write_bytes(data)
    page = client.load_list(place)

    def again(url: str) -> Page:
        return replace(page, url=url, final_url=url)

    for source in source_lists.sitemap(HERE, again, WINDOW):
        checkpoint.source_bytes(source.source)


def _list(data: bytes, folder: Path) -> None:
    """The first byte says what the file is called."""

    def never(url: str) -> Page:
        raise PageUnavailable(url, "not asked")

    kind = ("txt", "csv", "tsv", "jsonl")[data[0] % 4] if data else "txt"
    place = folder / f"list.{kind}"
    place.write_bytes(data[1:])
    source_lists.expect(str(place))
    column = "link" if data and data[0] & 4 else None
    for entry in source_lists.read(str(place), (), never, WINDOW, column):
        checkpoint.source_bytes(entry.source)
        assert entry_json.decode(entry_json.encode(entry), entry.source) == entry
        if isinstance(entry.source, str):
            store.output_name(entry.source, set())


def _robots(data: bytes, _: Path) -> None:
    def ask(url: str, start: int, length: int) -> PartialContent:
        return PartialContent(url, 200, "text/plain", data[start : start + length])

    Robots(ask).allow(HERE)


def _kept_page(data: bytes, folder: Path) -> None:
    cache = Cache(folder)
    cache._path(HERE).write_bytes(data)
    if kept := cache.get(HERE):
        article.extract(kept.page)


# ---------------------------------------------------------------- captions and results


def _captions(name: str) -> Callable[[bytes, Path], None]:
    def read(data: bytes, _: Path) -> None:
        before = lint.inspect(data, name, NETFLIX)
        mended = lint.fix(data, name, NETFLIX).text.encode()
        after = lint.inspect(mended, name, NETFLIX)
        assert after.cues == before.cues
        assert lint.fix(mended, name, NETFLIX).text.encode() == mended

    return read


def _ttml(data: bytes, _: Path) -> None:
    """TTML is checked and not fixed."""
    lint.inspect(data, "a.ttml", NETFLIX)


def _sidecar(data: bytes, folder: Path) -> None:
    place = folder / "a.json"
    place.write_bytes(data)
    store.output_name("https://news.example/a", set(), folder)
    store.finished_result(folder, "a", ("vtt", "json"))
    storage.Folder(folder).found("a", "https://news.example/a", ("json",))
    list(review_folder.results(folder))
    review_run.page(place, NETFLIX, None, None)
    review_run.plot(place, folder / "a.svg")
    outcome, _ = sidecar_reader.read(data.decode())
    for form in FORMATS.values():  # which a person may take from the page
        if outcome.captions or not form.needs_cues:
            form.render(outcome, Look(name="a"))


def _correction(data: bytes, folder: Path) -> None:
    """What a page sends to the server that saves."""
    text = (SAMPLE / "captions" / "russia-and-assad.json").read_text("utf-8")
    (folder / "a.json").write_text(text, "utf-8")
    try:
        posted = strict_json.read(data)
        if isinstance(posted, dict):
            posted["version"] = store.version_of(text)
        edits.save(folder, "a", posted)
    except ValueError:
        return
    review_run.page(folder / "a.json", NETFLIX, None, None)


def _unfinished(data: bytes, folder: Path) -> None:
    """What a save that was cut short has left."""
    (folder / ".a.saving").write_bytes(data)
    store.finish(folder, "a")


def _transcript(data: bytes, folder: Path) -> None:
    place = folder / "transcript.json"
    place.write_bytes(data)
    recorded.read(place)


# ---------------------------------------------------------------- media


def _media(beginning: bytes) -> Callable[[bytes, Path], None]:
    """Whatever address is asked, it holds the same; ``beginning`` decides what it is taken for."""

    def read(data: bytes, _: Path) -> None:
        whole = beginning + data

        def ask(url: str, start: int, length: int) -> PartialContent:
            part = whole[start : start + length]
            return PartialContent(url, 206, "", part, start, len(whole), in_parts=True)

        probe(MEDIA, ask, ProbeOptions(max_requests=6))

    return read


# ---------------------------------------------------------------- files of our own


def _weights(data: bytes, folder: Path) -> None:
    (folder / "model.bin").write_bytes(data)
    ct2_to_openai.read(folder)


def _weights_config(data: bytes, folder: Path) -> None:
    (folder / "config.json").write_bytes(data)
    ct2_to_openai.alignment_heads(folder)


def _ledger(data: bytes, folder: Path) -> None:
    inner = folder / ".aligner"
    inner.mkdir()
    (inner / "ledger.sqlite").write_bytes(data)
    with jobs.Batch(Options(), BatchOptions(folder)) as batch:
        batch.enter([HERE])
        batch.snapshot()
        list(batch.ledger.wanted())
        if row := batch.ledger.claim(JobSelection()):
            _state(row.source, folder)
        batch.write_reports()


def _state(data: bytes, _: Path) -> None:
    """What the ledger keeps of an item."""
    for read in (
        checkpoint.read_source,
        checkpoint.read_outcome,
        lambda kept: checkpoint.read_state(kept, HERE, Path.cwd()),
    ):
        try:
            read(data)
        except ValueError:
            continue


def _profile(data: bytes, folder: Path) -> None:
    place = folder / "own.toml"
    place.write_bytes(data)
    own = profiles.get_profile(str(place)).for_language("fr")
    json.dumps(limits(own), allow_nan=False)
    vtt = (SAMPLE / "captions" / "russia-and-assad.vtt").read_bytes()
    lint.fix(vtt, "a.vtt", own)


def _cookies(data: bytes, folder: Path) -> None:
    place = folder / "cookies.txt"
    place.write_bytes(data)
    jar = cookies.jar(cookies.read(place))
    jar.add_cookie_header(Request(HERE))


def _settings(data: bytes, folder: Path) -> None:
    place = folder / "aligner.toml"
    place.write_bytes(data)
    file = settings.read(place, is_users=True)
    for name, command in settings.all_commands().items():
        settings.effective([file], name, command)
    settings.read(place, is_users=False)


def _proxy(data: bytes, _: Path) -> None:
    """What a proxy answers when it is to connect to a host."""
    proxy, coming = Proxy("http", "proxy.example", 8080), io.BytesIO(data)
    try:
        tunnel(proxy, "news.example", 443, "aligner", len, coming.read)
    except ProxyError as error:
        raise PageUnavailable(HERE, str(error)) from error


# ---------------------------------------------------------------- the table

PAGES = files("tests/data/pages/*.html", "tests/data/publishers/*.html", "samples/*/*.html")

# fmt: off
PAGE_TOKENS = (
    *("<audio src=", "<video>", "<source type=", "<iframe src=", "<base href=", "<p>"),
    *("<script>", "</script>", "<meta property=og:video content=", "<time>", "<amp-video "),
    *("itemprop=duration content=PT9H", "data-", "<table>", "<title>", "<svg>", "<math>"),
    *("<div itemscope itemtype=https://schema.org/VideoObject>", "P9DT", "0:00 9:99 0:00"),
    *("{file:'a.mp3'}", "jwplayer(", "<link rel=canonical href=", "<h1>", "<article>"),
    *(ADDRESSES + XML_TOKENS),
)
READERS: dict[str, Reader] = {
    "page": Reader(_page, PAGES, PAGE_TOKENS),
    "saved-page": Reader(_saved_page, PAGES, PAGE_TOKENS),
    "json-ld": Reader(
        _json_ld,
        texts(
            json.dumps({"@type": "VideoObject", "contentUrl": "/v.mp4", "duration": "PT1M2S"}),
            json.dumps({"@graph": [{"@type": ["AudioObject"], "contentUrl": ["/a.mp3"]}]}),
            json.dumps({"@type": "NewsArticle", "video": {"embedUrl": "https://youtu.be/x"}}),
            '{"a": "said "hi", then", "contentUrl": "/b.mp3", "duration": 12,}',
        ),
        (
            *('"@type"', '"VideoObject"', '"contentUrl"', '"duration"', '"PT1H"', '"encoding"'),
            *('"P1DT1H"', '"@graph"', '"embedUrl"', '"name"', '"url"', '"@id"', '"bitrate"'),
            *('"uploadDate"', '"PT' + "9" * 400 + 'S"', '"isPartOf"', '"transcript"'),
            *('"https://schema.org/AudioObject"', '"width"', '"height"', '"inLanguage"'),
            *(JSON_TOKENS + tuple(f'"{a}"' for a in ADDRESSES)),
        ),
    ),
    "feed": Reader(
        _feed,
        files("tests/data/pages/2025-11-03_podcast.xml"),
        (
            *("<rss><channel>", "<item>", "</item>", "<feed>", "<entry>", "<link href='", "<guid>"),
            *("<pubDate>", "</pubDate>", "<itunes:duration>", "</itunes:duration>", "<enclosure "),
            *("url='", "type='audio/mpeg'", "<media:group>", "<media:content ", "bitrate='"),
            *("<podcast:transcript ", "<content:encoded>", "<updated>", "<title>", "</title>"),
            *(ADDRESSES + DATES + XML_TOKENS),
        ),
    ),
    "sitemap": Reader(
        _sitemap,
        files("tests/data/pages/2025-11-03_sitemap.xml"),
        (
            *("<urlset>", "<url>", "</url>", "<loc>", "</loc>", "<lastmod>", "</lastmod>"),
            *("<sitemapindex>", "<sitemap>", "Sitemap: ", "\n", "\x1f\x8b\x08", "<news:title>"),
            "<urlset xmlns:v='http://www.google.com/schemas/sitemap-video/1.1'><url><loc>",
            *("<v:video>", "<v:content_loc>", "<v:player_loc>", "<v:duration>", "</v:duration>"),
            *(ADDRESSES + DATES + XML_TOKENS),
        ),
    ),
    "list": Reader(
        _list,
        texts(
            "\0https://news.example/a\n# b\nc.html\n",
            "\x01title,url\nA,https://news.example/a\n\"B, b\",'c'\n",
            "\x02link\ttitle\nhttps://news.example/a\tA\n",
            '\x03{"url": "https://news.example/a"}\n"https://news.example/b"\n',
            "\0<rss><channel><item><link>https://news.example/a</link></item></channel></rss>",
        ),
        ("\x01", "\x02", "\x03", "url", "link", ",", "\t", "\n", "\r", "#", '""', "\ufeff", "\0",
         "<rss>", "\x04", "a" * 300, *JSON_TOKENS, *ADDRESSES),
    ),
    "robots": Reader(
        _robots,
        texts("User-agent: *\nDisallow: /a\nCrawl-delay: 2\nRequest-rate: 1/5\nAllow: /\n"),
        ("User-agent:", "Disallow:", "Allow:", "Crawl-delay:", "Request-rate:", "/", "*", "%",
         "%ff", "aligner", "\n", "9" * 5000, "²", "²/²", "http://[", "Sitemap:", "\0"),
    ),
    "kept-page": Reader(_kept_page, kept_page, ("\x1f\x8b\x08", '"page"', *JSON_TOKENS)),
    "vtt": Reader(
        _captions("a.vtt"), files("samples/*/captions/*.vtt", "tests/data/review/*.vtt"), VTT_TOKENS
    ),
    "srt": Reader(
        _captions("a.srt"),
        texts("1\n00:00:01,000 --> 00:00:02,500\n<i>One</i>\n\n2\n00:00:03,000 --> 00:00:04,000\n"),
        (*VTT_TOKENS, "2\n", "{\\an8}", "<font color=red>", "00:00:01,000 --> 00:00:02,000\n"),
    ),
    "ttml": Reader(
        _ttml,
        texts(
            '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en" '
            'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="24" '
            'ttp:frameRateMultiplier="1000 1001" ttp:tickRate="10000000"><head/><body><div>'
            '<p begin="1s" end="2s">One<br/>two</p><p begin="00:00:03:12" dur="36f"><span '
            'begin="1t">x</span></p></div></body></tt>'
        ),
        (
            *("<tt>", "</tt>", "<body ", "<div>", "<p ", "</p>", "<span ", "<br/>", "begin='"),
            *("end='", "dur='", "1s'", "99:99:99:99'", "1.5h'", "9f'", "1t'", "<metadata>"),
            *("frameRate='0'", "frameRateMultiplier='1 0'", "tickRate='0'", "timeContainer='seq'"),
            *("xml:lang='", "xml:space='preserve'", "99999999999999s'", *XML_TOKENS),
        ),
    ),
    "sidecar": Reader(
        _sidecar,
        files("tests/data/review/*.json", "samples/*/captions/*.json"),
        (
            *('"schema": "aligner/1"', '"status": "captioned"', '"source"', '"media"', '"engine"'),
            *('"words"', '"cues"', '"divergence"', '"coverage"', '"article"', '"sentences"'),
            *('"start_ms"', '"end_ms"', '"lines"', '"origin"', '"text"', '"lang"', '"url"'),
            *('"http://[bad"', '"</script>"', *JSON_TOKENS),
        ),
    ),
    "correction": Reader(
        _correction,
        files("samples/*/captions/*.json"),
        ('"words"', '"cues"', '"start_ms"', '"end_ms"', '"lines"', '"origin"', '"edited"',
         *JSON_TOKENS),
    ),
    "unfinished-save": Reader(
        _unfinished,
        texts(json.dumps({".vtt": "WEBVTT\n", ".json": "{}"})),
        ('".vtt"', '".json"', *JSON_TOKENS),
    ),
    "transcript": Reader(
        _transcript,
        files("samples/*/transcript.json"),
        ('"words"', '"text"', '"start_ms"', '"end_ms"', '"score"', '"language"', *JSON_TOKENS),
    ),
    "hls": Reader(
        _media(b"#EXTM3U"),
        texts(
            "\n#EXT-X-TARGETDURATION:6\n#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"9@0\"\n#EXTINF:6.0,\n"
            "a.ts\n#EXT-X-ENDLIST\n",
            '\n#EXT-X-MEDIA:TYPE=AUDIO,URI="a.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1"'
            "\nb.m3u8\n",
            '\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:1,\n#EXT-X-BYTERANGE:9@9\na.ts\n',
        ),
        (
            *("#EXTINF:", "#EXT-X-ENDLIST", "#EXT-X-STREAM-INF:", "#EXT-X-MEDIA:", "BANDWIDTH="),
            *('URI="', "#EXT-X-KEY:METHOD=", "SAMPLE-AES", "#EXT-X-MAP:", "#EXT-X-BYTERANGE:"),
            *("#EXT-X-SESSION-KEY:", "\n", "nan", "inf", "1e400", "9" * 5000, "²", "file:///x"),
            *("http://127.0.0.1/", *ADDRESSES),
        ),
    ),
    "dash": Reader(
        _media(b"<MPD"),
        texts(
            ' type="static" mediaPresentationDuration="PT1M2.5S"><BaseURL>b/</BaseURL><Period>'
            '<AdaptationSet mimeType="audio/mp4" codecs="mp4a.40.2"><Representation id="1" '
            'bandwidth="9"><SegmentTemplate initialization="$RepresentationID$/$Bandwidth$.mp4"/>'
            "</Representation></AdaptationSet></Period></MPD>",
            "><Representation><BaseURL>a.mp4</BaseURL><SegmentBase><Initialization sourceURL='i'/>"
            "</SegmentBase></Representation></MPD>",
        ),
        (
            *("<Period>", "<AdaptationSet ", "<Representation ", "<BaseURL>", "</BaseURL>"),
            *("<SegmentTemplate initialization='", "<ContentProtection/>", "type='dynamic'"),
            *("mediaPresentationDuration='", "P9999DT999999H", "PT99999999.999S", "mimeType='"),
            *("video/mp4'", "<SegmentList>", *ADDRESSES, *XML_TOKENS),
        ),
    ),
    "media": Reader(
        _media(b""),
        beginnings,
        ("moov", "mdat", "ftypisom", "trak", "stsd", "schm", "cenc", "fLaC", "FLV\x01", "G@\0\x10"),
    ),
    "weights": Reader(
        _weights, small_model, ("WhisperSpec", "encoder/", "decoder/", "/weight", "layer_0/", "\0")
    ),
    "weights-config": Reader(
        _weights_config,
        texts('{"alignment_heads": [[1, 2], [3, 4]]}'),
        ('"alignment_heads"', *JSON_TOKENS),
    ),
    "ledger": Reader(_ledger, small_ledger, ("CREATE TABLE ", "items", "queued", "steps", "runs")),
    "state": Reader(
        _state,
        states,
        ('"step"', '"known"', '"files"', '"path"', '"size"', '"sound"', *JSON_TOKENS),
    ),
    "cookies": Reader(
        _cookies,
        texts("# Netscape HTTP Cookie File\n.news.example\tTRUE\t/\tFALSE\t0\tsid\t1\n"),
        (
            *("\t", "\n", "\r", "#HttpOnly_", "TRUE", "1e999", "nan", "-1", "\0", "[", "\ufeff"),
            *("news.example", ".", "9" * 400, '"', "; Path=/", "\u2028", "\ud800"),
        ),
    ),
    "settings": Reader(
        _settings,
        texts('format = ["vtt"]\n[caption]\nmodel = "base"\n[models.bench]\njson = true\n'),
        (
            *("proxy = ", "header = []\n", '"vtt"', "[check]", "[models]", "timeout = ", "=", "a"),
            *("nan", "inf", "true", "1979-05-27", "00:00:00", "[" * 3000, "a." * 3000, "9" * 5000),
            *("[[check]]", "model = ", "output = ", "cookies = ", '"~x/\\u0000"', "{json=1}", "="),
        ),
    ),
    "proxy": Reader(
        _proxy,
        texts("HTTP/1.1 200 Connection established\r\nA: b\r\n\r\n"),
        ("HTTP/1.1 ", "407", "\r\n", "\r\n\r\n", "HTTP/2", "999999", "\0", "A: " + "b" * 70_000),
    ),
    "profile": Reader(
        _profile,
        texts('base = "bbc"\nname = "own"\nmax_line_chars = 35\n[languages.fr]\nmax_cps = 15\n'),
        (
            *("base = ", "base = []\n", '"ted"', "[languages]", "[languages.fr]", "max_cps = "),
            *("fps = ", "nan", "inf", "min_gap_frames = ", "bottom_heavy = ", "true", "1979-05-27"),
            *("[[languages]]", "max_lines = ", "[" * 3000, "a." * 3000, "0x", "9" * 5000, "{a=1}"),
            *("name = ", "max_wpm = ", "chain_ms = ", "min_duration_ms = ", "=", "1e999"),
        ),
    ),
}
# fmt: on
