"""aligner.toml, variables and `aligner config`: what holds, from where, and what is refused."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from server import Reply, Server

from aligner import cli
from aligner.cli import settings

PAGE = Reply(b"<!doctype html><title>A page</title><p>Words, and no recording at all.</p>")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """The user's file and the folder's, and the command run there."""

    users: Path
    folders: Path
    run: Callable[..., Ran]


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    for name in os.environ:
        if name.startswith("ALIGNER_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path / "folder")
    users = tmp_path / "user" / "aligner.toml"
    users.parent.mkdir()
    monkeypatch.setattr(settings, "users_path", lambda: users)
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr("sys.argv", ["aligner", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Ran(int(str(ended.value.code)), said.out, said.err)

    return Desk(users, tmp_path / "folder" / "aligner.toml", run)


def held(desk: Desk, command: str, option: str) -> tuple[Any, str, str | None]:
    """An option's value by `aligner config`, and where it stands."""
    rows = desk.run("config", *command.split(), "--json").json["settings"]
    (row,) = [row for row in rows if row["option"] == option]
    return row["value"], row["from"], row["where"]


# ---------------------------------------------------------------- which value holds


def test_which_value_wins(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert held(desk, "check", "timeout") == (30.0, "default", None)
    desk.users.write_text("timeout = 1.5\n")
    assert held(desk, "check", "timeout") == (1.5, "file", str(desk.users))
    desk.users.write_text("timeout = 1.5\n[check]\ntimeout = 2\n")
    assert held(desk, "check", "timeout") == (2, "file", str(desk.users))
    assert held(desk, "batch", "timeout") == (1.5, "file", str(desk.users))
    desk.folders.write_text("timeout = 3\n")
    assert held(desk, "check", "timeout") == (3, "file", str(desk.folders))
    monkeypatch.setenv("ALIGNER_TIMEOUT", "4")
    assert held(desk, "check", "timeout") == ("4", "environment", "ALIGNER_TIMEOUT")
    monkeypatch.setenv("ALIGNER_CHECK_TIMEOUT", "5")
    assert held(desk, "check", "timeout") == ("5", "environment", "ALIGNER_CHECK_TIMEOUT")
    assert held(desk, "batch", "timeout") == ("4", "environment", "ALIGNER_TIMEOUT")


def test_a_size_may_be_true_or_false(desk: Desk) -> None:
    for value, expected in (("true", True), ("false", False), ('"25MB"', "25MB")):
        desk.users.write_text(f"[batch]\nkeep-media = {value}\n")
        assert held(desk, "batch", "keep-media") == (expected, "file", str(desk.users))
    desk.users.write_text("keep-media = 25\n")
    assert "a size in quotes, true or false is expected" in desk.run("config").err


AGENT = "Mozilla/5.0 (compatible; aligner; +{})"


@pytest.mark.parametrize(
    ("users", "variables", "arguments", "agent"),
    [
        ("", {}, (), "Mozilla/5.0 (compatible; aligner)"),
        ("contact = 'a@a.example'", {}, (), AGENT.format("a@a.example")),
        ("[check]\ncontact = 'b@b.example'", {}, (), AGENT.format("b@b.example")),
        ("contact = 'a@a.example'", {"ALIGNER_CONTACT": "c@c"}, (), AGENT.format("c@c")),
        ("", {"ALIGNER_CHECK_CONTACT": "d@d", "ALIGNER_CONTACT": "c@c"}, (), AGENT.format("d@d")),
        ("", {"ALIGNER_CONTACT": "c@c"}, ("--contact", "e@e"), AGENT.format("e@e")),
        ("user-agent = 'Gazette/1'", {}, (), "Gazette/1"),
    ],
)
def test_what_holds_is_what_is_done(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    users: str,
    variables: dict[str, str],
    arguments: tuple[str, ...],
    agent: str,
) -> None:
    desk.users.write_text(users)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with Server({"/a": PAGE}) as server:
        ran = desk.run("check", server.url("/a"), "--allow-private", "--json", *arguments)
    assert ran.code == 3
    assert {headers["User-Agent"] for headers in server.headers} == {agent}


def test_settings_of_every_kind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag, a number, a list with commas, an option given several times, a path, a date."""
    desk.users.write_text(
        "allow-private = true\nretries = 0\nsince = 2026-11-01\n"
        "header = ['X-One@http://127.0.0.1: 1', 'X-Two@m.example: 2']\ncookies = 'cookies.txt'\n"
        "[check]\nfail-on = ['gone', 'none']\n"
    )
    (desk.users.parent / "cookies.txt").write_text("127.0.0.1\tFALSE\t/\tFALSE\t0\ta\tb\n")
    with Server({"/a": Reply(status=503)}) as server:
        monkeypatch.setenv("ALIGNER_HEADER", f"X-Three@http://127.0.0.1:{server.port}: 3\nX@b: c")
        ran = desk.run("check", server.url("/a"))
    assert ran.code == 1
    (headers,) = server.headers
    assert (headers["X-Three"], headers["Cookie"]) == ("3", "a=b")
    assert held(desk, "check", "fail-on")[0] == "gone,none"
    assert held(desk, "batch", "since")[0] == "2026-11-01"
    assert held(desk, "batch", "cookies")[0] == str(desk.users.parent / "cookies.txt")


def test_a_command_below_another(desk: Desk) -> None:
    desk.users.write_text("[models.bench]\nengine = 'ctranslate2'\n[models]\njson = true\n")
    assert held(desk, "models bench", "engine")[0] == "ctranslate2"
    ran = desk.run("models")
    assert ran.out.startswith("{")


def test_a_table_that_is_called_like_an_option(desk: Desk) -> None:
    desk.users.write_text("[review]\nprofile = 'bbc'\n")
    assert held(desk, "review", "profile")[0] == "bbc"
    assert held(desk, "caption", "review")[:2] == (False, "default")


def test_no_config(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.folders.write_text("nonsense = 1\n")
    assert desk.run("check", "a.html").code == 2
    assert "nonsense" not in desk.run("--no-config", "check", "a.html").err
    monkeypatch.setenv("ALIGNER_NO_CONFIG", "1")
    assert "nonsense" not in desk.run("check", "a.html").err


def test_help_comes_whatever_the_files_say(desk: Desk) -> None:
    desk.folders.write_text("nonsense = 1\n")
    assert desk.run("check", "--help").code == 0
    assert desk.run("--help").code == 0


def test_the_folders_file_may_be_the_users(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.users.write_text("proxy = 'http://127.0.0.1:1'\n")
    monkeypatch.chdir(desk.users.parent)
    assert held(desk, "check", "proxy")[0] == "http://127.0.0.1:1"


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tiemout = 3", "tiemout: there is no such option or table; did you mean timeout?"),
        (
            "[capton]\nmodel = 'base'",
            "capton: there is no such option or table; did you mean caption?",
        ),
        ("[check]\nmodle = 'base'", "check.modle: `aligner check` has no such option or table;"),
        ("allow_private = true", "did you mean allow-private?"),
        ("[models.bensh]\nengine = 'auto'", "models.bensh: `aligner models` has no such"),
        ("timeout = 'long'", "timeout: a number is expected, not text"),
        ("timeout = 100_000", "is not in the range 0.1<=x<=600"),
        ("retries = 1.5", "retries: a whole number is expected, not a number"),
        ("retries = true", "retries: a whole number is expected, not true or false"),
        ("allow-private = 'yes'", "allow-private: true or false is expected, not text"),
        ("proxy = ['http://a:1']", "proxy: text in quotes is expected, not a list"),
        ("header = [1]", "header: text in quotes is expected, not a number"),
        ("[check.timeout]\na = 1", "check.timeout: `aligner check` has no such option or table"),
        ("check = 1", "check: there is no such option or table"),
        ("engine = 'wispher'", "engine: 'wispher' is not one of"),
        ("\n\ntimeout = \n", "line 3: not TOML"),
        ("timeout = 3\ntimeout = 4", "line 2: not TOML"),
        ("timeout = 3\n[check", "line 2: not TOML"),
        (b"a = 1\n# \xff", "line 2: not text in UTF-8"),
        (b"a = " + b"[" * 40_000, "not TOML"),
    ],
)
def test_what_is_wrong_in_a_file(desk: Desk, text: str | bytes, why: str) -> None:
    desk.users.write_bytes(text if isinstance(text, bytes) else text.encode())
    for command in ("check", "config"):
        ran = desk.run(command, *(["a.html"] if command == "check" else []))
        assert ran.code == 2
        assert str(desk.users) in ran.err
        assert why in ran.err
        assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("text", "where"),
    [("[caption]\nformat = 'vvt'\n", None), ("", "ALIGNER_FORMAT"), ("", "ALIGNER_CAPTION_FORMAT")],
)
def test_a_value_that_a_command_refuses_says_where_it_stands(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, text: str, where: str | None
) -> None:
    desk.users.write_text(text)
    if where:
        monkeypatch.setenv(where, "vvt")
    ran = desk.run("caption", "a.html")
    assert ran.code == 2
    assert "vvt: choose from" in ran.err
    assert f"The value is set in {'the variable ' + where if where else desk.users}." in ran.err


STRANGERS = {
    "allow-private": "true",
    "proxy": "'http://127.0.0.1:1'",
    "proxy-resolves": "true",
    "cookies": "'c.txt'",
    "header": "['X@a.example: 1']",
    "user-agent": "'x'",
    "contact": "'x'",
    "ignore-robots": "true",
    "url": "'https://a.example/'",
    "media": "'https://a.example/a.mp3'",
    "sitemap": "['https://a.example/s.xml']",
    "force": "true",
    "fix": "true",
    "ray": "'ray://a.example:1'",
    "debug": "true",
    "model": "'evil.pt'",
    "output": "'../elsewhere'",
    "glossary": "['names.txt', '/elsewhere/names.txt']",
}


@pytest.mark.parametrize("key", STRANGERS)
def test_a_folders_file_may_not(desk: Desk, key: str) -> None:
    desk.folders.write_text(f"{key} = {STRANGERS[key]}\n")
    ran = desk.run("check", "a.html")
    assert ran.code == 2
    assert f"{desk.folders}: {key}" in ran.err
    assert f"your own file ({desk.users})" in ran.err
    table = next(n[0] for n, c in settings.all_commands().items() if key in settings.options(c))
    desk.folders.write_text(f"[{table}]\n{key} = {STRANGERS[key]}\n")
    assert desk.run("check", "a.html").code == 2
    desk.folders.rename(desk.users)  # its user may
    assert "may set it" not in desk.run("check", "a.html").err


@pytest.mark.parametrize("value", ["s3://bucket/a", "/elsewhere", "linked/out"])
def test_a_folders_file_names_no_folder_elsewhere(desk: Desk, value: str) -> None:
    (desk.folders.parent / "linked").symlink_to(desk.users.parent, target_is_directory=True)
    desk.folders.write_text(f"[caption]\noutput = '{value}'\n")
    assert "output lies outside this folder" in desk.run("caption", "a.html").err


def test_a_folders_output_is_for_captions_alone(desk: Desk) -> None:
    desk.folders.write_text("output = 'captions'\n")
    assert held(desk, "caption", "output")[0] == str(desk.folders.parent / "captions")
    assert held(desk, "lint", "output")[1] == "default"
    desk.folders.write_text("[lint]\noutput = 'Makefile'\n")
    assert "may set it" in desk.run("lint", "a.vtt").err


def test_what_a_folder_may_set_are_options() -> None:
    """And none of those that lead elsewhere, give something away or write over things."""
    known = {
        key for command in settings.all_commands().values() for key in settings.options(command)
    }
    later = {"recheck-after", "fps", "show"}  # options that are on their way
    assert known | later >= settings.FOLDERS
    assert not settings.FOLDERS & (STRANGERS.keys() - {"model", "output", "glossary"})


def test_a_folders_glossary_is_beside_it(desk: Desk) -> None:
    (desk.folders.parent / "names.txt").write_text("Ullapool\n")
    desk.folders.write_text("[caption]\nglossary = ['names.txt', 'auto']\n")
    value, where, _ = held(desk, "caption", "glossary")
    assert (len(value), where) == (2, "file")
    ran = desk.run("caption", "-n", "a.html")
    assert "may set it" not in ran.err
    assert "no such file" in ran.err


# ---------------------------------------------------------------- `aligner config`


def test_secrets_are_not_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.users.write_text(
        "proxy = 'http://anna:s3cret@127.0.0.1:1'\nheader = ['X@http://a.example:1: s3cret']\n"
        "[check]\nurl = 'https://a.example/?token=s3cret'\n"
    )
    monkeypatch.setenv("ALIGNER_CAPTION_HEADER", "X: s3cret\nY@b: s3cret: s3cret")
    monkeypatch.setenv("HTTPS_PROXY", "http://anna:s3cret@127.0.0.1:1")
    for arguments in ((), ("--json",), ("--all",), ("caption",)):
        ran = desk.run("config", *arguments)
        assert ran.code == 0
        assert "s3cret" not in ran.out
        assert "127.0.0.1:1" in ran.out


def test_the_table_says_where_each_stands(desk: Desk) -> None:
    desk.users.write_text("retries = 5\n")
    ran = desk.run("config")
    assert str(desk.users) in ran.out
    assert f"folder's file: {desk.folders} (does not exist)" in ran.out
    assert "retries" in ran.out
    assert "timeout" not in ran.out
    assert "timeout" in desk.run("config", "--all").out


def test_one_command_alone(desk: Desk) -> None:
    options = {row["option"] for row in desk.run("config", "lint", "--json").json["settings"]}
    assert "fix" in options
    assert "retries" not in options
    ran = desk.run("config", "capton")
    assert (ran.code, "choose from" in ran.err) == (2, True)


def test_nothing_is_set(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALIGNER_CACHE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert "nothing is set" in desk.run("config").out
    shown = desk.run("config", "--json").json
    assert (shown["schema"], shown["settings"]) == ("aligner-config/1", [])


def test_every_option_has_its_variables() -> None:
    for name, command in settings.all_commands().items():
        settings.add_variables(cli.aligner.commands[name[0]], name[:1])
        for option in settings.options(command).values():
            assert isinstance(option, click.Option)
            assert option.envvar
