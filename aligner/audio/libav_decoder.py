"""A program that decodes an audio track to standard output with PyAV's libraries.

    python -P audio/libav_decoder.py FILE TRACK START FILTERS FORMATS LONGEST

``decode.py`` runs it where there is no ffmpeg, under the same limits: it is a process of its own
because a crafted file can take all memory, or endless time. It imports nothing of
aligner.

FILE is an address of libav, TRACK the number of the track, START the timestamp, in seconds, that is
the instant 0. FILTERS are chains of libav's filters, with ";" between them, that each end in 16-bit
mono samples; those of several chains are written as channels. {at} stands where the number of the
first sample goes. FORMATS may be opened, and no others; at most LONGEST
bytes are written. What is wrong with the file is written to standard error, and what can be decoded
of it is decoded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

FORWARD_S, BACK_S = 10.0, 0.1
"""Seconds ahead of and behind the expected time from which a timestamp is a jump of the clock.
The limits are those of ffmpeg."""
JUMPING = ("mpegts", "mpeg")
"""Formats with a clock that may jump."""


def main(arguments: list[str]) -> int:
    """Decode, and return the exit code: 1 if the file could not be opened."""
    file, track, start, filters, formats, longest = arguments
    options = {"format_whitelist": formats, "protocol_whitelist": "file"}
    try:
        with av.open(file, mode="r", options=options) as container:
            clock = _Clock(float(start), container.format.name in JUMPING)
            _pour(_frames(container, int(track), clock), filters, sys.stdout.buffer, int(longest))
    except av.FFmpegError as error:
        _complain(error)
        return 1
    return 0


@dataclass
class _Clock:
    """Converts a track's timestamps to sample numbers."""

    start_s: float
    """The timestamp of time 0, with the jumps of the clock added."""
    may_jump: bool
    due: Fraction | None = None
    """The start of the next frame if nothing is missing, in seconds from time 0."""

    def place(self, frame: AudioFrame, tick: Fraction) -> int:
        """Returns the first sample's number of a frame, at its own rate.

        A gap within the rounding of timestamps is ignored.
        """
        rate = frame.sample_rate
        at = self._time(frame, tick)
        if self.due is not None and abs(at - self.due) <= tick:
            at = self.due
        self.due = at + Fraction(frame.samples, rate)
        return round(at * rate)

    def _time(self, frame: AudioFrame, tick: Fraction) -> Fraction:
        if frame.pts is None:
            return self.due or Fraction(0)
        time = frame.pts * tick
        at = time - Fraction(self.start_s)
        off = 0.0 if self.due is None else float(at - self.due)
        if self.may_jump and (off > FORWARD_S or off < -BACK_S):
            self.start_s += off
            at = time - Fraction(self.start_s)
        return at


def _frames(container: InputContainer, track: int, clock: _Clock) -> Iterator[AudioFrame]:
    """Yield a track's frames, with the numbers of their first samples as timestamps."""
    stream = next(one for one in container.streams.audio if one.index == track)
    base = stream.time_base
    tick = Fraction(base.numerator, base.denominator) if base else Fraction(1, stream.rate)
    for packet in chain(_packets(container, stream), [None]):
        try:
            frames = stream.decode(packet)
        except av.FFmpegError as error:  # damaged: what follows may be whole
            _complain(error)
            continue
        for frame in frames:
            frame.pts = clock.place(frame, tick)
            frame.time_base = Fraction(1, frame.sample_rate)
            yield frame


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


def _pour(frames: Iterator[AudioFrame], filters: str, out: BinaryIO, longest: int) -> None:
    """Filter and write frames; a change of the sample format rebuilds the filters."""
    chain_: _Filters | None = None
    done = 0
    frame_bytes = 2 * len(filters.split(";"))
    for frame in chain(frames, [None]):
        if chain_ and (frame is None or chain_.form != _form(frame)):
            done += _write(chain_.push(None), out)
            chain_ = None
        if frame is not None:
            chain_ = chain_ or _Filters(frame, filters.format(at=done // frame_bytes).split(";"))
            done += _write(chain_.push(frame), out)
        if done > longest:
            return


def _form(frame: AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.format.name, frame.layout.name


class _Filters:
    """Chains of filters for frames of one sample format."""

    def __init__(self, first: AudioFrame, chains: list[str]) -> None:
        self.form = _form(first)
        self._graph = graph = av.filter.Graph()
        rate, kind, layout = self.form
        source = graph.add_abuffer(
            sample_rate=rate, format=kind, layout=layout, time_base=Fraction(1, rate)
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
        self._graph.push(frame)
        while True:
            try:
                found = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            assert isinstance(found, AudioFrame)  # noqa: S101
            yield found


def _write(frames: Iterator[AudioFrame], out: BinaryIO) -> int:
    """Write frames' samples, 16 bits each, channels interleaved, and return their bytes."""
    done = 0
    for frame in frames:
        size = frame.samples * frame.layout.nb_channels * 2
        out.write(memoryview(frame.planes[0])[:size])
        done += size
    return done


def _complain(error: av.FFmpegError) -> None:
    sys.stderr.write(f"{error.strerror or error}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
