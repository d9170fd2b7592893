"""The documentation says what is true: its links lead somewhere, its commands parse."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from news_site import options, site

from aligner.cli import aligner, settings
from aligner.errors import BadSource
from aligner.types import MEDIA_STATES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SIDECAR = ROOT / "samples" / "russia-and-assad" / "captions" / "russia-and-assad.json"
PAGES = sorted(DOCS.rglob("*.md"))
TEXTS = [*PAGES, *sorted(ROOT.glob("*.md"))]
COMMAND = re.compile(r"^ {4}(?:\$ )?(aligner [a-z].*)$|`(aligner [a-z][^`]*)`", re.MULTILINE)
META = re.compile(r"\s+#\s|\s+[<|>]\s|\s+&&\s")
"""Where a line of a shell goes on with something that is no argument."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and mkdocs make them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    kept = (re.sub(r"[^\w\s-]", "", head.lower()).strip() for head in heads)
    return {re.sub(r"\s+", "-", head) for head in kept}


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", path.read_text("utf-8")):
        if "://" in target:
            continue
        place = path.parent / target if target else path
        assert place.exists(), target
        assert path not in PAGES or place.resolve().is_relative_to(DOCS), "the site lacks it"
        if anchor:
            assert anchor in anchors(place), f"{target}#{anchor}"


def test_every_page_is_in_the_navigation() -> None:
    listed = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == [page.relative_to(DOCS).as_posix() for page in PAGES]


def commands() -> list[tuple[str, str]]:
    """Pages and the commands on them; those that leave something out by dots are not complete."""
    found = []
    for path in TEXTS:
        for block, inline in COMMAND.findall(path.read_text("utf-8")):
            line = META.split(block or inline)[0].strip()
            if "..." not in line and not (inline and re.search(r"\b[A-Z]{2,}\b", line)):
                found.append((name_of(path), line))
    return found


@pytest.mark.parametrize(("page", "line"), commands(), ids=lambda value: str(value)[:60])
def test_commands_parse(page: str, line: str) -> None:
    """Options exist and values fit; whole lines of blocks must have all arguments too."""
    context = click.Context(aligner)
    command: click.Command = aligner
    arguments = shlex.split(line)[1:]
    while isinstance(command, click.Group) and arguments and arguments[0] in command.commands:
        name, *arguments = arguments
        command = command.commands[name]
        context = click.Context(command, parent=context)
    assert command is not aligner or arguments == ["--version"], line
    try:
        command.make_context(command.name, arguments, parent=context.parent)
    except (click.MissingParameter, click.BadOptionUsage):
        pass  # a command, or its option, that is only named
    except click.exceptions.Exit:
        pass  # --version


def test_there_are_commands() -> None:
    assert len(commands()) > 40


def test_scripts_that_pages_name_exist() -> None:
    for path in TEXTS:
        for script in re.findall(r"(?:benchmarks|samples)/[\w/]+\.py", path.read_text("utf-8")):
            assert (ROOT / script).exists(), f"{name_of(path)}: {script}"


def test_the_states_of_media_are_listed() -> None:
    page = (DOCS / "reference" / "json.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", page[page.index("### States") :], re.MULTILINE)
    assert sorted(listed) == sorted(MEDIA_STATES)


def test_the_fields_of_the_sidecar_are_listed() -> None:
    sidecar = json.loads(SIDECAR.read_text("utf-8"))
    page = (DOCS / "reference" / "json.md").read_text("utf-8")
    listed = set(
        re.findall(r"`(\w+)`", page[page.index("## The sidecar") : page.index("## A check")])
    )
    inner = {key for part in ("words", "cues", "sentences") for key in sidecar[part][0]}
    assert {*sidecar, *inner, *sidecar["source"]} <= listed


def pasted(page: str, start: str) -> str:
    """The indented block of a page that begins with some text, without its indent."""
    text = (DOCS / page).read_text("utf-8")
    block = re.search(rf"^    {re.escape(start)}.*\n(?:    .*\n)*", text, re.MULTILINE)
    assert block, start
    return re.sub(r"^    ", "", block[0], flags=re.MULTILINE)


def test_the_first_steps_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command of the page makes the sample's captions, as the repository holds them."""
    monkeypatch.chdir(ROOT)
    command = shlex.split(pasted("quickstart.md", "aligner caption samples/"))
    assert command[-2:] == ["-o", "demo-out"]
    CliRunner().invoke(aligner, [*command[1:-1], str(tmp_path)], catch_exceptions=False)
    made = (tmp_path / "russia-and-assad.vtt").read_text("utf-8")
    golden = SIDECAR.with_suffix(".vtt").read_text("utf-8")
    assert made.partition("\n1\n")[2] == golden.partition("\n1\n")[2] != ""


@pytest.mark.slow
def test_the_snippet_is_what_the_format_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sample = ROOT / "samples" / "russia-and-assad"
    shutil.copy(sample / "russia-and-assad.mp4", "film.mp4")
    Path("film.txt").write_text("Russia and Assad\n\nRussia is expanding its support.", "utf-8")
    command = shlex.split(pasted("publishing.md", "aligner caption film.txt"))
    recorded = ["--engine", "recorded", "--model", str(sample / "transcript.json")]
    CliRunner().invoke(aligner, [*command[1:], *recorded], catch_exceptions=False)
    made = Path("captions/film.player.html").read_text("utf-8")
    assert made == pasted("publishing.md", "<video controls")


def test_every_extra_for_users_is_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    page = (DOCS / "install.md").read_text("utf-8")
    for extra in project["optional-dependencies"].keys() - {"dev", "docs", "cluster-tests"}:
        assert f'pip install "article-aligner[{extra}]"' in page


@pytest.mark.parametrize("page", ["docs/glossary.md", "CONTRIBUTING.md"])
def test_the_places_that_a_newcomer_is_shown_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    below = "" if page == "CONTRIBUTING.md" else "aligner/"
    named = re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", text)
    places = {place for place in named if not re.search(r"\b(NAME|XX|site|test_NAME)\b", place)}
    assert len(places) > 10
    assert [
        place for place in sorted(places - {"aligner/"}) if not (ROOT / below / place).exists()
    ] == []


def test_the_registries_that_a_newcomer_is_shown_exist() -> None:
    """Each is assigned at the top of the file that is named."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`([A-Z]+)` in `(aligner/[\w/]+\.py)`", text)
    assert len(named) > 4
    for registry, path in named:
        assert re.search(rf"^{registry}\b.* = ", (ROOT / path).read_text("utf-8"), re.MULTILINE)


def test_every_schema_for_programs_is_documented() -> None:
    page = (DOCS / "reference" / "json.md").read_text("utf-8")
    inside = {"aligner-saving/1"}  # of a folder, while files are changed
    sources = [path.read_text("utf-8") for path in (ROOT / "aligner").rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'"(aligner-[a-z]+/\d+)"', text)}
    assert len(named) > 8
    assert sorted(name for name in named - inside if f"`{name}`" not in page) == []
    rows = re.findall(r"^\| (`aligner[^|]*?) \|", page, re.MULTILINE)
    assert len(rows) == len(set(rows)), "each stands there once"


def fenced(page: Path, language: str) -> str:
    """The only block of a page in a language."""
    (block,) = re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return str(block)


def test_the_example_of_a_settings_file_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "aligner.toml"
    path.write_text(fenced(DOCS / "network.md", "toml"), "utf-8")
    file = settings.read(path, is_users=True)
    held = settings.effective([file], ("caption",), settings.all_commands()["caption",])
    assert held["model"].value == "small"
    assert held["cookies"].value == str(tmp_path / "cookies.txt")
    with pytest.raises(BadSource, match="may set it"):
        settings.read(path, is_users=False)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["docs/network.md", "README.md"])
def test_python_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site on loopback stands for the page's, and a recorded transcript for the recogniser."""
    monkeypatch.chdir(tmp_path)
    Path("cookies.txt").write_text("# Netscape HTTP Cookie File\n", "utf-8")
    shutil.copy(SIDECAR.parents[1] / "russia-and-assad.mp4", "interview.mp3")
    how = options(tmp_path / "recorded")
    with site(1) as server:
        code = fenced(ROOT / page, "python").replace(
            'proxy="http://proxy.example:8080"', 'proxy=""'
        )
        code = code.replace('"https://example.com/news/story.html")', "address, how)")
        code = code.replace(
            '"https://example.com/news/story.html", Options(', "address, replace(how, "
        )
        code = code.replace("Captioner()", "Captioner(how)")
        names: dict[str, Any] = {"address": server.url("/n0/"), "how": how, "replace": replace}
        exec(code, names)  # noqa: S102
    assert names["result"].status in ("captioned", "speech_only")
