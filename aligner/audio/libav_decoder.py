"""A program that decodes an audio track to standard output with PyAV's libraries.

    python -P audio/libav_decoder.py FILE TRACK START CLOCK FILTERS FORMATS LONGEST PART...

``decode.py`` runs it under limits, as a process of its own, because a crafted file can take all
memory, or endless time. It imports nothing of aligner.

FILE is a path, TRACK the number of the track among the audio tracks, START the timestamp, in
seconds, that is the instant 0. CLOCK is that of the format: "jumps" if it may jump ahead, "counted"
if the file has no timestamps and libav counts frames, else "steady". FILTERS are chains of libav's
filters, with ";" between them, that each end in 16-bit mono samples; those of several chains are
written as channels. FORMATS may be opened, and no others; at most LONGEST samples are written. Each
PART is a recording within the file: FIRST-END-HOW, where FIRST and END are byte offsets, and HOW is
"anew" if the part's timestamps have nothing to do with those before it, else "same". What is wrong
with the file is written to standard error, and what can be decoded of it is decoded.

The output has 16,000 samples a second. Each frame of sound is put at its timestamp:
gaps become silence, and what overlaps is cut. Frames that follow one another without a gap are
resampled together, as long as sample rate, sample format and channels stay the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import BinaryIO, cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

SAMPLE_RATE = 16_000
FORWARD_S, BACK_S = 10.0, 0.1
"""Seconds ahead of and behind the expected time from which a timestamp is a jump of the clock.
The limits are those of ffmpeg."""
GAP_S = 0.02
"""A larger gap between timestamps moves the sound; a smaller one is rounding, for instance to
Matroska's whole milliseconds."""
BATCH = 1 << 15
"""Samples that are resampled at a time: a call of libav for each frame takes twice as long."""
SILENCE = bytes(1 << 20)


def main(arguments: list[str]) -> int:
    """Decode, and return the exit code: 1 if the file could not be opened."""
    file, track, start, kind, filters, formats, longest, *parts = arguments
    options = {"format_whitelist": formats, "protocol_whitelist": "file,subfile"}
    clock = _TimestampClock(float(start), kind)
    out = _Output(sys.stdout.buffer, filters.split(";"), int(longest))
    code = 0
    for part in parts:
        first, end, how = part.split("-")
        clock.begin_part(anew=how == "anew")
        address = f"subfile,,start,{first},end,{end},,:{file}"
        try:
            with av.open(address, mode="r", options=options) as container:
                _pour(_frames(container, int(track)), clock, out)
        except av.FFmpegError as error:
            _complain(error)
            code = 1
        if out.is_full:
            break
    return code if out.position == 0 else 0


@dataclass(slots=True)
class _TimestampClock:
    """Converts timestamps to seconds from the instant 0."""

    start_s: float
    """The timestamp of the instant 0, with the jumps of the clock added."""
    kind: str
    """"jumps", "counted" or "steady"."""
    due: float | None = None
    """When the next frame starts if nothing is missing."""
    end: float = 0.0
    """When the last frame ends, without the padding that an encoder put into it."""
    _next_pts: int | None = None
    """The timestamp of the next frame if libav counts on."""
    _anew: bool = False
    _is_first: bool = True
    """Whether the next frame is the first one of a part."""

    def begin_part(self, anew: bool) -> None:
        """Take the next frame for the first one of a part."""
        self._anew, self._is_first = anew, True

    def place(self, frame: AudioFrame) -> float:
        """Returns when a frame starts."""
        at = self._time(frame)
        self._is_first = False
        self._next_pts = None if frame.pts is None else frame.pts + frame.duration
        self.due = at + frame.samples / frame.sample_rate
        self.end = at + self._length(frame)
        return at

    def _length(self, frame: AudioFrame) -> float:
        """Returns how long a frame is played: its last samples may be an encoder's padding."""
        whole = frame.samples / frame.sample_rate
        if self.kind == "counted" or not frame.duration or frame.time_base is None:
            return whole
        return min(whole, float(frame.duration * frame.time_base))

    def _time(self, frame: AudioFrame) -> float:
        if frame.pts is None or frame.time_base is None:
            return self.due or 0.0
        at = float(frame.pts * frame.time_base) - self.start_s
        if self.due is None:
            return at
        if self.kind == "counted" and self._next_pts is not None:
            # libav counts at the rate of the file's first frame
            return self.due + float((frame.pts - self._next_pts) * frame.time_base)
        off = at - self.due
        anew = self._is_first and self._anew
        far_ahead = off > FORWARD_S and (self.kind == "jumps" or self._is_first)
        if anew or far_ahead or off < -BACK_S:
            self.start_s += off
            return self.due
        return at


def _frames(container: InputContainer, track: int) -> Iterator[AudioFrame]:
    """Yield the decoded frames of an audio track; where there are fewer tracks, of the first."""
    tracks = container.streams.audio
    if not tracks:
        return
    stream = tracks[track] if track < len(tracks) else tracks[0]
    for packet in chain(_with_restarts(_packets(container, stream)), [None]):
        try:
            yield from stream.decode(packet)
        except av.FFmpegError as error:  # damaged: what follows may be whole
            _complain(error)


def _packets(container: InputContainer, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    """Yield a track's packets, up to the end of the readable part of the file."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError as error:
            _complain(error)
            return
        if packet.size:
            yield packet


def _with_restarts(packets: Iterator[Packet[AudioStream]]) -> Iterator[Packet[AudioStream]]:
    """Yield packets, those too that libav discards where a clock starts anew.

    libav takes fragments of MP4 that are earlier than the one before them for duplicates. Others
    that it discards lie outside an edit.
    """
    due = 0.0
    is_restart = False
    for packet in packets:
        if packet.pts is not None and packet.time_base is not None:
            at = float(packet.pts * packet.time_base)
            is_restart = packet.is_discard and (is_restart or at < due - BACK_S)
            due = at + float((packet.duration or 0) * packet.time_base)
        yield _kept(packet) if is_restart else packet


def _kept(packet: Packet[AudioStream]) -> Packet[AudioStream]:
    """Returns a copy of a packet that the decoder does not discard."""
    copy = cast("Packet[AudioStream]", Packet(bytes(packet)))
    copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
    copy.time_base = packet.time_base
    return copy


def _pour(frames: Iterator[AudioFrame], clock: _TimestampClock, out: _Output) -> None:
    """Write frames where their timestamps put them."""
    run: _Run | None = None
    for frame in frames:
        at = clock.place(frame)
        if run and not run.continues_with(frame, at):
            run.finish()
            run = None
        if run is None:
            out.move_to(round(at * SAMPLE_RATE))
            run = _Run(_form(frame), at, out)
        run.add(frame)
        if out.is_full:
            return
    if run:
        out.end_at(round(clock.end * SAMPLE_RATE))
        run.finish()


Form = tuple[int, str, str]
"""Sample rate, sample format and channel layout."""


def _form(frame: AudioFrame) -> Form:
    return frame.sample_rate, frame.format.name, frame.layout.name


@dataclass(slots=True)
class _Run:
    """Frames of one form without a gap between them."""

    form: Form
    start_s: float
    out: _Output
    samples: int = 0
    """How many were added, at the frames' own rate."""
    _fifo: av.AudioFifo = field(default_factory=av.AudioFifo)
    _filters: _Filters = field(init=False)

    def __post_init__(self) -> None:
        self._filters = _Filters(self.form, self.out.chains)

    def continues_with(self, frame: AudioFrame, at: float) -> bool:
        due = self.start_s + self.samples / self.form[0]
        return abs(at - due) <= GAP_S and self.form == _form(frame)

    def add(self, frame: AudioFrame) -> None:
        self.samples += frame.samples
        frame.pts = None
        self._fifo.write(frame)
        if self._fifo.samples >= BATCH:
            self._resample(self._fifo.read())

    def finish(self) -> None:
        """Write what is still held back."""
        self._resample(self._fifo.read(partial=True))
        self._resample(None)

    def _resample(self, frame: AudioFrame | None) -> None:
        for done in self._filters.push(frame):
            self.out.write(memoryview(done.planes[0])[: done.samples * self.out.width])


class _Filters:
    """Chains of filters for frames of one form."""

    def __init__(self, form: Form, chains: list[str]) -> None:
        self._graph = graph = av.filter.Graph()
        graph.threads = 1  # more do not help here, and each takes address space
        rate, kind, layout = form
        self._tick = Fraction(1, rate)
        self._samples = 0
        source = graph.add_abuffer(
            sample_rate=rate, format=kind, layout=layout, time_base=self._tick
        )
        split = graph.add("asplit", str(len(chains)))
        merged = graph.add("amerge", str(len(chains)))
        source.link_to(split)
        for number, text in enumerate(chains):
            last, output = split, number
            for name, _, options in (part.partition("=") for part in text.split(",")):
                made = graph.add(name, options)
                last.link_to(made, output)
                last, output = made, 0
            last.link_to(merged, 0, number)
        merged.link_to(graph.add("abuffersink"))
        graph.configure()

    def push(self, frame: AudioFrame | None) -> Iterator[AudioFrame]:
        """Push a frame, or None after the last, and yield the filtered frames."""
        if frame is not None:
            frame.pts, frame.time_base = self._samples, self._tick
            self._samples += frame.samples
        self._graph.push(frame)
        while True:
            try:
                found = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            assert isinstance(found, AudioFrame)  # noqa: S101
            yield found


@dataclass(slots=True)
class _Output:
    """Samples on their way to a file."""

    file: BinaryIO
    chains: list[str]
    """The filters; each makes a channel of 16 bits."""
    longest: int
    """The most samples that are written."""
    position: int = 0
    """The number of the next sample."""
    _end: int | None = None
    """The number of the sample at which the recording ends, where it is known."""
    _skip: int = 0
    """How many samples are still to be left out, because others are in their place."""

    @property
    def width(self) -> int:
        """Bytes of a sample of all channels."""
        return 2 * len(self.chains)

    @property
    def is_full(self) -> bool:
        return self.position >= self.longest

    def move_to(self, position: int) -> None:
        """Write silence up to a sample; if it is written already, leave out what overlaps."""
        self._skip, self._end = max(0, self.position - position), None
        missing = self.width * (min(position, self.longest) - self.position)
        while missing > 0:
            done = self.file.write(SILENCE[:missing])
            self.position += done // self.width
            missing -= done

    def end_at(self, position: int) -> None:
        """Leave out what comes from a sample on, until the next move."""
        self._end = position

    def write(self, samples: memoryview) -> None:
        count = len(samples) // self.width
        left_out = min(self._skip, count)
        self._skip -= left_out
        if self._end is not None:
            count = max(left_out, min(count, left_out + self._end - self.position))
        self.position += count - left_out
        self.file.write(samples[self.width * left_out : self.width * count])


def _complain(error: av.FFmpegError) -> None:
    sys.stderr.write(f"{error.strerror or error}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
