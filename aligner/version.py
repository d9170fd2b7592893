"""Which version of aligner this is."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

DISTRIBUTION = "article-aligner"
"""What the package is called where packages are installed from."""
UNKNOWN = "0+unknown"


def version() -> str:
    """The version of the code that runs: of its source tree, or as it was installed."""
    if stated := _in_source(Path(__file__).parent.parent / "pyproject.toml"):
        return stated
    try:
        return distribution(DISTRIBUTION).version
    except PackageNotFoundError:
        return UNKNOWN


def _in_source(place: Path) -> str | None:
    """The version that a source tree's pyproject.toml gives; None if there is none of ours."""
    try:
        project = tomllib.loads(place.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return None
    ours = project.get("name") in (DISTRIBUTION, "aligner")
    return str(project["version"]) if ours and "version" in project else None
