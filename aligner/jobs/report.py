"""Writes the reports of a batch: report.jsonl, one line for each item, and report.html.

The page is self-contained and has no script. It shows texts of strangers' pages, so everything is
escaped, and only http(s) addresses become links.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import quote

import msgspec

from aligner._util.atomic_write import atomic_path, atomic_write
from aligner.captions.formats.base import clock, one_line
from aligner.jobs.job_store import JobStore
from aligner.jobs.report_row import PAGE_BEGINNING, SCHEMA
from aligner.jobs.rows import Record
from aligner.jobs.selection import QUEUED, RUNNING
from aligner.jobs.storage import ResultStore
from aligner.net.guard import is_http_url
from aligner.pipeline.source_lists import entry_json

MOST_ROWS = 2_000
"""Most rows of the page; report.jsonl has all items."""
WORST = {"error": 0, "media_unavailable": 1, "no_speech": 2, "no_audio": 3, "speech_only": 4,
         "no_media": 5, "captioned": 6}  # fmt: skip
"""The order of the rows: failures first, then results that may need work."""
STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem;max-width:80rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8884}
td.n{text-align:right;font-variant-numeric:tabular-nums}
td.s span{padding:.1rem .4rem;border-radius:3px}
.bar{display:flex;height:1rem;margin:.5rem 0 1rem;border-radius:4px;overflow:hidden}
.captioned{background:#2b8a3e55}
.speech_only{background:#e6770055}
.no_media,.no_audio,.no_speech{background:#86868655}
.media_unavailable{background:#d9480f55}
.error{background:#c9222255}
.queued,.running{background:#1971c255}
small{opacity:.75}
a{word-break:break-all}
"""


def write(jobs: JobStore, results: ResultStore) -> tuple[str, str]:
    """Writes both reports, and returns their paths or addresses. Raises OutputError."""
    html = _HtmlReport()
    folder = jobs.own_folder()
    lines, page = folder / "report.jsonl", folder / "report.html"
    with atomic_path(lines) as temporary, temporary.open("wb") as file:
        for made in records(jobs):
            file.write(msgspec.json.encode(made) + b"\n")
            html.add(made)
    atomic_write(page, html.page())
    addresses = results.put_report(lines), results.put_report(page)
    shutil.rmtree(folder, ignore_errors=True)
    return addresses


def records(jobs: JobStore) -> Iterator[dict[str, Any]]:
    """Yields the line of each listed item, done or not, as an object."""
    for item in jobs.records():
        made: dict[str, Any] = {"schema": SCHEMA, "source": item.key}
        if item.record is not None:
            made |= _record(item.record)
        made |= {"status": item.status, "reason": item.reason, "attempts": item.attempts}
        yield made | _times(item) | {"listed": entry_json.report_fields(item.about)}


def _times(item: Record) -> dict[str, Any]:
    """Returns start, end and working time of an item; None for each before its end."""
    if item.status in (QUEUED, RUNNING) or item.ended is None:
        return {"started": None, "ended": None, "seconds": None}
    seconds = None if item.started is None else round(item.spent_ms / 1000, 3)
    return {
        "started": entry_json.utc_iso(item.started),
        "ended": entry_json.utc_iso(item.ended),
        "seconds": seconds,
    }


class _Line(TypedDict, total=False):
    """The fields of an item's line that the page shows."""

    url: str | None
    title: str | None
    state: str | None
    http_status: int | None
    duration_ms: int | None
    coverage: dict[str, float] | None
    cues: int
    places_to_look_at: dict[str, int] | None
    files: list[str]


def _record(line: str) -> dict[str, Any]:
    """Returns the line that the ledger has of a result; empty if it is damaged."""
    try:
        made = msgspec.json.decode(line)
        msgspec.convert(made, _Line)
    except ValueError:
        return {}
    return dict(made)


@dataclass(frozen=True, slots=True)
class _Row:
    rank: tuple[int, float]
    made: dict[str, Any]


class _HtmlReport:
    """Collects the totals and the worst rows for the page, item by item."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.heard_ms = 0
        self.shares: list[float] = []
        self.rows: list[_Row] = []

    def add(self, made: dict[str, Any]) -> None:
        self.counts[made["status"]] += 1
        self.heard_ms += made.get("duration_ms") or 0
        share = (made.get("coverage") or {}).get("speech_in_article")
        if share is not None:
            self.shares.append(share)
        rank = (WORST.get(made["status"], -1), 1.0 if share is None else share)
        self.rows.append(_Row(rank, made))
        if len(self.rows) >= 5 * MOST_ROWS:
            self._keep_worst()

    def _keep_worst(self) -> None:
        self.rows = sorted(self.rows, key=lambda row: row.rank)[:MOST_ROWS]

    def page(self) -> str:
        self._keep_worst()
        total = self.counts.total()
        more = total - len(self.rows)
        rest = f"<p>{more} more items stand in report.jsonl.</p>" if more else ""
        heading = (
            "<tr><th>status<th>article<th>reason<th>length<th>in article<th>cues"
            "<th>to look at<th>files</tr>"
        )
        rows = "\n".join(_row(row.made) for row in self.rows)
        return (
            f"{PAGE_BEGINNING}"
            '<meta name="viewport" content="width=device-width">'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">"
            f"<title>aligner: {total} articles</title><style>{STYLE}</style></head><body>\n"
            f"<h1>{total} articles</h1>\n{self._bar()}{self._sums()}\n"
            f"<table><thead>{heading}</thead><tbody>\n{rows}\n</tbody></table>{rest}\n"
            "</body></html>\n"
        )

    def _bar(self) -> str:
        parts = "".join(
            f'<span class="{escape(status)}" style="flex:{count}" title="{escape(status)}"></span>'
            for status, count in self.counts.most_common()
        )
        return f'<div class="bar">{parts}</div>\n'

    def _sums(self) -> str:
        said = ", ".join(f"{count} {escape(status)}" for status, count in self.counts.most_common())
        text = f"<p>{said}. {clock(self.heard_ms)[:-4]} of recordings."
        if self.shares:
            mean = sum(self.shares) / len(self.shares)
            text += f" On average {mean:.0%} of the speech is in the article."
        return text + "</p>"


def _row(made: dict[str, Any]) -> str:
    """Returns the table row of an item."""
    share = (made.get("coverage") or {}).get("speech_in_article")
    length = made.get("duration_ms")
    files = " ".join(_file(name) for name in made.get("files") or ())
    source = str(made.get("url") or made["source"])
    title = made.get("title")
    article = (f"{_text(title)}<br>" if title else "") + f"<small>{_link(source)}</small>"
    article += _listed(made["listed"])
    status = escape(made["status"])
    told = [part for part in (made.get("state"), made.get("http_status")) if part]
    state = f"<br><small>{_text(', '.join(map(str, told)))}</small>" if told else ""
    places = (made.get("places_to_look_at") or {}).get("total")
    return (
        f'<tr><td class="s"><span class="{status}">{status}</span>{state}<td>{article}'
        f"<td>{_text(made['reason'])}<td class=n>{clock(length)[:-4] if length else ''}"
        f"<td class=n>{'' if share is None else f'{share:.0%}'}"
        f"<td class=n>{made.get('cues') or ''}<td class=n>{'' if places is None else places}"
        f"<td>{files}</tr>"
    )


def _listed(listed: dict[str, Any]) -> str:
    """Returns the other columns of the list for an item."""
    said = [f"{name}: {value}" for name, value in listed["columns"].items() if value != ""]
    return f"<br><small>{_text(' · '.join(said))}</small>" if said else ""


def _text(text: str) -> str:
    return escape(one_line(text))


def _link(source: str) -> str:
    """Returns a source, as a link if it is an http(s) address."""
    if not is_http_url(source):
        return _text(source)
    return f'<a href="{escape(source)}" rel="noreferrer">{_text(source)}</a>'


def _file(name: str) -> str:
    """Returns a link to a file beside the page."""
    return f'<a href="{escape(quote("./" + name))}">{_text(Path(name).suffix.lstrip("."))}</a>'
