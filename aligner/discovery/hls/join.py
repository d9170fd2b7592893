"""Joins the parts of a stream to one MPEG transport stream, on the clock that a player shows.

Each part is written by libav's muxer, with the time stamps of its place in the playlist. Sample
rate and channels may change on the way in a transport stream, which other containers cannot have.
Sound is copied if it is AAC, else encoded as AAC; pictures are copied.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from aligner._util.media_container import is_picture, open_container, played_track
from aligner.discovery.hls.parts import Part
from aligner.errors import MediaUnavailable

if TYPE_CHECKING:
    from av import AudioFrame, Packet
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer

logger = logging.getLogger(__name__)

ZERO_S = 10.0
"""The time stamp of the beginning; pictures are decoded before they are shown, and stamps are
never negative."""
MAX_CLOCK_ERROR_S = 2.0
"""On one clock the time stamps say where a part begins, unless the playlist differs by more."""
MAX_OVERLAP_S = 0.5
"""Time stamps that go back by more than this belong to a clock that starts anew."""
ADTS_PROFILES = (None, "Main", "LC", "SSR", "LTP", "HE-AAC", "HE-AACv2")
"""The profiles of AAC that ADTS headers can describe (ISO 14496-3)."""
AAC_RATES = (48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
FRAME_SAMPLES = 1024
"""Samples of an AAC frame."""
PICTURE_CODECS = ("h264", "hevc", "mpeg2video")
"""Video codecs that libav writes to a transport stream."""
VIDEO_PID, AUDIO_PID = 0x100, 0x101
MUXER = {"mpegts_flags": "initial_discontinuity", "mpegts_copyts": "1"}


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """How encoded sound is sampled."""

    rate: int = 48_000
    layout: str = "stereo"


@dataclass(slots=True)
class _Clock:
    """Where the next part begins."""

    at_s: float = 0.0
    """The end of what is written, from the beginning of the stream."""
    last: int = -1
    """The clock of the last part with time stamps."""
    shift_s: float = 0.0
    """What was added to that part's time stamps."""

    def place(self, part: Part, first_s: float) -> float:
        """Returns what to add to the time stamps of a part that starts with ``first_s``."""
        error_s = abs(first_s + self.shift_s - self.at_s)
        if part.clock != self.last or error_s > MAX_CLOCK_ERROR_S:
            self.shift_s = self.at_s - first_s
        self.last = part.clock
        return self.shift_s


def join(parts: Sequence[tuple[Part, Path | None]], target: Path, name: str) -> None:
    """Write the parts, each with its file (None for a gap), to one file; errors name ``name``.

    A part that cannot be read is silent, and a warning says so. Raises MediaUnavailable if none
    can be read.
    """
    clock = _Clock()
    sound = _first_sound_format([path for _, path in parts if path], name)
    with target.open("wb") as out:
        for index, (part, path) in enumerate(parts):
            if path and _is_written(path, part, clock, out, name):
                continue
            begin_s, clock.at_s = clock.at_s, clock.at_s + part.duration_s
            if index == 0:
                _write_silence(out, sound, begin_s)
            if index == len(parts) - 1:
                _write_silence(out, sound, clock.at_s - 2 * FRAME_SAMPLES / sound.rate)


def _first_sound_format(paths: Iterable[Path], name: str) -> SoundFormat:
    """Returns the format of the first part with sound. Raises MediaUnavailable if none is read."""
    failure: MediaUnavailable | None = None
    is_any_read = False
    for path in paths:
        try:
            with _open(path, name) as container:
                is_any_read = True
                if track := played_track(container):
                    return _encoded_format(track)
        except MediaUnavailable as error:
            failure = failure or error
    if failure and not is_any_read:
        raise failure
    return SoundFormat()


def _is_written(path: Path, part: Part, clock: _Clock, out: IO[bytes], name: str) -> bool:
    """Write a part; returns whether it could be read, and logs a warning if not."""
    try:
        with _open(path, name) as container, _muxer(out) as muxer:
            shift_s = clock.place(part, (container.start_time or 0) / 1e6)
            end_s = _copy(container, muxer, shift_s)
        why = "" if end_s > 0 else "neither sound nor pictures that can be read"
    except MediaUnavailable as error:
        end_s, why = 0.0, error.why
    if why:
        logger.warning("%s: %.1f s of it are silent: %s", name, part.duration_s, why)
    clock.at_s = max(clock.at_s, end_s)
    return not why


def _open(path: Path, name: str) -> AbstractContextManager[InputContainer]:
    return open_container(f"file:{path}", name, protocol_whitelist="file")


def _muxer(out: IO[bytes]) -> OutputContainer:
    import av

    return av.open(out, "w", format="mpegts", options=MUXER)


# ---------------------------------------------------------------- one part


def _copy(container: InputContainer, muxer: OutputContainer, shift_s: float) -> float:
    """Write the sound and the pictures of a part; returns where it ends in the stream."""
    first_s, end_s = (container.start_time or 0) / 1e6, 0.0
    sound, copies = played_track(container), _copied_tracks(container, muxer)
    encoder = None
    if sound and sound not in copies:
        encoder = _Encoder(muxer, _encoded_format(sound))
    tracks = [*copies, sound] if encoder else [*copies]
    stamps = {track: _Stamps(shift_s + ZERO_S) for track in tracks}
    for packet in container.demux(tracks) if tracks else ():
        if packet.pts is None or packet.dts is None:
            continue
        if float((packet.pts + (packet.duration or 0)) * packet.time_base) <= first_s:
            continue  # what an encoder puts before the sound is not played
        end_s = max(end_s, stamps[packet.stream].move(packet) - ZERO_S)
        if copy := copies.get(packet.stream):
            packet.stream = copy
            muxer.mux(packet)
        elif encoder:
            encoder.decode(packet)
    if encoder:
        encoder.close()
    return end_s


@dataclass(slots=True)
class _Stamps:
    """Moves the time stamps of a track, which a muxer accepts only if they grow."""

    shift_s: float = 0.0
    last_s: float = -1.0
    """The last decoding time stamp."""
    end_s: float = 0.0

    def move(self, packet: Packet[Any]) -> float:
        """Move the time stamps of a packet; returns where it ends, in seconds."""
        assert packet.pts is not None and packet.dts is not None  # noqa: S101, PT018
        unit = packet.time_base
        if float(packet.dts * unit) + self.shift_s < self.last_s - MAX_OVERLAP_S:
            self.shift_s = self.end_s - float(packet.dts * unit)  # the clock starts anew
        shift = round(self.shift_s / unit)
        dts = max(packet.dts + shift, math.floor(self.last_s / unit) + 1)
        packet.pts, packet.dts = max(packet.pts + shift, dts), dts
        self.last_s = float(dts * unit)
        self.end_s = max(self.end_s, float((packet.pts + (packet.duration or 0)) * unit))
        return self.end_s


def _copied_tracks(container: InputContainer, muxer: OutputContainer) -> dict[Any, Any]:
    """Returns the tracks that can be copied, with their counterparts in the transport stream."""
    films = [track for track in container.streams.video if not is_picture(track)]
    copies: dict[Any, Any] = {}
    for track in films[:1]:
        if track.codec_context.name in PICTURE_CODECS:
            copies[track] = muxer.add_stream_from_template(track)
            copies[track].id = VIDEO_PID
    sound = played_track(container)
    if sound and sound.codec_context.name == "aac" and sound.profile in ADTS_PROFILES:
        copies[sound] = muxer.add_stream_from_template(sound)
        copies[sound].id = AUDIO_PID
    return copies


# ---------------------------------------------------------------- encoding


class _Encoder:
    """Encodes sound as AAC."""

    def __init__(self, muxer: OutputContainer, sound: SoundFormat) -> None:
        import av

        self._muxer, self._stamps = muxer, _Stamps()
        self._track = muxer.add_stream("aac", rate=sound.rate, layout=sound.layout)
        self._track.id = AUDIO_PID
        self._resampler = av.AudioResampler(
            "fltp", sound.layout, sound.rate, frame_size=FRAME_SAMPLES
        )

    def decode(self, packet: Packet[Any]) -> None:
        """Encode the sound of a packet."""
        import av

        with suppress(av.InvalidDataError):  # a damaged packet; the gap shows in the time stamps
            for frame in packet.decode():
                self.encode(cast("AudioFrame", frame))

    def encode(self, frame: AudioFrame | None) -> None:
        """Encode a frame; None after the last one."""
        for resampled in self._resampler.resample(frame):
            self._mux(self._track.encode(resampled))

    def close(self) -> None:
        """Write what the encoder has left."""
        self.encode(None)
        self._mux(self._track.encode(None))

    def _mux(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            self._stamps.move(packet)
            self._muxer.mux(packet)


def _encoded_format(track: AudioStream) -> SoundFormat:
    """Returns the format in which a track is encoded as AAC, its own one if possible."""
    context = track.codec_context
    return SoundFormat(
        context.rate if context.rate in AAC_RATES else AAC_RATES[0],
        "mono" if context.layout.nb_channels == 1 else "stereo",
    )


def _write_silence(out: IO[bytes], sound: SoundFormat, at_s: float) -> None:
    """Write two silent frames, which mark where the stream begins or ends."""
    import av

    frame = av.AudioFrame("fltp", sound.layout, FRAME_SAMPLES)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.time_base = sound.rate, Fraction(1, sound.rate)
    # the encoder's first packet is a frame earlier
    frame.pts = round((ZERO_S + at_s) * sound.rate) + FRAME_SAMPLES
    with _muxer(out) as muxer:
        encoder = _Encoder(muxer, sound)
        encoder.encode(frame)
        encoder.close()
