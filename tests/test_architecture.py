"""Imports point one way and form no circle, and commands start quickly."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import aligner
from aligner.cli.commands import COMMANDS

ROOT = Path(aligner.__file__).parent
LAYERS = (
    {"types"},
    {"errors", "defaults"},
    {"_util"},
    {"languages", "net"},
    {"discovery", "audio", "asr", "alignment", "captions"},
    {"pipeline"},
    {"review"},
    {"jobs"},
    {"cli", "__init__"},
    {"__main__"},
)
"""Rooms from the lowest layer to the highest. A room imports only from layers below its own."""


def rooms() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Rooms of aligner that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "aligner":
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aligner."):
            yield (node.module or "").split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (n.name.split(".")[1] for n in node.names if n.name.startswith("aligner."))


def layer_of(room: str) -> int:
    return next(k for k, layer in enumerate(LAYERS) if room in layer)


@pytest.mark.parametrize("path", rooms(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(path)
    crossed = {r for r in imported(path) if r != room and layer_of(r) >= layer_of(room)}
    crossed -= {"__init__"}
    assert not crossed, f"{path} may not import {', '.join(sorted(crossed))}"


def import_graph(root: Path) -> dict[str, set[str]]:
    """The modules of a package, each with those that it imports, also only for type checking."""
    modules: dict[str, Path] = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root.parent).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                members = (f"{node.module}.{name.name}" for name in node.names)
                names |= {name if name in modules else node.module for name in members}
            elif isinstance(node, ast.Import):
                names |= {name.name for name in node.names}
        graph[module] = names.intersection(modules) - {module}
    return graph


def test_no_modules_import_each_other() -> None:
    TopologicalSorter(import_graph(ROOT)).prepare()


def test_a_circle_through_an_import_for_type_checking_is_found(tmp_path: Path) -> None:
    package = tmp_path / "room"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("def late():\n    from room import b\n    return b\n")
    (package / "b.py").write_text("if TYPE_CHECKING:\n    from room.a import late\n")
    with pytest.raises(CycleError) as found:
        TopologicalSorter(import_graph(package)).prepare()
    assert {*found.value.args[1]} == {"room.a", "room.b"}


HEAVY = (
    *("torch", "ctranslate2", "whisper", "faster_whisper", "yt_dlp", "av", "onnxruntime"),
    *("pocketsphinx", "hama", "PIL"),
)


def imported_by(arguments: list[str]) -> set[str]:
    """Modules that are there when a command has run."""
    code = (
        "import sys, aligner.cli\n"
        f"sys.argv = ['aligner', *{arguments!r}]\n"
        "try: aligner.cli.main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT.parent, check=True
    )
    return set(ran.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "samples/russia-and-assad/no-media.html"],
        ["lint", "samples/russia-and-assad/captions/russia-and-assad.vtt"],
    ],
    ids=lambda a: " ".join(a[:2]),
)
def test_starting_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not imported_by(arguments).intersection(HEAVY)


def test_a_check_of_a_page_loads_no_stage_that_it_does_not_use() -> None:
    found = imported_by(["check", "samples/russia-and-assad/no-media.html"])
    unused = (
        "aligner.asr",
        "aligner.alignment",
        "aligner.captions.formats",
        "aligner.captions.lint",
    )
    assert not found.intersection(unused)


def test_a_page_without_media_loads_no_recogniser(tmp_path: Path) -> None:
    page = "samples/russia-and-assad/no-media.html"
    found = imported_by(["caption", page, "-o", str(tmp_path)])
    assert (tmp_path / "no-media.json").exists()
    assert not found.intersection(("aligner.asr", "aligner.alignment"))


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_imports_next_to_nothing(command: str) -> None:
    found = imported_by([*command.split(), "--help"])
    assert not found.intersection((*HEAVY, "numpy", "rich", "logging", "asyncio", "aligner.types"))
    ours = {name for name in found if name.startswith("aligner.")}
    lean = {
        "errors",
        "defaults",
        "_util",
        "_util.distribution",
        "_util.surrogates",
        "cli",
        "cli.commands",
        "cli.exit_codes",
        "cli.glossary",
        "cli.inputs",
        "cli.interrupt",
        "cli.network",
        "cli.shared_options",
        "cli.speaker_options",
        "cli.streams",
    }
    commands = COMMANDS if not command else (command,)
    assert ours <= {f"aligner.{name}" for name in (*lean, *(f"cli.{name}" for name in commands))}


def test_every_command_has_a_file_of_its_name() -> None:
    files = {path.stem for path in (ROOT / "cli").glob("*.py")}
    assert files >= {*COMMANDS}
    assert {name.removesuffix("_run") for name in files if name.endswith("_run")} <= {*COMMANDS}


EXAMPLES = {"xx.py", "test_xx.py"}
"""Files that a reader is told to make."""


def packages() -> list[Path]:
    return sorted(path.parent for path in ROOT.rglob("__init__.py"))


@pytest.mark.parametrize("package", packages(), ids=lambda p: str(p.relative_to(ROOT.parent)))
def test_a_package_says_what_it_holds(package: Path) -> None:
    first = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8"))) or ""
    assert len(first.split()) >= 8, "a sentence, and a line for each file"


def test_the_files_that_docstrings_name_exist() -> None:
    places = (ROOT, *(ROOT.parent / other for other in ("tests", "benchmarks")))
    names = {path.name for place in places for path in place.rglob("*.py")}
    absent = []
    for path in rooms():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                named = re.findall(r"\b[a-z_0-9]+\.py\b", ast.get_docstring(node) or "")
                absent += [f"{path}: {name}" for name in named if name not in names | EXAMPLES]
    assert absent == []


def test_every_test_file_can_run_alone() -> None:
    """What a test file imports of another lies beside it, or where pytest is told to look."""
    tests = ROOT.parent / "tests"
    settings = tomllib.loads((ROOT.parent / "pyproject.toml").read_text("utf-8"))
    looked_in = {ROOT.parent / p for p in settings["tool"]["pytest"]["ini_options"]["pythonpath"]}
    files = {path.stem: path for path in tests.rglob("*.py")}
    for path in files.values():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            shared = files.get(node.module or "") if isinstance(node, ast.ImportFrom) else None
            assert shared is None or shared.parent in looked_in | {path.parent}, f"{path}: {shared}"
