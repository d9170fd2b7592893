"""The house keeps its walls: imports point one way, and starting is quick."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import aligner
from aligner.cli import COMMANDS

ROOT = Path(aligner.__file__).parent
DRAWERS = {"sources", "engines", "formats", "languages", "weights"}
LEAVES = {
    "defaults",
    "nouns",
    "errors",
    "diagnosis",
    "addresses",
    "statuses",
    "manners",
    "net",
    "pagetree",
    "ytdl",
    "profiles",
    "ffmpeg_tool",
    "distribution",
    "containers",
    "language_tags",
    "jsontext",
    "parallel",
    "memory",
    "telemetry",
    "vocabulary",
    "wordings",
    "progress",
    "unaccounted",
}
"""What everyone may import: nouns, errors, and rules and tools that know no stage."""

ABOVE = {"cli", "__main__"}
"""What arguments, signals and terminals are known to."""


CONDUCTORS = (
    *(
        "captioning",
        "ahead",
        "hearing",
        "pipeline",
        "checking",
        "lists",
        "documents",
        "captioner",
        "bench",
    ),
)
"""They set stages to work, and each may use those before it."""


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


def may_import(room: str) -> set[str]:
    """Rooms that a room may import, its own aside."""
    if room in (*ABOVE, "__init__"):
        return {room_of(p) for p in rooms()} - {"__main__"}
    if room in ("batching", "extras"):
        return {room_of(p) for p in rooms()} - ABOVE
    if room in CONDUCTORS:
        later = set(CONDUCTORS[CONDUCTORS.index(room) :])
        return (
            {room_of(p) for p in rooms()}
            - ABOVE
            - {"store", "review", "batching", "extras"}
            - later
        )
    if room == "review":
        return LEAVES | DRAWERS | {"store"}  # it writes corrections as results are written
    if room in DRAWERS or room in LEAVES:
        return LEAVES
    return LEAVES | DRAWERS  # a stage: never another stage


@pytest.mark.parametrize("path", rooms(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(path)
    crossed = set(imported(path)) - may_import(room) - {room}
    assert not crossed, f"{path.name} may not import {', '.join(sorted(crossed))}"


def test_nouns_import_nothing_of_aligner() -> None:
    assert not set(imported(ROOT / "nouns.py"))


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


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_imports_next_to_nothing(command: str) -> None:
    found = imported_by([*command.split(), "--help"])
    assert not found.intersection((*HEAVY, "numpy", "rich", "logging", "asyncio", "aligner.nouns"))
    ours = {name for name in found if name.startswith("aligner.")}
    lean = {
        "errors",
        "defaults",
        "distribution",
        "cli",
        "cli.ending",
        "cli.given",
        "cli.interrupt",
        "cli.network",
        "cli.shared",
    }
    commands = COMMANDS if not command else (command,)
    assert ours <= {f"aligner.{name}" for name in (*lean, *(f"cli.{name}" for name in commands))}


def test_every_command_has_a_file_of_its_name() -> None:
    files = {path.stem for path in (ROOT / "cli").glob("*.py")}
    assert files >= {*COMMANDS}
    assert {name.removesuffix("_run") for name in files if name.endswith("_run")} <= {*COMMANDS}
