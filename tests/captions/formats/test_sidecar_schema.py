"""The published JSON Schema of the sidecar: it is current, and the writer meets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_sidecar import FULL

from aligner.captions.formats import JSON, PLAIN, Look
from aligner.captions.formats.sidecar_schema import json_schema_text
from aligner.cli.export import export
from aligner.types import STATUSES, CaptionResult, Json, Status

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT / "docs" / "reference" / "aligner-1.schema.json"
SAMPLE = ROOT / "tests" / "data" / "review" / "russia-and-assad.json"


def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(PUBLISHED.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def written(outcome: CaptionResult, look: Look = PLAIN) -> Json:
    record: Json = json.loads(JSON.render(outcome, look))
    return record


@pytest.mark.parametrize("status", STATUSES)
def test_the_writer_meets_the_schema(status: Status) -> None:
    check = validator()
    check.validate(written(replace(FULL, status=status)))
    check.validate(written(CaptionResult(status, "why", "page.html")))
    look = replace(PLAIN, styled=True, karaoke=True, mpegts=90_000)
    check.validate(written(replace(FULL, status=status), look))


@pytest.mark.slow
def test_a_result_with_unknown_fields_meets_the_schema() -> None:
    record = json.loads(SAMPLE.read_text("utf-8"))
    validator().validate(record)
    validator().validate(record | {"later": 1, "corrections": 2})


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.pop("source"),
        lambda r: r.update(schema="aligner/2"),
        lambda r: r.update(status="done"),
        lambda r: r.update(words={}),
        lambda r: r["words"][0].update(text=1),
        lambda r: r["words"][0].update(origin="guess"),
        lambda r: r["words"][0].update(score=2),
        lambda r: r["words"][0].update(start_ms=-1),
        lambda r: r["words"][0].update(start_ms=1.5),
        lambda r: r["cues"][0].pop("lines"),
        lambda r: r["media"].update(kind="film"),
        lambda r: r["divergence"][0].update(article=[1]),
    ],
)
def test_what_is_not_of_the_schema_is_refused(change: Callable[[Json], object]) -> None:
    record = json.loads(SAMPLE.read_text("utf-8"))
    change(record)
    assert not validator().is_valid(record)


def test_the_published_file_is_current() -> None:
    assert PUBLISHED.read_text("utf-8") == json_schema_text()


def test_the_command_prints_the_schema() -> None:
    ran = CliRunner().invoke(export, ["--schema"])
    assert (ran.exit_code, ran.output) == (0, json_schema_text())
