"""Writes parts of a stream as MPEG transport streams, which can be joined byte by byte.

Sample rate and channels may change on the way in a transport stream, which other containers cannot
have. Sound is copied if it is AAC, else encoded as AAC; pictures are copied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, TYPE_CHECKING, Any, cast

from aligner._util.media_container import is_picture, played_track

if TYPE_CHECKING:
    from av import AudioFrame, Packet
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer

ZERO_S = 10.0
"""The time stamp of the beginning; pictures are decoded before they are shown, and stamps are
never negative."""
MAX_OVERLAP_S = 0.5
"""Time stamps that go back by more than this belong to a clock that starts anew."""
ADTS_PROFILES = (None, "Main", "LC", "SSR", "LTP", "HE-AAC", "HE-AACv2")
"""The profiles of AAC that ADTS headers can describe (ISO 14496-3)."""
AAC_RATES = (48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
FRAME_SAMPLES = 1024
"""Samples of an AAC frame."""
PICTURE_CODECS = ("h264", "hevc", "mpeg2video")
"""Video codecs that libav writes to a transport stream."""
SILENCE_SAMPLES = 2 * FRAME_SAMPLES
"""Samples that ``write_silence`` writes."""
VIDEO_PID, AUDIO_PID = 0x100, 0x101
MUXER = {"mpegts_flags": "initial_discontinuity", "mpegts_copyts": "1"}


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """How encoded sound is sampled."""

    rate: int
    layout: str


def _muxer(out: IO[bytes]) -> OutputContainer:
    import av

    return av.open(out, "w", format="mpegts", options=MUXER)


# ---------------------------------------------------------------- one part


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a part and its sound end in the stream, in seconds; 0 if there is nothing."""

    end_s: float
    sound_end_s: float


def copy(container: InputContainer, out: IO[bytes], shift_s: float) -> Extent:
    """Write the sound and the pictures of a part, with ``shift_s`` added to its time stamps.

    Raises libav's errors.
    """
    with _muxer(out) as muxer:
        return _copy(container, muxer, shift_s)


def _copy(container: InputContainer, muxer: OutputContainer, shift_s: float) -> Extent:
    first_s = (container.start_time or 0) / 1e6
    sound, copies = played_track(container), _copied_tracks(container, muxer)
    encoder = None
    if sound and sound not in copies:
        encoder = _Encoder(muxer, encoded_format(sound))
    tracks = [*copies, sound] if encoder else [*copies]
    stamps = {track: _Stamps(shift_s + ZERO_S) for track in tracks}
    for packet in container.demux(tracks) if tracks else ():
        if packet.pts is None or packet.dts is None:
            continue
        if float((packet.pts + (packet.duration or 0)) * packet.time_base) <= first_s:
            continue  # what an encoder puts before the sound is not played
        stamps[packet.stream].move(packet)
        if copy := copies.get(packet.stream):
            packet.stream = copy
            muxer.mux(packet)
        elif encoder:
            encoder.decode(packet)
    if encoder:
        encoder.close()
    ends = {track: max(0.0, each.end_s - ZERO_S) for track, each in stamps.items()}
    return Extent(max(ends.values(), default=0.0), ends.get(sound, 0.0))


@dataclass(slots=True)
class _Stamps:
    """Moves the time stamps of a track, which a muxer accepts only if they grow."""

    shift_s: float = 0.0
    last_s: float = -1.0
    """The last decoding time stamp."""
    end_s: float = 0.0

    def move(self, packet: Packet[Any]) -> None:
        """Move the time stamps of a packet."""
        assert packet.pts is not None and packet.dts is not None  # noqa: S101, PT018
        unit = packet.time_base
        if float(packet.dts * unit) + self.shift_s < self.last_s - MAX_OVERLAP_S:
            self.shift_s = self.end_s - float(packet.dts * unit)  # the clock starts anew
        shift = round(self.shift_s / unit)
        dts = max(packet.dts + shift, math.floor(self.last_s / unit) + 1)
        packet.pts, packet.dts = max(packet.pts + shift, dts), dts
        self.last_s = float(dts * unit)
        self.end_s = max(self.end_s, float((packet.pts + (packet.duration or 0)) * unit))


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


def encoded_format(track: AudioStream) -> SoundFormat:
    """Returns the format in which a track is encoded as AAC, its own one if possible."""
    context = track.codec_context
    return SoundFormat(
        context.rate if context.rate in AAC_RATES else AAC_RATES[0],
        "mono" if context.layout.nb_channels == 1 else "stereo",
    )


def write_silence(out: IO[bytes], sound: SoundFormat, at_s: float) -> None:
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
