"""A passage: some seconds of sound and the words said in it -> when each of them is said.

Several passages are timed together, which takes less time; each comes out as if it were alone.
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
from aligner.alignment.acoustic.segmentation import Window, bisect_window
from aligner.types import Audio, CaptionWord, Span

BEFORE_MS = 500
"""Sound before a window that goes with it: what is heard there is its background."""
USUAL_MS = 150
"""A window is believed if half of its words start within this of the recogniser's times."""
FAR_MS, FAR_SHARE = 500, 0.25
"""... and no more than this share of them is further off than that."""
SQUEEZED_SHARE = 0.34
"""... and no more than this share is as short as a word can be."""
SPOKEN_SHARE = 0.8
"""... and so much of what it places lies within detected speech."""
LEAD_MS, SILENT = 60, 1e-4
"""A word begins with detected speech if it would begin earlier by more than this, and if the sound
in between has less than this share of the word's power: the detector is late for soft onsets."""
BACKGROUND, BACKGROUND_MS = 2.0, (100, BEFORE_MS)
"""... or no more than so many times the power of the pause before it, of which at least and at most
so much is heard: music or noise under the speech is no part of the word."""
SHORTEST_MS = 10
"""Every word lasts that long."""
MS = 1000 / RATE
"""Milliseconds to a sample."""

Places = dict[int, Span]
"""By a word's place in the list: when it is said, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A window with all that is needed to time its words. Its clock begins with its sound."""

    audio: Audio
    window: Window
    words: tuple[CaptionWord, ...]
    said: tuple[tuple[LexiconToken, ...], ...]
    """What is spoken for each word."""
    speech: tuple[Span, ...] | None
    """Detected speech that may touch the passage; None where nobody detected any at all."""
    shifts: tuple[int, ...]
    """Samples by which the sound is shifted for each hearing; what is found is their mean."""

    def asked(self, window: Window) -> list[Utterance]:
        """A window's sound and what is said in it, once for each hearing."""
        said = [one for at in range(window.words.start, window.words.end) for one in self.said[at]]
        samples = self._samples(window)
        return [Utterance(samples[shift:], said) for shift in self.shifts]

    def _samples(self, window: Window) -> NDArray[np.int16]:
        first, last = (t * RATE // 1000 for t in (window.sound.start, window.sound.end))
        return np.asarray(self.audio.samples[first:last])

    def _owners(self, window: Window) -> list[int]:
        """For each word that is spoken in a window the printed one that it is spoken for."""
        words = range(window.words.start, window.words.end)
        return [at for at in words for _ in self.said[at]]

    def found(
        self, window: Window, hearings: Sequence[list[WordAlignment] | None]
    ) -> Places | None:
        """When the words of a window are said; None if what was heard is not believed."""
        heard = self._mean(hearings)
        if heard is None:
            return None
        heard = [self._without_silence(word, window.sound.start) for word in heard]
        places: Places = {}
        borders = _refine_boundaries(heard, self._samples(window))
        for at, start, end in zip(self._owners(window), *borders, strict=True):
            span = Span(round(window.sound.start + start), round(window.sound.start + end))
            places[at] = Span(places[at].start, span.end) if at in places else span
        return places if self._agrees(places, heard) else None

    def _mean(self, hearings: Sequence[list[WordAlignment] | None]) -> list[WordAlignment] | None:
        """The place of each word, the mean of all hearings; None where the text does not fit."""
        first = hearings[0]
        if first is None:
            return None
        shifted = [
            [(word.start + shift * MS, word.end + shift * MS) for word in heard]
            for shift, heard in zip(self.shifts, hearings, strict=True)
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
        """A word less a silence before it, which the model may take for a plosive's closure."""
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
        """The power of the pause up to a moment before a segment; 0 if it is too short to say."""
        least, most = BACKGROUND_MS
        spoken = self.segments[segment - 1].end if segment else 0
        start = max(spoken, ms - most)
        return float((self.audio.window(start, ms) ** 2).mean()) if ms - start >= least else 0.0

    def _away(self, places: Places) -> float:
        """How far half of the words at least start from where the recogniser heard them."""
        away = [abs(span.start - self.words[at].start_ms) for at, span in places.items()]
        return float(np.median(away))

    def _agrees(self, places: Places, heard: Sequence[WordAlignment]) -> bool:
        """Whether places agree, by and large, with the recogniser and with detected speech."""
        squeezed = sum(word.squeezed for word in heard)
        far = sum(abs(s.start - self.words[at].start_ms) > FAR_MS for at, s in places.items())
        total = sum(len(span) for span in places.values())
        spoken = sum(spoken_ms(span, self.segments) for span in places.values())
        return (
            squeezed <= SQUEEZED_SHARE * len(heard)
            and self._away(places) <= USUAL_MS
            and far <= FAR_SHARE * len(places)
            and (self.speech is None or spoken >= SPOKEN_SHARE * total)
        )


def align_segments(passages: Sequence[Segment]) -> list[Places]:
    """When the words of each passage are said; of a window that is refused, those of its halves."""
    found: list[Places] = [{} for _ in passages]
    waiting = [(at, passage.window) for at, passage in enumerate(passages)]
    while waiting:
        asked = [passages[at].asked(window) for at, window in waiting]
        heard = iter(align([spoken for one in asked for spoken in one]))
        refused = []
        for (at, window), one in zip(waiting, asked, strict=True):
            places = passages[at].found(window, [next(heard) for _ in one])
            if places is None:
                refused += [(at, half) for half in bisect_window(window, passages[at].words)]
            else:
                found[at] |= places
        waiting = refused
    return found


def _refine_boundaries(
    heard: Sequence[WordAlignment], samples: NDArray[np.int16]
) -> tuple[list[float], list[float]]:
    """Starts and ends, each moved to where the sound changes; words that touch share a border."""
    sound = boundary_refinement.edges(samples)
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
    """A border at the strongest change near it, if that lies where it may."""
    place = boundary_refinement.nearest(curve, ms)
    return place if least <= place <= most - SHORTEST_MS else max(ms, least)
