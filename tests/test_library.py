"""aligner as a library: names, sources, a held recogniser, stopping, a host left alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from news_site import PAGE, SAMPLE, options, recording, site
from server import Reply, Server

import aligner
import aligner._util.distribution
from aligner.pipeline.options import Options
from aligner.types import CaptionResult, CheckResult

ROOT = Path(aligner.__file__).parent.parent


def run(script: str, *arguments: str) -> Any:
    """What a script prints as JSON, in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


# ---------------------------------------------------------------- names


def test_every_public_name_is_there() -> None:
    for name in aligner.__all__:
        assert getattr(aligner, name) is not None
        assert name in dir(aligner)
    assert (aligner.CaptionResult, aligner.CheckResult) == (CaptionResult, CheckResult)
    assert aligner.Options is Options
    assert aligner.errors.BadSource is aligner.BadSource


def test_every_error_is_at_the_top() -> None:
    """But for those that only the commands' own work raises."""
    own = {"EditConflict", "WeightsMismatch"}
    tree = {
        name
        for name, thing in vars(aligner.errors).items()
        if isinstance(thing, type) and issubclass(thing, aligner.AlignerError)
    }
    assert tree - own <= set(aligner.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        aligner.nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_the_package_is_built_with_this_version() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert settings["project"]["name"] == aligner._util.distribution.NAME
    source = settings["tool"]["setuptools"]["dynamic"]["version"]["attr"]
    assert source == "aligner._util.distribution.VERSION"
    assert aligner.__version__ == aligner._util.distribution.VERSION


def test_importing_it_imports_nothing_else() -> None:
    found = run("""
        import json, sys
        before = set(sys.modules)
        import aligner
        dir(aligner)
        print(json.dumps(sorted(set(sys.modules) - before - {"__future__", "typing"})))
    """)
    assert [name for name in found if name.split(".")[0] == "aligner"] == ["aligner"]
    assert not {"numpy", "importlib.metadata", "httpx", "logging"} & set(found)


# ---------------------------------------------------------------- sources


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    path.write_bytes(recording())
    return path


@pytest.mark.slow
def test_paths_text_and_bytes_are_sources(tmp_path: Path, clip: Path) -> None:
    how = replace(options(tmp_path), media=clip)
    page = tmp_path / "page.html"
    page.write_bytes(PAGE)
    address = "https://news.example/story.html"
    given: list[tuple[Any, str]] = [
        (page, str(page)),
        (str(page), str(page)),
        (aligner.from_html(PAGE, url=address), address),
        (aligner.from_html(PAGE.decode("utf-8"), name="mine"), "mine"),
    ]
    made = [(aligner.caption(source, how), name) for source, name in given]
    assert all(result.captions for result, _ in made)
    assert len({result.captions for result, _ in made}) == 1
    assert [result.source for result, _ in made] == [name for _, name in made]


@pytest.mark.slow
def test_a_pages_links_resolve_against_its_address(tmp_path: Path) -> None:
    with site(1) as server:
        document = aligner.from_html(PAGE, url=server.url("/n0/"))
        result = aligner.caption(document, options(tmp_path))
        assert result.media
        assert result.media.url == server.url("/n0/russia-and-assad.mp4")
        finding = aligner.check(document, options(tmp_path))
        assert (finding.state, finding.url) == ("playable", server.url("/n0/"))
        assert "/n0/" not in server.asked  # the page is not asked for again


def test_bytes_are_decoded_as_a_browser_would() -> None:
    html = '<meta charset="windows-1251"><p>Новости'.encode("cp1251")
    assert "Новости" in aligner.from_html(html).page.html
    assert "naïve" in aligner.from_text("naïve".encode("utf-8-sig")).page.html


def test_documents_without_a_name_have_one_by_their_content() -> None:
    one, same, other = (aligner.from_text(text) for text in ("one", "one", "other"))
    assert one.name == same.name != other.name
    assert one.name.startswith("plain-")


@pytest.mark.parametrize("empty", ["", "  \n", b"", b"\xef\xbb\xbf"])
def test_a_source_without_text_is_refused(empty: str | bytes) -> None:
    with pytest.raises(aligner.BadSource, match="no text"):
        aligner.from_html(empty)


def test_bare_bytes_are_refused_with_what_to_do() -> None:
    with pytest.raises(aligner.BadSource, match=r"aligner\.from_html"):
        aligner.caption(b"<p>text")  # type: ignore[arg-type]


def test_a_path_is_a_file_even_if_it_looks_like_an_address(tmp_path: Path) -> None:
    with pytest.raises(aligner.BadSource, match="no such file"):
        aligner.caption(Path("https://news.example/"), options(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("as_path", [True, False])
def test_a_text_is_aligned_with_a_recording(tmp_path: Path, clip: Path, as_path: bool) -> None:
    article = aligner.caption(SAMPLE / "index.html", replace(options(tmp_path), media=clip)).article
    assert article
    text = "\n\n".join(paragraph.text for paragraph in article.paragraphs)
    file = tmp_path / "story.txt"
    file.write_text(text, "utf-8")
    result = aligner.align(file if as_path else text, clip, options(tmp_path))
    assert (result.status, result.source == str(file)) == ("captioned", as_path)
    assert result.captions
    assert any("Assad" in line for cue in result.captions.cues for line in cue.lines)


@pytest.mark.slow
def test_a_batch_takes_paths_and_refuses_what_it_cannot_read_again(
    tmp_path: Path, clip: Path
) -> None:
    page = tmp_path / "story.html"
    page.write_bytes(PAGE)
    how, where = replace(options(tmp_path), media=clip), aligner.BatchOptions(tmp_path / "out")
    assert [r.status for r in aligner.batch([page], where, how)] == ["captioned"]
    assert (tmp_path / "out" / "story.vtt").is_file()
    with pytest.raises(aligner.BadSource, match="address or a file"):
        list(aligner.batch([aligner.from_html(PAGE)], where, how))


# ---------------------------------------------------------------- a recogniser that is held


@pytest.mark.slow
def test_a_captioner_loads_once_for_all_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aligner import asr

    loaded = []
    load = asr.load

    def counted(*args: Any, **more: Any) -> asr.Engine:
        loaded.append(args)
        return load(*args, **more)

    monkeypatch.setattr(asr, "load", counted)
    made: list[CaptionResult] = []
    before = threading.active_count()
    with site(4) as server, aligner.Captioner(options(tmp_path)) as captioner:
        addresses = [server.url(f"/n{n}/") for n in range(4)]
        threads = [
            threading.Thread(target=lambda a=address: made.append(captioner.caption(a)))
            for address in addresses
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert captioner.check(addresses[0]).state == "playable"
        text = captioner.caption(addresses[0]).article
        assert text
        assert len(loaded) == 1
    assert {outcome.source for outcome in made} == set(addresses)
    assert len({outcome.captions for outcome in made}) == 1
    assert made[0].captions
    settled(before)


@pytest.mark.slow
def test_a_captioners_calls_have_options_of_their_own(tmp_path: Path, clip: Path) -> None:
    how = options(tmp_path)
    with aligner.Captioner(how) as captioner:
        captioner.load()
        result = captioner.caption(SAMPLE / "index.html", replace(how, media=clip))
        assert result.status == "captioned"
        with pytest.raises(aligner.BadSource, match="model"):
            captioner.caption(SAMPLE / "index.html", replace(how, model="small"))
        again = captioner.align(aligner.from_text("Nothing of this is said."), clip)
        assert again.status == "speech_only"
    with pytest.raises(RuntimeError, match="closed"):
        captioner.caption(SAMPLE / "index.html")
    captioner.close()  # twice does no harm


@pytest.mark.slow
def test_a_recording_is_added_to_what_is_known(tmp_path: Path, clip: Path) -> None:
    """The article of an outcome without media is not read again."""
    text = PAGE.decode("utf-8")
    page = re.sub(r"<video.*?</video>|<a [^>]*mp4.*?</a>", "", text, flags=re.DOTALL).encode()
    how = options(tmp_path)
    with Server({"/": Reply(page)}) as server, aligner.Captioner(how) as captioner:
        known = captioner.caption(server.url("/"))
        assert known.status == "no_media"
        asked = len(server.asked)
        made = captioner.add_recording(known, clip)
        assert len(server.asked) == asked
        bad = captioner.add_recording(known, SAMPLE / "index.html")
    assert (made.status, made.source, made.article) == ("captioned", known.source, known.article)
    assert bad.status == "media_unavailable"


# ---------------------------------------------------------------- progress, and stopping


class Told:
    """Progress that keeps what it is told, and does something at a stage."""

    def __init__(self, at: str = "", does: Any = None) -> None:
        self.stages: list[str] = []
        self.at, self.does, self.ever = at, does, 0

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def advance(self, done: int, total: int | None) -> None:
        assert 0 <= done <= (total or done)
        self.ever += 1
        if self.stages[-1] == self.at:
            self.does()


STAGES = ["page", "download", "decode", "listen", "match", "timing"]


def settled(before: int) -> None:
    """Wait a moment until there are no more threads than before."""
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before, threading.enumerate()


@pytest.mark.slow
def test_progress_is_told_stages_in_order(tmp_path: Path) -> None:
    told = Told()
    with site(1) as server:
        aligner.caption(server.url("/n0/"), options(tmp_path), told)
    assert told.stages == STAGES
    assert told.ever > 2


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files lie; nothing may be left there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


class OfTheCaller(Exception):
    """What a caller's progress raises."""


@pytest.mark.slow
@pytest.mark.parametrize("at", ["download", "decode", "listen"])
@pytest.mark.parametrize("error", [OfTheCaller, OSError, KeyboardInterrupt, aligner.NoSpeech])
@pytest.mark.usefixtures("temporary")
def test_what_progress_raises_ends_it_as_it_is(
    tmp_path: Path, at: str, error: type[BaseException]
) -> None:
    """Even an error that aligner itself would make an outcome of, and through yt-dlp."""

    def stop() -> None:
        raise error("enough")

    how = options(tmp_path)
    with site(1) as server:
        before = threading.active_count()
        with pytest.raises(error, match="enough"):
            aligner.caption(server.url("/n0/"), how, Told(at, stop))
        settled(before)


@pytest.mark.slow
@pytest.mark.parametrize("at", ["download", "decode", "listen"])
@pytest.mark.usefixtures("temporary")
def test_a_token_cancels(tmp_path: Path, at: str) -> None:
    token = aligner.CancelToken()
    how = options(tmp_path)
    with site(1) as server:
        before = threading.active_count()
        told = Told(at, token.cancel)
        with pytest.raises(aligner.Cancelled):
            aligner.caption(server.url("/n0/"), how, told, token)
        settled(before)
    assert token.cancelled
    assert "timing" not in told.stages


def test_a_used_token_stops_before_anything_is_asked(tmp_path: Path) -> None:
    token = aligner.CancelToken()
    token.cancel()
    with site(1) as server:
        with pytest.raises(aligner.Cancelled):
            aligner.caption(server.url("/n0/"), options(tmp_path), cancel=token)
        with pytest.raises(aligner.Cancelled):
            aligner.check(server.url("/n0/"), options(tmp_path), cancel=token)
        assert not server.asked


@pytest.mark.slow
def test_a_captioner_goes_on_after_a_cancelled_call(tmp_path: Path) -> None:
    token = aligner.CancelToken()
    with site(1) as server, aligner.Captioner(options(tmp_path)) as captioner:
        with pytest.raises(aligner.Cancelled):
            captioner.caption(
                server.url("/n0/"), progress=Told("decode", token.cancel), cancel=token
            )
        assert captioner.caption(server.url("/n0/")).status == "captioned"


@pytest.mark.slow
def test_a_batch_is_cancelled_and_goes_on(tmp_path: Path) -> None:
    token, where = aligner.CancelToken(), aligner.BatchOptions(tmp_path / "out")
    done = []
    with site(3) as server:
        addresses = [server.url(f"/n{number}/") for number in range(3)]
        before = threading.active_count()
        with pytest.raises(aligner.Cancelled):  # noqa: PT012  the loop is what is cancelled
            for result in aligner.batch(addresses, where, options(tmp_path), token):
                done.append(result.source)
                token.cancel()
        settled(before)
        assert len(done) == 1
        done += [r.source for r in aligner.batch(addresses, where, options(tmp_path))]
    assert sorted(done) == addresses


# ---------------------------------------------------------------- the host process

SNAPSHOT = """
    import gc, json, logging, os, signal, socket, sys, threading, warnings
    from pathlib import Path

    def allocator():
        '''What mallopt was called with is not told; so it is counted.'''
        return list(calls)

    import ctypes
    calls = []
    real = ctypes.CDLL.__getattr__
    def watched(self, name):
        if name == "mallopt":
            calls.append(name)
        return real(self, name)
    ctypes.CDLL.__getattr__ = watched

    def snapshot():
        root = logging.getLogger()
        found = {
            "environ": dict(os.environ), "cwd": os.getcwd(), "umask": os.umask(0o022),
            "gc": [gc.get_threshold(), gc.isenabled(), gc.get_freeze_count()],
            "signals": [str(signal.getsignal(n)) for n in signal.valid_signals()],
            "logging": [root.level, len(root.handlers), logging.root.manager.disable],
            "levels": {n: logging.getLogger(n).level for n in ("aligner", "trafilatura", "httpx")},
            "timeout": socket.getdefaulttimeout(), "recursion": sys.getrecursionlimit(),
            "switch": sys.getswitchinterval(), "hook": str(sys.excepthook),
            "stdout": str(sys.stdout), "path": list(sys.path), "mallopt": allocator(),
            "blas": [i["num_threads"] for i in threadpoolctl.threadpool_info()][:1],
        }
        os.umask(found["umask"])
        return json.loads(json.dumps(found))

    import numpy, threadpoolctl
    numpy.zeros((2, 2)) @ numpy.zeros((2, 2))
"""


@pytest.mark.slow
def test_a_call_changes_nothing_of_the_process(tmp_path: Path, clip: Path) -> None:
    """All that the command line sets for its process stays as it was."""
    how = options(tmp_path)
    changed = run(
        textwrap.dedent(SNAPSHOT)
        + textwrap.dedent("""
        import aligner
        before = snapshot()
        how = aligner.Options(engine="recorded", model=sys.argv[1], media=sys.argv[2])
        with aligner.Captioner(how) as captioner:
            assert captioner.caption(Path(sys.argv[3])).status == "captioned"
        aligner.check(Path(sys.argv[3]), aligner.Options())
        after = snapshot()
        print(json.dumps({k: [before[k], after[k]] for k in before if before[k] != after[k]}))
        """),
        str(how.model), str(clip), str(SAMPLE / "index.html"),
    )  # fmt: skip
    assert changed == {}


@pytest.mark.weights
def test_neither_does_one_with_a_real_recogniser(clip: Path) -> None:
    changed = run(
        textwrap.dedent(SNAPSHOT)
        + textwrap.dedent("""
        import aligner
        before = snapshot()
        how = aligner.Options(engine="ctranslate2", device="cpu", media=sys.argv[1])
        assert aligner.caption(Path(sys.argv[2]), how).status == "captioned"
        after = snapshot()
        print(json.dumps({k: [before[k], after[k]] for k in before if before[k] != after[k]}))
        """),
        str(clip), str(SAMPLE / "index.html"),
    )  # fmt: skip
    assert changed == {}
