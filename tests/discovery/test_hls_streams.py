"""Streams whose playlists change on the way: every sound is where a player has it.

A second of each segment has one tone. Where the tones are in the download is found by the time
stamps of decoded frames, from the first time stamp of the file.
"""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from server import Reply, Server
from yt_dlp.aes import aes_cbc_encrypt_bytes

from aligner.audio.decode import decode
from aligner.discovery.download import DownloadOptions, download
from aligner.discovery.probe import ProbeOptions, probe
from aligner.errors import MediaUnavailable
from aligner.net.client import Session, WebOptions
from aligner.types import MediaLink

pytestmark = [
    # After an error yt-dlp leaves files and connections open; the collector closes them.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.usefixtures("collected"),
]

HERE = DownloadOptions(allow_private=True, timeout_s=5)
TONE_S = 0.4
"""Where the tone of a segment begins."""
TOLERANCE_S = 0.1
"""A segment of one second is up to two frames of AAC longer, so that later ones begin later."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made
    gc.collect()


# ---------------------------------------------------------------- segments


@cache
def written(
    form: str, codec: str, rate: int, layout: str, start_s: float, pictures: bool, **options: str
) -> bytes:
    """A second of sound with a tone, and grey pictures, whose clock begins at ``start_s``."""
    out = io.BytesIO()
    with av.open(out, "w", format=form, options=options) as container:
        film = container.add_stream("mpeg2video", rate=25) if pictures else None
        sound = container.add_stream(codec, rate=rate, layout=layout) if codec else None
        if isinstance(film, av.VideoStream):
            film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
            for number in range(25):
                grey = av.VideoFrame.from_ndarray(np.full((72, 64), 90, np.uint8), "yuv420p")
                grey.pts, grey.time_base = number + round(start_s * 25), Fraction(1, 25)
                container.mux(film.encode(grey))
            container.mux(film.encode(None))
        if isinstance(sound, av.AudioStream):
            t = np.arange(rate) / rate
            wave = 0.6 * np.sin(2 * np.pi * 700 * t) * ((t >= TONE_S) & (t < TONE_S + 0.1))
            samples = np.repeat((wave * 32_000).astype("<i2"), 2 if layout == "stereo" else 1)
            frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout=layout)
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = round(start_s * rate)
            container.mux(sound.encode(frame))
            container.mux(sound.encode(None))
    return out.getvalue()


def ts(start_s: float, rate: int = 48_000, layout: str = "mono", pictures: bool = True) -> bytes:
    return written("mpegts", "aac", rate, layout, start_s, pictures, mpegts_copyts="1")


def packed(codec: str, form: str, rate: int = 48_000) -> bytes:
    """Sound without time stamps."""
    return written(form, codec, rate, "mono", 0.0, False)


def fragment(
    start_s: float, codec: str = "aac", rate: int = 48_000, layout: str = "mono"
) -> tuple[bytes, bytes]:
    """An initialization section, and one segment of MP4."""
    whole = written(
        *("mp4", codec, rate, layout, start_s, False),
        movflags="empty_moov+default_base_moof+frag_custom+frag_discont",
        use_editlist="0",
        avoid_negative_ts="disabled",
    )
    cut = whole.index(b"moof") - 4
    return whole[:cut], whole[cut:]


# ---------------------------------------------------------------- streams

HEAD = "#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:1\n"
BREAK, GAP, END = "#EXT-X-DISCONTINUITY\n", "#EXT-X-GAP\n", "#EXT-X-ENDLIST\n"


def listed(name: str, seconds: float = 1.0) -> str:
    return f"#EXTINF:{seconds},\n{name}\n"


def mapped(name: str) -> str:
    return f'#EXT-X-MAP:URI="{name}"\n'


def serve(server: Server, playlist: str, **bodies: bytes) -> MediaLink:
    """Serve a playlist, and its segments under their names, where "_" stands for "."."""
    server.routes["/v/list.m3u8"] = Reply(
        (HEAD + playlist + END).encode(), "application/vnd.apple.mpegurl"
    )
    for name, body in bodies.items():
        server.routes[f"/v/{name.replace('_', '.')}"] = Reply(
            body, "application/octet-stream", ranges=True
        )
    return MediaLink(server.url("/v/list.m3u8"), "video", "html5")


def tones(path: Path) -> tuple[list[float], float]:
    """Where tones begin in a recording, and where it ends, in seconds of the player's clock."""
    found: list[float] = []
    loud_until = end_s = -1.0
    with av.open(str(path)) as container:
        first_s = (container.start_time or 0) / 1e6
        if container.format.name.startswith("mov"):
            first_s = max(0.0, first_s)
        for frame in container.decode(audio=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            at = float(frame.pts * frame.time_base) - first_s
            samples = np.abs(frame.to_ndarray()).max(axis=0)
            end_s = max(end_s, at + frame.samples / frame.sample_rate)
            for sample in np.flatnonzero(samples > 0.2):
                moment = at + sample / frame.sample_rate
                if not found or moment > loud_until + 0.2:
                    found.append(moment)
                loud_until = max(loud_until, moment)
    return found, end_s


def expect_tones(server: Server, link: MediaLink, folder: Path, seconds: list[int]) -> float:
    """Check that the tones are in these seconds, and that ``check`` says that it plays.

    Returns where the recording ends, in seconds.
    """
    with Session(WebOptions(allow_private=True, timeout_s=5)) as session:
        tried = probe(link, session.fetch_range, ProbeOptions(allow_private=True))
    assert tried.state in ("playable", "audio_only"), tried.reason
    found, end_s = tones(download(link, folder, HERE).path)
    assert found == pytest.approx([second + TONE_S for second in seconds], abs=TOLERANCE_S)
    return end_s


# ---------------------------------------------------------------- initialization sections


@pytest.mark.slow
@pytest.mark.parametrize("starts_s", [(0, 0, 1), (10, 0, 30), (3, 90, 4)])
def test_an_advertisement_with_another_initialization_section(
    server: Server, tmp_path: Path, starts_s: tuple[int, int, int]
) -> None:
    ad_map, ad = fragment(starts_s[1], rate=44_100, layout="stereo")
    main_map, one = fragment(starts_s[0])
    text = (
        mapped("m.mp4") + listed("1.m4s") + BREAK + mapped("ad.mp4") + listed("ad.m4s")
        + BREAK + mapped("m.mp4") + listed("2.m4s")
    )  # fmt: skip
    link = serve(
        server, text, m_mp4=main_map, ad_mp4=ad_map, ad_m4s=ad,
        **{"1_m4s": one, "2_m4s": fragment(starts_s[2])[1]},
    )  # fmt: skip
    expect_tones(server, link, tmp_path, [0, 1, 2])


@pytest.mark.slow
@pytest.mark.parametrize("between", ["", BREAK])
def test_the_same_initialization_section_again(
    server: Server, tmp_path: Path, between: str
) -> None:
    header, one = fragment(5)
    text = mapped("m.mp4") + listed("1.m4s") + between + mapped("m.mp4") + listed("2.m4s")
    link = serve(server, text, m_mp4=header, **{"1_m4s": one, "2_m4s": fragment(6)[1]})
    expect_tones(server, link, tmp_path, [0, 1])
    assert server.asked.count("/v/m.mp4") <= 3


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["flac", "libopus", "mp3"])
def test_another_codec(server: Server, tmp_path: Path, codec: str) -> None:
    (first_map, first), (second_map, second) = fragment(0, codec), fragment(40)
    text = mapped("a.mp4") + listed("1.m4s") + BREAK + mapped("b.mp4") + listed("2.m4s")
    bodies = {"a_mp4": first_map, "b_mp4": second_map, "1_m4s": first, "2_m4s": second}
    expect_tones(server, serve(server, text, **bodies), tmp_path, [0, 1])


def test_all_in_one_file(server: Server, tmp_path: Path) -> None:
    parts = [*fragment(7), *fragment(2, rate=44_100)]
    offsets = [sum(map(len, parts[:number])) for number in range(4)]
    ranges = [f"{len(part)}@{offset}" for part, offset in zip(parts, offsets, strict=True)]
    text = "".join(
        f'#EXT-X-MAP:URI="all.mp4",BYTERANGE="{ranges[at]}"\n'
        f"#EXT-X-BYTERANGE:{ranges[at + 1]}\n{listed('all.mp4')}{BREAK}"
        for at in (0, 2)
    )
    expect_tones(server, serve(server, text, all_mp4=b"".join(parts)), tmp_path, [0, 1])


# ---------------------------------------------------------------- gaps

GAPS = {
    "in the middle": (listed("1.ts") + GAP + listed("no.ts") + listed("3.ts"), [0, 2], 3),
    "first": (GAP + listed("no.ts") + listed("3.ts"), [1], 2),
    "first, long": (GAP + listed("no.ts", 15) + BREAK + listed("1.ts"), [15], 16),
    "last": (listed("1.ts") + GAP + listed("no.ts", 4), [0], 5),
    "several": (GAP + listed("no.ts") + listed("1.ts") + 2 * (GAP + listed("no.ts")), [1], 4),
    "at a discontinuity": (
        listed("3.ts") + GAP + BREAK + listed("no.ts", 2) + BREAK + listed("1.ts"), [0, 3], 4,
    ),
    "a segment twice": (GAP + listed("no.ts") + 2 * listed("1.ts") + listed("2.ts"), [1, 2, 3], 4),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("text", "seconds", "length_s"), GAPS.values(), ids=GAPS)
@pytest.mark.parametrize("pictures", [True, False], ids=["pictures", "sound"])
def test_gaps_in_a_transport_stream(
    server: Server, tmp_path: Path, text: str, seconds: list[int], length_s: int, pictures: bool
) -> None:
    bodies = {f"{n}_ts": ts(n + 2, pictures=pictures) for n in (1, 2, 3)}
    link = serve(server, text, **bodies)
    end_s = expect_tones(server, link, tmp_path, seconds)
    assert end_s == pytest.approx(length_s, abs=0.1)
    assert "/v/no.ts" not in server.asked


def test_a_long_gap_has_marks_of_silence(server: Server, tmp_path: Path) -> None:
    """Decoders take a leap of more than ten seconds for a clock that starts anew."""
    link = serve(server, listed("1.ts") + GAP + listed("no.ts", 60) + listed("2.ts"),
                 **{"1_ts": ts(1), "2_ts": ts(62)})  # fmt: skip
    path = download(link, tmp_path, HERE).path
    assert tones(path)[0] == pytest.approx([TONE_S, 61 + TONE_S], abs=TOLERANCE_S)
    with av.open(str(path)) as container:
        stamps = [float(p.pts * p.time_base) for p in container.demux(audio=0) if p.pts]
    assert max(np.diff(stamps)) < 6


@pytest.mark.slow
def test_a_stream_without_any_sound(server: Server, tmp_path: Path) -> None:
    silent = written("mpegts", "", 0, "", 3.0, True, mpegts_copyts="1")
    link = serve(server, listed("s.ts") + BREAK + listed("s.ts"), s_ts=silent)
    assert state_of_both(server, link, tmp_path) == ("no_audio", None)
    with av.open(str(download(link, tmp_path, HERE).path)) as container:
        assert not container.streams.audio


def test_gaps_between_fragments(server: Server, tmp_path: Path) -> None:
    header, first = fragment(20)
    text = mapped("m.mp4") + listed("1.m4s") + GAP + listed("no.m4s") + listed("3.m4s")
    link = serve(server, text, m_mp4=header, **{"1_m4s": first, "3_m4s": fragment(22)[1]})
    expect_tones(server, link, tmp_path, [0, 2])


@pytest.mark.slow
@pytest.mark.parametrize(("codec", "form"), [("aac", "adts"), ("mp3", "mp3"), ("ac3", "ac3")])
def test_gaps_between_segments_without_time_stamps(
    server: Server, tmp_path: Path, codec: str, form: str
) -> None:
    text = listed("1.x") + GAP + listed("no.x", 3) + listed("2.x")
    link = serve(server, text, **dict.fromkeys(("1_x", "2_x"), packed(codec, form)))
    expect_tones(server, link, tmp_path, [0, 4])


def test_nothing_but_gaps(server: Server, tmp_path: Path) -> None:
    link = serve(server, GAP + listed("no.ts"))
    assert state_of_both(server, link, tmp_path) == ("gone", "gone")


# ---------------------------------------------------------------- discontinuities


@pytest.mark.slow
@pytest.mark.parametrize("starts_s", [(0, 0), (5, 5), (5, 1), (5, 9), (5, 500)])
@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_a_clock_that_jumps(
    server: Server, tmp_path: Path, starts_s: tuple[int, int], rate: int
) -> None:
    first, second = ts(starts_s[0]), ts(starts_s[1], rate)
    link = serve(server, listed("1.ts") + BREAK + listed("2.ts"), **{"1_ts": first, "2_ts": second})
    expect_tones(server, link, tmp_path, [0, 1])


@pytest.mark.slow
def test_a_part_without_sound(server: Server, tmp_path: Path) -> None:
    silent = written("mpegts", "", 0, "", 3.0, True, mpegts_copyts="1")
    text = 3 * (listed("s.ts") + BREAK) + listed("1.ts")
    link = serve(server, text, s_ts=silent, **{"1_ts": ts(8)})
    assert state_of_both(server, link, tmp_path) == ("playable", None)
    found, _ = tones(download(link, tmp_path, HERE).path)
    assert found == pytest.approx([3 + TONE_S], abs=TOLERANCE_S)


def test_a_part_that_is_no_media(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = listed("1.ts") + BREAK + listed("bad.ts", 2) + BREAK + listed("3.ts")
    link = serve(server, text, bad_ts=b"nothing " * 500, **{"1_ts": ts(0), "3_ts": ts(3)})
    media = download(link, tmp_path, HERE)
    assert (media.duration_ms, media.unreadable_ms) == (4000, 2000)
    found, _ = tones(media.path)
    assert found == pytest.approx([TONE_S, 3 + TONE_S], abs=TOLERANCE_S)
    assert "2.0 s of it are silent" in caplog.text


def test_no_part_that_is_media(server: Server, tmp_path: Path) -> None:
    text = listed("bad.ts") + BREAK + listed("bad.ts")
    link = serve(server, text, bad_ts=b"nothing " * 500)
    assert state_of_both(server, link, tmp_path) == ("not_media", "not_media")


@pytest.mark.slow
def test_the_decoder_hears_them_there_too(server: Server, tmp_path: Path) -> None:
    """An advertisement at another rate, a long gap and one at the end, and another codec."""
    (ad_map, ad), (map_, one) = fragment(90, "flac", 44_100, "stereo"), fragment(7)
    text = (
        GAP + listed("no.x", 2) + mapped("ad.mp4") + listed("ad.m4s") + BREAK + mapped("m.mp4")
        + listed("1.m4s") + GAP + listed("no.x", 30) + listed("2.m4s") + GAP + listed("no.x", 3)
    )  # fmt: skip
    link = serve(
        server, text, ad_mp4=ad_map, ad_m4s=ad, m_mp4=map_,
        **{"1_m4s": one, "2_m4s": fragment(38)[1]},
    )  # fmt: skip
    audio = decode(download(link, tmp_path, HERE), tmp_path)
    loud = np.flatnonzero(np.abs(audio.samples) > 6000) / audio.sample_rate
    begins = loud[np.diff(loud, prepend=-1.0) > 0.2]
    assert begins == pytest.approx([second + TONE_S for second in (2, 3, 34)], abs=TOLERANCE_S)
    assert len(audio.samples) / audio.sample_rate == pytest.approx(38, abs=0.15)


# ---------------------------------------------------------------- keys


@pytest.mark.slow
def test_keys_that_change(server: Server, tmp_path: Path) -> None:
    keys = [bytes(range(16)), bytes(range(16, 32))]

    def encrypted(body: bytes, key: bytes, iv: int) -> bytes:
        pad = 16 - len(body) % 16
        return bytes(aes_cbc_encrypt_bytes(body + bytes([pad]) * pad, key, iv.to_bytes(16, "big")))

    header, first = fragment(0)
    (_, second), (_, third) = fragment(1), fragment(2)
    text = (
        "#EXT-X-MEDIA-SEQUENCE:70\n"
        f'#EXT-X-KEY:METHOD=AES-128,URI="k1",IV=0x{5:032x}\n{mapped("m.mp4")}{listed("1.m4s")}'
        f'#EXT-X-KEY:METHOD=AES-128,URI="k2"\n{listed("2.m4s")}'
        f"#EXT-X-KEY:METHOD=NONE\n{listed('3.m4s')}"
    )
    link = serve(
        server, text, k1=keys[0], k2=keys[1], m_mp4=encrypted(header, keys[0], 5),
        **{
            "1_m4s": encrypted(first, keys[0], 5), "2_m4s": encrypted(second, keys[1], 71),
            "3_m4s": third,
        },
    )  # fmt: skip
    expect_tones(server, link, tmp_path, [0, 1, 2])


# ---------------------------------------------------------------- variables, and both answers


def state_of_both(server: Server, link: MediaLink, folder: Path) -> tuple[str, str | None]:
    """What ``check`` says of a stream, and the state of the error that downloading raises."""
    with Session(WebOptions(allow_private=True, timeout_s=5)) as session:
        tried = probe(link, session.fetch_range, ProbeOptions(allow_private=True))
    try:
        download(link, folder, HERE)
    except MediaUnavailable as error:
        return tried.state, error.state
    return tried.state, None


DEFINITIONS = {
    "by name": ('#EXT-X-DEFINE:NAME="d",VALUE="seg"\n', "", True),
    "of the query": ('#EXT-X-DEFINE:QUERYPARAM="d"\n', "?x=1&d=seg", True),
    "not in the query": ('#EXT-X-DEFINE:QUERYPARAM="d"\n', "?x=1", False),
    "imported from nowhere": ('#EXT-X-DEFINE:IMPORT="d"\n', "", False),
    "never defined": ("", "", False),
}


@pytest.mark.parametrize(("define", "query", "plays"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_variables(server: Server, tmp_path: Path, define: str, query: str, plays: bool) -> None:
    link = serve(server, define + listed("{$d}/1.ts"), **{"seg/1_ts": ts(0)})
    asked = MediaLink(link.url + query, "video", "html5")
    expected = ("playable", None) if plays else ("not_media", "not_media")
    assert state_of_both(server, asked, tmp_path) == expected


@pytest.mark.parametrize("path", ["/v/master.m3u8", "/v/stream"])
def test_variables_of_a_multivariant_playlist(server: Server, tmp_path: Path, path: str) -> None:
    serve(server, '#EXT-X-DEFINE:IMPORT="d"\n' + listed("{$d}.ts"), **{"1_ts": ts(0)})
    master = (
        '#EXTM3U\n#EXT-X-DEFINE:NAME="d",VALUE="1"\n#EXT-X-DEFINE:NAME="l",VALUE="list"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="mp4a.40.2"\n{$l}.m3u8\n'
    )
    server.routes[path] = Reply(master.encode(), "application/vnd.apple.mpegurl")
    link = MediaLink(server.url(path), "video", "html5")
    expect_tones(server, link, tmp_path, [0])


def test_the_default_rendition(server: Server, tmp_path: Path) -> None:
    link = serve(server, listed("1.ts"), **{"1_ts": ts(0, pictures=False)})
    media = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="{0}",DEFAULT={1},URI="{0}.m3u8"\n'
    master = (
        "\ufeff#EXTM3U\n" + media.format("other", "NO") + media.format("list", "YES")
        + '#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="avc1.4d,mp4a.40.2",AUDIO="a"\nv.m3u8\n'
    ).replace("\n", "\r\n")  # fmt: skip
    server.routes["/v/master.m3u8"] = Reply(master.encode(), "text/plain")
    link = MediaLink(server.url("/v/master.m3u8"), "video", "html5")
    expect_tones(server, link, tmp_path, [0])
    assert set(server.asked) == {"/v/master.m3u8", "/v/list.m3u8", "/v/1.ts"}


REFUSALS = {
    "live": (listed("1.ts"), "", "live"),
    "an event that goes on": ("#EXT-X-PLAYLIST-TYPE:EVENT\n" + listed("1.ts"), "", "live"),
    "an update": ("#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n" + listed("1.ts"), END, "not_media"),
    "single pictures": ("#EXT-X-I-FRAMES-ONLY\n" + listed("1.ts"), END, "no_audio"),
    "a gap of years": (GAP + listed("no.ts", 999_999) + listed("1.ts"), END, "refused"),
    "an address of this disk": (listed("file:///etc/passwd"), END, "refused"),
    "nothing": ("", END, "not_media"),
}


@pytest.mark.parametrize(("text", "end", "state"), REFUSALS.values(), ids=REFUSALS)
def test_streams_that_are_refused(
    server: Server, tmp_path: Path, text: str, end: str, state: str
) -> None:
    link = serve(server, "", **{"1_ts": ts(0)})
    server.routes["/v/list.m3u8"] = Reply((HEAD + text + end).encode(), "text/plain")
    assert state_of_both(server, link, tmp_path) == (state, state)


def test_a_recording_without_an_end_tag(server: Server, tmp_path: Path) -> None:
    link = serve(server, "", **{"1_ts": ts(0)})
    text = HEAD + "#EXT-X-PLAYLIST-TYPE:VOD\n" + listed("1.ts")
    server.routes["/v/list.m3u8"] = Reply(text.encode(), "text/plain")
    assert state_of_both(server, link, tmp_path) == ("playable", None)


@pytest.mark.slow
def test_limits_hold_for_all_parts_together(server: Server, tmp_path: Path) -> None:
    text = "".join(BREAK + listed(f"{n}.ts") for n in range(4))
    link = serve(server, text, **{f"{n}_ts": ts(n) for n in range(4)})
    told: list[tuple[int, int | None]] = []
    download(link, tmp_path, HERE, lambda done, total: told.append((done, total)))
    size = sum(len(ts(n)) for n in range(4))
    assert told[-1] == (size, None)
    limited = DownloadOptions(allow_private=True, max_bytes=size - 1)
    with pytest.raises(MediaUnavailable, match="larger than"):
        download(link, tmp_path, limited)
