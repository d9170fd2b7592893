"""Captions news items in many languages, and compares words and times with the truth.

    python benchmarks/languages.py CASES_DIR OUT_DIR [--only it,cs] [--engine ctranslate2]
                                   [--score-only | --search] [-- MORE ARGUMENTS OF aligner caption]

CASES_DIR has a folder for each case, with page.html, the recording that it links, and truth.json:
"lang", and "spoken", a list of words, each with "w", "start" in seconds or null, and possibly
"written" (the article's spelling). Printed for each language:

    status    the status of aligner's result
    error     word error rate of the captions, as written; of characters in scripts without spaces
    starts    mean and median error of word starts in ms, and the share within 50 ms
    names     names (capitalised words that do not begin a sentence) that are right in the captions
    numbers   numbers written in figures that are right in the captions
    unspoken  caption words without a counterpart among the timed words of the truth
    core-s    core-seconds of the command for a minute of sound

With --search the command is not run. The sentences of articles are searched in each recording, as
``alignment/text_first.py`` does: those of its own article, and those of each other article by the
rules of the recording's language.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import tempfile
import time
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from cases import caption, pages, parser, serve, sidecar

from aligner.alignment import text_first
from aligner.alignment.acoustic.sentence_search import find_sentences
from aligner.audio.decode import decode
from aligner.discovery.download import local
from aligner.types import Article, Audio, Paragraph

COLUMNS = (
    *("language", "status", "error", "starts: mean, median ms", "within 50 ms", "names", "numbers"),
    *("unspoken", "core-s/min"),
)
UNSPACED = {"zh", "ja", "yue", "th", "lo", "my", "km", "bo"}


@dataclass(frozen=True)
class Token:
    """A word, or a character in scripts without spaces, and its start if that is known."""

    text: str
    start_ms: float | None


def fold(text: str) -> str:
    """Returns the letters, digits and vowel signs of a text, in lower case."""
    kept = (c for c in unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in kept if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc"))


def tokens(words: list[tuple[str, float | None]], joined: bool) -> list[Token]:
    """Returns the tokens of words; only the first token of a word has its start."""
    found = []
    for text, start in words:
        parts = list(fold(text)) if joined else [p for p in map(fold, text.split()) if p]
        found += [Token(part, start if at == 0 else None) for at, part in enumerate(parts)]
    return found


def distance(a: list[str], b: list[str]) -> int:
    """Returns the Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (left != right))
    return row[-1]


def score(truth: dict[str, Any], sidecar: dict[str, Any]) -> dict[str, Any]:
    """Compare a sidecar with the truth; see the module's docstring."""
    joined = truth["lang"] in UNSPACED
    made = [(word["text"], float(word["start_ms"])) for word in sidecar.get("words", [])]
    spoken = [
        (word.get("written", word["w"]), None if word["start"] is None else word["start"] * 1000)
        for word in truth["spoken"]
    ]
    ours, real = tokens(list(made), joined), tokens(spoken, joined)
    a, b = [t.text for t in ours], [t.text for t in real]
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    pairs = [(ours[m.a + i], real[m.b + i]) for m in blocks for i in range(m.size)]
    off = np.array(
        [
            abs(x.start_ms - y.start_ms)
            for x, y in pairs
            if x.start_ms is not None and y.start_ms is not None
        ]
    )
    right = {m.b + i for m in blocks for i in range(m.size)}
    text = re.sub(r"\s+", " ", " ".join(word for word, _ in made))
    numbers = [
        word["written"] for word in truth["spoken"] if re.search(r"\d", word.get("written", ""))
    ]
    bare = re.sub(r"\s", "", text)
    names = named(spoken) if not joined else set()
    return {
        "error": distance(a, b) / max(1, len(b)),
        "mean": float(off.mean()) if len(off) else None,
        "median": float(np.median(off)) if len(off) else None,
        "within": float((off <= 50).mean()) if len(off) else None,
        "names": (len(names & right), len(names)),
        "numbers": (sum(re.sub(r"\s", "", n) in bare for n in numbers), len(numbers)),
        "unspoken": len(a) - len(pairs),
    }


def named(spoken: list[tuple[str, float | None]]) -> set[int]:
    """Returns the indices of names: capitalised tokens that do not begin a sentence."""
    found, at, begins = set(), 0, True
    for text, _ in spoken:
        for part in text.split():
            if not fold(part):
                continue
            letters = part.lstrip("«„“\"'([")
            if letters[:1].isupper() and not begins:
                found.add(at)
            begins = part.rstrip("»”\"')").endswith((".", "!", "?"))
            at += 1
    return found


def search(cases: Path, wanted: set[str]) -> None:
    """Print which sentences of all articles are found in each recording."""
    truths = {
        path.parent.name: json.loads(path.read_text("utf-8"))
        for path in sorted(cases.glob("*/truth.json"))
    }
    print(
        "| recording | spoken, found | not spoken, found | of other articles, found | core-s/min |"
    )
    print("|---|---:|---:|---:|---:|")
    for name in wanted & set(truths) or truths:
        truth = truths[name]
        with tempfile.TemporaryDirectory() as folder:
            audio = decode(local(cases / name / truth["media"]), Path(folder))
        before = time.process_time()
        own, found = looked_for(audio, truth, truth["article"])
        used = (time.process_time() - before) / truth["duration"] * 60
        said = fold("".join(word.get("written", word["w"]) for word in truth["spoken"]))
        spoken = {at for at, text in enumerate(own) if fold(text) in said}
        others = [looked_for(audio, truth, t["article"]) for t in truths.values() if t is not truth]
        print(
            f"| {name} | {len(found & spoken)} of {len(spoken)} "
            f"| {len(found - spoken)} of {len(own) - len(spoken)} "
            f"| {sum(len(f) for _, f in others)} of {sum(len(t) for t, _ in others)} "
            f"| {used:.1f} |",
            flush=True,
        )


def looked_for(
    audio: Audio, truth: dict[str, Any], paragraphs: list[str]
) -> tuple[list[str], set[int]]:
    """Returns the sentences of a text, and the indices of those found in a recording."""
    body = tuple(Paragraph(text, "body") for text in paragraphs)
    article = Article("", "", truth["lang"], body)
    sentences = list(text_first.split_sentences(article, truth["lang"]))
    found = find_sentences(audio, [one.tokens for one in sentences])
    texts = ["".join(word for word, _ in one.words) for one in sentences]
    return texts, {one.index for one in found}


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--score-only", action="store_true")
    arguments.add_argument("--search", action="store_true")
    arguments.add_argument("more", nargs="*", help="arguments of aligner caption, after --")
    args = arguments.parse_args()
    if args.search:
        search(args.cases, set(args.only.split(",")) - {""})
        return
    base = "" if args.score_only else serve(args.cases)
    print("|", " | ".join(COLUMNS), "|")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for page in pages(args.cases, args.only):
        name = page.parent.name
        truth = json.loads((page.parent / "truth.json").read_text("utf-8"))
        used = 0.0
        if base:
            before = cpu_s()
            more = ["--engine", args.engine, *args.more]
            caption(f"{base}{name}/page.html", args.out / name, more)
            used = (cpu_s() - before) / truth["duration"] * 60
        print(line(name, truth, sidecar(args.out / name), used), flush=True)


def cpu_s() -> float:
    """Returns the core-seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def line(name: str, truth: dict[str, Any], made: Path | None, used: float) -> str:
    """Returns one row of the table."""
    if made is None:
        return f"| {name} | no sidecar |" + " |" * 7
    record = json.loads(made.read_text("utf-8"))
    got = score(truth, record)
    starts = "" if got["mean"] is None else f"{got['mean']:.0f}, {got['median']:.0f}"
    within = "" if got["within"] is None else f"{got['within']:.0%}"
    return (
        f"| {name} ({record.get('lang')}) | {record['status']} | {got['error']:.1%} "
        f"| {starts} "
        f"| {within} "
        f"| {got['names'][0]} of {got['names'][1]} | {got['numbers'][0]} of {got['numbers'][1]} "
        f"| {got['unspoken']} | {used:.1f} |"
    )


if __name__ == "__main__":
    main()
