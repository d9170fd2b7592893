"""What makes readers slow: long texts of one form, a record each, for ``test_growth.py``."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """A text that begins and ends in one way, and has the same part many times between."""

    part: str
    """``{}`` in it is the number of the part."""
    head: str = ""
    tail: str = ""

    def of(self, size: int) -> bytes:
        """Returns the text with about ``size`` characters."""
        parts, length = [], 0
        for number in range(size):
            parts.append(self.part.replace("{}", str(number)))
            length += len(parts[-1])
            if length >= size:
                break
        return f"{self.head}{''.join(parts)}{self.tail}".encode()


FIGURE, RSS, URLSET = "<figure>", "<rss><channel>", "<urlset>"
DAILYMOTION, KALTURA = "https://www.dailymotion.com/player", "https://www.kaltura.com/index.php/"
ITEM = "<item><link>http://a.example/{}</link><enclosure url='/{}.mp3' type='audio/mpeg'/>"
CUE = "00:00:01.000 --> 00:00:02.000\n"
TTML = '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><body><div>'
SET = "<AdaptationSet mimeType='audio/mp4'><Representation id='{}'/></AdaptationSet>"
AUDIO = "><Period><AdaptationSet mimeType='audio/mp4'>"

# fmt: off
DENSE = (
    Form("<ul><li>a</ul>"), Form("<p>x"), Form("<br>"), Form("<td>a"), Form("<span>a</span>"),
    Form("<section>a</section>"), Form("<div>a<div>b</div></div>"), Form("<a href=/{}>a word</a>"),
    Form("<p>A line of the text {}.</p>"), Form("<span class=tooltip>a</span>"), Form("<!---->"),
    Form("<div class=video><audio src=/{}.mp3></audio>0:{}</div>"), Form("<video src=/{}.mp4>"),
    Form("<div class=media-pholder><video src=/{}.mp4></video></div>"),
    Form("<figure><video src=/{}.mp4></video><figcaption>a</figcaption></figure>"),
)
"""Pages of nothing but short elements."""
FORMS: dict[str, tuple[Form, ...]] = {
    "page": (
        Form("no<"), Form("no<x>"), Form("no&nbsp;"), Form("ld+json"), Form("<title>Flood in it"),
        Form("<title>Flood | North</title>", "<head>"), Form("<h1>Flood</h1>", "<title>Flood"),
        Form("<h1>Flood {}</h1>", "<title>Flood</title>"), Form("a{} ", "<p ", ">x</p>"),
        Form("a ", "<p ", ">x</p>"), Form("<figcaption></figcaption><video src={}.mp4>", FIGURE),
        Form("<figure><video src=/a{}.mp4>"), Form("<a href=/a{}.mp3>a</a> "),
        Form("?&", f"<iframe src='{DAILYMOTION}", "'>"), Form("wid/_1/", f"<iframe src='{KALTURA}"),
        Form(f"<iframe src='{DAILYMOTION}{'?&' * 1900}'></iframe>"),
        Form(f"<iframe src='{KALTURA}kwidget/{'wid/_1/' * 500}'></iframe>"),
        Form("a<sup>1</sup>", "<p>"), Form("a<sup>b</sup>", "<p><a>"), Form("<sup>1", "<p>"),
        Form("é¹,", "<p>"), Form("é", "<p>"), Form("1,", "<p><sup>"), Form("[", "<p>a"),
        Form("<p class=lead>A summary of some twenty letters {}</p><p>x", "<h2>"),
        Form("/*a", "<style>clip"), Form("@a{b{}}", "<style>clip"), Form("a", "<style>clip"),
        Form("&#"), Form("amp;", "&"), Form("0", "&#x"), Form("</body "), Form("<?xml "),
        Form("<div>"), Form("<div><p>a b c"), Form("<!--"), Form("'file':'/{}.mp3',", "<script>"),
        Form("'+", "<script>jwplayer .mp3"), Form("a.push('", "<script>"),
        Form("[", "<script>.mp3"), Form("-", "<title>a "),
        Form('" ', '<script type="application/ld+json">{"a":"'), Form("a", "<script>"),
        Form("0:00 ", "<audio src=/a.mp3></audio>"), Form("<aside><p>abc</p>"), *DENSE,
    ),
    "feed": (
        Form(ITEM, RSS), Form("<item>", RSS), Form(f"{ITEM}</item>", RSS),
        Form("1 ", f"{RSS}<item><pubDate>"),
        Form("<media:group>", f"{RSS}<item>"), Form("<!--"), Form(" ", "<?xml ?>", "<rss/>"),
    ),
    "sitemap": (
        Form("<url><loc>http://a.example/{}</loc>", URLSET), Form("<url>", URLSET),
        Form("http://a.example/{}\n"), Form(" "),
    ),
    "list": (
        Form('"', "\1url\n"), Form('"a\n', "\1url\n"), Form(",", "\1url\n"), Form("\r", "\0a"),
        Form('{"url":', "\3"), Form('"a{}",', "\3[", "1]"), Form("a,", "\1", "url\nb"),
    ),
    "robots": (
        Form("*a", "User-agent: *\nDisallow: /"), Form("Disallow: /*a*b*{}\n", "User-agent: *\n"),
        Form(" ", "User-agent:"), Form("Crawl-delay: 1\n", "User-agent: *\n"), Form("\r"),
    ),
    "hls": (
        Form("A", "\n#EXT-X-STREAM-INF:"), Form('A="', "\n#EXT-X-STREAM-INF:"),
        Form('#EXT-X-KEY:METHOD=X,KEYFORMAT="{}"\n#EXTINF:1,\na.ts\n', "\n"),
        Form('#EXT-X-KEY:METHOD=AES-128,URI="k{}"\n#EXTINF:1,\na.ts\n', "\n"),
        Form("{$a}", f'\n#EXT-X-DEFINE:NAME="a",VALUE="{"b" * 5000}"\n#EXTINF:1,\n'),
        Form("#EXT-X-BYTERANGE:9@9\n#EXTINF:1,\na.ts\n", "\n"), Form("METHOD=", "\n#EXT-X-KEY:"),
    ),
    "dash": (
        Form(f"<Period>{SET}</Period>", ">", "</MPD>"), Form(SET, "><Period>", "</Period></MPD>"),
        Form("<Representation id='{}'/>", AUDIO, "</AdaptationSet></Period></MPD>"),
        Form("<BaseURL>{}</BaseURL>", ">", f"{AUDIO}<Representation/>"),
        Form("1", " mediaPresentationDuration='P", "'/>"), Form("<a>", ">"),
    ),
    "vtt": (
        Form("1", "WEBVTT\n\n"), Form("1:", "WEBVTT\n\n"), Form("-->", "WEBVTT\n\n"),
        Form(" ", "WEBVTT\n\n00:01.000", "--> 00:02.000\nx"),
        Form("a:b ", f"WEBVTT\n\n{CUE[:-1]} "),
        Form("<i>", f"WEBVTT\n\n{CUE}"), Form("<", f"WEBVTT\n\n{CUE}"), Form("\n", "WEBVTT\n"),
        Form(f"{CUE}a\n\n", "WEBVTT\n\n"),
    ),
    "srt": (
        Form("1"), Form("1:"), Form("-->"), Form(" ", "1\n00:00:01,000", "--> 00:00:02,000\nx"),
        Form("1\n"), Form("<", "1\n00:00:01,000 --> 00:00:02,000\n"), Form("\n"),
    ),
    "ttml": (
        Form("1", f"{TTML}<p begin='", "s' end='2s'>x</p></div></body></tt>"), Form("<div>", TTML),
        Form("1:", f"{TTML}<p begin='", "' end='2s'>x</p></div></body></tt>"), Form("<?xml "),
        Form("<p begin='{}s' end='{}s'>x</p>", TTML, "</div></body></tt>"),
        Form("<span>x</span>", f"{TTML}<p begin='1s' end='2s'>", "</p></div></body></tt>"),
    ),
    "cookies": (
        Form(".a.example\tTRUE\t/\tFALSE\t0\ts{}\t1\n", "# Netscape HTTP Cookie File\n"),
        Form("\t", "# Netscape HTTP Cookie File\n"),
    ),
    "settings": (Form("a{} = 1\n"), Form("[", "a = "), Form("a."), Form(" ")),
    "profile": (Form("a{} = 1\n"), Form("[", "a = "), Form("9", "a = ")),
    "sidecar": (Form("["), Form('"a{}":1,', "{", '"b":1}'), Form("\\ud800", '["', '"]')),
    "state": (Form("["), Form("1,", "[", "1]")),
    "transcript": (Form("["), Form("1,", "[", "1]")),
    "proxy": (Form("A: b\r\n", "HTTP/1.1 200 OK\r\n"), Form("\r", "HTTP/1.1 200 OK\r\n")),
}
"""The worst that we know for each reader of ``readers.py``. To add one: a line here."""
# fmt: on


def cases() -> Iterator[tuple[str, Form]]:
    """Yields each reader's name with each of its forms."""
    for name, forms in FORMS.items():
        for form in forms:
            yield name, form


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Ends what takes more of the processor's time."""

    def end(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"more than {seconds} s of computing")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
