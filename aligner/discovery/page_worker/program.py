"""A program that reads pages, one after the other; ``page_worker/__init__.py`` runs it.

``_util/helper_program.py`` says what messages are. Requests are PageRequest, questions
NetworkQuestion, and answers what ``TASKS`` says, or PageFailure.
"""

from __future__ import annotations

from lxml.etree import LxmlError

from aligner._util.helper_program import (
    NotGiven,
    Parent,
    limit_cpu,
    limit_memory,
    resident_bytes,
    serve,
)
from aligner.discovery.page_worker.limits import DEFAULTS, PageLimits
from aligner.discovery.page_worker.tasks import (
    TASKS,
    NetworkQuestion,
    PageFailure,
    PageRequest,
    decode,
    encode,
)
from aligner.discovery.sources import FindOptions
from aligner.types import FeedItem, MediaLink

LARGE = 300 << 20
"""A process that has taken more is not used again: it may keep the memory."""
MUCH = 0.25
"""The share of the memory from which on lxml's errors are those of too little memory; it gives
no reason then."""


def main() -> None:
    serve(_answer, lambda: None, DEFAULTS.memory_bytes)


def _answer(data: bytes, parent: Parent) -> tuple[bytes, bool]:
    def read_feed(url: str) -> tuple[FeedItem, ...]:
        return decode(parent.ask(encode(NetworkQuestion("feed", url))), tuple[FeedItem, ...])

    def ask_ytdlp(url: str) -> tuple[MediaLink, ...]:
        return decode(parent.ask(encode(NetworkQuestion("ytdlp", url))), tuple[MediaLink, ...])

    request = decode(data, PageRequest)
    limit_memory(request.limits.memory_bytes, DEFAULTS.memory_bytes)
    limit_cpu(request.limits.cpu_s)
    try:
        read, _ = TASKS[request.task]
        answer = read(request, FindOptions(read_feed=read_feed, ask_ytdlp=ask_ytdlp))
        return b"=" + encode(answer), resident_bytes() <= LARGE
    except NotGiven:
        return b"", True
    except Exception as error:  # a library may raise anything; the parent raises it too
        if _lacks_memory(error, request.limits):
            return b"!" + encode(PageFailure("memory")), False
        why = f"{type(error).__name__}: {error}"
        return b"!" + encode(PageFailure("unforeseen", why)), resident_bytes() <= LARGE


def _lacks_memory(error: Exception, limits: PageLimits) -> bool:
    is_much = resident_bytes() > MUCH * limits.memory_bytes
    return isinstance(error, MemoryError) or (isinstance(error, LxmlError) and is_much)
