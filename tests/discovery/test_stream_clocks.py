"""Streams of MP4 fragments are captioned whole, on the clock that a player shows.

DASH: every period, with representations of its own. HLS: a player starts at 0, whatever clock the
fragments have.
"""

from __future__ import annotations

import gc
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from server import Server
from tones import BURSTS_MS, onsets_ms, run_ffmpeg, tones, write_wav

from aligner.audio.decode import decode
from aligner.discovery.download import DownloadOptions, download
from aligner.errors import MediaUnavailable
from aligner.pipeline.diagnosis import shortfall
from aligner.types import MediaLink

pytestmark = [
    # After an error yt-dlp leaves files and connections open; the collector closes them.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.usefixtures("collected"),
]

HERE = DownloadOptions(allow_private=True, timeout_s=5)
ENCODER_DELAY_MS = 30
"""What an AAC encoder puts before the sound, 21 to 23 ms, is played in a stream."""


@pytest.fixture(autouse=True)
def _collect() -> Iterator[None]:
    """Let the collector meet what yt-dlp left open here, and not in other tests."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the fragments of four periods: two rates, two codecs."""
    folder = tmp_path_factory.mktemp("site")
    for rate in (44_100, 48_000):
        write_wav(folder / f"{rate}.wav", tones(rate), rate)
    for name, made in {
        "one": "-i 44100.wav -c:a aac -b:a 64k",
        "two": "-i 44100.wav -c:a aac -b:a 64k",
        "fast": "-i 48000.wav -c:a aac -b:a 96k -ac 2",
        "opus": "-i 48000.wav -c:a libopus -strict -2",
    }.items():
        names = f"-init_seg_name {name}-init.mp4 -media_seg_name {name}-$Number$.m4s"
        segments = "-f dash -seg_duration 1.5 -use_timeline 1 -dash_segment_type mp4"
        run_ffmpeg(folder, f"{made} {segments} {names}", f"{name}.mpd")
    for number, path in enumerate(sorted(folder.glob("two-*.m4s")), start=1):
        (folder / f"late-{number}.m4s").write_bytes(later(path.read_bytes(), LATE))
    (folder / "late-init.mp4").write_bytes((folder / "two-init.mp4").read_bytes())
    manifest = (folder / "two.mpd").read_text("utf-8")
    (folder / "late.mpd").write_text(manifest.replace("two-", "late-"), "utf-8")
    return folder


LATE = 441_000
"""By so many samples the clock of the period "late" is later than that of "two"."""


def later(segment: bytes, samples: int) -> bytes:
    """Move the clock of a segment."""
    data = bytearray(segment)
    for found in re.finditer(rb"tfdt\x01\0\0\0", segment):
        (time,) = struct.unpack_from(">Q", data, found.end())
        struct.pack_into(">Q", data, found.end(), time + samples)
    return bytes(data)


@dataclass(frozen=True)
class Period:
    """A period of a manifest."""

    name: str
    attributes: str = 'duration="PT4S"'
    bandwidth: int = 64_000
    offset: int = 0
    """Its presentationTimeOffset, in samples."""
    open_end: bool = False
    """Whether its last segments are listed as repeated to the end."""

    def xml(self, site: Path) -> str:
        if not self.name:
            return (
                f'<Period {self.attributes}><AdaptationSet mimeType="video/mp4" codecs="avc1">'
                '<Representation id="v" bandwidth="9000" width="16" height="16"><SegmentTemplate '
                'media="none-$Number$.m4s" duration="4"/></Representation></AdaptationSet></Period>'
            )
        text = (site / f"{self.name}.mpd").read_text("utf-8")
        found = re.search(r"<SegmentTemplate.*?</SegmentTemplate>", text, re.DOTALL)
        assert found
        template = found[0].replace("<SegmentTemplate", f"<SegmentTemplate {self._offset}", 1)
        if self.open_end:
            to_the_end = '<S t="0" d="66150" r="-1"/></SegmentTimeline'
            timeline = re.compile(r"<S t.*</SegmentTimeline", re.DOTALL)
            template = timeline.sub(to_the_end, template)
        codec = "opus" if self.name == "opus" else "mp4a.40.2"
        return (
            f'<Period {self.attributes}><AdaptationSet mimeType="audio/mp4" codecs="{codec}">'
            f'<Representation id="{self.name}" bandwidth="{self.bandwidth}">{template}'
            "</Representation></AdaptationSet></Period>"
        )

    @property
    def _offset(self) -> str:
        return f'presentationTimeOffset="{self.offset}"' if self.offset else ""


ONE, TWO = Period("one"), Period("two")
MANIFESTS: list[tuple[str, tuple[Period, ...], tuple[int, ...]]] = [
    ("one", (ONE,), (0,)),
    ("alike", (ONE, TWO), (0, 4000)),
    ("many", (ONE, TWO) * 5, tuple(range(0, 40_000, 4000))),
    ("other bandwidth", (ONE, Period("two", bandwidth=65_000)), (0, 4000)),
    ("other rate", (ONE, Period("fast", bandwidth=96_000), TWO), (0, 4000, 8000)),
    ("other codec", (ONE, Period("opus", bandwidth=96_000)), (0, 4000)),
    ("starts", (Period("one", 'start="PT0S"'), Period("two", 'start="PT4S"')), (0, 4000)),
    ("later start", (ONE, Period("fast", 'start="PT7.5S" duration="PT4S"')), (0, 7500)),
    ("offset", (ONE, Period("late", offset=LATE)), (0, 4000)),
    ("offset of the first", (Period("late", offset=LATE - 22_050), TWO), (500, 4500)),
    ("no sound between", (ONE, Period(""), TWO), (0, 8000)),
    ("repeated to the end", (Period("one", open_end=True), TWO), (0, 4000)),
]


def manifest(periods: tuple[Period, ...], site: Path) -> bytes:
    inside = "".join(period.xml(site) for period in periods)
    return (
        '<?xml version="1.0" encoding="utf-8"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
        'profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static" minBufferTime="PT2S" '
        f'mediaPresentationDuration="PT{4 * len(periods)}S">{inside}</MPD>'
    ).encode()


def heard(server: Server, path: str, folder: Path) -> list[float]:
    media = download(MediaLink(server.url(path), "audio", "html5"), folder, HERE)
    audio = decode(media, folder)
    assert media.duration_ms
    assert shortfall(audio, media) is None
    assert media.duration_ms == pytest.approx(audio.duration_ms, abs=600)
    return onsets_ms(audio)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "periods", "starts_ms"), MANIFESTS, ids=[m[0] for m in MANIFESTS])
def test_every_period_of_a_dash_stream_lies_where_a_player_has_it(
    site: Path, tmp_path: Path, name: str, periods: tuple[Period, ...], starts_ms: tuple[int, ...]
) -> None:
    (site / "stream.mpd").write_bytes(manifest(periods, site))
    due = [start + burst for start in starts_ms for burst in BURSTS_MS]
    with Server(folder=site) as server:
        assert heard(server, "/stream.mpd", tmp_path) == pytest.approx(due, abs=ENCODER_DELAY_MS)


@pytest.mark.slow
def test_a_period_whose_segment_is_missing_is_told(site: Path, tmp_path: Path) -> None:
    text = manifest((ONE, TWO), site).replace(b"two-$Number$", b"gone-$Number$")
    (site / "gone.mpd").write_bytes(text)
    with Server(folder=site) as server, pytest.raises(MediaUnavailable) as caught:
        heard(server, "/gone.mpd", tmp_path)
    assert caught.value.state == "gone"


def test_a_stream_of_which_a_part_cannot_be_read_is_not_whole(site: Path, tmp_path: Path) -> None:
    text = manifest((ONE, TWO), site).replace(b"two-$Number$", b"junk-$Number$")
    (site / "junk.mpd").write_bytes(text)
    for path in site.glob("two-*.m4s"):
        (site / path.name.replace("two", "junk")).write_bytes(b"nothing " * 500)
    with Server(folder=site) as server:
        link = MediaLink(server.url("/junk.mpd"), "audio", "html5")
        media = download(link, tmp_path, HERE)
    why = shortfall(decode(media, tmp_path), media)
    assert why
    assert "of the 8.0 s that its manifest declares" in why


@pytest.mark.slow
@pytest.mark.parametrize("pictures", [False, True])
@pytest.mark.parametrize("start_s", [0, 0.5, 5, 10, 20, 90_000])
def test_hls_fragments_start_at_0_whatever_their_clock(
    site: Path, tmp_path: Path, start_s: float, pictures: bool
) -> None:
    film, codec = "", "-c:a aac"
    if pictures:
        film, codec = "-f lavfi -i testsrc2=s=64x64:r=25:d=4", "-c:a aac -c:v libx264 -g 25"
    segments = "-f hls -hls_segment_type fmp4 -hls_time 1 -hls_playlist_type vod"
    made = f"{film} -i 44100.wav {codec} {segments} -output_ts_offset {start_s}"
    run_ffmpeg(site, made, "s.m3u8")
    with Server(folder=site) as server:
        onsets = heard(server, "/s.m3u8", tmp_path)
    assert onsets == pytest.approx(BURSTS_MS, abs=ENCODER_DELAY_MS)
