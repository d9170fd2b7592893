"""Audio -> where somebody speaks, and the windows that a recogniser hears one by one.

arrived = vad.arrived(sound)                    # all of it at once
for arrived in vad.arrivals(sounds): ...        # while more is coming
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aligner.audio.vad.chunking import Chunker
from aligner.audio.vad.speech import StreamingVad
from aligner.types import Audio, AudioSoFar, Span, SpeechSegments

__all__ = ["find_speech", "run", "stream"]


def find_speech(audio: Audio) -> SpeechSegments:
    """Where somebody speaks; empty for silence, noise and music."""
    return SpeechSegments(tuple(StreamingVad().more(audio, whole=True)))


def run(audio: Audio) -> AudioSoFar:
    """A whole sound, with where somebody speaks in it and its windows."""
    (all_of_it,) = stream([(audio, True)])
    return all_of_it


def stream(sounds: Iterable[tuple[Audio, bool]]) -> Iterator[AudioSoFar]:
    """More and more of a sound, and whether that is all of it -> what has arrived each time.

    In all of it the speech and windows are the same however it came in.
    """
    finder, cutter = StreamingVad(), Chunker()
    segments: tuple[Span, ...] = ()
    cut: tuple[Span, ...] = ()
    for audio, whole in sounds:
        further = finder.more(audio, whole=whole)
        segments += tuple(further)
        cut += tuple(cutter.more(further, audio.duration_ms if whole else None))
        yield AudioSoFar(audio, SpeechSegments(segments), cut, whole)
