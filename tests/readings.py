"""Every way in which a text may be spoken, for the tables of languages."""

from itertools import product

from aligner import languages


def spoken_ways(code: str, text: str) -> set[str]:
    """A text -> all that may be said for it, as atoms with spaces between."""
    language = languages.get(code)
    groups = language.read([word.text for word in language.split(text)])
    ways = product(*([[a.text for a in way] for way in group.readings] for group in groups))
    return {" ".join(text for way in chosen for text in way) for chosen in ways}
