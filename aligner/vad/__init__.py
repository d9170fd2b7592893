"""Audio -> where somebody speaks, and the windows that a recogniser hears one by one.

arrived = vad.arrived(sound)                    # all of it at once
for arrived in vad.arrivals(sounds): ...        # while more is coming
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aligner.nouns import Arrived, Audio, Span, Speech
from aligner.vad.speech import Finder
from aligner.vad.windows import Cutter

__all__ = ["arrivals", "arrived", "find_speech"]


def find_speech(audio: Audio) -> Speech:
    """Where somebody speaks; empty for silence, noise and music."""
    return Speech(tuple(Finder().more(audio, whole=True)))


def arrived(audio: Audio) -> Arrived:
    """A whole sound, with where somebody speaks in it and its windows."""
    (all_of_it,) = arrivals([(audio, True)])
    return all_of_it


def arrivals(sounds: Iterable[tuple[Audio, bool]]) -> Iterator[Arrived]:
    """More and more of a sound, and whether that is all of it -> what has arrived each time.

    In all of it the speech and windows are the same however it came in.
    """
    finder, cutter = Finder(), Cutter()
    segments: tuple[Span, ...] = ()
    cut: tuple[Span, ...] = ()
    for audio, whole in sounds:
        further = finder.more(audio, whole=whole)
        segments += tuple(further)
        cut += tuple(cutter.more(further, audio.duration_ms if whole else None))
        yield Arrived(audio, Speech(segments), cut, whole)
