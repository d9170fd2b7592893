"""The option --glossary, and the terms that its values stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from aligner.types import GlossaryTerm

glossary = click.option(
    "--glossary",
    "glossaries",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE|FOLDER|auto",
    help="Names and terms that may be said outside the article: a file with one a line, like"
    " `Siobhan = shiv-AWN` or `Kyiv | Kiev`; a folder of earlier results, whose names are used; or"
    " auto for those in the folder of the results. Can be given several times.",
)


def terms(given: tuple[Path, ...], results: str) -> tuple[GlossaryTerm, ...]:
    """Returns the terms of glossaries; ``results`` is the folder for "auto".

    Raises BadSource for what is no glossary, UsageError for "auto" without a folder.
    """
    if not given:
        return ()
    from aligner.pipeline import glossary as glossaries

    if "://" in results and any(path.name == glossaries.AUTO for path in given):
        raise click.UsageError("--glossary auto does not go with an address for --output")
    return glossaries.load(given, Path(results))
