"""English names of languages, and whether two tags name one language."""

from __future__ import annotations

from aligner.languages.tags import english_name, primary

ONE = {
    "nb": "no", "nn": "no", "iw": "he", "in": "id", "ji": "yi", "fil": "tl", "jw": "jv",
    "cmn": "zh", "yue": "zh", "prs": "fa", "bs": "sr", "hr": "sr", "sh": "sr",
}  # fmt: skip
"""Tags of one language, or of languages that a recogniser does not keep apart."""


def same(one: str, other: str) -> bool:
    """Whether two tags name one language."""
    first, second = primary(one), primary(other)
    return ONE.get(first, first) == ONE.get(second, second)


def name(tag: str) -> str:
    """Returns the English name of a language; the tag itself where there is none."""
    return english_name(tag) or tag
