"""Defines the contestants: their command lines, and the environment of the peers.

Every contestant gets the same recording and the same weights, Whisper base: a checkpoint for those
built on openai-whisper, a folder for those on CTranslate2, both made by ``aligner/asr/models/``
without a model hub. Peers run by their own commands, with word times, and with their own defaults
except where noted; ``floor`` is ``speed_floor.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from speed_material import Material

from aligner._util.distribution import VERSION
from aligner.asr import models
from aligner.audio.ffmpeg import ffmpeg_path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "speed-requirements.txt"
TORCH = "torch==2.13.0"


@dataclass(frozen=True, slots=True)
class Kit:
    """What all contestants are run with."""

    peers: Path
    """The Python of the peers' environment."""
    folder: Path
    """Whisper base in CTranslate2's form."""
    checkpoint: Path
    """The same as openai-whisper's checkpoint."""
    other: Path | None
    """The text of another story."""

    def peer(self, command: str) -> str:
        """Returns a command of the peers' environment."""
        return str(self.peers.with_name(command))


@dataclass(frozen=True, slots=True)
class Contestant:
    """A contestant and its command line."""

    title: str
    command: Callable[[Kit, Material, Path], list[str]]
    """With the folder for its results -> its command line."""
    ours: bool = False
    other: bool = False
    """Whether it needs the text of another story."""
    codes: tuple[int, ...] = (0,)
    """Exit codes that mean that it has done its work."""


# ---------------------------------------------------------------- the command lines


def _aligner(*more: str, other: bool = False) -> Callable[[Kit, Material, Path], list[str]]:
    def command(kit: Kit, given: Material, out: Path) -> list[str]:
        text = str(kit.other if other else given.text)
        caption = [sys.executable, "-m", "aligner", "caption", text, "--media"]
        return [*caption, str(given.recording), "--force", "-q", "-o", str(out), *more]

    return command


def _whisper(*more: str) -> Callable[[Kit, Material, Path], list[str]]:
    def command(kit: Kit, given: Material, out: Path) -> list[str]:
        start = [kit.peer("whisper"), str(given.recording), "--model", str(kit.checkpoint)]
        how = ["--word_timestamps", "True", "--output_format", "vtt", "--output_dir", str(out)]
        return [*start, *how, *more]

    return command


def _whisper_ctranslate2(*more: str) -> Callable[[Kit, Material, Path], list[str]]:
    def command(kit: Kit, given: Material, out: Path) -> list[str]:
        start = [kit.peer("whisper-ctranslate2"), str(given.recording)]
        model = ["--model_directory", str(kit.folder), "--local_files_only", "True"]
        how = ["--device", "cpu", "--compute_type", "int8", "--beam_size", "5"]
        how += ["--word_timestamps", "True", "--output_format", "vtt", "--output_dir", str(out)]
        return [*start, *model, *how, *more]

    return command


def _whisper_timestamped(kit: Kit, given: Material, out: Path) -> list[str]:
    start = [kit.peer("whisper_timestamped"), str(given.recording), "--model", str(kit.checkpoint)]
    return [*start, "--output_format", "vtt", "--output_dir", str(out)]


def _stable_ts(kit: Kit, given: Material, out: Path) -> list[str]:
    start = [kit.peer("stable-ts"), str(given.recording), "--model", str(kit.checkpoint)]
    text = ["--align", str(given.plain), "--language", given.language]
    return [*start, *text, "--output", str(out / "captions.vtt"), "--overwrite"]


def _floor(_kit: Kit, given: Material, _out: Path) -> list[str]:
    script = str(HERE / "speed_floor.py")
    return [sys.executable, script, str(given.text), str(given.recording)]


ALIGNER = ("--engine", "ctranslate2")
CONTESTANTS: dict[str, Contestant] = {
    "aligner": Contestant("aligner", _aligner(*ALIGNER), ours=True),
    "no-draft": Contestant("aligner --no-draft", _aligner(*ALIGNER, "--no-draft"), ours=True),
    "other": Contestant(
        "aligner, another story's text", _aligner(*ALIGNER, other=True), True, True, (0, 6)
    ),
    "other-no-draft": Contestant(
        "aligner --no-draft, another story's text",
        _aligner(*ALIGNER, "--no-draft", other=True), True, True, (0, 6),
    ),
    "aligner-openai": Contestant(
        "aligner --engine openai-whisper", _aligner("--engine", "openai-whisper"), ours=True
    ),
    "whisper": Contestant("openai-whisper, its defaults (beam 5)", _whisper()),
    "whisper-greedy": Contestant(
        "openai-whisper, greedy", _whisper("--beam_size", "1", "--best_of", "1")
    ),
    "whisper-ctranslate2": Contestant(
        "whisper-ctranslate2 (int8, beam 5)", _whisper_ctranslate2()
    ),
    "whisper-ctranslate2-batched": Contestant(
        "whisper-ctranslate2 (int8, beam 5), batched", _whisper_ctranslate2("--batched", "True")
    ),
    "whisper-timestamped": Contestant("whisper-timestamped", _whisper_timestamped),
    "stable-ts": Contestant("stable-ts, aligning the text it is given", _stable_ts),
    "floor": Contestant("the encoder alone (features, encoder)", _floor, ours=True),
}  # fmt: skip
"""The contestants by their names for --only."""


# ---------------------------------------------------------------- what they need


def environment(work: Path, contestant: Contestant) -> dict[str, str]:
    """Returns a contestant's environment variables: ffmpeg by name, no model hub."""
    tools = work / "bin"
    if not (tools / "ffmpeg").exists():
        tools.mkdir(parents=True, exist_ok=True)
        (tools / "ffmpeg").symlink_to(ffmpeg_path())
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "HF_HUB_OFFLINE": "1"}
    if not contestant.ours:
        env.pop("PYTHONPATH", None)
    return env


def ready(peers: Path | None, work: Path, other: Path | None) -> Kit:
    """Prepare the kit; installs the peers if no Python that has them is given."""
    folder = models.resolve("base", "ctranslate2").path
    checkpoint = models.resolve("base", "openai").path
    return Kit((peers or _installed(work / "peers")).absolute(), folder, checkpoint, other)


def _installed(place: Path) -> Path:
    """Returns the Python of the peers' environment, which is created if necessary."""
    python, done = place / "bin" / "python", place / "installed.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not done.is_file() or done.read_text(encoding="utf-8") != wanted:
        print(f"installing the peers into {place}", file=sys.stderr)
        venv.create(place, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, TORCH], check=True)
        subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True)
        _tame_torchaudio(python)
        done.write_text(wanted, encoding="utf-8")
    return python


def _tame_torchaudio(python: Path) -> None:
    """Remove torchaudio's libraries if they do not fit a build of torch for the CPU.

    It then works by its parts in Python, of which stable-ts uses the resampler.
    """
    tried = subprocess.run(
        [str(python), "-c", "import torchaudio"], check=False, capture_output=True
    )
    if tried.returncode:
        for library in (python.parents[1]).glob("lib/python*/site-packages/torchaudio/lib/*.so"):
            library.unlink()


def versions(kit: Kit) -> dict[str, str]:
    """Returns the versions of what is compared."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    names = [line.partition("==")[0] for line in lines if "==" in line and line[0] != "#"]
    code = (
        "import json, sys; from importlib.metadata import version; "
        "print(json.dumps({n: version(n) for n in sys.argv[1:]}))"
    )
    command = [str(kit.peers), "-c", code, "torch", *names]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return {"aligner": VERSION, **json.loads(ran.stdout)}
