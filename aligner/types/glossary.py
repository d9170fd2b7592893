"""The terms of a house's glossary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GlossaryTerm:
    """A name or term that may be said outside the article, and how it is to be spelt."""

    text: str
    """As captions show it, of one to five words."""
    said: tuple[str, ...] = ()
    """How it is said, where its spelling does not tell: "shiv-AWN", or IPA between slashes."""
    variants: tuple[str, ...] = ()
    """Other spellings of it, which are replaced by ``text``."""
    source: str = ""
    """Where the term comes from: the name of a file, or "earlier results"."""
