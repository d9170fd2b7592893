"""README.md as a package index can show it; all other metadata is in pyproject.toml.

An index page shows neither pictures nor files beside the README: a picture becomes its description,
and a link within the project its text.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import setup

PICTURE = re.compile(r"!\[([^\]]*)\]\((?!https?:)([^)]+)\)")
LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)[^)]+\)")


def index_page(readme: str) -> str:
    """README.md -> the text of an index page, in Markdown."""
    pictured = PICTURE.sub(r"*\1 (a picture: \2 in the sdist)*", readme)
    return LINK.sub(r"\1", pictured)


if __name__ == "__main__":
    setup(
        long_description=index_page(Path("README.md").read_text(encoding="utf-8")),
        long_description_content_type="text/markdown",
    )
