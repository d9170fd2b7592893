"""`aligner languages`: what is known of each language."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from aligner.alignment.acoustic.exactness import MEASURED_MS
from aligner.cli import aligner
from aligner.languages import LANGUAGES, name

SERVICES = (
    "sq am hy az bm bn bs my yue prs en fr ka ht ha id km rw rn ko ku lo mk zh nd om ps fa pt rhg "
    "ru sr sn so es sw th bo ti tr uk ur uz vi de it ja pl nl cs fi hi ar"
).split()
MEASUREMENTS = Path(__file__).parents[2] / "docs" / "measurements"


def run(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(aligner, ["languages", *args], standalone_mode=False)
    if isinstance(done.exception, Exception):
        raise done.exception
    return done.return_value or 0, done.output


def rows(*args: str) -> dict[str, dict[str, object]]:
    code, out = run("--json", *args)
    assert code == 0
    found = [json.loads(line) for line in out.splitlines()]
    assert {row["schema"] for row in found} == {"aligner-language/1"}
    return {row["tag"]: row for row in found}


def test_every_language_of_news_is_in_the_list() -> None:
    found = rows()
    assert set(SERVICES) <= set(found)
    assert set(LANGUAGES) <= set(found)
    for tag, row in found.items():
        assert row["example"] == f"--language {tag}"
        assert row["timed_by"] in (
            "dictionary", "orthography", "syllables", "characters", "letters",
        )  # fmt: skip
        assert row["numbers"] in ("record", "icu", None)


@pytest.mark.parametrize(
    ("tag", "recognised", "numbers", "timed_by"),
    [
        ("en", True, "record", "dictionary"),
        ("sw", True, "record", "orthography"),
        ("prs", True, "record", "orthography"),
        ("hi", True, "record", "syllables"),
        ("am", True, "icu", "syllables"),
        ("yue", True, "record", "characters"),
        ("ja", True, "record", "characters"),
        ("rw", False, None, "orthography"),
        ("ti", False, None, "syllables"),
        ("ku", False, None, "orthography"),
        ("ka", True, "icu", "letters"),
    ],
)
def test_what_is_known_of_a_language(
    tag: str, recognised: bool, numbers: str | None, timed_by: str
) -> None:
    row = rows(tag)[tag]
    assert (row["recognised"], row["numbers"], row["timed_by"]) == (recognised, numbers, timed_by)


def test_some_languages_by_tag_and_by_name() -> None:
    code, out = run("sw", "Czech", "pt-BR")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["cs", "pt", "sw"]
    assert "--language sw" in out


def test_what_is_no_language_is_refused() -> None:
    with pytest.raises(Exception, match="Klingonese: no such language"):
        run("Klingonese")


def test_tags_are_completed() -> None:
    from click.shell_completion import ShellComplete

    complete = ShellComplete(aligner, {}, "aligner", "_ALIGNER_COMPLETE")
    for args in (["languages"], ["caption", "--language"]):
        found = {item.value: item.help for item in complete.get_completions(args, "s")}
        assert found["sw"] == "Swahili"
        assert all(tag.startswith("s") for tag in found)


def test_the_figures_are_those_of_the_documentation() -> None:
    text = (MEASUREMENTS / "languages.md").read_text("utf-8")
    table = text.split("## ")[0]
    for tag, error in MEASURED_MS.items():
        if tag != "en":
            row = re.search(rf"^\| {name(tag)} \|.*$", table, re.MULTILINE)
            assert row, tag
            assert f"| {error}, " in row[0]
