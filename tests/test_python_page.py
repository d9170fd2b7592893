"""The page on using aligner from Python: its examples run, and give what they say."""

import doctest
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from news_site import options, site
from server import Reply, Server

import aligner

PAGE = Path(aligner.__file__).parent.parent / "docs" / "python.md"
UNORDERED = doctest.register_optionflag("UNORDERED")


class Checker(doctest.OutputChecker):
    """Lines marked so may come in any order."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        if optionflags & UNORDERED:
            want, got = ("".join(sorted(text.splitlines(True))) for text in (want, got))
        return super().check_output(want, got, optionflags)


@pytest.mark.slow
def test_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site on loopback stands for the page's, and a recorded transcript for the recogniser."""
    monkeypatch.chdir(tmp_path)
    how = options(tmp_path / "recorded")
    given = f'Options(engine="recorded", model={how.model!r}, allow_private=True)'
    with site(1) as server:
        add_feed(server)
        text = PAGE.read_text("utf-8").replace('Options(model="base")', given)
        text = text.replace("https://news.example/", server.url("/"))
        page = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
        said: list[str] = []
        runner = doctest.DocTestRunner(Checker(), verbose=False)
        runner.run(page, out=said.append)
    assert runner.tries > 15
    assert not runner.failures, "".join(said)


def add_feed(server: Server) -> None:
    entry = f"<item><title>t</title><link>{server.url('/n0/')}</link></item>"
    feed = f'<rss version="2.0"><channel>{entry}</channel></rss>'
    server.routes["/feed"] = Reply(feed.encode(), "application/rss+xml")


@pytest.mark.slow
def test_several_threads(tmp_path: Path) -> None:
    """Libraries that bear one thread at a time get one."""
    how = options(tmp_path)
    made = []
    with site(1) as server:

        def caption() -> None:
            made.append(aligner.caption(server.url("/n0/"), how).captions)

        threads = [threading.Thread(target=caption) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(made) == 4
    assert made[0]
    assert all(captions == made[0] for captions in made)


@pytest.mark.slow
def test_what_the_page_names_is_there_after_import_aligner_alone() -> None:
    lines = re.findall(r"^    (?:>>>|\.\.\.) (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    named = sorted(set(re.findall(r"\baligner\.\w+(?:\.\w+)*", "\n".join(lines))))
    assert "aligner.store.write_outcome" in named
    code = "\n".join(["import aligner", *named])
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stderr == ""
