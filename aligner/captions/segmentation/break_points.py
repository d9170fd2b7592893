"""Classifies the borders between neighbouring tokens as places for a break.

Punctuation counts in every language. In languages with a list of function words
(``languages/function_words.py``), these show where clauses and phrases begin, and which words
belong to the word after them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from itertools import accumulate, pairwise

from aligner import languages
from aligner.captions.segmentation.tokens import TURN, CueToken
from aligner.languages.function_words import SYNTAX, FunctionWords
from aligner.languages.line_breaks import line_breaks
from aligner.languages.sentences import ends_sentence

__all__ = ["BreakKind", "break_kind", "break_kinds"]

_WITHOUT_SYNTAX = FunctionWords()


class BreakKind(IntEnum):
    """The kind of a border; the lower, the better it is for a break."""

    SENTENCE = 0
    CLAUSE = 1
    """After a punctuation mark within a sentence."""
    JOINT = 2
    """Before a conjunction or a relative pronoun."""
    PHRASE = 3
    """Before a preposition, an article, a pronoun or an auxiliary."""
    PLAIN = 4
    TIE = 5
    """Between words that belong together: article and noun, names, number and unit."""
    WORD = 6
    """Within a word, or between a word and a punctuation mark."""


_CLOSERS = "\"'”’»›)]}」』）】》〉"
_OPENERS = "\"'“‘«‹([{「『（【《〈¿¡„‚"
_CLAUSE_ENDS = tuple(",;:—–、，；：،؛·")
_NUMBER = re.compile(r"[$£€¥]?\d[\d.,:]*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
"""Thai, Lao, Burmese, Khmer, kana and Han, which are written without spaces between words."""
_HAN_NUMBER = re.compile("第?[0-9０-９.,，．一二三四五六七八九十百千万億兆亿萬零〇两兩数數何]+|第")
"""A number in Japanese or Chinese, in figures or characters; also without its end."""
_COUNTER = re.compile("[\u4e00-\u9fff\u30a1-\u30fa々つ]|[かヶヵ][月国所年]")
"""The beginning of what is counted: Han or katakana (人, キロ), but no particle (は, が)."""
_PARTS_OF_DATES = ("年", "月", "時", "时", "点", "點", "分")
"""Counters after which another number continues a date or a time of day: 9月15日, 5時30分."""
_OF_COUNTER = ("か", "ヶ", "ヵ", "カ", "ケ")
"""Written between a number and the counters of months, countries and places: 3か月."""


def break_kinds(tokens: Sequence[CueToken], code: str) -> list[BreakKind]:
    """Returns the kind of each border between tokens; ICU finds words that no space separates."""
    kinds = [break_kind(a, b, code) for a, b in pairwise(tokens)]
    seams = [k for k, b in enumerate(tokens[1:]) if not (b.space_before or b.inside)]
    if seams:
        text = "".join(" " * p.space_before + p.text for p in tokens)
        allowed = line_breaks(text, code)
        ends = list(accumulate(len(p.text) + p.space_before for p in tokens))
        for k in seams:
            if ends[k] not in allowed or _inside_number([token.text for token in tokens], k):
                kinds[k] = BreakKind.WORD
    return kinds


def _inside_number(texts: Sequence[str], border: int) -> bool:
    """Whether the border after a token lies within a number and its counter: 25|人, 9月|15日."""
    before, after = texts[border].strip(_OPENERS), texts[border + 1]
    preceding = texts[border - 1].strip(_OPENERS) if border else ""
    if _HAN_NUMBER.fullmatch(before):
        return bool(_HAN_NUMBER.match(after) or _COUNTER.match(after)) or after in _OF_COUNTER
    if _HAN_NUMBER.fullmatch(preceding):
        is_of_counter = before in _OF_COUNTER
        return is_of_counter or (before in _PARTS_OF_DATES and _HAN_NUMBER.match(after) is not None)
    return False


def break_kind(before: CueToken, after: CueToken, code: str) -> BreakKind:
    """Returns the kind of a border; ``code`` is the primary subtag of the language."""
    syntax = SYNTAX.get(code, _WITHOUT_SYNTAX)
    if after.text.startswith(TURN):
        return BreakKind.SENTENCE
    if before.text.startswith(TURN) and _wordless(before.text):
        return BreakKind.WORD
    if _one_word(before, after):
        return BreakKind.WORD
    if ends_sentence(before.text, after.text, languages.get(code)):
        return BreakKind.SENTENCE
    if before.text.rstrip(_CLOSERS).endswith(_CLAUSE_ENDS) or _goes_on(after.text):
        return BreakKind.CLAUSE
    if after.text.startswith(("(", "[", "（", "【")) or before.text.endswith(
        (")", "]", "）", "】")
    ):
        return BreakKind.CLAUSE
    said, following = _last_part(before.text, syntax), _first_part(after.text, syntax)
    if _tied(before.text, after.text, syntax) or _belongs_to_next(said, following, syntax):
        return BreakKind.TIE
    return _opening(said, following, syntax)


def _opening(said: str, following: str, syntax: FunctionWords) -> BreakKind:
    """Returns the kind of a border by the word after it, if the two do not belong together."""
    if following in syntax.particles:
        return BreakKind.TIE
    if following in syntax.conjunctions:
        return BreakKind.JOINT
    if following in syntax.prepositions:
        return BreakKind.PHRASE
    if said in syntax.auxiliaries or said in syntax.pronouns:
        return BreakKind.PLAIN
    return BreakKind.PHRASE if _is_small(following, syntax) else BreakKind.PLAIN


def _is_small(word: str, syntax: FunctionWords) -> bool:
    return word in syntax.determiners or word in syntax.pronouns or word in syntax.auxiliaries


def _belongs_to_next(said: str, following: str, syntax: FunctionWords) -> bool:
    """Whether the word before a border belongs to the word after it."""
    if said in syntax.prepositions or said in syntax.conjunctions or said in syntax.determiners:
        return True
    opens = (
        following in syntax.prepositions
        or following in syntax.conjunctions
        or following in syntax.determiners
    )
    if said in syntax.auxiliaries or said in syntax.pronouns:
        return not opens
    if opens or following in syntax.auxiliaries:
        return False
    return said in syntax.adjectives or (
        bool(syntax.adjective_ends) and len(said) > 5 and said.endswith(syntax.adjective_ends)
    )


def _bare(text: str) -> str:
    return text.strip(_OPENERS + _CLOSERS).lower().replace("’", "'")


def _first_part(text: str, syntax: FunctionWords) -> str:
    """Returns the word, or the elided function word that it begins with ("l'" of "l'homme")."""
    word = _bare(text)
    head = word[: word.find("'") + 1]
    return head if head in syntax.elided else word


def _last_part(text: str, syntax: FunctionWords) -> str:
    """Returns the word without an elided function word at its beginning ("il" of "qu'il")."""
    word = _bare(text)
    return word[word.find("'") + 1 :] if word[: word.find("'") + 1] in syntax.elided else word


def _goes_on(text: str) -> bool:
    """Whether a text is a dash or begins with an ellipsis, which continue a sentence."""
    return text in ("—", "–", "-") or text.startswith(("...", "…"))


def _wordless(text: str) -> bool:
    return not any(c.isalnum() for c in text)


def _one_word(before: CueToken, after: CueToken) -> bool:
    """Whether two tokens are parts of one word, or a word and its punctuation mark."""
    if after.inside or (_wordless(after.text) and after.text[0] not in _OPENERS[2:]):
        return True
    if _wordless(before.text) and before.text[-1] in _OPENERS:
        return True
    seam = before.text[-1] + after.text[0]
    return not after.space_before and not _UNSPACED.search(seam)


def _tied(before: str, after: str, syntax: FunctionWords) -> bool:
    """Whether two words are a name, a title with a name, a date, or a number with its unit."""
    said = before.strip(_OPENERS)
    if said.lower() in syntax.abbreviations:
        return True
    if before[-1] in _CLOSERS or after[0] in _OPENERS:
        return False
    if _NUMBER.fullmatch(said):
        is_common = after[0].isalpha() and not after[0].isupper()  # few scripts have capitals
        return is_common or after in ("%", "°C", "°F")
    if said.lower() in syntax.months and after[0].isdigit():
        return True
    return syntax.nouns_small and _one_name(said, after, syntax)


def _one_name(said: str, after: str, syntax: FunctionWords) -> bool:
    """Whether two words are parts of one name, in a language that capitalises only names."""
    if after[0].isupper():
        return said[:1].isupper() or said in syntax.titles or said in syntax.name_parts
    return said[:1].isupper() and after.split("-")[0] in syntax.name_parts
