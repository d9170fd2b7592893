"""Draws a picture as PNG; the only module that imports Pillow."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from aligner._util.distribution import install_hint
from aligner.errors import EngineUnavailable
from aligner.review.alignment_plot import Label, Line, Picture, Rect, Shape, Style

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SCALE = 2
"""Pixels for each unit of the picture; 2 suits high-resolution screens and print."""
SIZE = 12
Colour = tuple[int, int, int, int]
COLOURS: dict[Style, Colour] = {
    "said": (31, 95, 174, 255),
    "guessed": (31, 95, 174, 140),
    "extra": (176, 106, 0, 64),
    "changed": (155, 47, 174, 140),
    "unspoken": (93, 106, 118, 36),
    "frame": (123, 135, 148, 255),
    "grid": (227, 231, 235, 255),
    "label": (74, 85, 96, 255),
    "title": (29, 37, 44, 255),
}
WIDTHS: dict[Style, float] = {"said": 2.5, "guessed": 2.0}
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def file(picture: Picture) -> bytes:
    """Returns a PNG file with a white background. Raises EngineUnavailable without Pillow."""
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        why = f"pictures in PNG need it; {install_hint('picture')}, or give a name in .svg"
        raise EngineUnavailable("Pillow", why) from error

    image = Image.new("RGB", (picture.width * SCALE, picture.height * SCALE), "white")
    draw = ImageDraw.Draw(image, "RGBA")
    for shape in picture.shapes:
        _draw(draw, shape)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw(draw: ImageDraw, shape: Shape) -> None:
    from PIL import ImageFont

    colour = COLOURS[shape.style]
    match shape:
        case Line(style, x1, y1, x2, y2):
            width = round(WIDTHS.get(style, 1) * SCALE)
            draw.line([_px(x1), _px(y1), _px(x2), _px(y2)], fill=colour, width=width)
        case Rect(_, x, y, width_, height):
            draw.rectangle([_px(x), _px(y), _px(x + width_), _px(y + height)], fill=colour)
        case Label(_, x, y, text, anchor):
            font = ImageFont.load_default(SIZE * SCALE)
            draw.text((_px(x), _px(y)), text, fill=colour, font=font, anchor=ANCHORS[anchor])


def _px(value: float) -> float:
    return value * SCALE
