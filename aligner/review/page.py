"""The review page NAME.html of a result: one file that needs no network.

The scripts of ``assets/`` are bundled into one script, and the data is embedded as JSON. The
page's Content-Security-Policy names the hashes of the script and the style, so that nothing else
runs on the page, whatever a sidecar holds.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from aligner._util.surrogates import encodable
from aligner.captions.profiles import Profile
from aligner.review import svg
from aligner.review.alignment_plot import draw_alignment
from aligner.review.article_view import view_of
from aligner.review.issues import find_issues
from aligner.review.payload import issue_part, payload
from aligner.review.waveform import Waveform
from aligner.types import CaptionResult, Json

SCRIPTS = (
    *("text", "times", "lint", "cues", "history", "voices", "vtt", "drafts", "dom", "state"),
    *("player", "captions", "article", "connectors", "wave", "inspector", "issues", "speakers"),
    *("match", "saving", "intake", "keys", "main"),
)
"""The modules of ``assets/``, each after those that it imports."""

LIMITS = (
    *("name", "max_line_chars", "max_lines", "max_cps", "min_duration_ms", "max_duration_ms"),
    *("min_gap_ms", "min_gap_frames", "chain_ms", "fps", "max_wpm"),
)
"""The fields of a profile that the page uses."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the page needs beside the sidecar."""

    name: str
    """The result's name, without suffix."""
    profile: Profile
    media: str | None = None
    """The recording's address, relative to the page; None if it is not at hand."""
    sound: Waveform | None = None
    version: str = ""
    """The version of the sidecar's text, under which the browser stores edits."""
    record: Json = field(default_factory=dict)
    """The sidecar; a downloaded one has other words and cues."""
    served: Json | None = None
    """The server's addresses for corrections; None for a page without a server."""
    media_from: str | None = None
    """The origin of the recording's address, if that is another site."""


def build(outcome: CaptionResult, shown: PageContext) -> str:
    """Returns the HTML of a result's page."""
    text = view_of(outcome)
    language = (outcome.captions and outcome.captions.language) or "und"
    data = payload(outcome, text) | {
        "name": shown.name,
        "profile": limits(shown.profile.for_language(language)),
        "media": shown.media,
        "version": shown.version,
        "served": shown.served,
        "record": None if shown.served else shown.record | {"words": [], "cues": []},
        **sound_parts(outcome, shown.sound),
    }
    title = (outcome.article and outcome.article.title) or shown.name
    return assemble(
        "page.html",
        {"title": title},
        {"match": svg.page_part(draw_alignment(outcome, text)), "data": json_part(data)},
        SCRIPTS,
        shown.media_from,
    )


def limits(profile: Profile) -> Json:
    """Returns a profile's numbers; None stands for no limit."""
    numbers = {name: getattr(profile, name) for name in LIMITS}
    return {name: None if value == math.inf else value for name, value in numbers.items()}


def sound_parts(outcome: CaptionResult, sound: Waveform | None) -> Json:
    """Returns the data that needs the recording's sound: its waveform and the issues."""
    segments = sound.speech.segments if sound else ()
    found = find_issues(outcome, view_of(outcome), segments)
    outline = sound and {
        "step_ms": sound.step_ms,
        "peaks": sound.encoded,
        "speech": [[s.start, s.end] for s in segments],
    }
    return {"sound": outline, "issues": [issue_part(item) for item in found]}


# ---------------------------------------------------------------- putting a page together


def assemble(
    template: str,
    texts: dict[str, str],
    parts: dict[str, str],
    scripts: tuple[str, ...],
    media_from: str | None = None,
) -> str:
    """Fill a template with texts, which are escaped, and with parts, which are markup."""
    script, style = bundle(scripts), asset("page.css")
    values = {
        **{name: html.escape(encodable(text)) for name, text in texts.items()},
        **parts,
        "policy": html.escape(policy(script, style, media_from)),
        "script": script,
        "style": style,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda m: values[m[1]], asset(template))


def beginning() -> str:
    """Returns what every review page begins with, and so tells it from pages of others."""
    return asset("page.html").partition("{{")[0]


def policy(script: str, style: str, media_from: str | None = None) -> str:
    """Returns a Content-Security-Policy that allows this script, this style and the recording.

    ``media_from``: another origin that the recording may come from.
    """
    return "; ".join([
        "default-src 'none'",
        f"script-src 'sha256-{_hash(script)}'",
        f"style-src 'sha256-{_hash(style)}'",
        f"media-src 'self' file: blob: {media_from or ''}".rstrip(),
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ])  # fmt: skip


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def json_part(data: Json) -> str:
    """Returns JSON for a script element: nothing in it ends the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return encodable(text)


@cache
def asset(name: str) -> str:
    """Returns the text of a file of ``assets/``."""
    return (resources.files("aligner.review") / "assets" / name).read_text(encoding="utf-8")


_IMPORT = re.compile(r"^import \{([^}]*)\} from \"\./(\w+)\.js\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const|class) (\w+))", re.MULTILINE)


@cache
def bundle(names: tuple[str, ...]) -> str:
    """Returns one script of modules, each in its own function; imports must precede their users."""
    return '"use strict";\n' + "\n".join(map(_enclosed, names))


def _enclosed(name: str) -> str:
    text = asset(f"{name}.js")
    exported = ", ".join(m[2] for m in _EXPORT.finditer(text))
    text = _IMPORT.sub(lambda m: f"const {{{m[1].replace(' as ', ': ')}}} = {m[2]}Js;\n", text)
    text = _EXPORT.sub(r"\1", text)
    return f"const {name}Js = (() => {{\n{text}return {{ {exported} }};\n}})();\n"
