"""`aligner review`, `aligner plot` and `caption --review`, as a user runs them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from server import Reply, Server

from aligner.captions.profiles import PROFILES
from aligner.cli import review_run
from aligner.errors import EngineUnavailable
from aligner.review import extras, png
from aligner.review.alignment_plot import Picture

SAMPLE = Path(__file__).parents[2] / "samples" / "russia-and-assad"
NAME = "russia-and-assad"
SVG = "{http://www.w3.org/2000/svg}"


def aligner(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aligner", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.mark.slow
def test_a_page_beside_its_recording(folder: Path) -> None:
    ran = aligner("review", f"{NAME}.json", cwd=folder)
    assert (ran.returncode, ran.stdout.strip()) == (0, f"{NAME}.html")
    page = (folder / f"{NAME}.html").read_text("utf-8")
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert data["media"] == f"./{NAME}.mp4"
    assert data["sound"]["step_ms"] == 10
    assert 20 < len(data["sound"]["speech"]) < 80
    assert "http://www.w3.org/2000/svg" in page


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """No outline of the sound: it takes seconds."""
    monkeypatch.setattr(extras, "decode_waveform", lambda _: None)


def media_of(page: Path) -> str | None:
    data = page.read_text("utf-8").split('id="data">')[1].split("</script>")[0]
    media: str | None = json.loads(data)["media"]
    return media


@pytest.mark.usefixtures("deaf")
def test_a_recording_elsewhere_and_none(folder: Path, tmp_path_factory: Any) -> None:
    aside = tmp_path_factory.mktemp("aside") / "odd name#1.mp4"
    (folder / f"{NAME}.mp4").rename(aside)
    page = review_run.page(folder / f"{NAME}.json", PROFILES["netflix"], aside, None)
    assert (page, media_of(page)) == (folder / f"{NAME}.html", aside.as_uri())
    page = review_run.page(folder / f"{NAME}.json", PROFILES["netflix"], None, folder / "b.html")
    assert (page, media_of(page)) == (folder / "b.html", None)


@pytest.mark.usefixtures("deaf")
def test_a_name_with_everything_in_it(folder: Path) -> None:
    name = "ünï&co <b>'\"#%"
    shutil.move(folder / f"{NAME}.json", folder / f"{name}.json")
    shutil.move(folder / f"{NAME}.mp4", folder / f"{name}.mp4")
    page = review_run.page(folder / f"{name}.json", PROFILES["netflix"], None, None)
    assert media_of(page) == "./%C3%BCn%C3%AF%26co%20%3Cb%3E%27%22%23%25.mp4"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--serve"),
        (("none.json",), "cannot be read"),
        ((f"{NAME}.json", "--media", "none.mp4"), "no such file"),
        (("other.json",), "not what aligner writes"),
        ((f"{NAME}.json", "--serve", "."), "--serve"),
    ],
)
def test_wrong_use(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    (folder / "other.json").write_text("{}")
    ran = aligner("review", *arguments, cwd=folder)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_the_match_as_svg(folder: Path) -> None:
    ran = aligner("plot", f"{NAME}.json", "-o", "match.svg", cwd=folder)
    assert (ran.returncode, ran.stdout.strip()) == (0, "match.svg")
    root = ElementTree.parse(folder / "match.svg").getroot()  # noqa: S314  our own
    assert "88% of the speech" in root.attrib["aria-label"]
    said = root.findall(f"{SVG}line[@class='said']")
    assert len(said) >= 2
    slopes = [(float(e.get("y2", 0)) - float(e.get("y1", 0))) for e in said[:-1]]
    assert all(slope > 0 for slope in slopes)  # the article is read from its top down
    assert len(root.findall(f"{SVG}rect[@class='extra']")) >= 2


def test_png_without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(EngineUnavailable, match=r"article-aligner\[picture\].*\.svg"):
        png.file(Picture((), "nothing"))


@pytest.mark.slow
def test_the_match_as_png(folder: Path) -> None:
    from PIL import Image

    assert aligner("plot", f"{NAME}.json", "-o", "match.png", cwd=folder).returncode == 0
    with Image.open(folder / "match.png") as image:
        assert image.size == (1760, 1040)
        assert len(image.getcolors(1 << 20) or []) > 20
    wrong = aligner("plot", f"{NAME}.json", "-o", "match.gif", cwd=folder)
    assert wrong.returncode == 2
    assert ".svg or .png" in wrong.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_the_servers_usual_end(folder: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "aligner", "review", "--serve", str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.stderr.readline()
        process.send_signal(number)
        said = process.stderr.read()
        assert process.wait(30) == 0
    assert said.strip() == "Ended. What was saved is in the folder."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "kept"), [((), True), (("--keep-media", "none"), False),
                        (("--keep-media", "10kb"), False), (("--keep-media", "1.5 GB"), True)],
)  # fmt: skip
def test_a_recording_is_kept_where_it_is_small_or_asked_for(
    tmp_path: Path, given: tuple[str, ...], kept: bool
) -> None:
    routes = {
        "/news/": Reply((SAMPLE / "index.html").read_bytes()),
        f"/news/{NAME}.mp4": Reply((SAMPLE / f"{NAME}.mp4").read_bytes(), "video/mp4"),
    }
    recorded = ("--engine", "recorded", "--model", SAMPLE / "transcript.json")
    with Server(routes) as site:
        address = site.url("/news/")
        ran = aligner("caption", address, "--allow-private", *recorded, *given, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ((tmp_path / "news.mp4").exists(), "news.mp4" in ran.stdout) == (kept, kept)


@pytest.mark.slow
@pytest.mark.parametrize("given", ["big", "-5MB", "5 TB", ""])
def test_a_size_that_is_none(tmp_path: Path, given: str) -> None:
    ran = aligner("caption", "a.html", "--keep-media", given, cwd=tmp_path)
    assert (ran.returncode, "give a size like" in ran.stderr) == (2, True)


@pytest.mark.slow
def test_captions_with_their_page(tmp_path: Path) -> None:
    """The recording that was fetched stays beside the page."""
    routes = {
        "/news/": Reply((SAMPLE / "index.html").read_bytes()),
        f"/news/{NAME}.mp4": Reply((SAMPLE / f"{NAME}.mp4").read_bytes(), "video/mp4"),
    }
    recorded = ("--engine", "recorded", "--model", SAMPLE / "transcript.json")
    with Server(routes) as site:
        address = site.url("/news/")
        ran = aligner("caption", address, "--allow-private", "--review", *recorded, cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert "news.html" in ran.stdout
        assert (tmp_path / "news.mp4").read_bytes() == (SAMPLE / f"{NAME}.mp4").read_bytes()
        assert media_of(tmp_path / "news.html") == "./news.mp4"
        (tmp_path / "news.html").unlink()
        again = aligner("caption", address, "--allow-private", "--review", *recorded, cwd=tmp_path)
    assert "from what is there" in again.stdout
    assert media_of(tmp_path / "news.html") == "./news.mp4"
