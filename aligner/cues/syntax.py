"""Two neighbouring pieces -> what kind of place lies between them.

Punctuation works in every script. Where the language has a ``Syntax``, function words tell
more: what a clause or phrase begins with, and what clings to the word after it. To add a
language, add its record to ``SYNTAX``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from aligner.cues.pieces import Piece


class Place(IntEnum):
    """How good a place is for a break, best first."""

    SENTENCE = 0
    CLAUSE = 1
    JOINT = 2
    """Before a conjunction or a preposition."""
    PLAIN = 3
    TIE = 4
    """Inside what belongs together: article and noun, first and last name, number and unit."""
    WORD = 5
    """Inside a word, or between a word and its lone punctuation mark."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """The function words of one language, in lower case."""

    joints: frozenset[str] = frozenset()
    """A clause or a phrase begins with them."""
    clinging: frozenset[str] = frozenset()
    """They belong to the word after them."""
    abbreviations: frozenset[str] = frozenset()
    """Their full stop ends no sentence, and they belong to what follows."""
    months: frozenset[str] = frozenset()


# The pairs that captioning standards do not split (Netflix, BBC, DCMP): article+noun,
# preposition+phrase, conjunction+clause, pronoun+verb, auxiliary+verb.
_PREPOSITIONS = frozenset(
    "about above across after against along amid among around as at before behind below beneath "
    "beside besides between beyond by concerning despite down during except for from in inside "
    "into like near of off on onto out outside over past per since through throughout to toward "
    "towards under until unlike up upon via with within without".split()
)
_CONJUNCTIONS = frozenset(
    "and but or nor yet so because although though while whereas unless if whether that which who "
    "whom whose when where why how than".split()
)
_DETERMINERS = frozenset(
    "a an the this these those my your his her its our their some any no every each either "
    "neither another many several both such more most all other".split()
)
_SUBJECTS = frozenset("i he she we they it's i'm he's she's we're they're you're".split())
_AUXILIARIES = frozenset(
    "am is are was were be been being has have had having do does did will would shall should can "
    "could may might must cannot not isn't aren't wasn't weren't hasn't haven't hadn't don't "
    "doesn't didn't won't wouldn't shouldn't can't couldn't mustn't very too quite".split()
)

ENGLISH = Syntax(
    joints=_PREPOSITIONS | _CONJUNCTIONS,
    clinging=_PREPOSITIONS | _CONJUNCTIONS | _DETERMINERS | _SUBJECTS | _AUXILIARIES,
    abbreviations=frozenset(
        "mr. mrs. ms. dr. prof. gen. sen. rep. gov. lt. col. sgt. capt. rev. st. no. vs. adm. "
        "maj. pres. hon. fr. mt. ft.".split()
    ),
    months=frozenset(
        "january february march april may june july august september october november december "
        "jan. feb. mar. apr. jun. jul. aug. sept. sep. oct. nov. dec.".split()
    ),
)

SYNTAX: dict[str, Syntax] = {"en": ENGLISH}

_CLOSERS = "\"'”’»›)]}」』）】》〉"
_OPENERS = "\"'“‘«‹([{「『（【《〈¿¡„‚"
_SENTENCE_ENDS = ".?!…。！？؟۔।॥։።።‼⁇⁈⁉"
_CLAUSE_ENDS = ",;:—–、，；：،؛·"
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")
_NUMBER = re.compile(r"[$£€¥]?\d[\d.,:]*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
"""Thai, Lao, Burmese, Khmer, kana, Han: where no space is written, two words may yet part."""


def place(before: Piece, after: Piece, syntax: Syntax) -> Place:
    """The kind of the place between two pieces."""
    if _one_word(before, after):
        return Place.WORD
    said, following = _bare(before.text), _bare(after.text)
    if _ends_sentence(before.text, after.text, syntax):
        return Place.SENTENCE
    if before.text.rstrip(_CLOSERS).endswith(tuple(_CLAUSE_ENDS)) or _is_dash(after.text):
        return Place.CLAUSE
    if after.text.startswith(tuple("([（【")) or before.text.endswith(tuple(")]）】")):
        return Place.CLAUSE
    if said in syntax.clinging or _tied(before.text, after.text, syntax):
        return Place.TIE
    return Place.JOINT if following in syntax.joints else Place.PLAIN


def _bare(text: str) -> str:
    return text.strip(_OPENERS + _CLOSERS).lower().replace("’", "'")


def _is_dash(text: str) -> bool:
    return text in ("—", "–", "-")


def _wordless(text: str) -> bool:
    return not any(c.isalnum() for c in text)


def _one_word(before: Piece, after: Piece) -> bool:
    """Whether nothing may part the two if it can be helped."""
    if after.inside or (_wordless(after.text) and after.text[0] not in _OPENERS[2:]):
        return True
    if _wordless(before.text) and before.text[-1] in _OPENERS:
        return True
    seam = before.text[-1] + after.text[0]
    return not after.space_before and not _UNSPACED.search(seam)


def _ends_sentence(before: str, after: str, syntax: Syntax) -> bool:
    core = before.rstrip(_CLOSERS)
    if not core.endswith(tuple(_SENTENCE_ENDS)):
        return False
    bare_after = after.lstrip(_OPENERS)
    if core[-1] != ".":
        return not bare_after[:1].islower()
    said = core.strip(_OPENERS).lower()
    if said in syntax.abbreviations or bare_after[:1].islower():
        return False
    if _INITIALS.fullmatch(said) or (said in syntax.months and bare_after[:1].isdigit()):
        # "U.S. The ..." ends one, "U.S. Congress" and "J. Smith" do not.
        return bare_after[:1].isupper() and bare_after.lower() in syntax.clinging
    return True


def _tied(before: str, after: str, syntax: Syntax) -> bool:
    """Names, titles, dates, and numbers with what they count."""
    said = before.strip(_OPENERS)
    if said.lower() in syntax.abbreviations:
        return True
    if before[-1] in _CLOSERS or after[0] in _OPENERS:
        return False
    if _NUMBER.fullmatch(said):
        return after[0].islower() or after in ("%", "°C", "°F")
    if said.lower() in syntax.months and after[0].isdigit():
        return True
    # Two capitals are taken for one name where the language is known to write nouns small.
    return bool(syntax.joints) and said[:1].isupper() and after[0].isupper()
