"""The page's scripts: their logic in Node, and a linter over them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import node

from aligner.review.page import SCRIPTS, bundle

ROOT = Path(__file__).parents[2]


def run(*command: str) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]


def test_the_logic() -> None:
    run(node(), "--test", "tests/review/logic.test.mjs")


def test_a_linter_finds_nothing() -> None:
    here = str(Path(sys.executable).parent)
    found = shutil.which("biome", path=here) or shutil.which("biome")
    if not found:
        pytest.skip("biome is not installed (the `dev` extra has it where it has wheels)")
    run(found, "lint", "--error-on-warnings")


def test_every_module_is_in_the_page_after_those_that_it_imports() -> None:
    assets = ROOT / "aligner" / "review" / "assets"
    names = {p.stem for p in assets.glob("*.js")}
    assert names == {*SCRIPTS, "report"}
    seen: set[str] = set()
    for name in SCRIPTS:
        for line in (assets / f"{name}.js").read_text("utf-8").splitlines():
            if line.startswith("import "):
                assert line.split('"./')[1].removesuffix('.js";') in seen
        seen.add(name)
    assert "import " not in [line[:7] for line in bundle(SCRIPTS).splitlines()]
    assert "\nexport " not in bundle(SCRIPTS)
