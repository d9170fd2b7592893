"""What a model's limits should follow from: its lag, and how it judges words that nobody says.

The rules that compare wordings have limits in nats, which were found with the model base. Other
models judge otherwise. Each third long word of a recording is replaced in three ways by a word that
is not said, and the model gives the log-likelihood ratio of each to the word that it recognised.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from statistics import median

from aligner.alignment import acoustic
from aligner.asr import Engine
from aligner.types import Audio, AudioSoFar, CaptionWord, Span, Transcript

QUESTIONS = 60
"""Wrong words that are asked about."""
MIN_LETTERS = 5
"""Of words that are replaced; short ones are often left out or swallowed."""
STEP = 3
"""One in so many of these words is replaced, so that no two are near each other."""
VOWELS = dict(zip("aeiou", "eioua", strict=True))
OTHER_WORDS = (
    "brimfold",
    "tarvish",
    "quandle",
    "merrow",
    "splint",
    "dovetick",
    "harbin",
    "glimmock",
)
OTHER_NAMES = ("Calderwick", "Ostrava", "Benhurst", "Murayama", "Delacourt", "Trimble", "Okonkwo")
KINDS = ("alike", "word", "name")
"""The word with another last vowel, an unlike word, and an unlike name."""


def lag_ms(audio: Audio, arrived: AudioSoFar, transcript: Transcript) -> int | None:
    """Returns how much later words begin by the sound than by the recogniser's attention.

    The median over all words that the acoustic model times; None if there are none.
    """
    heard = tuple(
        CaptionWord(word.text, word.start_ms, word.end_ms, "spoken", word.score)
        for word in transcript.words
    )
    timed = acoustic.refine(audio, heard, arrived.speech, transcript.language)
    later = [b.start_ms - a.start_ms for a, b in zip(heard, timed, strict=True) if _is_timed(b)]
    return round(median(later)) if later else None


def _is_timed(word: CaptionWord) -> bool:
    return word.origin != "interpolated"


def wrong_word_ratios(
    engine: Engine, arrived: AudioSoFar, transcript: Transcript
) -> dict[str, list[float]]:
    """Returns the ratios of wrong words in nats, by kind; above 0 the wrong word is likelier."""
    rescorer = engine.rescorer(arrived, transcript)
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    if rescorer is None:
        return found
    for at, kind, wording in _questions(transcript):
        ratio = rescorer.log_likelihood_ratio(Span(at, at + 1), wording)
        if ratio is not None:
            found[kind].append(round(ratio, 2))
    return found


def _questions(transcript: Transcript) -> Iterator[tuple[int, str, str]]:
    """Yields the index of a word, a kind and the word to put in its place."""
    words, names = cycle(OTHER_WORDS), cycle(OTHER_NAMES)
    long = [at for at, word in enumerate(transcript.words) if _letters(word.text) >= MIN_LETTERS]
    for at in long[::STEP][: QUESTIONS // len(KINDS)]:
        word = transcript.words[at].text
        yield at, "alike", _with_other_vowel(word)
        yield at, "word", next(words)
        yield at, "name", next(names)


def _with_other_vowel(word: str) -> str:
    """Returns a word with another vowel in place of its last one."""
    at = max(map(word.rfind, VOWELS))
    return word[:at] + VOWELS[word[at]] + word[at + 1 :] if at >= 0 else f"{word}o"


def _letters(text: str) -> int:
    return sum(letter.isalpha() for letter in text)
