"""Whether a text is in the language that its page declares, by the function words in it."""

from __future__ import annotations

from collections import Counter

from aligner.languages.function_words import SYNTAX
from aligner.languages.tags import primary

MIN_WORDS = 20
"""Fewer words tell too little."""
CLEARLY = 1.5
"""A text is in another language if that has so many times as many function words in it."""
MIN_SHARE = 0.2
"""A language without a list of its own is doubted if another one's words have this share."""


def is_written_in(text: str, tag: str) -> bool:
    """Whether a text may be in a language; True where there is nothing to tell."""
    words = Counter(text.casefold().split())
    total = words.total()
    if total < MIN_WORDS:
        return True
    shares = {
        code: sum(words[word] for word in syntax.small) / total for code, syntax in SYNTAX.items()
    }
    code = primary(tag)
    own = shares.pop(code, None)
    other = max(shares.values())
    return other < MIN_SHARE if own is None else other <= CLEARLY * max(own, 1 / total)
