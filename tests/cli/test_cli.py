"""The command: arguments, exit codes, what it prints and what it leaves behind."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import webvtt
from server import Reply, Server

from aligner import cli
from aligner._util.distribution import VERSION
from aligner.cli import interrupt
from aligner.errors import BadSource

SAMPLE = Path(__file__).parents[2] / "samples" / "russia-and-assad"
RECORDED = (
    *("--engine", "recorded", "--model", str(SAMPLE / "transcript.json")),
    *("--keep-media", "none"),
)
PAGE, NO_MEDIA = SAMPLE / "index.html", SAMPLE / "no-media.html"
RECORDING = (SAMPLE / "russia-and-assad.mp4").read_bytes()


@dataclass
class Ran:
    code: int
    out: str
    err: str


class Aligner:
    """Runs the command within this process."""

    def __init__(self, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.patch, self.captured = patch, captured

    def __call__(self, *arguments: str | Path, stdin: str = "") -> Ran:
        self.patch.setattr(sys, "argv", ["aligner", *map(str, arguments)])
        self.patch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self.captured.readouterr()
        assert "Traceback" not in err
        return Ran(int(ended.value.code or 0), out, err)


@pytest.fixture
def aligner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Aligner]:
    before = {number: signal.getsignal(number) for number in interrupt.SIGNALS}
    yield Aligner(monkeypatch, capsys)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    page = PAGE.read_bytes()
    routes = {
        "/news/": Reply(page),
        "/news/russia-and-assad.mp4": Reply(RECORDING, "video/mp4"),
        "/slow/": Reply(page),
        "/slow/russia-and-assad.mp4": Reply(RECORDING[:20_000], "video/mp4", drip_s=0.001),
        "/gone/": Reply(page),
        "/none/": Reply(NO_MEDIA.read_bytes()),
        "/silent/": Reply(page),
    }
    with Server(routes) as server:
        yield server


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


# ---------------------------------------------------------------- caption


@pytest.mark.slow
def test_captions_of_one_article(aligner: Aligner, site: Server, tmp_path: Path) -> None:
    ran = aligner("caption", site.url("/news/"), "--allow-private", "-o", tmp_path, *RECORDED)
    assert ran.code == 0
    assert names(tmp_path) == ["news.json", "news.txt", "news.vtt"]
    assert "captioned" in ran.out
    assert str(tmp_path / "news.vtt") in ran.out
    assert "downloading" in ran.err
    assert "downloading" not in ran.out
    sidecar = json.loads((tmp_path / "news.json").read_text("utf-8"))
    assert (sidecar["schema"], sidecar["status"]) == ("aligner/1", "captioned")
    assert sidecar["source"]["url"] == site.url("/news/")


@pytest.mark.slow
def test_what_is_there_is_not_made_again(aligner: Aligner, site: Server, tmp_path: Path) -> None:
    command = ("caption", site.url("/news/"), "--allow-private", "-o", tmp_path, *RECORDED)
    aligner(*command)
    asked = len(site.asked)
    stamp = (tmp_path / "news.vtt").stat().st_mtime_ns
    again = aligner(*command)
    assert (again.code, len(site.asked)) == (0, asked)
    assert "already there" in again.out
    forced = aligner(*command, "--force")
    assert forced.code == 0
    assert (tmp_path / "news.vtt").stat().st_mtime_ns > stamp


@pytest.mark.parametrize(
    ("path", "code", "status"),
    [("/none/", 3, "no_media"), ("/gone/", 4, "media_unavailable"), ("/lost", 1, "error")],
)
def test_exit_codes(
    aligner: Aligner, site: Server, tmp_path: Path, path: str, code: int, status: str
) -> None:
    ran = aligner("caption", site.url(path), "--allow-private", "-o", tmp_path, *RECORDED)
    assert ran.code == code
    (sidecar,) = tmp_path.glob("*.json")
    made = json.loads(sidecar.read_text("utf-8"))
    assert made["status"] == status
    assert made["reason"] in ran.out
    assert made["cues"] == made["words"] == []
    assert not list(tmp_path.glob("*.vtt"))


def test_the_text_of_an_article_without_media(aligner: Aligner, tmp_path: Path) -> None:
    ran = aligner("caption", NO_MEDIA, "-o", tmp_path, *RECORDED)
    assert ran.code == 3
    text = (tmp_path / "no-media.txt").read_text("utf-8")
    assert text.startswith("Russia and Assad\n\nRussia is expanding")
    assert text.count("Russia is expanding") == 1
    assert text.count("FILE - In this Tuesday") == 1
    for furniture in ("Accessibility links", "please wait", "No media source", "Direct link", "XS"):
        assert furniture not in text


@pytest.mark.slow
def test_silence_and_other_speech(aligner: Aligner, tmp_path: Path) -> None:
    import wave

    with wave.open(str(tmp_path / "silence.wav"), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(bytes(64_000))
    silent = aligner(
        "caption", PAGE, "--media", tmp_path / "silence.wav", "-o", tmp_path, *RECORDED
    )
    assert silent.code == 5
    (tmp_path / "other.txt").write_text("Bread\n\nKnead the dough for ten minutes and bake it.\n")
    other = aligner(
        "caption", tmp_path / "other.txt", "--media", SAMPLE / "russia-and-assad.mp4",
        "-o", tmp_path, *RECORDED,
    )  # fmt: skip
    assert other.code == 6
    assert json.loads((tmp_path / "other.json").read_text("utf-8"))["status"] == "speech_only"
    assert list(tmp_path.glob("other*.vtt"))


@pytest.mark.slow
def test_several_sources(aligner: Aligner, site: Server, tmp_path: Path) -> None:
    listed = f"{site.url('/news/')}\n# a remark\n\n{site.url('/none/')}\n"
    ran = aligner(
        "caption", "-", "--allow-private", "--json", "-o", tmp_path, *RECORDED, stdin=listed
    )
    assert ran.code == 7
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["status"] for row in rows] == ["captioned", "no_media"]
    assert names(tmp_path) == ["news.json", "news.txt", "news.vtt", "none.json", "none.txt"]


@pytest.mark.slow
def test_an_editor_is_told_how_much_there_is_to_look_at(aligner: Aligner, tmp_path: Path) -> None:
    given = (PAGE, "--media", SAMPLE / "russia-and-assad.mp4", *RECORDED)
    ran = aligner("caption", *given, "--language", "English", "-o", tmp_path)
    sidecar = tmp_path / "russia-and-assad.json"
    kinds = "1 number, 1 name, 2 passages that are not in the article"
    assert ran.out.splitlines()[-1] == (
        f"  4 places to look at ({kinds}): aligner review {sidecar}"
    )
    as_json = aligner("caption", *given, "--force", "--json", "-o", tmp_path)
    assert json.loads(as_json.out)["schema"] == "aligner-result/1"
    places = {"total": 4, "number": 1, "name": 1, "extra": 2}
    assert json.loads(as_json.out)["places_to_look_at"] == places
    none = aligner("caption", NO_MEDIA, "--json", "-o", tmp_path, *RECORDED)
    assert json.loads(none.out)["places_to_look_at"] is None


@pytest.mark.slow
def test_formats(aligner: Aligner, tmp_path: Path) -> None:
    media = SAMPLE / "russia-and-assad.mp4"
    ran = aligner("caption", PAGE, "--media", media, "--format", "vtt", "-o", tmp_path, *RECORDED)
    assert ran.code == 0
    assert names(tmp_path) == ["russia-and-assad.json", "russia-and-assad.vtt"]


@pytest.mark.slow
def test_a_profile_of_ones_own(aligner: Aligner, tmp_path: Path) -> None:
    profile = tmp_path / "narrow.toml"
    profile.write_text("max_line_chars = 24\nmax_lines = 1\n", encoding="utf-8")
    given = ("--media", SAMPLE / "russia-and-assad.mp4", "--profile", profile, "--sounds")
    ran = aligner("caption", PAGE, *given, "-o", tmp_path / "out", *RECORDED)
    assert ran.code == 0
    made = json.loads((tmp_path / "out" / "russia-and-assad.json").read_text("utf-8"))
    assert all(len(cue["lines"]) == 1 and len(cue["lines"][0]) <= 24 for cue in made["cues"])


def test_a_dry_run_asks_and_writes_nothing(aligner: Aligner, site: Server, tmp_path: Path) -> None:
    asked = len(site.asked)
    ran = aligner("caption", site.url("/news/"), "-n", "-o", tmp_path / "out")
    assert (ran.code, len(site.asked)) == (0, asked)
    assert "would caption" in ran.out
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_quiet_and_show(aligner: Aligner, tmp_path: Path) -> None:
    media = SAMPLE / "russia-and-assad.mp4"
    ran = aligner("caption", PAGE, "--media", media, "-q", "--show", "-o", tmp_path, *RECORDED)
    assert ran.err == ""
    assert "0:00:01  Next, an editorial" in ran.out


def test_private_addresses_need_leave(aligner: Aligner, site: Server, tmp_path: Path) -> None:
    ran = aligner("caption", site.url("/news/"), "-o", tmp_path, *RECORDED)
    assert ran.code == 1
    assert "--allow-private" in ran.out


# ---------------------------------------------------------------- wrong use


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["caption"], "Missing argument"),
        (["caption", "nowhere.html"], "nowhere.html: no such file"),
        (["caption", str(PAGE), "--format", "doc"], "doc: choose from vtt, json, txt"),
        (["caption", str(PAGE), "--profile", "acme"], "acme: no such profile; give netflix"),
        (["caption", str(PAGE), "--profile", "no.toml"], "no.toml: not a profile"),
        (["caption", str(PAGE), "--engine", "magic"], "'magic' is not one of"),
        (["caption", str(PAGE), "--language", "Klingonish"], "give a tag such as en, or a name"),
        (["caption", str(PAGE), "--media", "nowhere.mp3"], "nowhere.mp3: no such file"),
        (["caption", str(PAGE), str(NO_MEDIA), "--media", "x"], "go with a single source"),
        (["caption", "-"], "no source"),
        (["caption", "ftp://example.com/x"], "ftp://example.com/x"),
        (["nonsense"], "No such command"),
        (["models", "fetch", "enormous"], "enormous: no such model"),
    ],
)
def test_wrong_use(aligner: Aligner, arguments: list[str], sentence: str) -> None:
    ran = aligner(*arguments)
    assert ran.code == 2
    assert sentence in ran.err


def test_nothing_is_done_if_one_source_is_wrong(aligner: Aligner, tmp_path: Path) -> None:
    ran = aligner("caption", PAGE, "nowhere.html", "-o", tmp_path, *RECORDED)
    assert ran.code == 2
    assert names(tmp_path) == []


def test_an_output_folder_that_cannot_be_made(aligner: Aligner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = aligner("caption", NO_MEDIA, "-o", tmp_path / "file" / "out", *RECORDED)
    assert ran.code == 1
    assert "cannot be written" in ran.err


def test_debug_shows_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["aligner", "caption", "nowhere.html", "--debug"])
    with pytest.raises(SystemExit):
        cli.main()
    assert "Traceback" in capsys.readouterr().err


def test_titles_cannot_steer_the_terminal(aligner: Aligner, tmp_path: Path, site: Server) -> None:
    ran = aligner("caption", site.url("/\x1b[31mred"), "--allow-private", "-o", tmp_path, *RECORDED)
    assert "\x1b" not in ran.out + ran.err


# ---------------------------------------------------------------- check, models, completion


def test_check_as_a_table(aligner: Aligner, site: Server) -> None:
    ran = aligner("check", site.url("/news/"), NO_MEDIA, "--allow-private")
    assert ran.code == 0
    assert "playable" in ran.out
    assert "0:03:17" in ran.out
    assert "its player says that" in ran.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "code"), [("/news/", 0), ("/none/", 3), ("/gone/", 4), ("/lost", 1)]
)
def test_check_exit_codes(aligner: Aligner, site: Server, path: str, code: int) -> None:
    assert aligner("check", site.url(path), "--allow-private", "-q").code == code


def test_check_as_json(aligner: Aligner, site: Server) -> None:
    ran = aligner("check", site.url("/news/"), "--allow-private", "--json", "--all")
    made = json.loads(ran.out)
    assert made["schema"] == "aligner-check/1"
    assert made["state"] == "playable"
    assert made["declared"] == {
        "duration_ms": 106_000, "title": "Russia and Assad", "says_no_media": True,
    }  # fmt: skip
    assert made["media"]["url"] == site.url("/news/russia-and-assad.mp4")
    assert [c["url"] for c in made["candidates"]] == [made["media"]["url"]]


def test_check_as_csv(aligner: Aligner, site: Server) -> None:
    ran = aligner("check", site.url("/none/"), "--allow-private", "--csv", "-q")
    (row,) = csv.DictReader(io.StringIO(ran.out))
    assert (row["state"], row["declared_duration_ms"]) == ("none", "197000")


def test_models(aligner: Aligner) -> None:
    assert "base" in aligner("models").out
    rows = [json.loads(line) for line in aligner("models", "--json").out.splitlines()]
    assert {row["schema"] for row in rows} == {"aligner-model/1"}
    base = next(row for row in rows if row["name"] == "base")
    assert base["sha256"]["model.bin"].startswith("d01c3014")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(aligner: Aligner, shell: str) -> None:
    assert "_ALIGNER_COMPLETE" in aligner("completion", shell).out


@pytest.mark.parametrize(
    "command", [[], ["caption"], ["check"], ["lint"], ["models"], ["languages"], ["completion"]]
)
def test_help_has_examples(aligner: Aligner, command: list[str]) -> None:
    ran = aligner(*command, "--help")
    assert ran.code == 0
    assert "Examples:" in ran.out


def test_version(aligner: Aligner) -> None:
    assert aligner("--version").out == f"aligner, version {VERSION}\n"


# ---------------------------------------------------------------- interrupted


@pytest.mark.parametrize("made", [BadSource("x", "cut off"), ImportError("cut off")])
def test_an_interruption_that_a_library_makes_an_error_of(
    aligner: Aligner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made: Exception
) -> None:
    def cut_off(*_: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)
        except KeyboardInterrupt:
            raise made from None

    monkeypatch.setattr("aligner.pipeline.steps.caption", cut_off)
    ran = aligner("caption", PAGE, "-o", tmp_path, *RECORDED)
    assert (ran.code, ran.err.splitlines()[-1]) == (130, "aligner: interrupted")


AFTER_S = (0.0, 0.05, 0.3, 0.8, 1.5)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after_s", AFTER_S)
def test_an_interruption_leaves_nothing(
    site: Server, tmp_path: Path, after_s: float, number: int
) -> None:
    out, temporary = tmp_path / "out", tmp_path / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-m", "aligner", "caption", site.url("/slow/"), "--allow-private"]
    process = subprocess.Popen(
        [*command, "-o", str(out), *RECORDED],
        stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(temporary)},
    )  # fmt: skip
    assert process.stderr
    process.stderr.readline()  # it says which page it reads: now it is at work
    time.sleep(after_s)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert names(out) == []
    assert names(temporary) == []


# ---------------------------------------------------------------- formats


@pytest.mark.slow
def test_formats_and_their_dress(aligner: Aligner, tmp_path: Path) -> None:
    ran = aligner(
        *("caption", "-q", PAGE, "--media", SAMPLE / "russia-and-assad.mp4", *RECORDED),
        *("-o", tmp_path, "--format", "vtt,hls,report", "--styled", "--karaoke"),
        *("--hls-mpegts", "126000"),
    )
    assert ran.code == 0
    captions = (tmp_path / "russia-and-assad.vtt").read_text("utf-8")
    assert "<c.respelled><00:00:08.375>Syrian</c>" in captions
    segment = (tmp_path / "russia-and-assad.hls" / "fileSequence1.webvtt").read_text("utf-8")
    assert "MPEGTS:126000" in segment
    assert "<c.respelled>" in segment
    # The report has the exact times: the first sentence begins where its cue does.
    times, _, _ = captions.partition("\n<c.verified>Russia ")
    start = times.rpartition("\n")[2].partition(" -->")[0]
    report = (tmp_path / "russia-and-assad.report.md").read_text("utf-8")
    assert f"| spoken | {start} to " in report
    assert f"| in the article | {start} to " in report


def test_the_help_names_every_format(aligner: Aligner) -> None:
    from aligner.captions.formats import FORMATS

    said = " ".join(aligner("caption", "--help").out.split())
    listed = said.split("Formats to write: ")[1].split(".")[0]
    assert listed.split(", ") == list(FORMATS)


# ---------------------------------------------------------------- captions in the video


@pytest.fixture
def own(tmp_path: Path) -> list[str | Path]:
    """The sample's page beside a short video and a short sound of its own."""
    film = SAMPLE / "russia-and-assad.mp4"
    return ["caption", "-q", PAGE, "--media", film, *RECORDED, "-o", tmp_path, "--format", "vtt"]


@pytest.mark.slow
def test_captions_go_into_the_video(
    aligner: Aligner, own: list[str | Path], tmp_path: Path
) -> None:
    ran = aligner(*own, "--embed")
    assert ran.code == 0
    assert str(tmp_path / "russia-and-assad.captioned.mp4") in ran.out
    assert "russia-and-assad.captioned.mp4" in names(tmp_path)
    assert "already there" in aligner(*own, "--embed").out
    (tmp_path / "russia-and-assad.captioned.mp4").unlink()
    assert "already there" in aligner(*own).out
    assert "russia-and-assad.captioned.mp4" in aligner(*own, "--embed").out


@pytest.mark.slow
def test_sound_alone_gets_captions_and_a_complaint(
    aligner: Aligner, own: list[str | Path], tmp_path: Path
) -> None:
    from aligner.audio.ffmpeg import ffmpeg_path

    sound = tmp_path / "sound.m4a"
    command = [str(ffmpeg_path()), "-v", "error", "-i", str(own[4]), "-vn", "-c", "copy"]
    subprocess.run([*command, str(sound)], check=True, timeout=60)
    ran = aligner(*own, "--embed", "--media", sound)
    assert ran.code == 2
    assert "sound alone" in ran.err
    assert "russia-and-assad.vtt" in names(tmp_path)


@pytest.mark.slow
def test_captions_are_shown_while_the_rest_is_heard(aligner: Aligner, tmp_path: Path) -> None:
    media = ("--media", SAMPLE / "russia-and-assad.mp4", "-o", tmp_path)
    ran = aligner("caption", PAGE, *RECORDED, *media, "--follow")
    assert ran.code == 0
    lines = [line for cue in cue_lines(tmp_path) for line in cue]
    shown = [line.removeprefix(line[:9]) for line in ran.out.splitlines()]
    assert [line for line in shown if line in lines] == lines


def cue_lines(folder: Path) -> list[list[str]]:
    """The lines of each cue of the one result."""
    (path,) = folder.glob("*.vtt")
    return [cue.text.splitlines() for cue in webvtt.read(str(path)).captions]


@pytest.mark.parametrize(
    "command",
    [("caption",), ("check",), ("export", "--format", "srt"), ("review",), ("lint",), ("batch",)],
    ids=lambda command: command[0],
)
def test_a_name_that_no_file_can_have(aligner: Aligner, command: tuple[str, ...]) -> None:
    ran = aligner(*command, 5000 * "x")
    assert (ran.code, ran.out) == (2, "")
    assert "unexpected" not in ran.err
    assert ran.err.startswith("aligner: xxx")


@pytest.mark.parametrize("command", ["caption", "check"])
def test_a_folder_is_not_taken_for_a_missing_file(
    aligner: Aligner, tmp_path: Path, command: str
) -> None:
    ran = aligner(command, tmp_path)
    assert ran.code == 2
    assert ran.err.startswith(f"aligner: {tmp_path}: a folder; ")


def test_a_dry_run_says_what_would_be_read(aligner: Aligner, tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("HOST: Good evening.\n[MUSIC]\nGUEST: Hello.\n(He leaves.)\n", "utf-8")
    ran = aligner("caption", script, "-n", "-o", tmp_path / "out")
    assert ran.code == 0
    assert (
        "would caption: reads 2 paragraphs with 3 words, 2 speakers (HOST, GUEST), 1 sound cue,"
        " 1 stage direction -> "
    ) in ran.out
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_glossary_spells_speech_outside_the_article(aligner: Aligner, tmp_path: Path) -> None:
    text, house = tmp_path / "other.txt", tmp_path / "house.txt"
    text.write_text("Knead the dough for ten minutes, and let it rest under a cloth.", "utf-8")
    house.write_text("Al Assad | al-Assad\nElsewhere | Assad\nUllapool\n", "utf-8")
    given = ("--media", SAMPLE / "russia-and-assad.mp4", "--glossary", house)
    ran = aligner("caption", text, *given, "-o", tmp_path / "out", *RECORDED)
    assert ran.code == 6
    words = json.loads((tmp_path / "out" / "other.json").read_text("utf-8"))["words"]
    found = [word for word in words if "glossary" in word]
    assert found
    for word in found:
        assert (word["origin"], word["glossary"]) == ("respelled", "house.txt")
    assert "al-Assad" in found[0]["heard"]
    assert " ".join(word["text"] for word in found[:2]).startswith("Al Assad")
    assert sum(word["text"].startswith("Elsewhere") for word in words) == 3  # Assad alone
    learnt = aligner(
        "caption", text, *given[:2], "--glossary", "auto", "-f", "-o", tmp_path / "out", *RECORDED
    )
    assert learnt.code == 6


def test_a_wrong_glossary_is_told_with_its_line(aligner: Aligner, tmp_path: Path) -> None:
    house = tmp_path / "house.txt"
    house.write_text("Kyiv = 12\n", "utf-8")
    ran = aligner("caption", PAGE, "--glossary", house, "-o", tmp_path)
    assert ran.code == 2
    assert f"{house}, line 1: '12' is no sound" in ran.err
