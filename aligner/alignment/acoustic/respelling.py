"""Reads how a word is said, as people write it: "shiv-AWN", or IPA between slashes "/ʃɪˈvɔːn/".

A plain respelling is read as newsrooms and dictionaries write it for English readers: one syllable
after the other, divided by hyphens, each letter group with its most usual sound. Capitals mark the
stressed syllable, which the acoustic model does not need.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from aligner.alignment.acoustic.phones.nearest import NEAREST, english_phones

Phones = tuple[str, ...]

LONG = {"a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW", "y": "AY"}
"""Vowels before one consonant and a silent e: "lyve"."""
SOUNDS = {
    "augh": "AO", "ough": "AO", "eigh": "EY", "tch": "CH", "dge": "JH", "igh": "AY", "eye": "AY",
    "air": "EH R", "are": "EH R", "ear": "IH R", "eer": "IH R", "ier": "IH R", "ire": "AY ER",
    "oor": "UH R", "our": "AW ER", "ore": "AO R", "ur": "ER", "er": "ER", "ir": "ER", "ar": "AA R",
    "or": "AO R", "ah": "AA", "aa": "AA", "ay": "EY", "ai": "EY", "aw": "AO", "au": "AO",
    "ee": "IY", "ea": "IY", "eh": "EH", "ei": "EY", "ey": "EY", "ew": "UW", "eu": "Y UW",
    "ih": "IH", "ie": "IY", "oh": "OW", "oa": "OW", "oe": "OW", "oo": "UW", "ou": "AW", "ow": "AW",
    "oi": "OY", "oy": "OY", "uh": "AH", "uu": "UH", "ue": "UW", "ui": "UW", "a": "AE", "e": "EH",
    "i": "IH", "o": "AA", "u": "AH", "sh": "SH", "ch": "CH", "th": "TH", "dh": "DH", "zh": "ZH",
    "ng": "NG", "kh": "K", "gh": "G", "ph": "F", "wh": "W", "qu": "K W", "ck": "K", "ts": "T S",
    "b": "B", "c": "K", "d": "D", "f": "F", "g": "G", "h": "HH", "j": "JH", "k": "K", "l": "L",
    "m": "M", "n": "N", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T", "v": "V", "w": "W",
    "x": "K S", "z": "Z", "y": "Y",
}  # fmt: skip
"""Letter groups of respellings, and the English phones (ARPAbet) for them."""
AT_END = {"y": "AY", "o": "OW", "e": "IY", "i": "IY", "u": "UW", "a": "AH"}
"""The only vowel of a syllable, where it ends it: "my", "so", "me"."""
VOWELS = frozenset("aeiouy")
_GROUPS = sorted(SOUNDS, key=len, reverse=True)
_SILENT_E = re.compile(r"([aeiouy])([bcdfgjklmnpqrstvxz]|th|sh|ch)e(?=s?$)")
_IPA_SIGNS = frozenset("".join(NEAREST)) - set("abcdefghijklmnopqrstuvwxyz") | {"ˈ", "ˌ", "ː"}


@cache
def phones_of(said: str) -> Phones:
    """Returns the English phones of one word as it is said; () if no sound is written.

    Text between slashes or square brackets, or with a letter that only IPA has, is IPA.
    """
    text = unicodedata.normalize("NFC", said.strip())
    bare = text.strip("/[]")
    if bare != text or not _IPA_SIGNS.isdisjoint(text):
        return english_phones(bare)
    found: list[str] = []
    for syllable in re.split(r"[-·.\s]+", text.lower()):
        found += _syllable("".join(c for c in _plain(syllable) if c.isalpha()))
    return tuple(found)


def _plain(text: str) -> str:
    """Returns a text without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _syllable(letters: str) -> list[str]:
    """Returns the phones of a syllable in lower case."""
    if found := _SILENT_E.search(letters):
        start, end = found.span()
        before = _letters(letters[:start])
        return [*before, LONG[found[1]], *_letters(found[2]), *_letters(letters[end:])]
    return _letters(letters)


def _letters(letters: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(letters):
        group = next((g for g in _GROUPS if letters.startswith(g, at)), None)
        if group is None:
            at += 1
            continue
        ends = at + len(group) == len(letters)
        sound = SOUNDS[group]
        if ends and at and group in AT_END and not set(letters[:at]) & VOWELS:
            sound = AT_END[group]
        elif group == "y" and at and not ends:
            sound = "IH" if letters[at - 1] not in VOWELS else "Y"
        if len(group) == 1 and at and letters[at - 1] == group and group not in VOWELS:
            at += 1  # a doubled consonant is one sound
            continue
        found += sound.split()
        at += len(group)
    return found
