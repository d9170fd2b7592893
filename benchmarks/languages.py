"""Caption news items in many languages, and compare the words and their times with the truth.

    python benchmarks/languages.py CASES_DIR OUT_DIR [--only it,cs] [--engine ctranslate2]
                                   [--score-only | --search] [-- MORE ARGUMENTS OF aligner caption]

CASES_DIR holds a folder a case, with page.html, the recording that it links, and truth.json:
"lang", and "spoken", a list of words, each with "w", "start" in seconds or null, and perhaps
"written" (how the article writes it). Printed for each language:

    status    what aligner made of it
    error     word error rate of the captions, as written; of characters in scripts without spaces
    starts    mean and median distance of word starts from the truth in ms, and the share within 50
    names     names (words with a capital that do not begin a sentence) right in the captions
    numbers   numbers written in figures that are right in the captions
    unspoken  caption words that a timed word of the truth has no counterpart for
    core-s    core-seconds of the command for a minute of sound

With --search the command is not run. The articles' sentences are looked for in each recording as
``alignment/text_first.py`` does: those of its own article, and those of each other article, read by
the rules of the recording's language.
"""

from __future__ import annotations

import argparse
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
from cases import caption, serve

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
    """A word, or a character of a script without spaces, and when it starts if that is known."""

    text: str
    start_ms: float | None


def fold(text: str) -> str:
    """The letters, digits and vowel signs of a text, in small letters."""
    kept = (c for c in unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in kept if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc"))


def tokens(words: list[tuple[str, float | None]], joined: bool) -> list[Token]:
    """Words with their starts -> tokens; only the first token of a word has its start."""
    found = []
    for text, start in words:
        parts = list(fold(text)) if joined else [p for p in map(fold, text.split()) if p]
        found += [Token(part, start if at == 0 else None) for at, part in enumerate(parts)]
    return found


def distance(a: list[str], b: list[str]) -> int:
    """Levenshtein's distance."""
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
    """Indices of tokens that are names: a capital, not after the end of a sentence."""
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
    """The sentences of a text, and the indices of those that are found in a recording."""
    body = tuple(Paragraph(text, "body") for text in paragraphs)
    article = Article("", "", truth["lang"], body)
    sentences = list(text_first.split_sentences(article, truth["lang"]))
    found = find_sentences(audio, [one.tokens for one in sentences])
    texts = ["".join(word for word, _ in one.words) for one in sentences]
    return texts, {one.index for one in found}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--score-only", action="store_true")
    parser.add_argument("--search", action="store_true")
    parser.add_argument("more", nargs="*", help="arguments of aligner caption, after --")
    args = parser.parse_args()
    wanted = set(args.only.split(",")) - {""}
    if args.search:
        search(args.cases, wanted)
        return
    base = "" if args.score_only else serve(args.cases)
    print("|", " | ".join(COLUMNS), "|")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for page in sorted(args.cases.glob("*/page.html")):
        name = page.parent.name
        if wanted and name not in wanted:
            continue
        truth = json.loads((page.parent / "truth.json").read_text("utf-8"))
        used = 0.0
        if base:
            before = cpu_s()
            more = ["--engine", args.engine, *args.more]
            caption(f"{base}{name}/page.html", args.out / name, more)
            used = (cpu_s() - before) / truth["duration"] * 60
        print(
            line(name, truth, next(iter((args.out / name).glob("*.json")), None), used), flush=True
        )


def cpu_s() -> float:
    """Core-seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def line(name: str, truth: dict[str, Any], made: Path | None, used: float) -> str:
    """One row of the table."""
    if made is None:
        return f"| {name} | no sidecar |" + " |" * 7
    sidecar = json.loads(made.read_text("utf-8"))
    got = score(truth, sidecar)
    starts = "" if got["mean"] is None else f"{got['mean']:.0f}, {got['median']:.0f}"
    within = "" if got["within"] is None else f"{got['within']:.0%}"
    return (
        f"| {name} ({sidecar.get('lang')}) | {sidecar['status']} | {got['error']:.1%} "
        f"| {starts} "
        f"| {within} "
        f"| {got['names'][0]} of {got['names'][1]} | {got['numbers'][0]} of {got['numbers'][1]} "
        f"| {got['unspoken']} | {used:.1f} |"
    )


if __name__ == "__main__":
    main()
