"""Runs `aligner languages`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from aligner._util.inert_text import json_text
from aligner.cli import console
from aligner.pipeline.language_support import LanguageSupport, known_languages

SCHEMA = "aligner-language/1"
HEADS = ("tag", "language", "recognised", "numbers", "timed by", "starts", "example")
NUMBERS = {"record": "record", "icu": "ICU", None: ""}


def show(tags: Sequence[str], as_json: bool) -> int:
    """Print what is known of languages; returns the exit code."""
    found = known_languages(tags)
    if as_json:
        for one in found:
            click.echo(json_text(_record(one)))
        return 0
    console.table(HEADS, [_row(one) for one in found])
    return 0


def _row(one: LanguageSupport) -> tuple[str, ...]:
    error = one.timing.usual_error_ms
    return (
        one.tag, one.name, "yes" if one.recognised else "no", NUMBERS[one.numbers], one.timing.by,
        "" if error is None else f"{error} ms", _example(one),
    )  # fmt: skip


def _record(one: LanguageSupport) -> dict[str, Any]:
    return {
        "schema": SCHEMA, "tag": one.tag, "name": one.name, "own_name": one.own_name,
        "recognised": one.recognised, "numbers": one.numbers, "timed_by": one.timing.by,
        "usual_error_ms": one.timing.usual_error_ms, "example": _example(one),
    }  # fmt: skip


def _example(one: LanguageSupport) -> str:
    return f"--language {one.tag}"
