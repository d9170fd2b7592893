"""Times the words of segments: some seconds of sound and the words said in them.

Several segments are aligned together, which takes less time; each result is the same as alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic import boundary_refinement
from aligner.alignment.acoustic.filterbank import RATE
from aligner.alignment.acoustic.forced_alignment import Utterance, WordAlignment, align
from aligner.alignment.acoustic.intervals import near, spoken_ms
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.alignment.acoustic.noise import NoisySpeech
from aligner.alignment.acoustic.segmentation import AlignmentWindow, bisect_window
from aligner.types import Audio, CaptionWord, Span

BEFORE_MS = 500
"""Sound before a window that belongs to its segment; the background noise is measured in it."""
MEDIAN_OFFSET_MS = 150
"""Largest median offset of the word starts of an accepted window from the recogniser's."""
FAR_MS, FAR_SHARE = 500, 0.25
"""Largest share of words of an accepted window that start more than ``FAR_MS`` away."""
FAR_IN_NOISE_MS = 300
"""In noise, a word that starts farther from the recogniser's time keeps that time. In a murmur of
5 dB, 25 words of seven readers were more than 200 ms off without this limit, 9 with it."""
SQUEEZED_SHARE = 0.34
"""Largest share of words of an accepted window with the fewest frames that their phones allow."""
SPOKEN_SHARE = 0.8
"""Least share of the time of the words of an accepted window that is detected speech."""
LEAD_MS, SILENT = 60, 1e-4
"""A word that starts more than ``LEAD_MS`` before detected speech is moved to the start of that
speech if the power in between is less than the share ``SILENT`` of that of the word. A lead alone
does not suffice: the detector is late for soft onsets."""
BACKGROUND, BACKGROUND_MS = 2.0, (100, BEFORE_MS)
"""The word is also moved if the power in between is at most ``BACKGROUND`` times that of the pause
before it, of which the last 100 to 500 ms are measured: background noise is no speech."""
SHORTEST_MS = 10
"""Shortest length of a word."""
MS = 1000 / RATE
"""Milliseconds per sample."""

Places = dict[int, Span]
"""By the index of a word: when it is said, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A window with what its alignment needs. Times count from the start of its sound."""

    audio: Audio
    window: AlignmentWindow
    words: tuple[CaptionWord, ...]
    said: tuple[tuple[LexiconToken, ...], ...]
    """The lexicon tokens of each word."""
    speech: tuple[Span, ...] | None
    """Detected speech that may touch the segment; None if no detector ran."""
    shifts: tuple[int, ...]
    """Samples by which the sound is shifted for each alignment; the times are their mean."""
    noise: NoisySpeech | None = None
    """How sound from the start of the segment on is scored in noise; None for clean speech."""

    def utterances(self, window: AlignmentWindow) -> list[Utterance]:
        """Returns the sound of a window and its lexicon tokens, once for each shift."""
        said = [one for at in range(window.words.start, window.words.end) for one in self.said[at]]
        samples = self._samples(window)
        noise = self.noise and self.noise.later(window.sound.start)
        return [
            Utterance(samples[shift:], said, noise and noise.later(shift * MS))
            for shift in self.shifts
        ]

    def _samples(self, window: AlignmentWindow) -> NDArray[np.int16]:
        first, last = (t * RATE // 1000 for t in (window.sound.start, window.sound.end))
        return np.asarray(self.audio.samples[first:last])

    def _owners(self, window: AlignmentWindow) -> list[int]:
        """Returns for each lexicon token of a window the index of its printed word."""
        words = range(window.words.start, window.words.end)
        return [at for at in words for _ in self.said[at]]

    def accepted(
        self, window: AlignmentWindow, alignments: Sequence[list[WordAlignment] | None]
    ) -> Places | None:
        """Returns the times of the words of a window; None if the alignment is rejected."""
        heard = self._mean(alignments)
        if heard is None:
            return None
        heard = [self._without_silence(word, window.sound.start) for word in heard]
        places: Places = {}
        borders = _refine_boundaries(heard, self._samples(window))
        for at, start, end in zip(self._owners(window), *borders, strict=True):
            span = Span(round(window.sound.start + start), round(window.sound.start + end))
            places[at] = Span(places[at].start, span.end) if at in places else span
        if not self._agrees(places, heard):
            return None
        return self._near(places) if self.noise else places

    def _near(self, places: Places) -> Places:
        """Returns the places that are near the recogniser's times."""
        return {
            at: span
            for at, span in places.items()
            if abs(span.start - self.words[at].start_ms) <= FAR_IN_NOISE_MS
        }

    def _mean(self, alignments: Sequence[list[WordAlignment] | None]) -> list[WordAlignment] | None:
        """Returns the mean of all alignments; None if the text is rejected."""
        first = alignments[0]
        if first is None:
            return None
        shifted = [
            [(word.start + shift * MS, word.end + shift * MS) for word in heard]
            for shift, heard in zip(self.shifts, alignments, strict=True)
            if heard is not None
        ]
        means = np.mean(shifted, axis=0)
        return [
            replace(word, start=float(start), end=float(end))
            for word, (start, end) in zip(first, means, strict=True)
        ]

    @property
    def segments(self) -> tuple[Span, ...]:
        """Detected speech."""
        return self.speech or ()

    def _without_silence(self, word: WordAlignment, from_ms: int) -> WordAlignment:
        """Removes silence before a word, which the model may take for the closure of a plosive."""
        span = Span(round(from_ms + word.start), round(from_ms + word.end))
        touched = near(self.segments, span)
        onset = self.segments[touched[0]].start if touched else span.start
        if onset - span.start <= LEAD_MS or onset >= span.end:
            return word
        lead, rest = (
            float((self.audio.window(a, b) ** 2).mean())
            for a, b in ((span.start, onset - LEAD_MS // 2), (onset, span.end))
        )
        quiet = max(SILENT * rest, BACKGROUND * self._background(span.start, touched[0]))
        return replace(word, start=float(onset - from_ms)) if lead < quiet else word

    def _background(self, ms: int, segment: int) -> float:
        """Returns the power of the pause before speech segment ``segment``, up to time ``ms``.

        0 if the pause is too short to measure.
        """
        least, most = BACKGROUND_MS
        spoken = self.segments[segment - 1].end if segment else 0
        start = max(spoken, ms - most)
        return float((self.audio.window(start, ms) ** 2).mean()) if ms - start >= least else 0.0

    def _median_offset(self, places: Places) -> float:
        """Returns the median offset of word starts from the recogniser's times, in milliseconds."""
        offsets = [abs(span.start - self.words[at].start_ms) for at, span in places.items()]
        return float(np.median(offsets))

    def _agrees(self, places: Places, heard: Sequence[WordAlignment]) -> bool:
        """Whether times agree on the whole with the recogniser and with detected speech."""
        squeezed = sum(word.squeezed for word in heard)
        far = sum(abs(s.start - self.words[at].start_ms) > FAR_MS for at, s in places.items())
        total = sum(len(span) for span in places.values())
        spoken = sum(spoken_ms(span, self.segments) for span in places.values())
        return (
            squeezed <= SQUEEZED_SHARE * len(heard)
            and self._median_offset(places) <= MEDIAN_OFFSET_MS
            and far <= FAR_SHARE * len(places)
            and (self.speech is None or spoken >= SPOKEN_SHARE * total)
        )


def align_segments(segments: Sequence[Segment]) -> list[Places]:
    """Returns the times of the words of each segment.

    A window whose alignment is rejected is divided, and its halves are aligned.
    """
    found: list[Places] = [{} for _ in segments]
    waiting = [(at, segment.window) for at, segment in enumerate(segments)]
    while waiting:
        asked = [segments[at].utterances(window) for at, window in waiting]
        heard = iter(align([spoken for one in asked for spoken in one]))
        rejected = []
        for (at, window), one in zip(waiting, asked, strict=True):
            places = segments[at].accepted(window, [next(heard) for _ in one])
            if places is None:
                rejected += [(at, half) for half in bisect_window(window, segments[at].words)]
            else:
                found[at] |= places
        waiting = rejected
    return found


def _refine_boundaries(
    heard: Sequence[WordAlignment], samples: NDArray[np.int16]
) -> tuple[list[float], list[float]]:
    """Moves starts and ends to where the spectrum changes; adjacent words share a boundary."""
    sound = boundary_refinement.spectral_flux(samples)
    starts: list[float] = []
    ends: list[float] = []
    free_from = 0.0
    for at, word in enumerate(heard):
        touching = bool(ends) and word.start <= heard[at - 1].end
        start = ends[-1] if touching else _moved(sound.change, word.start, free_from, word.end)
        start = boundary_refinement.after_gap(sound, start, word.end, word.phone)
        following = (
            heard[at + 1].start if at + 1 < len(heard) else word.end + boundary_refinement.REACH_MS
        )
        limit = heard[at + 1].end if following <= word.end and at + 1 < len(heard) else following
        end = _moved(sound.change, word.end, max(start, word.start) + SHORTEST_MS, limit)
        starts.append(start)
        ends.append(max(end, start + SHORTEST_MS))
        free_from = ends[-1]
    return starts, ends


def _moved(curve: boundary_refinement.Curve, ms: float, least: float, most: float) -> float:
    """Moves a boundary to the strongest spectral change near it that lies within its limits."""
    place = boundary_refinement.nearest(curve, ms)
    return place if least <= place <= most - SHORTEST_MS else max(ms, least)
