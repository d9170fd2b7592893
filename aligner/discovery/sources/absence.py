"""Explains why a page has no recording of its article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from aligner.discovery.sources.base import ParsedPage
from aligner.discovery.sources.html5 import is_decoration
from aligner.discovery.sources.interstitials import interstitial
from aligner.discovery.sources.unresolved_media import mentioned, unresolved
from aligner.errors import AlignerError, MediaUnavailable, NoMedia, PageUnavailable
from aligner.types import MediaLink, PlayerMetadata

GIVE = "give --media if you have the recording"
HAS_OWN = ("no_address", "not_yet", "refused")
"""States whose reason already says what to do."""


def absence(
    document: ParsedPage, name: str, links: Sequence[MediaLink], declared: PlayerMetadata
) -> AlignerError:
    """Returns the error that says why there is nothing to caption.

    ``name`` is what the source is called, ``links`` the recordings that are not the article's.

    * PageUnavailable if the site shows something instead of the article: a login, a consent form,
      a robot check, an error page, a page that only a script fills.
    * MediaUnavailable if there is a recording whose address is unknown or unusable.
    * NoMedia if the page was read and links none.
    """
    if found := interstitial(document):
        state, why = found
        return PageUnavailable(name, why, state=state)
    if not declared.says_no_media and (seen := unresolved(document)):
        state, why = seen
        return MediaUnavailable(name, state, why if state in HAS_OWN else f"{why}; {GIVE}")
    return NoMedia(name, _sentence(document, links, declared))


def _sentence(document: ParsedPage, links: Sequence[MediaLink], declared: PlayerMetadata) -> str:
    """Returns what the page has instead of a recording, and what it declares of one."""
    others, loops = _of_others(links), _own_loops(document)
    if others and loops:
        sentence = f"{others}; its own videos are silent loops ({loops})"
    elif loops:
        sentence = f"the page's only videos are silent loops ({loops}), and it links no recording"
    else:
        sentence = others or "the page links no video or audio"
    if declared.duration_ms:
        sentence += f"; it names a recording of {declared.duration_ms / 1000:.0f} s"
    if declared.says_no_media:
        sentence += ", and its player says that no media source is available"
    if page := next(mentioned(document), None):
        return f"{sentence} of its own; it mentions {page}: give --media if that is the recording"
    return f"{sentence}; {GIVE}"


def _of_others(links: Sequence[MediaLink]) -> str | None:
    """Returns how many recordings belong to other stories or the site; None if there are none."""
    count = Counter(link.relation for link in links)
    if not count:
        return None
    parts = []
    if others := count["other"]:
        parts.append(f"{others} of other stories")
    if sites := count["page"]:
        parts.append(f"{sites} of the site itself (live, header, sidebar)")
    return (
        f"the page links no recording of this article, but {' and '.join(parts)};"
        " `aligner check --all` lists them"
    )


def _own_loops(document: ParsedPage) -> int:
    """Returns how many silent loops the page shows that are not in teasers of other stories."""
    tags = filter(is_decoration, document.tree.iter("video"))
    return sum(document.regions.of(tag).relation != "other" for tag in tags)
