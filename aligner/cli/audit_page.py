"""Writes the HTML page of `aligner audit`: all findings, the worst file first.

The page is self-contained and has no script. It shows texts of strangers, so everything is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from aligner._util.inert_text import without_commands
from aligner.captions.formats.base import clock
from aligner.types import Json

WORST = ("other", "error", "drifting", "late", "incomplete", "inaccurate", "good")
STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem;max-width:70rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}
th,td{text-align:left;vertical-align:top;padding:.2rem .6rem;border-bottom:1px solid #8884}
h2 small{font-weight:normal}
"""


def page(made: Sequence[Json]) -> str:
    """Returns the page for some results in the schema aligner-audit/1."""
    ordered = sorted(made, key=_rank)
    parts = "\n".join(part for one in ordered for part in _section(one))
    title = f"{len(made)} caption files"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>aligner: {title}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{title}</h1>\n{parts}\n</body></html>\n"
    )


def _rank(made: Json) -> tuple[int, float]:
    words = made["words"] or {}
    return WORST.index(made["verdict"]), words.get("accuracy", 0.0) - made["uncaptioned_ms"]


def _section(made: Json) -> Iterator[str]:
    yield f"<h2>{_text(made['source'])} <small>{_text(made['verdict'])}</small></h2>"
    yield f"<p>{_text(made['reason'])}</p>"
    yield from _table(
        "Names, numbers and negations",
        ("time", "cue", "captions", "article", "sure"),
        [(_time(d["start_ms"]), d["cue"], d["captions"], d["article"], _yes(d["sure"]))
         for d in made["differences"]],
    )  # fmt: skip
    jumps = (made["clock"] or {}).get("jumps", ())
    yield from _table(
        "Jumps", ("from", "to", "seconds"),
        [(_time(j["from_ms"]), _time(j["to_ms"]), f"{j['by_ms'] / 1000:+.2f}") for j in jumps],
    )  # fmt: skip
    yield from _table(
        "Speech without captions", ("from", "to", "seconds"),
        [(_time(a), _time(b), f"{(b - a) / 1000:.1f}") for a, b in made["uncaptioned"]],
    )  # fmt: skip
    yield from _table(
        "Captions where nobody speaks", ("time", "cue", "text"),
        [(_time(s["start_ms"]), s["cue"], s["text"]) for s in made["nobody_speaks"]],
    )  # fmt: skip
    yield from _table(
        "Words", ("time", "cue", "kind", "captions", "heard", "sure"),
        [(_time(e["start_ms"]), e["cue"], e["kind"], e["captions"], e["heard"], _yes(e["sure"]))
         for e in made["errors"]],
    )  # fmt: skip


def _table(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    if not rows:
        return
    head = "".join(f"<th>{column}" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{_text(value)}" for value in row) for row in rows)
    yield f"<h3>{name}</h3><table><thead><tr>{head}</thead><tbody>{body}</tbody></table>"


def _time(ms: int) -> str:
    return clock(ms)[:-4]


def _yes(sure: bool) -> str:
    return "yes" if sure else "not sure"


def _text(value: object) -> str:
    return escape(without_commands(str(value)))
