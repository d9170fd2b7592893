"""Runs a function on copies of a folder, and kills it at each step in which it writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STEPS = ("replace", "unlink", "open", "mkdir", "rmdir", "hardlink_to")
"""The methods of Path at whose calls the process is killed; os.fsync is one more."""

LOOP = f"""
import os, pathlib, shutil, signal, sys

source, names = pathlib.Path(sys.argv[1]), {{"given": sys.stdin.read()}}
exec(sys.argv[2], names)
count = 0

def dying(does, at):
    def work(*a, **k):
        global count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return does(*a, **k)
    return work

at, alive = 0, False
while not alive:
    at += 1
    folder = source.parent / f"killed-{{at}}"
    shutil.copytree(source, folder)
    child = os.fork()
    if not child:
        for part in {STEPS}:
            setattr(pathlib.Path, part, dying(getattr(pathlib.Path, part), at))
        os.fsync = dying(os.fsync, at)
        names["work"](folder)
        os._exit(0)
    alive = os.waitpid(child, 0)[1] == 0
print(at)
"""


def killed_at_every_step(source: Path, code: str, given: str = "") -> list[Path]:
    """Returns a copy of ``source`` for each step at which a function was killed, and one where not.

    ``code`` defines the function ``work(folder)``, and may use the variable ``given``. Steps are
    opening, syncing, renaming and removing files and folders.
    """
    command = [sys.executable, "-c", LOOP, str(source), code]
    ran = subprocess.run(command, input=given, text=True, check=True, stdout=subprocess.PIPE)
    return [source.parent / f"killed-{at}" for at in range(1, int(ran.stdout) + 1)]
