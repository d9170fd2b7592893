"""Searches sentences that were changed on purpose, and counts what is still claimed of them.

    python benchmarks/changed_sentences.py CASES_DIR [--only it,cs]

CASES_DIR is that of languages.py. In each recording the sentences of its article are searched as
``alignment/text_first.py`` does, without a recogniser. Printed for each language:

    as written   sentences found, and their words that the sound confirms
    one word     one word in each replaced by another of the article; those still confirmed
    number       one figure of a number in each replaced; numbers still confirmed
    half         the second half of every third one replaced by other words; words still confirmed
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from languages import fold

from aligner.alignment import text_first
from aligner.alignment.acoustic.sentence_search import find_sentences
from aligner.audio.decode import decode
from aligner.discovery.download import local
from aligner.types import Article, Audio, Paragraph

Printed = list[tuple[str, bool]]
"""The words of a sentence, each with whether a space precedes it."""
Changed = tuple[Printed, set[int]]
"""A sentence, and the indices of the words that were changed."""
Change = Callable[[Printed, list[str], random.Random], Changed]


def one_word(text: Printed, pool: list[str], chance: random.Random) -> Changed:
    """Replaces a word without figures by one of about the same length."""
    places = [at for at, (w, _) in enumerate(text) if len(w) > 3 and not re.search(r"\d", w)]
    if not places:
        return text, set()
    at = chance.choice(places)
    own = text[at][0]
    near = [w for w in pool if abs(len(w) - len(own)) < 3 and fold(w) != fold(own)]
    return (replaced(text, {at: chance.choice(near)}), {at}) if near else (text, set())


def one_number(text: Printed, _pool: list[str], chance: random.Random) -> Changed:
    """Replaces a figure of the first number."""
    for at, (word, _) in enumerate(text):
        if others := list(text_first.other_numbers(word)):
            return replaced(text, {at: chance.choice(others)}), {at}
    return text, set()


def second_half(text: Printed, pool: list[str], chance: random.Random) -> Changed:
    """Replaces the second half of a sentence."""
    half = range(len(text) // 2, len(text))
    return replaced(text, {at: chance.choice(pool) for at in half}), set(half)


def replaced(text: Printed, others: dict[int, str]) -> Printed:
    """Returns a sentence with other words at some places."""
    return [(others.get(at, word), space) for at, (word, space) in enumerate(text)]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--only", default="", help="names of cases, comma-separated")
    args = parser.parse_args()
    print("| language | as written | one word | number | half |\n|---|---:|---:|---:|---:|")
    for path in sorted(args.cases.glob("*/truth.json")):
        if not args.only or path.parent.name in args.only.split(","):
            print("|", " | ".join([path.parent.name, *row(path)]), "|", flush=True)


def row(path: Path) -> list[str]:
    """Returns the figures of one case."""
    truth = json.loads(path.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        audio = decode(local(path.parent / truth["media"]), Path(folder))
        language: str = truth["lang"]
        texts = sentences_of([*truth["article"]], language)
        pool = [word for text in texts for word, _ in text if len(word) > 3]
        every: list[Changed] = [(text, set(range(len(text)))) for text in texts]
        found, held, words = confirmed(audio, language, every)
        cells = [f"{found} of {len(texts)}; {held} of {words}"]
        for change, step in ((one_word, 1), (one_number, 1), (second_half, 3)):
            chance = random.Random(1)  # noqa: S311  the same changes every time
            made = [
                change(text, pool, chance) if at % step == 0 else (text, set[int]())
                for at, text in enumerate(texts)
            ]
            _, held, words = confirmed(audio, language, made)
            cells.append(f"{held} of {words}")
    return cells


def sentences_of(paragraphs: list[str], language: str) -> list[Printed]:
    """Returns the sentences of an article."""
    return [list(one.words) for one in split(paragraphs, language)]


def split(paragraphs: list[str], language: str) -> list[Any]:
    """Returns the sentences of paragraphs with their pronunciations."""
    body = tuple(Paragraph(text, "body") for text in paragraphs)
    return list(text_first.split_sentences(Article("", "", language, body), language))


def confirmed(audio: Audio, language: str, texts: list[Changed]) -> tuple[int, int, int]:
    """Returns how many sentences are found, and how many of the words asked for are confirmed.

    The last figure is the number of the words asked for.
    """
    printed = ["".join(" " * space + word for word, space in text).strip() for text, _ in texts]
    known = text_first.TextAudio(audio, language, ())
    sentences = split(printed, language)
    found = find_sentences(audio, [one.tokens for one in sentences])
    certain: dict[tuple[tuple[str, bool], ...], set[int]] = {}
    for one in found:
        sentence = sentences[one.index]
        sounding = [at for at, evidence in enumerate(one.words) if evidence]
        words = zip(sounding, known.words(sentence, one), strict=True)
        certain[plain(sentence.words)] = {
            at for at, word in words if word.score > text_first.UNSURE
        }
    held = sum(len(asked & certain.get(plain(text), set())) for text, asked in texts)
    return len(found), held, sum(len(asked) for _, asked in texts)


def plain(words: Any) -> tuple[tuple[str, bool], ...]:
    """Returns the words of a sentence as a key: no space precedes the first."""
    return tuple((word, space and at > 0) for at, (word, space) in enumerate(words))


if __name__ == "__main__":
    main()
