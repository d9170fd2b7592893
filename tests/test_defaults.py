"""Defaults are the same on the command line and in Python: what each command makes of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest

from aligner import defaults
from aligner.captions.formats import Look
from aligner.cli import aligner, batch_run, caption_run, check_run
from aligner.cli.batch import Arguments as BatchArguments
from aligner.cli.check import Arguments as CheckArguments
from aligner.jobs import BatchOptions
from aligner.net.client import WebOptions
from aligner.net.options import NetworkOptions
from aligner.pipeline.check import CheckOptions
from aligner.pipeline.options import Options
from aligner.review.extras import Extras

RUNS = {"batch": batch_run, "caption": caption_run, "check": check_run}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[Any, ...]]:
    """A command and its arguments -> what it would run with."""
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").write_text("<p>A page.")
    asked: list[tuple[Any, ...]] = []

    def run(*arguments: Any) -> int:
        asked.append(arguments)
        return 0

    def made(*arguments: str) -> tuple[Any, ...]:
        aligner.main([*arguments, "page.html"], standalone_mode=False)
        return asked[-1]

    for name in RUNS:
        monkeypatch.setattr(RUNS[name], "run", run)
    return made


def test_batch(given: Callable[..., tuple[Any, ...]]) -> None:
    _, options, how, _ = given("batch")
    assert options == Options()
    assert how == BatchOptions(Path(defaults.FOLDER))
    assert how.web.robots


def test_check(given: Callable[..., tuple[Any, ...]]) -> None:
    _, options, check_options, _, memory = given("check")
    assert options == Options()
    assert check_options == CheckOptions()
    assert memory == check_run.StoredResults()


def test_caption(given: Callable[..., tuple[Any, ...]]) -> None:
    _, options, output = given("caption")
    assert options == Options()
    assert output.look == Look()
    assert output.into_video == Extras().into_video
    assert output.formats == BatchOptions(Path()).formats


# ---------------------------------------------------------------- option by option

FIELDS: dict[str, tuple[type, str]] = {
    **{
        name: (Options, name)
        for name in (
            *("url", "media", "language", "engine", "model", "device", "timing", "sounds"),
            *("speakers", "voices"),
            *("allow_private", "follow"),
        )
    },
    "jobs": (BatchOptions, "network"),
    "formats": (BatchOptions, "formats"),
    "limit": (BatchOptions, "limit"),
    "recheck_after": (BatchOptions, "recheck_after"),
    "keep_media": (BatchOptions, "keep_media"),
    "discard_edits": (BatchOptions, "discard_edits"),
    "ray": (BatchOptions, "ray"),
    "workers": (BatchOptions, "workers"),
    "gpu_workers": (BatchOptions, "gpu_workers"),
    "per_host": (WebOptions, "per_host"),
    "delay": (WebOptions, "delay_s"),
    "timeout": (WebOptions, "timeout_s"),
    "retries": (NetworkOptions, "retries"),
    "contact": (NetworkOptions, "contact"),
    "user_agent": (NetworkOptions, "user_agent"),
    "proxy": (NetworkOptions, "proxy"),
    "proxy_resolves": (NetworkOptions, "proxy_resolves"),
    "styled": (Look, "styled"),
    "karaoke": (Look, "karaoke"),
    "hls_mpegts": (Look, "mpegts"),
    "review": (Extras, "review"),
    "show_all": (CheckOptions, "all_candidates"),
}
"""Options of commands, and the fields that they become as they are."""
ELSEWHERE = {
    *("lists", "sources", "sitemaps", "listed", "column", "since", "until"),  # what is asked for
    *("output", "folder", "state", "log", "as_json", "as_csv", "quiet", "verbose", "debug"),
    *("dry_run", "show", "fail_on", "retry_failed", "only", "force"),
    *("profile", "disk", "no_draft", "embed", "burn_in", "no_probe", "no_network_embeds"),
    *("ignore_robots", "no_cache", "headers", "cookies", "network", "glossaries"),
    "_click_default_help",
}
"""Options that become something else: compared as a whole above, or of the command line alone."""


def parameters() -> list[tuple[str, click.Parameter]]:
    found = []
    for name in RUNS:
        command = aligner.commands[name]
        found += [(name, p) for p in command.get_params(click.Context(command))]
    return found


def test_every_option_is_known_here() -> None:
    """A new option is put into one of the two, and so compared."""
    names = {parameter.name for _, parameter in parameters()}
    assert names - FIELDS.keys() - ELSEWHERE == set()
    assert FIELDS.keys() - names == set()


@pytest.mark.parametrize(
    ("command", "parameter"),
    [(c, p) for c, p in parameters() if p.name in FIELDS],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_an_options_default_is_its_fields(command: str, parameter: click.Parameter) -> None:
    kind, name = FIELDS[str(parameter.name)]
    (field,) = [field for field in fields(kind) if field.name == name]
    ours = parameter.get_default(click.Context(aligner.commands[command]))
    if isinstance(field.default, tuple):
        ours = tuple(str(ours).split(","))
    is_set = isinstance(ours, str | int | float | tuple)
    assert ((ours or None) if is_set else None) == (field.default or None)


def test_fields_of_arguments_are_options() -> None:
    for command, arguments in (("batch", BatchArguments), ("check", CheckArguments)):
        names = {p.name for c, p in parameters() if c == command}
        assert {field.name for field in fields(arguments)} <= names | {"network"}
