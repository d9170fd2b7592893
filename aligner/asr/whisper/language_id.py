"""Language identification from a few windows, and Whisper's language codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aligner._util.telemetry import silence_huggingface_hub
from aligner.languages.names import same
from aligner.languages.tags import primary
from aligner.types import Span

FEW_WINDOWS, SURE_PROBABILITY = 2, 0.9
"""So many windows suffice if all of them give the same language at least this probability."""
MANY_WINDOWS = 5
"""Otherwise the probabilities of this many windows are added up."""

CODES = {"nb": "no", "iw": "he", "jv": "jw", "fil": "tl", "cmn": "zh", "in": "id", "ji": "yi"}
"""BCP 47 primary subtags whose language has another code in Whisper."""

Detect = Callable[[Sequence[Span]], list[dict[str, float]]]
"""Returns each language's probability for each window."""


def code_of(tag: str) -> str:
    """Returns Whisper's code of a BCP 47 tag."""
    subtag = primary(tag)
    return CODES.get(subtag, subtag)


def tag_of(code: str) -> str:
    """Returns the BCP 47 primary subtag of Whisper's code."""
    return "jv" if code == "jw" else code


def multilingual_tags() -> frozenset[str]:
    """Returns the primary subtags of the languages that Whisper's multilingual models know."""
    silence_huggingface_hub()
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    return frozenset(map(tag_of, _LANGUAGE_CODES))


def is_recognised(tag: str) -> bool:
    """Whether Whisper's multilingual models know the language of a BCP 47 tag."""
    return any(same(tag, known) for known in multilingual_tags())


def identify(
    detect: Detect, firsts: Sequence[Span], windows: Sequence[Span], expected: str | None = None
) -> str:
    """Returns Whisper's code of the language that is spoken in some windows.

    ``expected``, a code, is believed unless all windows tried are sure of one other language.

    ``firsts`` are the windows that are decoded first; two of them are tried before others.
    """
    few = detect([firsts[at] for at in _spread(len(firsts), FEW_WINDOWS)])
    best = [max(window.items(), key=lambda pair: pair[1]) for window in few]
    sure = min(probability for _, probability in best) >= SURE_PROBABILITY
    if sure and len({code for code, _ in best}) == 1:
        return best[0][0]
    return expected or _vote(detect([windows[at] for at in _spread(len(windows), MANY_WINDOWS)]))


def probabilities(detect: Detect, windows: Sequence[Span]) -> dict[str, float]:
    """Returns the mean probability of each language (BCP 47 primary subtag) in some windows."""
    found = detect([windows[at] for at in _spread(len(windows), MANY_WINDOWS)])
    return {tag_of(code): total / len(found) for code, total in _totals(found).items()}


def _spread(count: int, most: int) -> list[int]:
    """Returns up to ``most`` indices, spread evenly over ``count``."""
    chosen = min(count, most)
    return [(2 * i + 1) * count // (2 * chosen) for i in range(chosen)]


def _vote(windows: Sequence[dict[str, float]]) -> str:
    """Returns the language with the highest sum of probabilities; of equal ones the first code."""
    totals = _totals(windows)
    return max(sorted(totals), key=totals.__getitem__)


def _totals(windows: Sequence[dict[str, float]]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for window in windows:
        for code, probability in window.items():
            totals[code] = totals.get(code, 0.0) + probability
    return totals
