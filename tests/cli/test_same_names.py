"""Articles of one name in one folder: each keeps its result, whoever writes first."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from news_site import PAGE, options, recording
from server import Reply, Server


@pytest.mark.slow
def test_two_processes_with_articles_of_one_name(tmp_path: Path) -> None:
    """Their recordings come late, so that both have chosen a name before either one writes."""
    how, out = options(tmp_path / "recorded"), tmp_path / "out"
    media = replace(Reply(recording(), "video/mp4"), delay_s=3)
    slugs = ("/a/river/", "/b/River/")
    routes = {slug: Reply(PAGE) for slug in slugs}
    routes |= {f"{slug}russia-and-assad.mp4": media for slug in slugs}
    with Server(routes) as server:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "aligner", "caption", server.url(slug), "-o", out, "-q",
                 "--engine", how.engine, "--model", how.model, "--allow-private"],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )
            for slug in slugs
        ]  # fmt: skip
        for process in running:
            said, _ = process.communicate(timeout=120)
            assert process.returncode == 0, said
        sidecars = [path for path in out.iterdir() if path.suffix == ".json"]
        given = {json.loads(p.read_text("utf-8"))["source"]["given"] for p in sidecars}
        assert given == {server.url(slug) for slug in slugs}
        files = [path.name.casefold() for path in out.iterdir()]
        assert len(set(files)) == len(files) == 8
