"""Measures how well rescoring tells recognition errors from other wordings of the speaker.

    python benchmarks/calibration/rescoring.py CASES_DIR [--only d01,d02] [--transcripts DIR] [-v]

CASES_DIR has a folder for each case: page.html, the recording, and truth.json with the words that
are spoken. Three kinds of places are scored. Shown is the log-likelihood ratio (LLR, in nats) of
the article's wording to the recognised words:

misheard    the recogniser has other words where the speaker said the article's
reworded    the speaker said other words than the article's
made up     the recogniser has the article's word; a wrong one is scored: an inflection, a function
            word, another name, another number

The *acoustic LLR* of each place is shown too: the same ratio by an acoustic model, which has no
language model.

With --transcripts, transcripts are stored there, and recordings are recognised only once.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from aligner import asr, languages
from aligner.alignment import acoustic, matching
from aligner.alignment.matching.substitution_policy import (
    RescoreFn,
    SubstitutionPolicy,
    TokenizedText,
)
from aligner.asr import models
from aligner.asr.backends import recorded
from aligner.audio import vad
from aligner.audio.decode import decode
from aligner.discovery.article import extract
from aligner.discovery.download import local
from aligner.net import client
from aligner.types import Article, Span, Transcript

SMALL = dict(
    pair.split(":")
    for pair in "a:the the:a in:on and:in is:was has:had have:had to:the that:the were:are "
    "will:would an:a by:but this:the their:the on:in was:is".split()
)
LIMITS = (-20, -10, -8, -6, -4, -3, -2, -1, 0)
FITS = (-200, -100, -50, -20, 0, 20, 50, 100)


class Place(NamedTuple):
    """A place where another wording was scored."""

    kind: str
    llr: float
    acoustic_llr: float | None
    what: str


class Hearing(NamedTuple):
    """The two rescorers of a recording."""

    rescore: RescoreFn
    acoustic_rescore: RescoreFn


def wrong_word(word: str, names: list[str], rng: random.Random) -> tuple[str, str] | None:
    """Returns a kind of change and a wrong word for a recognised word."""
    core = word.strip('.,;:"“”')
    if core.lower() in SMALL:
        return "made up: small word", SMALL[core.lower()]
    if re.fullmatch(r"[\d,.]+", core):
        return "made up: number", str(int(re.sub(r"\D", "", core)) + rng.choice([1, 10, 30]))
    if core[:1].isupper() and len(core) > 4:
        others = [name for name in names if name != core]
        return ("made up: name", rng.choice(others)) if others else None
    if len(core) > 4 and core.isalpha():
        shorter = core[:-2] if core.endswith("ed") else core[:-1] if core.endswith("s") else ""
        return "made up: inflection", shorter or core + "s"
    return None


def made_up(
    article: Article, transcript: Transcript, hearing: Hearing, rng: random.Random
) -> Iterator[Place]:
    """Yields wrong words for correctly recognised ones, at most eight of a kind."""
    found = matching.align(article, transcript)
    same = [m.spoken for m in found.matches if m.op == "same" and m.spoken]
    heard = [span.start for span in same if len(span) == 1]
    texts = [transcript.words[k].text.strip(".,") for k in heard]
    names = sorted({t for t in texts if t[:1].isupper() and len(t) > 4})
    rng.shuffle(heard)
    counts: dict[str, int] = defaultdict(int)
    for k in heard:
        changed = wrong_word(transcript.words[k].text, names, rng)
        if changed and counts[changed[0]] < 8:
            counts[changed[0]] += 1
            value = hearing.rescore(Span(k, k + 1), changed[1])
            if value is not None:
                acoustic_llr = hearing.acoustic_rescore(Span(k, k + 1), changed[1])
                yield Place(
                    changed[0], value, acoustic_llr, f"{transcript.words[k].text} -> {changed[1]}"
                )


def differing(
    article: Article,
    transcript: Transcript,
    hearing: Hearing,
    said: list[tuple[float, float, str, bool]],
) -> Iterator[Place]:
    """Yields the places that the substitution policy asks about, by what the truth says of them."""
    language = languages.get(transcript.language)
    asked: list[tuple[Span, str, float]] = []

    def noting(spoken: Span, wording: str) -> float | None:
        value = hearing.rescore(spoken, wording)
        if value is not None and len(spoken):
            asked.append((spoken, wording, value))
        return None

    matching.align(article, transcript, noting)
    for spoken, wording, value in asked:
        words = transcript.words[spoken.start : spoken.end]
        start, end = words[0].start_ms / 1000, words[-1].end_ms / 1000
        true = [t for t in said if t[1] > start + 0.1 and t[0] < end - 0.1]
        kind = "misheard" if all(t[3] for t in true) else "reworded"
        protected = is_protected(language, wording, " ".join(w.text for w in words))
        heard = " ".join(w.text for w in words)
        kind += ": number" if protected else ""
        yield Place(kind, value, hearing.acoustic_rescore(spoken, wording), f"{heard} -> {wording}")


def is_protected(language: languages.Language, ours: str, theirs: str) -> bool:
    words = [language.split(text) for text in (ours, theirs)]
    sides = [TokenizedText.of(side, language.say([w.text for w in side])) for side in words]
    judge = SubstitutionPolicy(language, sides[0], sides[1], [])
    said = [side.said(Span(0, len(side.words))) for side in sides]
    return judge.differ_in_protected(said[0], said[1])


def one_case(folder: Path, transcripts: Path | None) -> tuple[Article, Transcript, Hearing]:
    """Returns a case's article, its transcript and its rescorers."""
    article = extract(client.load(folder / "page.html", "http://news.example/"))
    sound = decode(local(next(folder.glob("report.*"))), Path(tempfile.mkdtemp()))
    arrived = vad.run(sound)
    engine = asr.load("ctranslate2", "base", models.resolve)
    kept = transcripts / f"{folder.name}.json" if transcripts else None
    if kept and kept.is_file():
        transcript = recorded.read(kept)
    else:
        how = asr.ListenOptions()
        transcript = engine.transcribe([arrived], options=how, progress=lambda *_: None)
        if kept:
            kept.write_text(recorded.as_text(transcript), encoding="utf-8")
    again = engine.rescorer(arrived, transcript)
    acoustic_llr = acoustic.acoustic_rescorer(sound, transcript)
    assert again is not None  # noqa: S101
    assert acoustic_llr is not None  # noqa: S101
    return article, transcript, Hearing(again.log_likelihood_ratio, acoustic_llr)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--transcripts", type=Path)
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    wanted = set(args.only.split(",")) - {""}
    places: dict[str, list[Place]] = defaultdict(list)
    for path in sorted(args.cases.glob("*/truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        if truth["expect"] != "captioned" or (wanted and path.parent.name not in wanted):
            continue
        said = [(w["start"], w["end"], w["w"], w["in_article"]) for w in truth["spoken"]]
        article, transcript, hearing = one_case(path.parent, args.transcripts)
        for place in (
            *differing(article, transcript, hearing, said),
            *made_up(article, transcript, hearing, random.Random(1)),  # noqa: S311
        ):
            places[place.kind].append(place)
    for name, limits in (("llr", LIMITS), ("acoustic_llr", FITS)):
        print(f"share of places whose {name} is at least" + "".join(f"{x:>7}" for x in limits))
        for kind, found in sorted(places.items()):
            values = [getattr(place, name) for place in found]
            known = [value for value in values if value is not None]
            shares = [sum(v >= limit for v in known) / len(values) for limit in limits]
            print(f"{kind:28} n {len(values):4}    " + "".join(f"{share:7.0%}" for share in shares))
    for place in sorted(chain(*places.values()), reverse=True) if args.v else ():
        acoustic_llr = "      ?" if place.acoustic_llr is None else f"{place.acoustic_llr:7.0f}"
        print(f"{place.kind:28} {place.llr:7.1f} {acoustic_llr}  {place.what}")


if __name__ == "__main__":
    main()
