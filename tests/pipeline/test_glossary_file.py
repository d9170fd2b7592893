"""Glossaries: files, folders of earlier results, and what is wrong with one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aligner.captions.formats import sidecar
from aligner.errors import BadSource
from aligner.pipeline import glossary
from aligner.types import (
    Alignment,
    CaptionResult,
    Captions,
    CaptionWord,
    Coverage,
    GlossaryTerm,
    Origin,
)

FILE = """\
\ufeff# names of the week

Siobhan Kelleher = shiv-AWN KEL-uh-her
Kyiv | Kiev, Kieff
Vovchansk | Volchansk = VOV-chansk, /ˈvɔvtʃɐnʲsʲk/
Okonjo-Iweala = oh-KON-joh ee-WAY-la
iPhone
"""


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file(tmp_path: Path) -> None:
    assert glossary.read(written(tmp_path / "house.txt", FILE)) == (
        GlossaryTerm("Siobhan Kelleher", ("shiv-AWN KEL-uh-her",), (), "house.txt"),
        GlossaryTerm("Kyiv", (), ("Kiev", "Kieff"), "house.txt"),
        GlossaryTerm("Vovchansk", ("VOV-chansk", "/ˈvɔvtʃɐnʲsʲk/"), ("Volchansk",), "house.txt"),
        GlossaryTerm("Okonjo-Iweala", ("oh-KON-joh ee-WAY-la",), (), "house.txt"),
        GlossaryTerm("iPhone", (), (), "house.txt"),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Kyiv\n= keev\n", "line 2: no term in it"),
        ("Kyiv = 12\n", "line 1: '12' is no sound; write it like shiv-AWN"),
        ("Siobhan Kelleher = shiv-AWN\n", "has 1 words and 'Siobhan Kelleher' 2: put hyphens"),
        ("one two three four five six\n", "at most 5 words"),
        (b"Kyiv\nM\xfcnchen\n", "line 2: not text in UTF-8"),
        (b"x" * 2_000_001, "larger than 2 MB"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str | bytes, why: str, tmp_path: Path) -> None:
    path = written(tmp_path / "house.txt", text)
    with pytest.raises(BadSource) as refused:
        glossary.load([path], tmp_path)
    assert str(path) in str(refused.value)
    assert why in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="the glossary cannot be read"):
        glossary.load([tmp_path / "none.txt"], tmp_path)


# ---------------------------------------------------------------- earlier results


def result(folder: Path, name: str, text: str, origin: Origin) -> None:
    words = tuple(
        CaptionWord(word, k * 300, k * 300 + 250, origin, 0.9, k)
        for k, word in enumerate(text.split())
    )
    outcome = CaptionResult(
        "captioned", "", name, alignment=Alignment((), Coverage(1.0, 1.0)),
        captions=Captions("en", (), words),
    )  # fmt: skip
    (folder / f"{name}.json").write_text(sidecar.render(outcome), "utf-8")


def test_names_are_learnt_from_earlier_results(tmp_path: Path) -> None:
    result(tmp_path, "one", "The mayor of Ullapool, Siobhan Kelleher, met Ihor.", "verified")
    result(tmp_path, "two", "Ferries to Ullapool are late. Today Kiev is cold.", "edited")
    result(tmp_path, "three", "We heard of Shabon and of Ellipule.", "spoken")
    (tmp_path / "other.json").write_text(json.dumps({"schema": "x"}), "utf-8")
    (tmp_path / "torn.json").write_text("{", "utf-8")
    found = glossary.load(["auto"], tmp_path)
    assert found == glossary.load([tmp_path], Path("elsewhere"))
    assert found[0] == GlossaryTerm("Ullapool", source="earlier results")
    assert {term.text for term in found} == {"Ullapool", "Siobhan Kelleher", "Ihor", "Kiev"}


def test_a_first_run_learns_nothing(tmp_path: Path) -> None:
    assert glossary.load(["auto"], tmp_path / "none") == ()


def test_of_two_glossaries_the_first_one_counts(tmp_path: Path) -> None:
    one = written(tmp_path / "one.txt", "Kyiv | Kiev\n")
    two = written(tmp_path / "two.txt", "Kyiv | Kieff\nUllapool\n")
    found = glossary.load([one, two], tmp_path)
    assert [(t.text, t.variants, t.source) for t in found] == [
        ("Kyiv", ("Kiev",), "one.txt"),
        ("Ullapool", (), "two.txt"),
    ]
