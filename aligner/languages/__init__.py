"""Language tag -> what aligner knows of that language. To add one, see ``base.py``."""

from __future__ import annotations

from aligner.languages.base import Atom, Group, Language, Written, default, fold
from aligner.languages.en import ENGLISH

__all__ = ["LANGUAGES", "Atom", "Group", "Language", "Written", "fold", "get"]

LANGUAGES: dict[str, Language] = {
    "en": ENGLISH,
}


def get(tag: str | None) -> Language:
    """The record for a BCP 47 tag; a language without one gets the default for its script."""
    code = (tag or "und").replace("_", "-").split("-")[0].lower()
    return LANGUAGES.get(code) or default(code)
