"""Language tags (BCP 47): the one file that imports langcodes."""

from __future__ import annotations


def is_language(tag: str) -> bool:
    """Whether a tag names a language that there is."""
    from langcodes import Language

    try:
        return Language.get(tag).is_valid()
    except ValueError:
        return False


def alpha3(tag: str) -> str:
    """A tag -> the language's three letters (ISO 639-2/T), as containers have it; else "und"."""
    from langcodes import Language

    try:
        return Language.get(tag).to_alpha3()
    except (ValueError, LookupError):
        return "und"
