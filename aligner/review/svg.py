"""Draws a picture as SVG: as a file with its own colours, or as a part of the review page."""

from __future__ import annotations

from html import escape

from aligner.review.alignment_plot import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Label,
    Line,
    Picture,
    Rect,
    Shape,
)

STYLE = """\
text{font:12px system-ui,sans-serif;fill:#4a5560}
.title{fill:#1d252c;font-weight:600}
.paper{fill:#fff}.frame{stroke:#7b8794}.grid{stroke:#e3e7eb}
.said{stroke:#1f5fae;stroke-width:2.5;stroke-linecap:round}
.guessed{stroke:#1f5fae;stroke-width:2;stroke-dasharray:3 4}
.extra{fill:#b06a00;fill-opacity:.25}.changed{fill:#9b2fae;fill-opacity:.55}
.unspoken{fill:#5d6a76;fill-opacity:.14}
@media(prefers-color-scheme:dark){text{fill:#a9b4be}.title{fill:#e6ebef}.paper{fill:#14181c}
.frame{stroke:#6b7681}.grid{stroke:#262d34}.said,.guessed{stroke:#7db4f5}
.extra{fill:#f0b455}.changed{fill:#db8ceb}.unspoken{fill:#a9b4be}}"""


def page_part(picture: Picture) -> str:
    """Returns an ``svg`` element that the page's style sheet colours."""
    return _element(picture, "", 'class="match"')


def file(picture: Picture) -> str:
    """Returns the text of an SVG file."""
    paper = f'<rect class="paper" width="{picture.width}" height="{picture.height}"/>'
    extra = f'width="{picture.width}" height="{picture.height}"'
    return _element(picture, f"<style>{STYLE}</style>{paper}", extra) + "\n"


def _element(picture: Picture, before: str, attributes: str) -> str:
    body = "\n".join(map(_shape, picture.shapes))
    area = f"{LEFT} {TOP} {picture.width - RIGHT} {picture.height - BOTTOM}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {picture.height}" '
        f'role="img" aria-label="{escape(picture.caption)}" data-area="{area}" {attributes}>'
        f"{before}\n{body}\n</svg>"
    )


def _shape(shape: Shape) -> str:
    match shape:
        case Line(style, x1, y1, x2, y2):
            return f'<line class="{style}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'
        case Rect(style, x, y, width, height):
            size = f'width="{round(width, 2)}" height="{round(height, 2)}"'
            return f'<rect class="{style}" x="{round(x, 2)}" y="{round(y, 2)}" {size}/>'
        case Label(style, x, y, text, anchor):
            place = f'x="{x}" y="{y}" text-anchor="{anchor}"'
            return f'<text class="{style}" {place}>{escape(text)}</text>'
