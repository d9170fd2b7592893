"""Voice activity detection (VAD), and the windows of speech for the recogniser.

so_far = vad.run(audio)                    # of a whole recording
for so_far in vad.stream(sounds): ...      # of a recording that is still being decoded
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aligner.audio.vad.chunking import Chunker
from aligner.audio.vad.speech import StreamingVad
from aligner.types import Audio, AudioSoFar, Span, SpeechSegments

__all__ = ["find_speech", "run", "stream"]


def find_speech(audio: Audio) -> SpeechSegments:
    """Returns the segments of speech; none in silence, noise and music."""
    return SpeechSegments(tuple(StreamingVad().feed(audio, is_last=True)))


def run(audio: Audio) -> AudioSoFar:
    """Returns a whole recording with its speech and windows."""
    (complete,) = stream([(audio, True)])
    return complete


def stream(sounds: Iterable[tuple[Audio, bool]]) -> Iterator[AudioSoFar]:
    """Yield the speech and the windows so far for each part of a growing recording.

    Each of ``sounds`` holds the recording from its start, and whether it is complete. The result
    for the complete recording does not depend on the parts.
    """
    vad, chunker = StreamingVad(), Chunker()
    segments: tuple[Span, ...] = ()
    windows: tuple[Span, ...] = ()
    for audio, is_last in sounds:
        new_segments = vad.feed(audio, is_last=is_last)
        segments += tuple(new_segments)
        windows += tuple(chunker.feed(new_segments, audio.duration_ms if is_last else None))
        yield AudioSoFar(audio, SpeechSegments(segments), windows, is_last)
