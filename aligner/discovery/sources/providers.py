"""Known hosts of media: how their players are addressed, and which page yt-dlp reads instead.

A row of ``HOSTS`` has a name, a kind, a pattern of the player's address without its scheme, and
a template of the page's address, filled with the pattern's groups. To add a host, add a row, and a
case to ``tests/discovery/sources/test_hosts.py``, which asks yt-dlp whether it supports the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from aligner.discovery.html import unescape_ascii
from aligner.types import MediaKind

UUID = r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"
QUERY = r"[^#\s]*?[?&]"
"""Pattern of what stands between the path and a parameter."""


@dataclass(frozen=True, slots=True)
class HostedRecording:
    """A recording at a known host."""

    host: str
    kind: MediaKind
    page: str
    """The address that yt-dlp reads."""


HostPattern = tuple[str, MediaKind, str, str]

VIDEO_HOSTS: tuple[HostPattern, ...] = (
    ("YouTube", "video",
     r"(?:www\.|m\.)?youtube(?:-nocookie)?\.com/(?:embed|shorts|v|e|live)/"
     r"(?!videoseries|live_stream)([\w-]{11})(?![\w-])",
     "https://www.youtube.com/watch?v={}"),
    ("YouTube", "video", rf"(?:www\.|m\.)?youtube\.com/watch{QUERY}v=([\w-]{{11}})(?![\w-])",
     "https://www.youtube.com/watch?v={}"),
    ("YouTube", "video", r"youtu\.be/([\w-]{11})(?![\w-])", "https://www.youtube.com/watch?v={}"),
    ("Vimeo", "video", rf"player\.vimeo\.com/video/(\d+){QUERY}h=([\da-f]{{6,}})",
     "https://vimeo.com/{}/{}"),
    ("Vimeo", "video", r"(?:player\.vimeo\.com/video|vimeo\.com)/(\d{5,})(?![\w/])",
     "https://vimeo.com/{}"),
    ("Dailymotion", "video",
     rf"(?:www\.|geo\.)?dailymotion\.com/(?:embed/video/|video/|player[^?#\s]*+{QUERY}video=)"
     r"(x?[\da-zA-Z]{5,})",
     "https://www.dailymotion.com/video/{}"),
    ("Dailymotion", "video", r"dai\.ly/(x[\da-z]{5,})", "https://www.dailymotion.com/video/{}"),
    ("Brightcove", "video",
     rf"players\.brightcove\.net/(\d+)/([\w-]+)/index(?:\.min)?\.html{QUERY}videoId="
     r"((?:ref:)?[\w-]+)",
     "https://players.brightcove.net/{}/{}/index.html?videoId={}"),
    ("JW Player", "video",
     r"(?:cdn\.jwplayer|content\.jwplatform)\.com/(?:players|previews|manifests|v2/media|feeds)/"
     r"([\da-zA-Z]{8})(?![\da-zA-Z])",
     "https://cdn.jwplayer.com/v2/media/{}"),
    ("Kaltura", "video",
     rf"(?:www\.|cdnapi(?:sec)?\.)?kaltura\.com/p/(\d+)/{QUERY}entry_id=(\d_[\da-z]{{8}})",
     "https://cdnapisec.kaltura.com/index.php/kwidget/wid/_{}/entry_id/{}"),
    ("Kaltura", "video",
     r"(?:www\.|cdnapi(?:sec)?\.)?kaltura\.com/index\.php/(?:kwidget|extwidget)/"
     r"(?>\S*?(?:wid/_|partner_id/)(\d+))\S*?/entry_id/(\d_[\da-z]{8})",
     "https://cdnapisec.kaltura.com/index.php/kwidget/wid/_{}/entry_id/{}"),
    ("Facebook", "video",
     r"(?:www\.|m\.)?facebook\.com/(?:watch/?\?v=|video/embed\?video_id=|[\w.-]+/videos/"
     r"(?:[^/\s]+/)?)(\d+)",
     "https://www.facebook.com/watch/?v={}"),
    ("TikTok", "video",
     r"(?:www\.)?tiktok\.com/(?:embed/(?:v2/)?|player/v1/|@[\w.-]+/video/)(\d{15,})",
     "https://www.tiktok.com/embed/{}"),
    ("Instagram", "video", r"(?:www\.)?instagram\.com/(?:[\w.]+/)?(reel|tv)/([\w-]{6,})",
     "https://www.instagram.com/{}/{}/"),
    ("Rumble", "video", r"(?:www\.)?rumble\.com/embed/(?:u[\da-z]+\.)?(v[\da-z]+)",
     "https://rumble.com/embed/{}"),
    ("BBC", "video", r"(?:www\.)?bbc\.(?:com|co\.uk)/((?:[\w-]+/)*)av-embeds/(\d{6,})",
     "https://www.bbc.com/{}av-embeds/{}"),
    ("BBC", "video", r"(?:www\.)?bbc\.co(?:m|\.uk)/programmes/([pbm][\da-z]{7,})",
     "https://www.bbc.co.uk/programmes/{}"),
    ("TED", "video", r"embed(?:-ssl)?\.ted\.com/(?:talks/)?(?:lang/[\w-]+/)?([\w-]+)",
     "https://www.ted.com/talks/{}"),
    ("Wistia", "video", r"fast\.wistia\.(?:net|com)/embed/(?:iframe|medias)/([\da-z]{10})",
     "https://fast.wistia.net/embed/iframe/{}"),
    ("Streamable", "video", r"streamable\.com/(?:[eos]/)?([\da-z]{5,7})(?![\w/])",
     "https://streamable.com/{}"),
    ("Twitch", "video", rf"player\.twitch\.tv/{QUERY}video=v?(\d+)",
     "https://www.twitch.tv/videos/{}"),
    ("Rutube", "video", r"rutube\.ru/(?:play/embed|video|embed)/([\da-f]{32})",
     "https://rutube.ru/video/{}/"),
    ("VK", "video", r"(?:vk\.com|vkvideo\.ru)/video_ext\.php\?([^#\s]*\bid=[^#\s]+)",
     "https://vk.com/video_ext.php?{}"),
    ("OK", "video", r"(?:www\.)?ok\.ru/videoembed/(\d+)", "https://ok.ru/video/{}"),
    ("Bilibili", "video", rf"player\.bilibili\.com/player\.html{QUERY}bvid=(BV[\da-zA-Z]{{10}})",
     "https://www.bilibili.com/video/{}"),
    ("Internet Archive", "video", r"archive\.org/embed/([\w.-]+)",
     "https://archive.org/details/{}"),
    ("PBS", "video", r"player\.pbs\.org/(?:widget/)?(?:viralplayer|partnerplayer)/([\w-]+)",
     "https://player.pbs.org/viralplayer/{}/"),
    ("Odysee", "video", r"odysee\.com/\$/embed/([^\s?#]+)", "https://odysee.com/$/embed/{}"),
    ("BitChute", "video", r"(?:www\.)?bitchute\.com/(?:embed|video)/([\w-]+)",
     "https://www.bitchute.com/video/{}/"),
    ("CBC", "video", rf"(?:www\.)?cbc\.ca/i/caffeine/syndicate/{QUERY}mediaId=(\d+)",
     "https://www.cbc.ca/player/play/{}"),
    ("Vidyard", "video", r"play\.vidyard\.com/([\w-]{8,})", "https://play.vidyard.com/{}"),
    ("Loom", "video", r"(?:www\.)?loom\.com/(?:embed|share)/([\da-f]{32})",
     "https://www.loom.com/share/{}"),
    ("Bunny", "video", r"(?:iframe|player)\.mediadelivery\.net/(?:embed|play)/(\d+)/([\da-f-]{36})",
     "https://iframe.mediadelivery.net/embed/{}/{}"),
    ("Dacast", "video", r"iframe\.dacast\.com/vod/([\da-f-]+/[\da-f-]+)",
     "https://iframe.dacast.com/vod/{}"),
    ("Washington Post", "video",
     r"(?:www\.)?washingtonpost\.com/(?:posttv|video)/c/embed/([\da-f-]{36})",
     "https://www.washingtonpost.com/video/c/embed/{}"),
    ("Fox News", "video", rf"video\.fox(?:news|business)\.com/v/video-embed\.html{QUERY}"
     r"video_id=(\d+)",
     "https://video.foxnews.com/v/video-embed.html?video_id={}"),
    ("ABC News", "video", rf"abcnews\.go\.com/video/embed{QUERY}id=(\d+)",
     "https://abcnews.go.com/video/embed?id={}"),
    ("NBC News", "video", r"(?:www\.)?nbcnews\.com/(\w+)/embedded-video/([\w-]+)",
     "https://www.nbcnews.com/{}/embedded-video/{}"),
)  # fmt: skip

AUDIO_HOSTS: tuple[HostPattern, ...] = (
    ("SoundCloud", "audio",
     r"api\.soundcloud\.com/(tracks|playlists)/(?:soundcloud:\w+:)?(\d+)",
     "https://api.soundcloud.com/{}/{}"),
    ("SoundCloud", "audio",
     r"(?:m\.)?soundcloud\.com/(?!you/|discover|search|pages/|player/)([\w-]+/(?:sets/)?[\w-]+)",
     "https://soundcloud.com/{}"),
    ("Spotify", "audio", r"open\.spotify\.com/(?:embed(?:-podcast)?/)?episode/(\w{22})",
     "https://open.spotify.com/episode/{}"),
    ("Apple Podcasts", "audio",
     rf"(?:embed\.)?podcasts\.apple\.com/([\w-]+)/podcast/(?:[^/\s]+/)?id(\d+){QUERY}i=(\d+)",
     "https://podcasts.apple.com/{}/podcast/episode/id{}?i={}"),
    ("Megaphone", "audio", r"player\.megaphone\.fm/([A-Z]{3,}\d+)",
     "https://player.megaphone.fm/{}"),
    ("Megaphone", "audio", rf"(?:playlist|embed)\.megaphone\.fm/{QUERY}e=([A-Z]{{3,}}\d+)",
     "https://player.megaphone.fm/{}"),
    ("Acast", "audio", r"(?:embed|shows|play)\.acast\.com/(?:s/)?(?!\$)([\w-]+)/"
     r"(?:episodes/)?([\w-]+)",
     "https://shows.acast.com/{}/episodes/{}"),
    ("Acast", "audio", r"embed\.acast\.com/\$/([\w-]+)/([\w-]+)",
     "https://shows.acast.com/{}/episodes/{}"),
    ("Podigee", "audio", r"([\w-]+\.podigee\.io/[\w-]+)/embed", "https://{}"),
    ("Libsyn", "audio", r"(?:html5-player|play)\.libsyn\.com/embed/episode/id/(\d+)",
     "https://html5-player.libsyn.com/embed/episode/id/{}"),
    ("Omny", "audio", r"(?:www\.)?omny\.fm/shows/([\w-]+)/([\w-]+)(?:/embed)?(?![\w/])",
     "https://omny.fm/shows/{}/{}"),
    ("Simplecast", "audio", rf"(?:embed|player)\.simplecast\.com/({UUID})",
     "https://player.simplecast.com/{}"),
    ("Art19", "audio", rf"(?:www\.)?art19\.com/shows/([\w-]+)/episodes/({UUID})",
     "https://art19.com/shows/{}/episodes/{}"),
    ("Buzzsprout", "audio", r"(?:www\.)?buzzsprout\.com/(\d+)/(?:episodes/)?(\d+)",
     "https://www.buzzsprout.com/{}/{}"),
    ("Podbean", "audio", rf"(?:www\.)?podbean\.com/(?:player-v2/|media/player/){QUERY}i=([\w-]+)",
     "https://www.podbean.com/player-v2/?i={}"),
    ("Spreaker", "audio", rf"(?:widget\.spreaker\.com/player{QUERY}episode_id=|api\.spreaker\.com/"
     r"episode/)(\d+)",
     "https://api.spreaker.com/episode/{}"),
    ("Audioboom", "audio", r"(?:embeds?\.)?audioboom\.com/(?:posts|boos)/(\d+)",
     "https://audioboom.com/posts/{}"),
    ("Transistor", "audio", r"share\.transistor\.fm/[es]/([\da-f]{8})",
     "https://share.transistor.fm/s/{}"),
    ("Captivate", "audio", rf"player\.captivate\.fm/(?:episode/)?({UUID})",
     "https://player.captivate.fm/episode/{}"),
    ("Mixcloud", "audio",
     rf"(?:www\.|player-widget\.)?mixcloud\.com/widget/iframe/{QUERY}feed="
     r"(?:https?://www\.mixcloud\.com)?/([\w-]+/[\w-]+)",
     "https://www.mixcloud.com/{}/"),
    ("NPR", "audio", r"(?:www\.)?npr\.org/player/embed/(\d+)/(\d+)",
     "https://www.npr.org/player/embed/{}/{}"),
    ("BBC", "audio", r"(?:www\.)?bbc\.co(?:m|\.uk)/sounds/play/([pbm][\da-z]{7,})",
     "https://www.bbc.co.uk/sounds/play/{}"),
)  # fmt: skip

SITES = (
    r"(?:www\.)?bbc\.(?:com|co\.uk)/(?:[\w-]+/)*(?:articles/|videos/|[\w-]*\d{6,})",
    r"(?:www\.)?npr\.org/(?:sections/[^/]+/)?\d{4}/\d{2}/\d{2}/",
    r"(?:www\.)?arte\.tv/[a-z]{2}/videos/",
    r"(?:www\.)?ardmediathek\.de/video/",
    r"(?:www\.)?zdf\.de/[\w-]+/",
    r"(?:www\.)?dw\.com/[a-z-]+/",
)
"""Patterns of articles whose player a script makes, and whose page yt-dlp reads."""
HOSTS = VIDEO_HOSTS + AUDIO_HOSTS
INNER = re.compile(r"[?&](?:url|href|src|v|link)=(https?%3A[^&#]+|https?:/[^&#]+)", re.IGNORECASE)
"""A parameter that holds the recording's own address."""
TEMPLATE = re.compile(r"[{}]|%7[bd]|\$\(", re.IGNORECASE)
"""Placeholders in an address that a script fills in."""
QUICK = re.compile(
    r"youtu|vimeo|instagram|dai\.ly|dailymotion|brightcove|jwp|kaltura|facebook|tiktok|rumble|bbc|\.ted\.|"
    r"wistia|streamable|twitch|rutube|vk|ok\.ru|bilibili|archive\.org|pbs|odysee|bitchute|cbc\.ca|"
    r"vidyard|loom|mediadelivery|dacast|washingtonpost|fox|abcnews|nbcnews|soundcloud|spotify|"
    r"apple|megaphone|acast|podigee|libsyn|omny|simplecast|art19|buzzsprout|podbean|spreaker|"
    r"audioboom|transistor|captivate|mixcloud|npr",
    re.IGNORECASE,
)
"""A quick test before all rows are tried."""


def recording_at(url: str) -> HostedRecording | None:
    """Returns the recording at a known host that an address names; None for other addresses."""
    if not QUICK.search(url):
        return None
    url = unescape_ascii(url)
    if TEMPLATE.search(url):
        return None
    for address in (url, *_inner(url)):
        bare = re.sub(r"^(?:https?:)?//", "", address)
        for name, kind, pattern, page in _compiled():
            if found := pattern.match(bare):
                return HostedRecording(name, kind, page.format(*found.groups()))
    return None


def is_read_whole(url: str) -> bool:
    """Returns whether yt-dlp reads the page of an article whose markup names no address."""
    bare = re.sub(r"^https?://", "", url)
    return any(re.match(site, bare) for site in SITES)


def _inner(url: str) -> Iterator[str]:
    if found := INNER.search(url):
        yield unquote(found[1])


@cache
def _compiled() -> tuple[tuple[str, MediaKind, re.Pattern[str], str], ...]:
    return tuple((name, kind, re.compile(look), page) for name, kind, look, page in HOSTS)


def first_recording(addresses: Iterable[str | None]) -> HostedRecording | None:
    """Returns the first recording at a known host that one of the addresses names, or None."""
    return next(filter(None, (recording_at(address) for address in addresses if address)), None)
