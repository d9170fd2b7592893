"""HLS playlists are read as RFC 8216 and its revision say."""

from __future__ import annotations

import pytest

from aligner.discovery.hls import Key, Map, Playlist, Resource, read, select
from aligner.discovery.hls.parts import divide
from aligner.errors import MediaUnavailable

BASE = "https://a.example/v/list.m3u8?token=1&dir=low%2Fen"


def playlist(*lines: str) -> Playlist:
    return read("\n".join(("#EXTM3U", *lines)), BASE)


def urls(made: Playlist) -> list[str]:
    return [segment.resource.url for segment in made.segments]


VARIABLES = {
    "by name": ('#EXT-X-DEFINE:NAME="d",VALUE="low/en"', "{$d}/1.ts"),
    "of the query": ('#EXT-X-DEFINE:QUERYPARAM="dir"', "{$dir}/1.ts"),
    "twice in a line": ('#EXT-X-DEFINE:NAME="a-1",VALUE="low"', "{$a-1}/../{$a-1}/en/1.ts"),
    "with a comma": ('#EXT-X-DEFINE:VALUE="low/en",NAME="d"', "{$d}/1.ts?x=a,b"),
    "within a definition": (
        '#EXT-X-DEFINE:NAME="a",VALUE="low"\n#EXT-X-DEFINE:NAME="d",VALUE="{$a}/en"',
        "{$d}/1.ts",
    ),
}


@pytest.mark.parametrize(("definition", "line"), VARIABLES.values(), ids=VARIABLES)
def test_variables(definition: str, line: str) -> None:
    made = playlist(definition, "#EXTINF:2,", line)
    assert urls(made)[0].partition("?")[0] == "https://a.example/v/low/en/1.ts"


def test_variables_in_attributes() -> None:
    made = playlist(
        '#EXT-X-DEFINE:NAME="k",VALUE="key"',
        '#EXT-X-MAP:URI="{$k}.mp4",BYTERANGE="9@1"',
        '#EXT-X-KEY:METHOD=AES-128,URI="{$k}.bin"',
        "#EXTINF:2,",
        "1.ts",
    )
    assert made.segments[0].map == Map(Resource("https://a.example/v/key.mp4", 1, 9))
    assert made.segments[0].key == Key("https://a.example/v/key.bin", None)


def test_variables_of_the_multivariant_playlist() -> None:
    text = '#EXTM3U\n#EXT-X-DEFINE:IMPORT="d"\n#EXTINF:2,\n{$d}.ts'
    assert urls(read(text, BASE, {"d": "one"})) == ["https://a.example/v/one.ts"]
    with pytest.raises(MediaUnavailable, match="variable 'd', which is not defined"):
        read(text, BASE)


@pytest.mark.parametrize(
    "lines",
    [
        ("#EXTINF:2,", "{$unknown}.ts"),
        ('#EXT-X-DEFINE:QUERYPARAM="unknown"',),
        ('#EXT-X-MAP:URI="{$unknown}"',),
        ("#EXTINF:2,", "{$late}.ts", '#EXT-X-DEFINE:NAME="late",VALUE="1"'),
    ],
)
def test_variables_that_are_not_defined(lines: tuple[str, ...]) -> None:
    with pytest.raises(MediaUnavailable, match="not defined") as caught:
        playlist(*lines)
    assert caught.value.state == "not_media"


def test_text_that_looks_like_a_variable_elsewhere() -> None:
    assert urls(playlist("#EXTINF:2,{$title}", "# {$comment}", "1.ts{$}")) == [
        "https://a.example/v/1.ts{$}"
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "\n \n"])
def test_line_endings_and_byte_order_marks(ending: str, mark: str) -> None:
    lines = ("#EXTM3U", "#EXTINF:2.5,a\u2028title", " 1.ts ", "", "#EXT-X-ENDLIST")
    made = read(mark + ending.join(lines), BASE)
    assert (urls(made), made.duration_ms, made.has_ended) == (
        ["https://a.example/v/1.ts"],
        2500,
        True,
    )


def test_quoted_commas_and_unknown_attributes() -> None:
    made = playlist(
        '#EXT-X-MEDIA:TYPE=AUDIO,NAME="a,DEFAULT=YES,b",X-Y="URI=z", GROUP-ID="g",URI="s,1.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS="mp4a.40.2,avc1.4d",AUDIO="g"',
        "v.m3u8",
    )
    rendition = made.renditions[0]
    assert (rendition.url, rendition.is_default) == ("https://a.example/v/s,1.m3u8", False)
    assert made.variants[0].has_picture


def test_byte_ranges() -> None:
    made = playlist(
        *("#EXT-X-BYTERANGE:10@5", "#EXTINF:1,", "a.mp4", "#EXTINF:1,", "#EXT-X-BYTERANGE:20"),
        *("a.mp4", "#EXT-X-BYTERANGE:7", "#EXTINF:1,", "b.mp4", "#EXTINF:1,", "c.mp4"),
    )
    ranges = [(s.resource.start, s.resource.length) for s in made.segments]
    assert ranges == [(5, 10), (15, 20), (0, 7), (0, None)]


def test_keys_that_change() -> None:
    made = playlist(
        *("#EXT-X-MEDIA-SEQUENCE:7", '#EXT-X-KEY:METHOD=AES-128,URI="1",IV=0x0a'),
        *("#EXTINF:1,", "a.ts", '#EXT-X-KEY:METHOD=AES-128,URI="2"', '#EXT-X-MAP:URI="m"'),
        *("#EXTINF:1,", "b.ts", "#EXT-X-KEY:METHOD=NONE", "#EXTINF:1,", "c.ts"),
    )
    first, second = Key("https://a.example/v/1", "0x0a"), Key("https://a.example/v/2", None)
    assert [(s.key, s.sequence) for s in made.segments] == [(first, 7), (second, 8), (None, 9)]
    assert made.segments[1].map == Map(Resource("https://a.example/v/m"), second)
    assert not made.is_protected


PROTECTION = {
    "FairPlay": (['#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.x"'], True),
    "a licence for AES-128": (['#EXT-X-KEY:METHOD=AES-128,URI="x",KEYFORMAT="com.x"'], True),
    "samples": (['#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"'], True),
    "of the session": (['#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES-CTR,URI="data:,x"'], True),
    "Flash": (["#EXT-X-FAXS-CM:x"], True),
    "a plain key too": (
        ['#EXT-X-KEY:METHOD=AES-128,URI="x",KEYFORMAT="com.x"',
         '#EXT-X-KEY:METHOD=AES-128,URI="k"'],
        False,
    ),
    "until it ends": (['#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"', "#EXT-X-KEY:METHOD=NONE"], False),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "is_protected"), PROTECTION.values(), ids=PROTECTION)
def test_protection(lines: list[str], is_protected: bool) -> None:
    assert playlist(*lines, "#EXTINF:1,", "a.ts").is_protected is is_protected


def test_what_a_gap_applies_to() -> None:
    made = playlist(
        "#EXT-X-GAP", "#EXTINF:1,", "a", "#EXTINF:2,", "#EXT-X-GAP", "b", "#EXTINF:4,", "c"
    )
    assert [(s.is_gap, s.duration_s) for s in made.segments] == [(True, 1), (True, 2), (False, 4)]


def test_parts() -> None:
    mapped = '#EXT-X-MAP:URI="{}.mp4"'.format
    made = playlist(
        *(mapped("m"), "#EXTINF:1,", "1", mapped("m"), "#EXTINF:1,", "2"),
        *("#EXT-X-DISCONTINUITY", mapped("m"), "#EXTINF:1,", "3", mapped("n"), "#EXTINF:1,", "4"),
        *("#EXT-X-GAP", "#EXTINF:1,", "5", "#EXTINF:1,", "6", "#EXTINF:1,", "6"),
    )
    names = [[s.resource.url[-1] for s in part.segments] for part in divide(made.segments)]
    assert names == [["1", "2"], ["3"], ["4"], ["5"], ["6"], ["6"]]
    assert [part.clock for part in divide(made.segments)] == [0, 1, 1, 1, 1, 2]


# ---------------------------------------------------------------- which one to caption

STREAM = '#EXT-X-STREAM-INF:BANDWIDTH={},RESOLUTION=6x4,CODECS="avc1.4d,mp4a.40.2"{}\n{}'
MEDIA = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{}",NAME="n",{}'
RENDITIONS = {
    "the default": (
        (MEDIA.format("g", 'AUTOSELECT=YES,URI="de"'), MEDIA.format("g", 'DEFAULT=YES,URI="en"')),
        "en",
    ),
    "no description of the pictures": (
        (
            MEDIA.format("g", 'URI="d",AUTOSELECT=YES,CHARACTERISTICS="public.accessibility.'
                         'describes-video,public.easy-to-read"'),
            MEDIA.format("g", 'URI="plain"'),
        ),
        "plain",
    ),
    "the default is in the stream": (
        (MEDIA.format("g", 'URI="d"'), MEDIA.format("g", "DEFAULT=YES,AUTOSELECT=YES")),
        "small",
    ),
    "no rendition has an address": ((MEDIA.format("g", "DEFAULT=YES"),), "small"),
    "the group of the smallest": (
        (MEDIA.format("other", 'DEFAULT=YES,URI="o"'), MEDIA.format("g", 'DEFAULT=YES,URI="en"')),
        "en",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("media", "chosen"), RENDITIONS.values(), ids=RENDITIONS)
def test_renditions(media: tuple[str, ...], chosen: str) -> None:
    other = ',AUDIO="other"' if any('"other"' in line for line in media) else ""
    made = playlist(
        STREAM.format(900_000, other, "large"),
        STREAM.format(200_000, ',AUDIO="g"', "small"),
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="pictures"',
        *media,
    )
    assert select(made).url == f"https://a.example/v/{chosen}"
