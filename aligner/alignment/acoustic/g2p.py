"""Converts English words to phones (grapheme to phoneme), for words that the dictionary lacks.

The phones are those of the acoustic model, in ARPAbet. No other file uses hama.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from threading import Lock
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hama import G2PModel

PHONES = {
    "a": "AA", "aɪ": "AY", "aʊ": "AW", "b": "B", "c": "K", "d": "D", "d͡ʒ": "JH", "e": "EH",
    "eə": "EH R", "eɪ": "EY", "f": "F", "g": "G", "h": "HH", "i": "IY", "j": "Y", "ja": "Y AA",
    "je": "Y EH", "jo": "Y OW", "ju": "Y UW", "jʌ": "Y AH", "k": "K", "l": "L", "m": "M",
    "n": "N", "o": "OW", "oʊ": "OW", "p": "P", "r": "R", "s": "S", "t": "T", "t͡ɕ": "CH",
    "t͡ʃ": "CH", "u": "UW", "v": "V", "w": "W", "wa": "W AA", "we": "W EH", "wi": "W IY",
    "wʌ": "W AH", "x": "K", "y": "UW", "z": "Z", "ã": "AA N", "æ": "AE", "ð": "DH", "ħ": "HH",
    "õ": "OW N", "ø": "ER", "ĩ": "IY N", "ŋ": "NG", "œ": "ER", "ũ": "UW N", "ɐ": "AH", "ɑ": "AA",
    "ɒ": "AA", "ɓ": "B", "ɔ": "AO", "ɔɪ": "OY", "ɕ": "SH", "ɖ": "D", "ɗ": "D", "ɘ": "AH",
    "ə": "AH", "ɚ": "ER", "ɛ": "EH", "ɜ": "ER", "ɝ": "ER", "ɟ": "G", "ɡ": "G", "ɣ": "G",
    "ɤ": "AH", "ɥ": "W", "ɦ": "HH", "ɨ": "IH", "ɪ": "IH", "ɪə": "IH R", "ɫ": "L", "ɯ": "UW",
    "ɰ": "W", "ɱ": "M", "ɲ": "N Y", "ɴ": "N", "ɵ": "OW", "ɸ": "F", "ɹ": "R", "ɻ": "R", "ɽ": "R",
    "ɾ": "D", "ʀ": "R", "ʁ": "R", "ʂ": "SH", "ʃ": "SH", "ʈ": "T", "ʉ": "UW", "ʊ": "UH", "ʋ": "V",
    "ʌ": "AH", "ʎ": "L Y", "ʏ": "UH", "ʐ": "ZH", "ʑ": "ZH", "ʒ": "ZH", "β": "V", "θ": "TH",
    "ä": "AA", "å": "AO", "ç": "HH",
}  # fmt: skip
"""For each IPA symbol the nearest English phones. hama may take a name for another language's."""

LETTERS = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY",
    "h": "EY CH", "i": "AY", "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N",
    "o": "OW", "p": "P IY", "q": "K Y UW", "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW",
    "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S", "y": "W AY", "z": "Z IY",
}  # fmt: skip
"""The pronunciation of each letter's name."""
TABLES = (
    *("encoder", "decoder", "encoder_token_to_id", "decoder_token_to_id"),
    *("pad_id", "sos_id", "eos_id"),
)
"""The attributes of its vocabulary that hama reads."""
MODEL_LOCK = Lock()
"""Held while hama runs, which is not thread-safe."""
LONGEST_SPELT = 6
"""Most letters of an abbreviation that may be said letter by letter."""


def is_abbreviation(printed: str) -> bool:
    """Whether a word may be said letter by letter: "U.N.", "NATO's", "WHO"."""
    letters = _bare(printed)
    short = 2 <= len(letters) <= LONGEST_SPELT
    return short and letters.isascii() and letters.isalpha() and letters.isupper()


def spell_out(printed: str) -> str:
    """Returns the phones of an abbreviation said letter by letter, with its possessive s."""
    names = " ".join(LETTERS[letter] for letter in _bare(printed).lower())
    return names + (" Z" if _possessive(printed) else "")


@cache
def g2p(word: str) -> str | None:
    """Returns the phones of a word in lower case by rule; None for a word without sound."""
    plain = _plain(word)
    with MODEL_LOCK:
        said = _model()(plain).ipa if plain else ""
    phones: list[str] = []
    for symbol in _symbols(said):
        phones += PHONES[symbol].split()
    return " ".join(phones) or None


def _bare(printed: str) -> str:
    """Returns the letters and digits of a word without a possessive s."""
    letters = printed.replace("’", "'")
    if _possessive(printed):
        letters = letters[: letters.rindex("'")]
    return "".join(char for char in letters if char.isalnum())


def _possessive(printed: str) -> bool:
    return printed.replace("’", "'").rstrip('.,;:!?"”)').endswith("'s")


def _plain(word: str) -> str:
    """Returns the letters without accents, and apostrophes: the characters that the model knows."""
    marks = unicodedata.normalize("NFD", word.lower())
    return "".join(char for char in marks if char.isalpha() or char == "'").strip("'")


def _symbols(ipa: str) -> list[str]:
    """Splits IPA into the symbols of ``PHONES``, the longest possible each time ("aɪ" is one)."""
    found: list[str] = []
    at = 0
    while at < len(ipa):
        size = next((n for n in (3, 2, 1) if ipa[at : at + n] in PHONES), 0)
        if size:
            found.append(ipa[at : at + size])
        at += size or 1
    return found


@cache
def _model() -> G2PModel:
    """Loads the model.

    Its symbol tables are replaced by constants, as hama rebuilds them for each letter in 3 ms.
    """
    from hama import G2PModel, TextTokenizer

    model = G2PModel()
    made = {name: getattr(model.vocab, name) for name in TABLES}
    model.vocab = SimpleNamespace(**made)
    model.tokenizer = TextTokenizer(model.vocab, model.tokenizer.max_input_len)
    return model
