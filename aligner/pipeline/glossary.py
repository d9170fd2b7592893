"""Reads the terms of a house's glossary: from a file, or from a folder of earlier results.

A file has one term a line, with its variants and how it is said, both of which may be left out:

    # names of the week
    Siobhan Kelleher = shiv-AWN KEL-uh-her
    Kyiv | Kiev, Kieff
    Vovchansk | Volchansk = VOV-chansk, /ˈvɔvtʃɐnʲsʲk/
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from aligner import languages
from aligner.alignment.acoustic.pronouncing import said_parts
from aligner.alignment.acoustic.respelling import phones_of
from aligner.alignment.glossary import bare
from aligner.captions.formats import sidecar_reader
from aligner.errors import BadSource
from aligner.languages import SurfaceWord
from aligner.languages.capitals import names
from aligner.types import CaptionResult, CaptionWord, GlossaryTerm

log = logging.getLogger(__name__)

AUTO = "auto"
EARLIER = "earlier results"
MAX_FILE_BYTES = 2_000_000
MAX_TERMS = 5_000
MAX_WORDS = 5
"""Most words of a term: the most that may replace what was recognised."""
MAX_CHARS = 100
MAX_RESULTS = 5_000
"""Most results from which names are learnt, the newest ones."""
MAX_RESULT_BYTES = 50_000_000
MAX_LEARNT = 1_000
"""Most names that are learnt, the most frequent ones."""
LEAST_LETTERS = 4
LONGEST_NAME = 3
"""Words of the longest name that is learnt."""
TRUSTED = frozenset(("verified", "respelled", "edited"))


def load(given: Sequence[str | Path], results: Path) -> tuple[GlossaryTerm, ...]:
    """Read glossaries: files, folders of results, or "auto" for the folder ``results``.

    A term that several have is taken from the first one. Raises BadSource.
    """
    found: dict[str, GlossaryTerm] = {}
    for one in given:
        path = Path(one)
        if path.name == AUTO and not path.exists():
            terms: Sequence[GlossaryTerm] = learnt(results)
        else:
            terms = learnt(path) if path.is_dir() else read(path)
        for term in terms:
            found.setdefault(term.text, term)
    return tuple(found.values())[:MAX_TERMS]


# ---------------------------------------------------------------- a file


def read(path: Path) -> tuple[GlossaryTerm, ...]:
    """Read a glossary's file. Raises BadSource, with the line."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or str(error)
        raise BadSource(str(path), f"the glossary cannot be read: {why}") from error
    if len(data) > MAX_FILE_BYTES:
        raise BadSource(str(path), f"larger than {MAX_FILE_BYTES // 1_000_000} MB: not a glossary")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadSource(f"{path}, line {line}", "not text in UTF-8") from error
    terms = tuple(_terms(text, path))
    if len(terms) > MAX_TERMS:
        raise BadSource(str(path), f"more than {MAX_TERMS:,} terms")
    return terms


def _terms(text: str, path: Path) -> Iterator[GlossaryTerm]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        place = f"{path}, line {number}"
        left, _, said = line.partition("=")
        shown, _, variants = left.partition("|")
        term = " ".join(shown.split())
        if not any(map(str.isalnum, term)):
            raise BadSource(place, "no term in it; write TERM | VARIANT = HOW IT IS SAID")
        if len(term.split()) > MAX_WORDS or len(term) > MAX_CHARS:
            raise BadSource(place, f"a term has at most {MAX_WORDS} words and {MAX_CHARS} letters")
        yield GlossaryTerm(term, _said(said, term, place), _listed(variants), path.name)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(",") if part.strip())


def _said(text: str, term: str, place: str) -> tuple[str, ...]:
    """Returns how a term is said. Raises BadSource for what is no sound, or of other words."""
    ways = _listed(text)
    sizes = {len(term.split()), len(term.replace("-", " ").split())}
    for way in ways:
        parts = said_parts(way)
        if not all(map(phones_of, parts)):
            raise BadSource(place, f"{way!r} is no sound; write it like shiv-AWN or /ʃɪˈvɔːn/")
        if len(parts) not in sizes:
            raise BadSource(
                place, f"{way!r} has {len(parts)} words and {term!r} {min(sizes)}: "
                "put hyphens within a word and spaces between words",
            )  # fmt: skip
    return ways


# ---------------------------------------------------------------- earlier results


def learnt(folder: Path) -> tuple[GlossaryTerm, ...]:
    """Returns the names in the captions of a folder's results, the most frequent first.

    Only words that the article has and that were said, or that a person corrected. Raises
    BadSource if there is no such folder; other files and damaged results are passed over.
    """
    if not folder.exists():
        return ()
    if not folder.is_dir():
        raise BadSource(str(folder), "not a folder of results")
    counts: Counter[str] = Counter()
    sidecars = sorted(folder.glob("*.json"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in sidecars[:MAX_RESULTS]:
        try:
            if path.stat().st_size <= MAX_RESULT_BYTES:
                outcome, _ = sidecar_reader.read(path.read_text("utf-8"))
                counts.update(set(_names(outcome)))
        except (OSError, ValueError) as error:
            log.info("%s: no result to learn names from: %s", path, error)
    log.info("%s: %d names learnt from earlier results", folder, len(counts))
    return tuple(GlossaryTerm(name, source=EARLIER) for name, _ in counts.most_common(MAX_LEARNT))


def _names(outcome: CaptionResult) -> Iterator[str]:
    """Yields the names in captions, each as the words that stand together."""
    if outcome.captions is None:
        return
    language, words = languages.get(outcome.captions.language), outcome.captions.words
    printed = [SurfaceWord(word.text, word.space_before) for word in words]
    sure = {at for at, how in names(printed, {0}, language).items() if how == "sure"}
    trusted = [at for at in sorted(sure) if words[at].origin in TRUSTED]
    for _, group in groupby(enumerate(trusted), key=lambda pair: pair[1] - pair[0]):
        for name in _divided([words[at] for _, at in group]):
            small = name.lower() in language.function_words or len(name) < LEAST_LETTERS
            if not small and len(name.split()) <= LONGEST_NAME:
                yield name


def _divided(run: Sequence[CaptionWord]) -> Iterator[str]:
    """Yields the names of a run of words, which punctuation divides."""
    name: list[str] = []
    for word in run:
        text = bare(word.text)
        opens = not word.text.startswith(text[:1])
        if opens and name:
            yield " ".join(name)
            name = []
        name.append(text)
        if not word.text.endswith(text):
            yield " ".join(name)
            name = []
    if name:
        yield " ".join(name)
