"""What the words of an address say of a recording, as points for ``ranking.py``.

A word costs points and never removes a candidate: articles are also about alerts, silence and live
broadcasts. A word counts most where it is the whole name ("alert.mp3", "/live/stream.m3u8") and
little where it is one of several ("storm-alert.mp3", "/live/2026/ferry-vote.mp3").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from aligner.net.guard import names_media

Sign = tuple[int, str]
"""Points, and a clause for people."""

LIVE = re.compile(
    r"/Navigation/Live|[/_-]live[/_-]?(?:audio|video|stream|radio|tv)?[/_.-].{0,300}\.(?:m3u8|mpd|mp3|aac)"
    r"|//(?:live|livestream|icecast|shoutcast)[\w-]*\.|/icecast|/;stream|listen\.pls"
    r"|/live(?:audio|video|stream|radio)\b"
    r"|//(?:stream|streaming|radio)[\w-]*\.[^/]+/(?:[^./?]+/)*[^./?]*$",
    re.IGNORECASE,
)
PREVIEW = re.compile(
    r"preview|trailer|[-_/]thumb|hover|teaser|sprite|viwindow|[-_/]loop[-_.]|background[-_]?video"
    r"|[-_/]intro\.|bumper|jingle|stinger",
    re.IGNORECASE,
)
"""A few silent seconds shown before or behind something."""
READING = re.compile(
    r"text[-_]?to[-_]?speech|[-_/]tts[-_/.]|polly|audio[-_]?(?:article|note|nota|story)|read[-_]?aloud"
    r"|listen|narrat|narrado|vorlese|escucha|ecouter",
    re.IGNORECASE,
)
PROGRAMME = re.compile(
    r"latest[-_ ](?:news|bulletin|headlines)|news[-_ ]?(?:bulletin|cast)\b|news[-_ ]headlines",
    re.IGNORECASE,
)
"""Names of a site's news programme, which stands beside every article."""
DATE_DIGITS = re.compile(r"\d{4}")
DESIGN_FOLDER = re.compile(r"/(?:static|assets?|common|branding|themes?)/", re.IGNORECASE)
"""Where sites keep the files of their design, which are the same on every page; no date follows."""
AD_FOLDER = re.compile(
    r"/(?:ad|ads|adverts?|preroll|sponsors?|captcha|vpaid|vast)(?=[/?]|$)", re.IGNORECASE
)
AD_HOST = re.compile(
    r"(?:^|\.)(?:doubleclick\.net|googlesyndication\.com|recaptcha\.net)$", re.IGNORECASE
)
RECAPTCHA = re.compile(r"www\.google\.com/recaptcha/", re.IGNORECASE)
SITE_FILE_WORD = (
    r"blank|silen(?:ce|t)|empty|placeholder|dummy|beep|ding|click|chime|notification|alert|captcha"
    r"|brand|branding|ident|logo"
)
SITE_FILE = re.compile(
    rf"(?:site|default|share|social)?(?:[-_ ]?(?:{SITE_FILE_WORD}))+"
    r"(?:[-_ ]?(?:sound|audio|video|\d++)(?:m?s|sec)?)*+",
    re.IGNORECASE,
)
"""The whole name of a file of the site: its ident, a button's sound, what a script replaces."""
SITE_FILE_AMONG = re.compile(rf"(?<![^\W_])(?:{SITE_FILE_WORD})(?![^\W\d_])", re.IGNORECASE)
AD_WORD = re.compile(
    r"(?<![^\W_])(?:with-?ads?|ads?|stitched|dai|ssai|tracked|pre-?rolls?)(?![^\W_])", re.IGNORECASE
)
NO_AD_WORD = re.compile(
    r"(?<![^\W_])(?:raw|clean|ad-?free|no-?ads?|without-?ads?|un-?stitched|un-?tracked)(?![^\W_])",
    re.IGNORECASE,
)
WITHOUT_ADS, UNMARKED, WITH_ADS = range(3)
"""What names say of advertisements in a recording, the best first."""
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
CHANNEL_WORD = re.compile(
    r"live|livestream|stream|streaming|radio|audio|video|channel|main|master|index|playlist|high"
    r"|mobile|news|default|chunklist|icecast|listen",
    re.IGNORECASE,
)
"""Words in the names of channels, which say nothing of a story."""
UNFILLED = re.compile(
    r"[{}<>]|%7[bd]|\$\(|/(?:undefined|null|nan)(?=[/.?]|$)|=(?:undefined|null)(?=&|$)",
    re.IGNORECASE,
)
"""A place in an address that a script has yet to fill in."""
EMPTY_PARAM = re.compile(
    r"(?:^|&)(?:[\w-]*id|v|key|file|src|url|audio|video|episode|slug|name)=(?:&|$)", re.IGNORECASE
)
FOLDER_WORD = re.compile(
    r"(?:audio|video|media|sound|podcast|episode|file|clip|recording|upload|article)s?|cdn|embed"
    r"|play|player|watch|listen|download|get|api|static|content|assets?|tts|mp3|mp4|id|v\d{1,2}",
    re.IGNORECASE,
)
NAME_WORD = re.compile(r"[^\W\d_]{4,}")
NUMBER = re.compile(r"(?<!\d)\d{4,}")
MIN_WORDS = 2

CHANNEL_POINTS, LIVE_WORD_POINTS = -40, -15
PREVIEW_POINTS, READING_POINTS = -40, 12
PROGRAMME_POINTS, DESIGN_POINTS, AD_POINTS = -30, -20, -20
SITE_FILE_POINTS, SITE_WORD_POINTS = -60, -5


def signs(url: str) -> Iterator[Sign]:
    """Yield what an address says of its recording, without where and how it was found."""
    parts = urlsplit(url)
    if is_channel(url):
        yield CHANNEL_POINTS, "a live channel"
    elif LIVE.search(url):
        yield LIVE_WORD_POINTS, "its address speaks of a live channel"
    if PREVIEW.search(parts.netloc + parts.path):
        yield PREVIEW_POINTS, "by its name only a preview"
    elif READING.search(url):
        yield READING_POINTS, "by its name a reading"
    if PROGRAMME.search(parts.path):
        yield PROGRAMME_POINTS, "by its name a news programme"
    if is_in_design(url):
        yield DESIGN_POINTS, "it lies with the site's design"
    if AD_FOLDER.search(parts.path):
        yield AD_POINTS, "it lies in a folder for advertisements"
    if is_site_file(url):
        yield SITE_FILE_POINTS, "by its name a file of the site, or a placeholder"
    elif SITE_FILE_AMONG.search(_stem(url)):
        yield SITE_WORD_POINTS, ""


def is_channel(url: str) -> bool:
    """Whether an address is a live channel's: it says so and names no story."""
    return bool(LIVE.search(url)) and not _names_story(url)


def is_stem(url: str) -> bool:
    """Whether an address lacks what tells its recording from others, as before a script adds it.

    It ends with a folder that has a name of all recordings (``/audio/``), a suffix alone
    (``/.mp3``), a separator (``/clip_``), or has an empty parameter (``?id=``) or a placeholder.
    """
    parts = urlsplit(url)
    name = parts.path.rpartition("/")[2]
    if UNFILLED.search(f"{parts.path}?{parts.query}"):
        return True
    if names_media(url):
        return not re.search(r"[^\W_]", name.rpartition(".")[0])
    if parts.query:
        return bool(EMPTY_PARAM.search(parts.query))
    if name:
        return name.startswith(".") or name.endswith(("-", "_"))
    folders = parts.path.split("/")[1:-1]
    return bool(folders) and all(map(FOLDER_WORD.fullmatch, folders))


def is_site_file(url: str) -> bool:
    """Whether a file is named only after a button's sound, the site, or a placeholder."""
    return bool(SITE_FILE.fullmatch(_stem(url)))


def is_in_design(url: str) -> bool:
    """Whether a file lies in a folder of the site's design, and its address has no year."""
    undated = DATE_DIGITS.split(urlsplit(url).path)[-1]
    return bool(DESIGN_FOLDER.search(undated))


def is_ad_server(url: str) -> bool:
    """Whether a host, or Google's path of that name, only serves advertisements or captchas."""
    parts = urlsplit(url)
    return bool(AD_HOST.search(parts.hostname or "") or RECAPTCHA.match(parts.netloc + parts.path))


def _names_story(url: str) -> bool:
    """Whether the end of an address has a date, a number or words besides those of channels."""
    folder = unquote(urlsplit(url).path).rpartition("/")[0].rpartition("/")[2]
    name = f"{folder}/{_stem(url)}"
    words = {word for word in NAME_WORD.findall(name) if not CHANNEL_WORD.fullmatch(word)}
    return bool(NUMBER.search(name)) or len(words) >= MIN_WORDS


def _stem(url: str) -> str:
    """The name of a file without its suffix."""
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    return name.rpartition(".")[0] or name


def ad_mark(url: str, label: str | None = None) -> int:
    """Returns whether an address and its label name it as without advertisements or with them."""
    parts = urlsplit(url)
    text = CAMEL.sub("-", f"{unquote(parts.path)} {parts.query} {label or ''}")
    if NO_AD_WORD.search(text):
        return WITHOUT_ADS
    return WITH_ADS if AD_WORD.search(text) else UNMARKED


def without_ad_mark(url: str) -> str:
    """Returns the letters of a file's name without the words that tell of advertisements."""
    name = CAMEL.sub("-", unquote(urlsplit(url).path).rpartition("/")[2])
    return re.sub(r"[\W_]", "", AD_WORD.sub("", NO_AD_WORD.sub("", name))).lower()
