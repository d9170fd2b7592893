"""Players' addresses of known hosts -> pages that yt-dlp knows."""

import pytest

from aligner.discovery.sources.providers import HOSTS, recording_at

UUID = "b6dc49a2-9404-4853-9aa9-9cfc097be876"
PLAYERS = [
    (
        "https://www.instagram.com/reel/CxOwL1tUnN3/?utm_source=ig_embed",
        "https://www.instagram.com/reel/CxOwL1tUnN3/",
    ),
    ("//www.youtube.com/embed/abcdefghijk?rel=0", "https://www.youtube.com/watch?v=abcdefghijk"),
    (
        "https://www.youtube-nocookie.com/embed/abcdefghijk",
        "https://www.youtube.com/watch?v=abcdefghijk",
    ),
    ("https://youtube.com/shorts/abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk"),
    (
        "https://m.youtube.com/watch?list=x&v=abcdefghijk",
        "https://www.youtube.com/watch?v=abcdefghijk",
    ),
    ("https://youtu.be/abcdefghijk?t=3", "https://www.youtube.com/watch?v=abcdefghijk"),
    ("https://player.vimeo.com/video/123456789?title=0", "https://vimeo.com/123456789"),
    (
        "https://player.vimeo.com/video/123456789?h=abcdef0123&x=1",
        "https://vimeo.com/123456789/abcdef0123",
    ),
    (
        "https://geo.dailymotion.com/player/x5poh.html?video=x8abcde",
        "https://www.dailymotion.com/video/x8abcde",
    ),
    ("//www.dailymotion.com/embed/video/x8abcde", "https://www.dailymotion.com/video/x8abcde"),
    ("https://dai.ly/x8abcde", "https://www.dailymotion.com/video/x8abcde"),
    (
        "https://players.brightcove.net/12345/AbC_default/index.html?videoId=6789",
        "https://players.brightcove.net/12345/AbC_default/index.html?videoId=6789",
    ),
    (
        "//cdn.jwplayer.com/players/AbCd1234-EfGh5678.html",
        "https://cdn.jwplayer.com/v2/media/AbCd1234",
    ),
    (
        "https://cdnapisec.kaltura.com/p/123456/sp/1/embedIframeJs/uiconf_id/2/partner_id/123456"
        "?iframeembed=true&entry_id=1_abcdefgh",
        "https://cdnapisec.kaltura.com/index.php/kwidget/wid/_123456/entry_id/1_abcdefgh",
    ),
    (
        "https://www.kaltura.com/index.php/kwidget/cache_st/1/wid/_123456/uiconf_id/2/entry_id/1_abcdefgh",
        "https://cdnapisec.kaltura.com/index.php/kwidget/wid/_123456/entry_id/1_abcdefgh",
    ),
    (
        "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fp%2Fvideos%2F12345%2F",
        "https://www.facebook.com/watch/?v=12345",
    ),
    (
        "https://www.tiktok.com/@some.one/video/7000000000000000000",
        "https://www.tiktok.com/embed/7000000000000000000",
    ),
    ("https://rumble.com/embed/v5pv5f/?pub=4", "https://rumble.com/embed/v5pv5f"),
    (
        "https://www.bbc.com/news/av-embeds/12345678/vpid/p01",
        "https://www.bbc.com/news/av-embeds/12345678",
    ),
    (
        "https://www.bbc.co.uk/programmes/p0b1c2d3/player",
        "https://www.bbc.co.uk/programmes/p0b1c2d3",
    ),
    ("https://embed.ted.com/talks/lang/fr/a_talk", "https://www.ted.com/talks/a_talk"),
    (
        "https://fast.wistia.net/embed/iframe/abcdefghij?x",
        "https://fast.wistia.net/embed/iframe/abcdefghij",
    ),
    ("https://streamable.com/e/abc123", "https://streamable.com/abc123"),
    (
        "https://player.twitch.tv/?video=v123456789&parent=x",
        "https://www.twitch.tv/videos/123456789",
    ),
    ("https://rutube.ru/play/embed/" + "ab" * 16, "https://rutube.ru/video/" + "ab" * 16 + "/"),
    (
        "//vk.com/video_ext.php?oid=-1&id=456&hash=ab",
        "https://vk.com/video_ext.php?oid=-1&id=456&hash=ab",
    ),
    ("//ok.ru/videoembed/123456", "https://ok.ru/video/123456"),
    (
        "//player.bilibili.com/player.html?aid=1&bvid=BV13x41117TL",
        "https://www.bilibili.com/video/BV13x41117TL",
    ),
    ("https://archive.org/embed/a_film", "https://archive.org/details/a_film"),
    ("https://player.pbs.org/partnerplayer/12345/", "https://player.pbs.org/viralplayer/12345/"),
    ("https://odysee.com/$/embed/@a:1/b:2?r=x", "https://odysee.com/$/embed/@a:1/b:2"),
    ("https://www.bitchute.com/embed/UGlrF9o9b-Q/", "https://www.bitchute.com/video/UGlrF9o9b-Q/"),
    (
        "https://www.cbc.ca/i/caffeine/syndicate/?mediaId=12345",
        "https://www.cbc.ca/player/play/12345",
    ),
    ("https://play.vidyard.com/abcdefgh12.html", "https://play.vidyard.com/abcdefgh12"),
    ("https://www.loom.com/embed/" + "ab" * 16, "https://www.loom.com/share/" + "ab" * 16),
    (
        f"https://iframe.mediadelivery.net/embed/1/{UUID}",
        f"https://iframe.mediadelivery.net/embed/1/{UUID}",
    ),
    ("https://iframe.dacast.com/vod/ab12/cd34", "https://iframe.dacast.com/vod/ab12/cd34"),
    (
        f"https://www.washingtonpost.com/posttv/c/embed/{UUID}",
        f"https://www.washingtonpost.com/video/c/embed/{UUID}",
    ),
    (
        "https://video.foxnews.com/v/video-embed.html?video_id=12",
        "https://video.foxnews.com/v/video-embed.html?video_id=12",
    ),
    ("https://abcnews.go.com/video/embed?id=12", "https://abcnews.go.com/video/embed?id=12"),
    (
        "https://www.nbcnews.com/news/embedded-video/a-1",
        "https://www.nbcnews.com/news/embedded-video/a-1",
    ),
    (
        "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/12345&color=x",
        "https://api.soundcloud.com/tracks/12345",
    ),
    (
        "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/someone/a-track",
        "https://soundcloud.com/someone/a-track",
    ),
    (
        "https://open.spotify.com/embed/episode/" + "a" * 22 + "?x",
        "https://open.spotify.com/episode/" + "a" * 22,
    ),
    (
        "https://embed.podcasts.apple.com/us/podcast/a-show/id123?i=456",
        "https://podcasts.apple.com/us/podcast/episode/id123?i=456",
    ),
    ("https://playlist.megaphone.fm/?e=ABC1234567&x", "https://player.megaphone.fm/ABC1234567"),
    ("https://player.megaphone.fm/ABC1234567", "https://player.megaphone.fm/ABC1234567"),
    (
        "https://embed.acast.com/a-show/an-episode",
        "https://shows.acast.com/a-show/episodes/an-episode",
    ),
    (
        "https://embed.acast.com/$/a-show/an-episode",
        "https://shows.acast.com/a-show/episodes/an-episode",
    ),
    (
        "https://play.libsyn.com/embed/episode/id/12345/x",
        "https://html5-player.libsyn.com/embed/episode/id/12345",
    ),
    ("https://omny.fm/shows/a-show/an-episode/embed", "https://omny.fm/shows/a-show/an-episode"),
    (f"https://embed.simplecast.com/{UUID}", f"https://player.simplecast.com/{UUID}"),
    (
        f"https://art19.com/shows/a/episodes/{UUID}/embed",
        f"https://art19.com/shows/a/episodes/{UUID}",
    ),
    ("https://widget.spreaker.com/player?x&episode_id=123", "https://api.spreaker.com/episode/123"),
    ("https://embeds.audioboom.com/posts/123/embed", "https://audioboom.com/posts/123"),
    ("https://www.mixcloud.com/widget/iframe/?x=1&feed=/a/b/", "https://www.mixcloud.com/a/b/"),
    ("https://www.bbc.co.uk/sounds/play/p0b1c2d3", "https://www.bbc.co.uk/sounds/play/p0b1c2d3"),
]
BY_THEIR_PAGE = [
    ("https://a-show.podigee.io/6-six/embed?context=x", "https://a-show.podigee.io/6-six"),
    ("https://www.buzzsprout.com/123/456-a.js?x", "https://www.buzzsprout.com/123/456"),
    (
        "https://www.podbean.com/player-v2/?x=1&i=ab-12",
        "https://www.podbean.com/player-v2/?i=ab-12",
    ),
    ("https://share.transistor.fm/e/abcdef01", "https://share.transistor.fm/s/abcdef01"),
    (f"https://player.captivate.fm/episode/{UUID}", f"https://player.captivate.fm/episode/{UUID}"),
    ("https://www.npr.org/player/embed/12/34", "https://www.npr.org/player/embed/12/34"),
]
"""Hosts without an extractor of yt-dlp: its generic one reads their page."""


@pytest.mark.parametrize(("player", "page"), PLAYERS + BY_THEIR_PAGE)
def test_players(player: str, page: str) -> None:
    found = recording_at(player)
    assert found is not None
    assert found.page == page


def test_yt_dlp_knows_the_pages() -> None:
    from yt_dlp.extractor import gen_extractor_classes

    extractors = [e for e in gen_extractor_classes() if e.IE_NAME != "generic"]
    unknown = [page for _, page in PLAYERS if not any(e.suitable(page) for e in extractors)]
    assert unknown == []


def test_every_row_is_tried() -> None:
    tried = {found.host for p, _ in PLAYERS + BY_THEIR_PAGE if (found := recording_at(p))}
    assert tried == {name for name, *_ in HOSTS}


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/channel/UCabcdefghijk",
        "https://www.youtube.com/embed/videoseries?list=x",
        "https://www.youtube.com/embed/live_stream?channel=x",
        "https://www.youtube.com/@someone",
        "https://www.youtube.com/embed/abcdefghijklmn",
        "https://w.soundcloud.com/player/?url={0}",
        "https://w.soundcloud.com/player/?url=%7Burl%7D",
        "https://open.spotify.com/embed/track/" + "a" * 22,
        "https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fnews.example",
        "https://news.example/?x=youtube.com/embed/abcdefghijk",
        "https://news.example/vimeo.com/123456789",
        "https://platform.twitter.com/widgets.js",
        "",
    ],
)
def test_other_addresses(address: str) -> None:
    assert recording_at(address) is None
