"""Texts of strangers in terminals, JSON and spreadsheets."""

import ast
import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aligner
from aligner._util.inert_text import cell, json_text, without_commands

CLI = Path(aligner.__file__).parent / "cli"
BAD = "\x1b]0;x\x07 \x9b31m \u202eabc \u2066 \u2028 \U000e0041 \x7f"


@given(st.recursive(st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_json_holds_the_same_and_nothing_that_is_hidden(value: object) -> None:
    text = json_text(value)
    assert json.loads(text) == value
    assert without_commands(text) == text
    text.encode()


def test_json_of_letters_stays_readable() -> None:
    assert json_text({"title": "Дождь идёт, बारिश, 雨"}) == '{"title": "Дождь идёт, बारिश, 雨"}'
    assert json.loads(json_text(BAD)) == BAD
    assert json_text(BAD).isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('=HYPERLINK("http://evil.example","a")', "'"),
        ("+1+cmd|' /C calc'!A0", "'"),
        ("-2+3", "'"),
        ("@SUM(A1)", "'"),
        (" =1", "'"),
        ("\t=1", "'"),
        ("\r=1", "'"),
        ("＝1", "'"),
        ("-5", ""),
        ("+3.5%", ""),
        ("a=b", ""),
        ("Rain – and wind", ""),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text: str, shown: str) -> None:
    assert cell(text) == f"{shown}{without_commands(text)}"


def test_cells_of_other_types_stay_as_they_are() -> None:
    assert [cell(value) for value in (None, 5, -0.5)] == [None, 5, -0.5]


@given(st.text())
def test_a_cell_says_the_same_to_programs(text: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([cell(text), "end"])
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""), strict=True)
    assert row[0].removeprefix("'") == without_commands(text).removeprefix("'")


def test_commands_print_json_in_no_other_way() -> None:
    """A guard: whatever prints JSON for people's terminals escapes what cannot be seen."""
    for path in CLI.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("dumps", "dump"):
                raise AssertionError(f"{path.name}, line {node.lineno}: use json_text")
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "writerow":
                assert "cell" in ast.unparse(node) or "COLUMNS" in ast.unparse(node), path.name
