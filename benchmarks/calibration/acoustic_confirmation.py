"""Measures how many doubted passages an acoustic model confirms: spoken ones, and others.

    python benchmarks/calibration/acoustic_confirmation.py CASES_DIR [--only d01,d02]

CASES_DIR has a folder for each case: page.html, the recording, and truth.json with the words that
are spoken and their times. Every recording is recognised with its article as the draft, and with
the article in which every tenth word is replaced (``draft_acceptance.py``). Each doubted passage
that has a name and no number or negation is searched in the audio. It counts as spoken if all its
words are spoken within 1.2 s of where the recogniser placed them.

Prints, for several limits, how many spoken passages are confirmed, and how many others
(``asr/draft/verification.py`` has the limits in use).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from draft_acceptance import LANGUAGE, otherwise

from aligner import asr
from aligner.alignment import acoustic
from aligner.alignment.matching.draft_text import draft
from aligner.asr import models
from aligner.asr.draft import verification, window
from aligner.asr.draft.verification import ScoredWord
from aligner.asr.whisper.transcriber import WindowTranscriber
from aligner.audio import vad
from aligner.audio.decode import decode
from aligner.discovery.article import extract
from aligner.discovery.download import local
from aligner.languages import normalise
from aligner.net import client
from aligner.types import Audio, DraftWord, Span, SpottedWord

NEAR_S = 1.2
LIMITS = [(-14.5, -17.0), (-15.0, -17.5), (-15.5, -18.0), (-16.0, -18.5), (-17.0, -20.0)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A doubted passage, the score of the acoustic model, and whether the passage is spoken."""

    words: Sequence[ScoredWord]
    fitted: Sequence[SpottedWord | None]
    said: bool


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--only", help="names of cases, comma-separated")
    args = parser.parse_args()
    only = set(args.only.split(",")) if args.only else None
    asked = [
        one
        for place in sorted(args.cases.iterdir())
        if (place / "truth.json").is_file() and (not only or place.name in only)
        for one in _asked(place)
    ]
    asked = [one for one in asked if not any(w.token.protected for w in one.words)]
    said, unsaid = ([one for one in asked if one.said is kind] for kind in (True, False))
    print(f"{len(said)} passages that were said, {len(unsaid)} that were not\n")
    print("| fit on average, each | said, borne out | not said, borne out |\n| --- | ---: | ---: |")
    for usual, least in LIMITS:
        verification.MIN_MEAN_SCORE, verification.MIN_SCORE = usual, least
        counts = (
            sum(verification.acoustically_confirmed(x.words, x.fitted) for x in some)
            for some in (said, unsaid)
        )
        print(f"| {usual}, {least} | " + " | ".join(map(str, counts)) + " |")


def _asked(place: Path) -> Iterator[Asked]:
    """Yields the doubted passages of a case, with its article and with the changed one."""
    truth = json.loads((place / "truth.json").read_text(encoding="utf-8"))
    if truth["lang"] != LANGUAGE or not truth["spoken"]:
        return
    with tempfile.TemporaryDirectory() as work:
        found = decode(local(place / truth["media"]), Path(work), lambda *_: None)
        audio = Audio(np.array(found.samples), found.sample_rate)
    written = draft(extract(client.load(place / "page.html", None)), LANGUAGE)
    engine = asr.load("ctranslate2", "base", models.resolve)
    seen: set[tuple[int, tuple[str, ...]]] = set()
    for text in (written, otherwise(written)[0]):
        for start_ms, words, fitted in _heard(engine, audio, text):
            key = start_ms + words[0].start, tuple(word.token.text for word in words)
            if key not in seen:
                seen.add(key)
                yield Asked(words, fitted, all(_is_said(w, start_ms, truth) for w in words))


def _heard(
    engine: Any, audio: Audio, text: tuple[DraftWord, ...]
) -> list[tuple[int, Sequence[ScoredWord], Sequence[SpottedWord | None]]]:
    """Recognise a recording; yields each doubted passage, and where its window begins."""
    found: list[tuple[int, Sequence[ScoredWord], Sequence[SpottedWord | None]]] = []
    starts: list[int] = []
    look = WindowTranscriber._spot_words

    def looked(
        self: WindowTranscriber, window: Span, part: Span, words: Sequence[str]
    ) -> Sequence[SpottedWord | None]:
        starts.append(window.start)
        return look(self, window, part, words)

    def noted(words: Sequence[ScoredWord], fitted: Sequence[SpottedWord | None]) -> bool:
        found.append((starts[-1], words, fitted))
        return False

    engine.streams = 1  # so that a passage is judged right after it was looked for
    with (
        patch.object(WindowTranscriber, "_spot_words", looked),
        patch.object(window, "acoustically_confirmed", noted),
    ):
        how = asr.ListenOptions(LANGUAGE, text, word_spotter=acoustic.word_spotter)
        engine.transcribe([vad.run(audio)], options=how, progress=lambda *_: None)
    return found


def _is_said(word: ScoredWord, start_ms: int, truth: Any) -> bool:
    """Whether a word is spoken near the place where the recogniser put it."""
    at = (start_ms + word.start) / 1000
    near = [one for one in truth["spoken"] if abs(one["start"] - at) < NEAR_S]
    return normalise(word.token.text) in {
        normalise(one[k]) for one in near for k in ("w", "written") if k in one
    }


if __name__ == "__main__":
    main()
