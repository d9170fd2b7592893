"""Converts English words to phones (grapheme to phoneme), for words that the dictionary lacks.

The phones are those of the acoustic model, in ARPAbet. No other file uses hama.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from threading import Lock
from types import SimpleNamespace
from typing import TYPE_CHECKING

from aligner.alignment.acoustic.phones.nearest import NEAREST, english_phones

if TYPE_CHECKING:
    from hama import G2PModel

NOT_USED = {*"qɢɭɮɳʔʕʝɬχ", *"d͡z d͡ʑ t͡s ʈ͡ʂ œ̃ ɑ̃ ɔ̃ ɛ̃ ɔʏ".split()}
"""Symbols that hama does not write for one sound of English."""
PHONES = {at: near for at, near in NEAREST.items() if at not in NOT_USED} | {"x": "K"}
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
    return " ".join(english_phones(said, PHONES)) or None


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
