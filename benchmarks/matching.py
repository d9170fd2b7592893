"""Measures the time and memory of matching for growing speech and text.

    python benchmarks/matching.py [--words 30000] [--texts same,drifted,moved,unrelated,numbers]

Made-up texts of common and rare words (Zipf's law) are matched with made-up transcripts of them:
as written; with a tenth of the words misheard, left out or added; with the paragraphs in another
order; with nothing in common; and with many numbers, which are words in the speech. 30,000 words
are a recording of about three hours. Each is measured at a quarter, half and the whole length, to
show whether time and memory grow in proportion to it.
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
import tracemalloc

from aligner.alignment import matching
from aligner.types import Article, EngineInfo, Paragraph, Transcript, Word

PARAGRAPH = 80
SYLLABLES = [a + b for a in "bdfgklmnprstv" for b in "aeiou"]


def vocabulary(rng: random.Random, size: int = 8000) -> list[str]:
    """Returns made-up words of two to four syllables."""
    return ["".join(rng.choices(SYLLABLES, k=rng.choice((2, 2, 3, 4)))) for _ in range(size)]


def text(rng: random.Random, size: int) -> list[str]:
    """Returns words with the frequencies of words in a language."""
    words = vocabulary(rng)
    weights = list(itertools.accumulate(1 / (k + 2) for k in range(len(words))))
    return rng.choices(words, cum_weights=weights, k=size)


def drifted(rng: random.Random, words: list[str]) -> list[str]:
    """Returns the words with a tenth misheard, left out or followed by another."""
    out: list[str] = []
    for word in words:
        kind = rng.randrange(30)
        if kind == 0:
            continue
        out.append(word[:-1] + rng.choice("aeiou") if kind == 1 else word)
        if kind == 2:
            out.append(rng.choice(words))
    return out


def moved(rng: random.Random, words: list[str]) -> list[str]:
    """Returns the words with paragraphs in another order."""
    paragraphs = [words[k : k + PARAGRAPH] for k in range(0, len(words), PARAGRAPH)]
    rng.shuffle(paragraphs)
    return [word for paragraph in paragraphs for word in paragraph]


def with_numbers(rng: random.Random, words: list[str]) -> tuple[list[str], list[str]]:
    """Make every eighth word a number: in digits in the text, in words in the speech."""
    from num2words import num2words

    written, spoken = [], []
    for k, word in enumerate(words):
        if k % 8:
            written.append(word)
            spoken.append(word)
        else:
            value = rng.randrange(1000, 9999)
            written.append(str(value))
            spoken += str(num2words(value)).replace(",", "").split()
    return written, spoken


def case(name: str, size: int) -> tuple[list[str], list[str]]:
    """Returns a text and its speech."""
    rng = random.Random(size)  # noqa: S311  a benchmark's text, not a secret
    words = text(rng, size)
    if name == "drifted":
        return words, drifted(rng, words)
    if name == "moved":
        return words, moved(rng, words)
    if name == "unrelated":
        return words, text(random.Random(size + 1), size)  # noqa: S311  the same
    if name == "numbers":
        return with_numbers(rng, words)
    return words, words


def measure(name: str, size: int) -> tuple[float, float, float]:
    """Returns seconds of one core, peak MB, and the share of the speech found."""
    written, spoken = case(name, size)
    starts = range(0, len(written), PARAGRAPH)
    paragraphs = tuple(Paragraph(" ".join(written[k : k + PARAGRAPH])) for k in starts)
    article = Article(None, None, "en", paragraphs)
    heard = tuple(Word(w, k * 360, k * 360 + 300, 0.9) for k, w in enumerate(spoken))
    transcript = Transcript("en", heard, EngineInfo("recorded", "made up"))
    began = time.process_time()
    found = matching.align(article, transcript)
    took = time.process_time() - began
    tracemalloc.start()
    matching.align(article, transcript)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return took, peak, found.coverage.speech_in_article


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--words", type=int, default=30_000)
    parser.add_argument("--texts", default="same,drifted,moved,unrelated,numbers")
    args = parser.parse_args()
    matching.align(
        Article(None, None, "en", (Paragraph("a 1"),)), Transcript("en", (), EngineInfo("", ""))
    )
    for name in args.texts.split(","):
        for size in (args.words // 4, args.words // 2, args.words):
            took, peak, share = measure(name, size)
            print(
                f"{name:10} {size:6} words  {took:6.2f} s of one core  {peak:6.1f} MB  "
                f"{share:.0%} of the speech in the text",
                flush=True,
            )


if __name__ == "__main__":
    main()
