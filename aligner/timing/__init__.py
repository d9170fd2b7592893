"""Audio + caption words -> the same words with exact times, from the sound itself.

A recogniser's word times are off by 60 to 100 ms. Where the language has an acoustic model here
(English), the words known to be spoken are looked for in short windows of the sound; what is found
is believed only where it agrees, by and large, with what the recogniser said. Elsewhere, and in
other languages, the recogniser's times stand.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from statistics import median
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aligner import languages
from aligner.nouns import Audio, CaptionWord, Span, Speech
from aligner.timing import edges, sphinx
from aligner.timing.pronounce import other_way
from aligner.timing.sphinx import Heard, Said
from aligner.timing.windows import Window, halves, windows

Progress = Callable[[int, int], None]
Fineness = Literal["fast", "usual", "fine"]
"""The recogniser's own times; found in the sound; found four times in the sound, and the mean."""

ALIGNED = ("en",)
"""Languages for which there is an acoustic model."""
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
BACKGROUND, BACKGROUND_MS = 2.0, (100, 500)
"""... or no more than so many times the power of the pause before it, of which at least and at most
so much is heard: music or noise under the speech is no part of the word."""
PAUSE_MS = 200
"""Silence of that length is a pause, which no word spans."""
SHORTEST_MS = 10
"""Every word lasts that long."""
COMPOUND = re.compile(r"[\s\-\u2010-\u2015/]+")
"""Between the parts of a compound, which are said as words of their own."""
GUESSED_MS = 20
"""A recogniser's word of this length or less has no time of its own."""


MS = 1000 / edges.RATE
"""Milliseconds to a sample."""
FINE_SHIFTS = (0, 40, 80, 120)
"""Samples by which the sound is shifted for fine times: quarters of the model's frame of 10 ms."""

Places = dict[int, Span]
"""By a word's place in the list: when it is said, in milliseconds of the recording."""


def _silent(_done: int, _total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Care:
    """How exact times are to be, and whom to tell how far it is."""

    fineness: Fineness = "usual"
    progress: Progress = _silent
    """Told how many milliseconds of sound are done, of how many."""


USUAL = Care()


def refine(
    audio: Audio,
    words: tuple[CaptionWord, ...],
    speech: Speech,
    language: str,
    care: Care = USUAL,
) -> tuple[CaptionWord, ...]:
    """Rough times -> exact ones. Every word is kept, in order, its text as it was.

    Starts never go back, ends come after starts, no word ends after the next begins. A word whose
    time is no more than a guess has the origin "interpolated".
    """
    known = language.split("-")[0].lower() in ALIGNED
    if not words or not known or audio.sample_rate != edges.RATE or care.fineness == "fast":
        return words
    shifts = FINE_SHIFTS if care.fineness == "fine" else FINE_SHIFTS[:1]
    aligner = _Aligner(audio, words, speech, _said(words, language), shifts)
    places: Places = {}
    for window in windows(words, speech.segments, audio.duration_ms):
        places |= aligner.believed(window)
        care.progress(window.sound.end, audio.duration_ms)
    whole = [len(group) == 1 for group in aligner.said]
    placed = [
        _placed(word, places.get(at), speech.segments if whole[at] else ())
        for at, word in enumerate(words)
    ]
    return tuple(_in_order(placed, audio.duration_ms))


def _said(words: Sequence[CaptionWord], language: str) -> list[tuple[Said, ...]]:
    """What is spoken for each word; nothing for a dash."""
    atoms = languages.get(language).say([word.text for word in words])
    usual: list[list[str]] = [[] for _ in words]
    for atom in atoms:
        usual[atom.word].append(atom.text)
    heard = [word.said or usual[at] for at, word in enumerate(words)]
    texts = [text for one in heard for text in one]
    ends = list(accumulate(map(len, heard)))
    groups = [range(end - len(one), end) for one, end in zip(heard, ends, strict=True)]
    said = []
    for word, group in zip(words, groups, strict=True):
        parts = [part for part in COMPOUND.split(word.text) if part]
        printed = parts if len(parts) == len(group) else [texts[at] for at in group]
        said.append(
            tuple(
                Said(shown, texts[at], other_way(texts, at))
                for shown, at in zip(printed, group, strict=True)
            )
        )
    return said


@dataclass(frozen=True, slots=True)
class _Aligner:
    """What is needed to time the words of a window."""

    audio: Audio
    words: tuple[CaptionWord, ...]
    speech: Speech
    said: list[tuple[Said, ...]]
    shifts: tuple[int, ...]
    """Samples by which the sound is shifted for each hearing; what is found is their mean."""

    def believed(self, window: Window) -> Places:
        """When the words of a window are said; of one that is refused, those of its halves."""
        places = self.places(window)
        if places is not None:
            return places
        return {
            at: span
            for half in halves(window, self.words)
            for at, span in self.believed(half).items()
        }

    def places(self, window: Window) -> Places | None:
        """When the words of a window are said; None if what was found is not believed."""
        owners = [at for at in range(window.words.start, window.words.end) for _ in self.said[at]]
        said = [one for at in range(window.words.start, window.words.end) for one in self.said[at]]
        first, last = (t * edges.RATE // 1000 for t in (window.sound.start, window.sound.end))
        samples = np.asarray(self.audio.samples[first:last])
        heard = self._heard(samples, said)
        if heard is None:
            return None
        heard = [self._without_silence(word, window.sound.start) for word in heard]
        places: Places = {}
        for at, start, end in zip(owners, *_sharpened(heard, samples), strict=True):
            span = Span(round(window.sound.start + start), round(window.sound.start + end))
            places[at] = Span(places[at].start, span.end) if at in places else span
        return places if self._agrees(places, heard) else None

    def _heard(self, samples: NDArray[np.int16], said: Sequence[Said]) -> list[Heard] | None:
        """The place of each word, the mean of all hearings; None where the text does not fit."""
        found = [sphinx.find_words(samples[shift:], said) for shift in self.shifts]
        shifted = [
            [(word.start + shift * MS, word.end + shift * MS) for word in heard]
            for shift, heard in zip(self.shifts, found, strict=True)
            if heard is not None
        ]
        if found[0] is None:
            return None
        means = np.mean(shifted, axis=0)
        return [
            replace(word, start=float(start), end=float(end))
            for word, (start, end) in zip(found[0], means, strict=True)
        ]

    def _without_silence(self, word: Heard, from_ms: int) -> Heard:
        """A word less a silence before it, which the model may take for a plosive's closure."""
        span = Span(round(from_ms + word.start), round(from_ms + word.end))
        touched = _near(self.speech.segments, span)
        onset = self.speech.segments[touched[0]].start if touched else span.start
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
        spoken = self.speech.segments[segment - 1].end if segment else 0
        start = max(spoken, ms - most)
        return float((self.audio.window(start, ms) ** 2).mean()) if ms - start >= least else 0.0

    def _away(self, places: Places) -> float:
        """How far half of the words at least start from where the recogniser heard them."""
        return median(abs(span.start - self.words[at].start_ms) for at, span in places.items())

    def _agrees(self, places: Places, heard: Sequence[Heard]) -> bool:
        """Whether places agree, by and large, with the recogniser and with detected speech."""
        squeezed = sum(word.squeezed for word in heard)
        far = sum(abs(s.start - self.words[at].start_ms) > FAR_MS for at, s in places.items())
        total = sum(len(span) for span in places.values())
        spoken = sum(_spoken_ms(span, self.speech.segments) for span in places.values())
        return (
            squeezed <= SQUEEZED_SHARE * len(heard)
            and self._away(places) <= USUAL_MS
            and far <= FAR_SHARE * len(places)
            and (not self.speech.segments or spoken >= SPOKEN_SHARE * total)
        )


def _sharpened(
    heard: Sequence[Heard], samples: NDArray[np.int16]
) -> tuple[list[float], list[float]]:
    """Starts and ends, each moved to where the sound changes; words that touch share a border."""
    curve = edges.change(samples)
    starts: list[float] = []
    ends: list[float] = []
    free_from = 0.0
    for at, word in enumerate(heard):
        touching = bool(ends) and word.start <= heard[at - 1].end
        start = ends[-1] if touching else _moved(curve, word.start, free_from, word.end)
        following = heard[at + 1].start if at + 1 < len(heard) else word.end + edges.REACH_MS
        limit = heard[at + 1].end if following <= word.end and at + 1 < len(heard) else following
        end = _moved(curve, word.end, max(start, word.start) + SHORTEST_MS, limit)
        starts.append(start)
        ends.append(max(end, start + SHORTEST_MS))
        free_from = ends[-1]
    return starts, ends


def _moved(curve: edges.Curve, ms: float, least: float, most: float) -> float:
    """A border at the strongest change near it, if that lies where it may."""
    place = edges.nearest(curve, ms)
    return place if least <= place <= most - SHORTEST_MS else max(ms, least)


def _placed(word: CaptionWord, place: Span | None, speech: Sequence[Span]) -> CaptionWord:
    """A word at its place, on one side of any pause; without a place, as it was."""
    span = place or Span(word.start_ms, word.end_ms)
    pause = _pause_within(span, speech)
    if pause:
        before, after = Span(span.start, pause.start), Span(pause.end, span.end)
        span = before if len(before) >= len(after) else after
    guessed = place is None and len(span) <= GUESSED_MS
    origin = "interpolated" if guessed else word.origin
    return replace(word, start_ms=span.start, end_ms=span.end, origin=origin)


def _near(speech: Sequence[Span], span: Span) -> range:
    """The segments of speech that may touch a span."""
    first = bisect_right(speech, span.start, key=lambda segment: segment.end)
    last = bisect_left(speech, span.end, key=lambda segment: segment.start)
    return range(first, last)


def _spoken_ms(span: Span, speech: Sequence[Span]) -> int:
    """How much of a span is detected speech."""
    shared = (
        min(span.end, speech[k].end) - max(span.start, speech[k].start) for k in _near(speech, span)
    )
    return sum(shared)


def _pause_within(span: Span, speech: Sequence[Span]) -> Span | None:
    """The longest pause with speech of the same span before and after it."""
    touched = _near(speech, span)
    gaps = (Span(speech[k].end, speech[k + 1].start) for k in touched[:-1])
    longest = max(gaps, key=len, default=Span(0, 0))
    return longest if len(longest) >= PAUSE_MS else None


def _in_order(words: list[CaptionWord], last_ms: int) -> Iterator[CaptionWord]:
    """Starts that never go back, ends after starts and not after the next start."""
    free_from = 0
    for at, word in enumerate(words):
        start = max(word.start_ms, free_from)
        following = words[at + 1].start_ms if at + 1 < len(words) else last_ms
        end = max(min(word.end_ms, following), start + 1)
        yield replace(word, start_ms=start, end_ms=end)
        free_from = end
