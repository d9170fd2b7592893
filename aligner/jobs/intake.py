"""Entering sources into the ledger, and selecting which of them a run does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice

from aligner._util.atomic_write import remove_within
from aligner.errors import BadSource, PageUnavailable
from aligner.jobs.checkpoint import source_bytes
from aligner.jobs.extra_outputs import ExtraOutputs
from aligner.jobs.job_store import JobStore
from aligner.jobs.model import OutputTarget
from aligner.jobs.options import BatchOptions
from aligner.jobs.rows import JobResult, NewJob
from aligner.jobs.selection import JobSelection
from aligner.net import client
from aligner.pipeline import source_lists
from aligner.pipeline.options import Options
from aligner.pipeline.source import name_of
from aligner.pipeline.source_lists import entry_json
from aligner.types import FeedItem, Listed, Source

AT_ONCE = 1000
"""Number of items entered in one transaction."""


class JobIntake:
    """Enters sources as items; lists among them are replaced by their articles."""

    def __init__(
        self, ledger: JobStore, target: OutputTarget, how: BatchOptions, options: Options,
        session: client.Session,
    ) -> None:  # fmt: skip
        self._ledger, self._target, self._how = ledger, target, how
        self._options, self._session = options, session
        self._entering = threading.Lock()
        self.selection = _selection(how)
        self.todo = 0
        """Number of items that this run is to do."""

    def enter(self, given: Iterable[Source | Listed]) -> None:
        """Enter sources, each once, and select those to do.

        The first entry of a source counts. Results of earlier runs and of `aligner caption` in
        the folder count as done.
        """
        self._list(self._with_lists_expanded(map(entry_json.as_entry, given)))
        self._ledger.take_over()
        self._remove_leftovers()
        self._select()

    def expand_list(self, item: int, source: str) -> int:
        """Replace an item that turned out to be a list by its articles, and return their number.

        Raises BadSource, PageUnavailable, LeaseLost.
        """
        listed = entry_json.decode(self._ledger.about(item), source)
        articles = (replace(listed, source=article) for article in self._articles(source))
        count = 0
        while some := list(islice(articles, AT_ONCE)):
            with self._entering:
                self.todo -= not count  # the list itself is no longer to be done
                self._list(some)
                self._select()
            count += len(some)
        if count:
            self._ledger.become_list(item)
        return count

    def _select(self) -> None:
        """Select what to do of the items that were listed since the last call."""
        self._compare_with_files()
        limit = self._how.limit
        room = None if limit is None else max(0, limit - self.todo)
        self.todo += self._ledger.select(self.selection, room)

    def _list(self, given: Iterable[Listed]) -> None:
        """Enter the entries of lists that the ledger lacks, and list all of them."""
        entries = iter(given)
        while taken := list(islice(entries, AT_ONCE)):
            first: dict[str, Listed] = {}
            for entry in taken:
                first.setdefault(name_of(entry.source), entry)
            known = self._ledger.list_known(
                (key, source_bytes(entry.source), entry_json.encode(entry))
                for key, entry in first.items()
            )
            self._ledger.enter(self._new_job(first[key]) for key in first if key not in known)

    def _with_lists_expanded(self, given: Iterable[Listed]) -> Iterator[Listed]:
        """Yields entries, with their articles in place of those that are known to be lists."""
        known = self._ledger.lists()
        for entry in given:
            if entry.source not in known:
                yield entry
                continue
            try:
                for article in self._articles(entry.source):
                    yield replace(entry, source=article)
            except (BadSource, PageUnavailable):
                yield entry  # its own result will say why

    def _articles(self, source: Source) -> Iterator[FeedItem]:
        """Yields the articles of a list. Raises BadSource, PageUnavailable."""
        return source_lists.nested(name_of(source), self._session.fetch_list, self._how.window)

    def _new_job(self, entry: Listed) -> NewJob:
        """Returns the item of a list's entry, with the name of its files."""
        source, key, results = entry.source, name_of(entry.source), self._target.results
        published = source.published if isinstance(source, FeedItem) else None
        name = results.name_for(key, set())
        other = partial(results.name_for, key)
        when = published.timestamp() if published else None
        return NewJob(key, source_bytes(source), name, other, when, entry_json.encode(entry))

    def _remove_leftovers(self) -> None:
        """Remove files of finished items that a killed run left."""
        work = self._target.inner / "work"
        for folder in work.iterdir() if work.is_dir() else ():
            if folder.name.isdecimal() and not self._ledger.is_under_way(int(folder.name)):
                remove_within(self._target.folder, folder)

    def _compare_with_files(self) -> None:
        """Enter results that exist already, and queue items again whose files are incomplete."""
        formats, results = self._how.formats, self._target.results
        extras = ExtraOutputs(self._how.folder, self._how.extras, self._options)
        self._ledger.enter_results(
            (key, _with_marks(ending, extras, name))
            for key, name in self._ledger.never_claimed()
            if results.has(name) and (ending := results.found(name, key, formats))
        )
        wanted = set(self._target.wanted)
        self._ledger.queue_again(
            item
            for item, name, made in self._ledger.ended()
            if not wanted <= set(made.split(",")) or not results.has(name)
        )


def _with_marks(ending: JobResult, extras: ExtraOutputs, name: str) -> JobResult:
    """Returns an existing result's row with the marks of its extras."""
    if ending.status in ("captioned", "speech_only"):
        marks = extras.existing_marks(name)
    else:
        marks = extras.extras.marks  # without captions there is nothing to make
    return replace(ending, formats=",".join((ending.formats, *marks)))


def _selection(how: BatchOptions) -> JobSelection:
    """Returns which items a run that begins now does."""
    if how.recheck_after is None:
        return JobSelection(how.statuses, how.temporary_only)
    before = time.time() - how.recheck_after.total_seconds()
    return JobSelection(how.statuses, how.temporary_only, how.recheck, before)
