"""Language tags (BCP 47) and languages' names: the one file that imports langcodes and babel.

babel has the names of the Unicode CLDR, as ICU has; the ICU wheel that aligner uses gives none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

WRITTEN_AS = {"prs": "fa", "yue": "zh", "cmn": "zh"}
"""Languages that are written as another one is: Dari as Persian."""
RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ks prs ps sd ug ur yi".split())
"""Primary subtags of the languages that are written from right to left."""
OTHER_NAMES = {"prs": "Dari"}
"""English names of languages that the CLDR has as variants of another."""


def primary(tag: str) -> str:
    """Returns the primary subtag in small letters; "_" also separates subtags.

    >>> primary("en-US"), primary("PT_br")
    ('en', 'pt')
    """
    return tag.strip().replace("_", "-").split("-")[0].lower()


def is_language(tag: str) -> bool:
    """Whether a tag names a language that there is."""
    from langcodes import Language

    try:
        return Language.get(tag).is_valid()
    except ValueError:
        return False


def alpha3(tag: str) -> str:
    """Returns the three-letter code of a language (ISO 639-2/T); "und" where there is none."""
    from langcodes import Language

    try:
        return Language.get(tag).to_alpha3()
    except (ValueError, LookupError):
        return "und"


def script(tag: str) -> str:
    """Returns the code of the script in which a language is usually written (ISO 15924).

    >>> script("hi"), script("sr")
    ('Deva', 'Cyrl')
    """
    from langcodes import Language

    return Language.get(tag).maximize().script or ""


def english_name(tag: str) -> str | None:
    """Returns the English name of a language; None where there is none."""
    from babel import Locale

    code = primary(tag)
    name = Locale("en").languages.get(code) or OTHER_NAMES.get(code)
    return None if name is None else str(name)


def own_name(tag: str) -> str:
    """Returns the name of a language in that language, as menus show it; else the tag itself.

    >>> own_name("fr"), own_name("pt-BR"), own_name("zxx-unknown")
    ('Français', 'Português (Brasil)', 'zxx-unknown')
    """
    from babel import Locale, UnknownLocaleError

    plain = tag.strip().replace("_", "-")
    try:
        locale = Locale.parse(plain, sep="-")
        name = locale.languages.get(locale.language)
        if name and "-" in plain:
            name = locale.get_display_name(locale)
    except (UnknownLocaleError, ValueError):
        return tag
    return f"{name[0].upper()}{name[1:]}" if name else tag


def tag_of(given: str) -> str:
    """Returns the tag for a tag or a name, in English or in that language.

    Raises ValueError if the text is neither.

    >>> tag_of("en-US"), tag_of("English"), tag_of("español")
    ('en-US', 'en', 'es')
    """
    wished = given.strip().casefold()
    if is_language(given.strip()):
        return given.strip()
    found = _english_names().get(wished) or _own_names().get(wished)
    if found is None:
        raise ValueError("no such language; give a tag such as en, or a name such as English")
    return found


NO_LANGUAGE = frozenset("und mul mis zxx art".split())
"""Codes of ISO 639-2 for an undetermined language, several languages, and none."""
TAG = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{1,8})*)")
NAME = re.compile(r"([^\W\d_]{4,40})(?:\s*[(,/–-].*)?")
"""A language's name, perhaps with a country: "English (US)"."""


def declared_tag(text: str) -> str | None:
    """Returns the tag for what a page or a track declares as its language; None for no language.

    Three-letter codes become those of two letters, and names in English or in that language their
    tags.

    >>> declared_tag("en_US"), declared_tag("ger"), declared_tag("English"), declared_tag("und")
    ('en-US', 'de', 'en', None)
    """
    given = text.strip()
    if not (found := TAG.fullmatch(given)):
        return _tag_of_name(name[1]) if (name := NAME.fullmatch(given)) else None
    code, rest = found[1].lower(), found[2].replace("_", "-")
    if code in NO_LANGUAGE:
        return None
    return (code if len(code) == len("en") else _two_letters(code)) + rest


def _tag_of_name(name: str) -> str | None:
    try:
        return tag_of(name)
    except ValueError:
        return None


@cache
def _two_letters(code: str) -> str:
    """Returns the code of two letters for one of three (ISO 639-2/B or T); else that code."""
    from langcodes import Language

    try:
        return str(Language.get(code).language or code)
    except ValueError:
        return code


@cache
def _english_names() -> dict[str, str]:
    from babel import Locale

    return _by_name((str(name), code) for code, name in Locale("en").languages.items())


@cache
def _own_names() -> dict[str, str]:
    """Returns tags by own names. Takes a second or two, as every locale is read."""
    from babel import Locale
    from babel.localedata import locale_identifiers

    codes = [code for code in locale_identifiers() if "_" not in code]
    return _by_name((str(Locale.parse(code).languages.get(code, code)), code) for code in codes)


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Returns the codes by name; of codes with one name the shortest."""
    found: dict[str, str] = {}
    for name, code in sorted(pairs, key=lambda pair: len(pair[1])):
        found.setdefault(name.casefold(), code.replace("_", "-"))
    return found
