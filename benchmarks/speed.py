"""Time and memory of whole processes: aligner and openai-whisper's own command, side by side.

    python benchmarks/speed.py ARTICLE RECORDING [--runs 3] [--engines ctranslate2,openai-whisper]

ARTICLE is a page's text (.txt) or a saved page, RECORDING a local file. Both commands get the same
weights (Whisper base) and write captions with word times; openai-whisper runs once with its
command's defaults (beam 5) and once greedily. Every run is a new process, runs alternate, and the
best of each is taken. Prints wall seconds, times real time, peak memory, and the ratio of wall
times to openai-whisper's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measure(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Run a command to its end: (wall seconds, peak resident memory in MB)."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None  # noqa: S101
    errors = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) not in (0, 6):
        sys.exit(f"{' '.join(command)} failed:\n{errors}")
    return seconds, usage.ru_maxrss / 1024


def commands(args: argparse.Namespace, out: Path) -> dict[str, list[str]]:
    """What is compared: name -> command line."""
    from aligner import weights

    checkpoint = str(weights.resolve("base", "openai").path)
    base = [sys.executable, "-m"]
    caption = [*base, "aligner", "caption", str(args.article), "--media", str(args.recording)]
    made = {
        f"aligner, {engine}": [*caption, "--force", "-q", "--engine", engine, "-o", str(out)]
        for engine in args.engines.split(",")
    }
    whisper = [*base, "whisper", str(args.recording), "--model", checkpoint, "--fp16", "False"]
    whisper += ["--word_timestamps", "True", "--output_format", "json", "--output_dir", str(out)]
    made["whisper command, its defaults"] = whisper
    made["whisper command, greedy"] = [*whisper, "--beam_size", "1", "--best_of", "1"]
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("article", type=Path)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--engines", default="ctranslate2,openai-whisper")
    args = parser.parse_args()
    from aligner.audio import ffmpeg_path, probe

    length = (probe(args.recording).duration_ms or 0) / 1000
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder) / "bin"
        tools.mkdir()
        (tools / "ffmpeg").symlink_to(ffmpeg_path())  # openai-whisper asks for it by name
        env = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
        todo = commands(args, Path(folder))
        best: dict[str, tuple[float, float]] = {}
        for _ in range(args.runs):
            for name, command in todo.items():
                seconds, memory = measure(command, env)
                before = best.get(name, (seconds, memory))
                best[name] = min(seconds, before[0]), max(memory, before[1])
    peer = best["whisper command, its defaults"][0]
    print(f"{args.recording.name}: {length:.1f} s of sound, best of {args.runs}")
    for name, (seconds, memory) in best.items():
        print(
            f"  {name:32} {seconds:7.1f} s  {length / seconds:5.1f} x real time  "
            f"{memory:6.0f} MB  {peer / seconds:5.2f} x the whisper command's speed"
        )


if __name__ == "__main__":
    main()
