"""Attacks aligner from a server on loopback: time, memory and requests of each attack.

    python benchmarks/hostile.py [--only large-index,dead-links] [--limit 120] [-v]
    PYTHONPATH=OTHER/CHECKOUT python benchmarks/hostile.py    # another version, for comparison

Each attack is a page, or what a page links, that once took gigabytes, minutes or hundreds of
requests. `aligner check` or `aligner caption` is run on it, as a user does, and ended after
--limit seconds. Memory is the resident memory of the command and of the processes that it starts,
all together; largest is that of the largest one. SECURITY.md lists the defences. Needs Linux.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

from hostile_site import ATTACKS, Attack, Handler
from process_memory import ChildMemory

ROW = "{:22} {:8} {:>7} {:>9} {:>9} {:>9} {:>5}  {}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", default=",".join(ATTACKS), help="which attacks, with commas")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each")
    parser.add_argument("-v", "--verbose", action="store_true", help="what the command says")
    options = parser.parse_args()
    chosen = options.only.split(",")
    if unknown := sorted(set(chosen) - set(ATTACKS)):
        parser.error(f"no attack is called {', '.join(unknown)}; known: {', '.join(ATTACKS)}")
    heading = ("attack", "command", "time", "memory", "largest", "requests", "exit")
    print(ROW.format(*heading, "it says" if options.verbose else "").rstrip())
    for name in chosen:
        for command in ATTACKS[name].commands:
            print(row(name, command, options.limit, verbose=options.verbose), flush=True)


def row(name: str, command: str, limit_s: float, *, verbose: bool) -> str:
    """Run a command on an attack; returns its line of the table."""
    attack = ATTACKS[name]

    class AttackHandler(Handler):
        pass

    AttackHandler.attack = attack
    server = ThreadingHTTPServer(("127.0.0.1", 0), AttackHandler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        seconds, memory, code, said = run(attack, command, server.server_port, limit_s)
    finally:
        server.shutdown()
        server.server_close()
    ended = "ended" if code is None else code
    figures = (
        f"{memory.total_mb} MB", f"{memory.resident_mb} MB", AttackHandler.asked, ended,
    )  # fmt: skip
    return ROW.format(name, command, f"{seconds:.1f} s", *figures, said if verbose else "").rstrip()


def run(
    attack: Attack, command: str, port: int, limit_s: float
) -> tuple[float, ChildMemory, int | None, str]:
    """Returns seconds, memory, exit code (None if it was ended), and the last line that is said."""
    address = f"http://127.0.0.1:{port}{attack.page}"
    options = ["--allow-private", "--timeout", "30"] if command == "check" else ["--allow-private"]
    with tempfile.TemporaryDirectory() as folder:
        if command == "caption":
            transcript = Path(folder) / "transcript.json"
            transcript.write_text('{"words": []}', encoding="utf-8")
            options += ["--engine", "recorded", "--model", str(transcript), "-o", folder]
        began = time.monotonic()
        with (Path(folder) / "said").open("w+", encoding="utf-8") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "aligner", command, address, *options],
                stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip
            with ChildMemory(process.pid, with_root=True) as memory:
                code: int | None
                try:
                    code = process.wait(limit_s)
                except subprocess.TimeoutExpired:
                    code = None
                    process.kill()
                    process.wait()
            seconds = time.monotonic() - began
            said.seek(0)
            lines = said.read().split("\n")
    return seconds, memory, code, next((line for line in reversed(lines) if line.strip()), "")


if __name__ == "__main__":
    main()
