"""IPA symbols, and the English phones of the acoustic model (ARPAbet) that sound most like them."""

from __future__ import annotations

from collections.abc import Mapping

NEAREST = {
    "a": "AA", "aɪ": "AY", "aʊ": "AW", "b": "B", "c": "K", "d": "D", "d͡z": "D Z", "d͡ʑ": "JH",
    "d͡ʒ": "JH", "e": "EH", "eə": "EH R", "eɪ": "EY", "f": "F", "g": "G", "h": "HH", "i": "IY",
    "j": "Y", "ja": "Y AA", "je": "Y EH", "jo": "Y OW", "ju": "Y UW", "jʌ": "Y AH", "k": "K",
    "l": "L", "m": "M", "n": "N", "o": "OW", "oʊ": "OW", "p": "P", "q": "K", "r": "R", "s": "S",
    "t": "T", "t͡s": "T S", "t͡ɕ": "CH", "t͡ʃ": "CH", "u": "UW", "v": "V", "w": "W", "wa": "W AA",
    "we": "W EH", "wi": "W IY", "wʌ": "W AH", "x": "HH", "y": "UW", "z": "Z", "ã": "AA N",
    "æ": "AE", "ð": "DH", "ħ": "HH", "õ": "OW N", "ø": "ER", "ĩ": "IY N", "ŋ": "NG", "œ": "ER",
    "œ̃": "AH N", "ũ": "UW N", "ɐ": "AH", "ɑ": "AA", "ɑ̃": "AA N", "ɒ": "AA", "ɓ": "B", "ɔ": "AO",
    "ɔɪ": "OY", "ɔʏ": "OY", "ɔ̃": "AO N", "ɕ": "SH", "ɖ": "D", "ɗ": "D", "ɘ": "AH", "ə": "AH",
    "ɚ": "ER", "ɛ": "EH", "ɛ̃": "AE N", "ɜ": "ER", "ɝ": "ER", "ɟ": "G", "ɡ": "G", "ɢ": "G",
    "ɣ": "G", "ɤ": "AH", "ɥ": "W", "ɦ": "HH", "ɨ": "IH", "ɪ": "IH", "ɪə": "IH R", "ɫ": "L",
    "ɬ": "S", "ɭ": "L", "ɮ": "L", "ɯ": "UW", "ɰ": "W", "ɱ": "M", "ɲ": "N Y", "ɳ": "N", "ɴ": "N",
    "ɵ": "OW", "ɸ": "F", "ɹ": "R", "ɻ": "R", "ɽ": "R", "ɾ": "D", "ʀ": "R", "ʁ": "R", "ʂ": "SH",
    "ʃ": "SH", "ʈ": "T", "ʈ͡ʂ": "CH", "ʉ": "UW", "ʊ": "UH", "ʋ": "V", "ʌ": "AH", "ʎ": "L Y",
    "ʏ": "UH", "ʐ": "ZH", "ʑ": "ZH", "ʒ": "ZH", "ʔ": "T", "ʕ": "AA", "ʝ": "Y", "β": "V",
    "θ": "TH", "χ": "HH", "ä": "AA", "å": "AO", "ç": "HH",
}  # fmt: skip
"""Where an English phone of the same place and manner is missing, the one with the most similar
spectrum: trills and taps as R or D, front rounded vowels as ER or UW."""
LONGEST = max(map(len, NEAREST))


def english_phones(ipa: str, table: Mapping[str, str] = NEAREST) -> tuple[str, ...]:
    """Returns the English phones of an IPA string; what is no phone (stress, length) is skipped.

    The longest symbols are found first: "aɪ" is one. ``table`` has the English phones of
    symbols, none of which is longer than those of ``NEAREST``.
    """
    found: list[str] = []
    at = 0
    while at < len(ipa):
        sizes = range(min(LONGEST, len(ipa) - at), 0, -1)
        size = next((size for size in sizes if ipa[at : at + size] in table), 0)
        if size:
            found += table[ipa[at : at + size]].split()
        at += size or 1
    return tuple(found)
