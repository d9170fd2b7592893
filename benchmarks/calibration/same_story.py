"""Measures how far readings of an article are from readings of others (``is_same_story``).

    python benchmarks/calibration/same_story.py CASES_DIR --transcripts DIR [--only d01,d02] [-v]

CASES_DIR has a folder for each case: page.html, the recording, and truth.json. Every recording is
recognised once, without the article as a draft; its transcript is stored in DIR in the form of the
recorded engine. Each transcript is aligned with the article of every page. By truth.json, a pair is
"own" if the recording is a reading of the article (expect: captioned), and "other" if not. Two
cases with a common sentence, written or spoken, may be one story: such pairs are listed, and not
counted.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aligner import asr
from aligner.alignment import matching
from aligner.alignment.matching import ARTICLE_SHARE, SPEECH_SHARE
from aligner.asr import models
from aligner.asr.backends import recorded
from aligner.audio import vad
from aligner.audio.decode import decode
from aligner.discovery.article import extract
from aligner.discovery.download import local
from aligner.net import client
from aligner.types import Article, Transcript


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    article: Article
    transcript: Transcript
    own: bool
    """Whether the recording is a reading of the article."""
    sentences: frozenset[str]
    """What is printed and what is spoken, sentence by sentence, folded."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A recording and an article, and the share of each that was found in the other."""

    recording: str
    article: str
    of_speech: float
    of_article: float

    @property
    def margin(self) -> float:
        """Returns by how much the better share exceeds its limit; below 0, the pair is refused."""
        return max(self.of_speech - SPEECH_SHARE, self.of_article - ARTICLE_SHARE)


def load(folder: Path, transcripts: Path) -> Case | None:
    """Returns the case of a folder; None if nobody speaks in it."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    if truth["expect"] == "no_speech":
        return None
    article = extract(client.load(folder / "page.html", "http://news.example/"))
    kept = transcripts / f"{folder.name}.json"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(recorded.as_text(heard(folder)), encoding="utf-8")
    said = " ".join(
        word["w"] + (". " if word.get("sentence_end") else "") for word in truth["spoken"]
    )
    own = truth["expect"] == "captioned"
    return Case(
        folder.name, article, recorded.read(kept), own, sentences([*truth["article"], said])
    )


def heard(folder: Path) -> Transcript:
    """Returns the transcript of a case's recording."""
    with tempfile.TemporaryDirectory() as scratch:
        sound = decode(local(next(folder.glob("report.*"))), Path(scratch))
        engine = asr.load("ctranslate2", "base", models.resolve)
        how = asr.ListenOptions()
        return engine.transcribe([vad.run(sound)], options=how, progress=lambda *_: None)


def sentences(paragraphs: Sequence[str]) -> frozenset[str]:
    """Returns the sentences of at least six words in texts, in normal form."""
    parts = (part for text in paragraphs for part in re.split(r"(?<=[.!?])\s+", text))
    folded = (re.sub(r"[^\w ]", "", part.lower()).strip() for part in parts)
    return frozenset(part for part in folded if len(part.split()) >= 6)


def paired(recording: Case, page: Case) -> Pair:
    coverage = matching.align(page.article, recording.transcript).coverage
    shares = coverage.speech_in_article, coverage.article_in_speech
    return Pair(recording.name, page.name, *shares)


def report(name: str, pairs: Sequence[Pair]) -> None:
    """Print the range of the shares, and the distance of the worst pair from the limit."""
    if not pairs:
        return
    speech, article = ([getattr(pair, part) for pair in pairs] for part in Pair.__slots__[2:])
    print(
        f"{name:6} {len(pairs):4} pairs  speech in article {min(speech):5.1%} to {max(speech):5.1%}"
        f"  article in speech {min(article):5.1%} to {max(article):5.1%}"
        f"  accepted {sum(pair.margin >= 0 for pair in pairs)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--transcripts", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("-v", action="store_true", help="print every pair with common words")
    args = parser.parse_args()
    wanted = set(args.only.split(",")) - {""}
    folders = [path.parent for path in sorted(args.cases.glob("*/truth.json"))]
    chosen = (folder for folder in folders if not wanted or folder.name in wanted)
    cases = [case for folder in chosen if (case := load(folder, args.transcripts))]
    pairs = [(a, b, paired(a, b)) for a in cases for b in cases]
    own = [pair for a, b, pair in pairs if a is b and a.own]
    others = [
        pair
        for a, b, pair in pairs
        if (a is not b and not a.sentences & b.sentences) or (a is b and not a.own)
    ]
    shared = [f"{a.name}/{b.name}" for a, b, _ in pairs if a is not b and a.sentences & b.sentences]
    report("own", own)
    report("other", others)
    print(f"left out, perhaps of one story: {' '.join(shared) or 'none'}")
    print(f"asked for: {SPEECH_SHARE:.0%} of the speech, or {ARTICLE_SHARE:.0%} of the article")
    for pair in sorted(own + others, key=lambda pair: pair.margin) if args.v else ():
        if pair.of_speech or pair.of_article:
            shares = f"{pair.of_speech:6.1%} {pair.of_article:6.1%} {pair.margin:+.2f}"
            print(f"    {pair.recording} {pair.article}  {shares}")


if __name__ == "__main__":
    main()
