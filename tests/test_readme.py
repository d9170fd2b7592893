"""The README says what is true: its commands parse, its captured run is what comes out."""

import json
import re
import runpy
import shlex
from pathlib import Path

import click
import pytest

from aligner.captions import store
from aligner.cli import aligner
from aligner.review.issues import described, places_to_look_at

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
GOLDEN = ROOT / "samples" / "russia-and-assad" / "captions"


def command_lines() -> list[str]:
    """Every line of an indented block that runs the command, here and in samples/."""
    text = README + (ROOT / "samples" / "README.md").read_text("utf-8")
    lines = re.findall(
        r"^    (?:\$ )?(?:python samples/serve\.py -- )?(aligner .*)$", text, re.MULTILINE
    )
    return [re.split(r"\s+#|\s+<\s", line)[0] for line in lines]


@pytest.mark.parametrize("line", command_lines())
def test_commands_parse(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    command = aligner.commands[name]
    command.make_context(name, list(arguments), parent=click.Context(aligner))


def test_there_are_commands() -> None:
    assert len(command_lines()) > 5


def test_the_captured_run_is_what_comes_out() -> None:
    shown = re.findall(r"^    (\d\d:\d\d:\d\d\.\d{3} --> .*(?:\n    .+)*)", README, re.MULTILINE)
    captions = (GOLDEN / "russia-and-assad.vtt").read_text("utf-8")
    assert shown
    sidecar = json.loads((GOLDEN / "russia-and-assad.json").read_text("utf-8"))
    assert f"captioned: {sidecar['reason']}" in README
    there = store.read(GOLDEN / "russia-and-assad.json")
    places = places_to_look_at(there.outcome)
    assert places
    assert f"{described(places)}: aligner review captions/russia-and-assad.json" in README
    for cue in shown:
        assert re.sub(r"^    ", "", cue, flags=re.MULTILINE) in captions


def test_exit_codes_are_those_of_the_command() -> None:
    from aligner.cli.exit_codes import EXIT_CODES, INTERRUPTED, SOME_FAILED

    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert listed == {*EXIT_CODES.values(), 2, SOME_FAILED, INTERRUPTED}


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", README):
        assert (ROOT / target).exists(), target


def test_an_index_page_has_no_dead_links_and_says_what_the_pictures_show() -> None:
    page = runpy.run_path(str(ROOT / "setup.py"))["index_page"](README)
    assert re.findall(r"\]\((?!https?:|#)", page) == []
    for description in re.findall(r"!\[([^\]]+)\]", README):
        assert f"*{description} (a picture: docs/images/" in page
    assert "00:00:00.855 --> " in page
