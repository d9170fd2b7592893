"""Passages -> where their words are, several at a time, each in a process of its own.

pocketsphinx holds the interpreter while it works, so that threads would wait for each other. The
processes are started as programs (``worker``): nothing of this one is copied, so that it may have
threads and needs no guard around its main part. A process beside ends when this one does.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import IO

import aligner
from aligner.parallel import cores
from aligner.timing.placing import Passage, Places

log = logging.getLogger(__name__)

ENOUGH_MS = 30_000
"""Sound to be gone through for each process: starting one takes as long as 20 s of it."""
MOST = 8
"""Processes, of some 80 MB each."""
WORKER = "aligner.timing.worker"
ROOT = Path(aligner.__file__).resolve().parents[1]
"""Where the package is found."""


def placed(passages: Sequence[Passage], processes: int | None = None) -> Iterator[Places]:
    """The places of each passage's words, in order: the same for any number of processes.

    None: as many as this process has cores. With too little to do for two it is done here.
    """
    hands = _hands(passages, processes or cores())
    if hands < 2:
        yield from (passage.places() for passage in passages)
        return
    with closing(Crew(hands)) as crew:
        yield from crew.placed(passages)


class Crew:
    """Processes beside, for one recording after the other. They are started when first needed."""

    def __init__(self, hands: int) -> None:
        self._size = hands
        self._all: list[_Hand] = []
        self._turn = Lock()

    def placed(self, passages: Sequence[Passage]) -> Iterator[Places]:
        """The places of each passage's words, in order. Who was lost before is replaced."""
        with self._turn:
            self._all = [hand for hand in self._all if not hand.lost]
            self._all += [_Hand() for _ in range(self._size - len(self._all))]
            idle: SimpleQueue[_Hand] = SimpleQueue()
            for hand in self._all:
                idle.put(hand)

            def by_whoever_is_idle(passage: Passage) -> Places:
                hand = idle.get()
                try:
                    return hand.places(passage)
                finally:
                    idle.put(hand)

            threads = ThreadPoolExecutor(self._size)
            try:
                yield from threads.map(by_whoever_is_idle, passages)
            except BaseException:
                self.close()  # whatever they are doing
                raise
            finally:
                threads.shutdown(cancel_futures=True)

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        for hand in self._all:
            hand.close()


def _hands(passages: Sequence[Passage], most: int) -> int:
    """How many processes are worth starting; 0 or 1: none."""
    if not sys.executable or hasattr(sys, "frozen"):
        return 0  # a program that is no Python starts no worker
    sound_ms = sum(len(one.window.sound) * len(one.shifts) for one in passages)
    return min(most, MOST, sound_ms // ENOUGH_MS)


class _Hand:
    """A process beside. Where it cannot be had, or is lost, its passages are done here."""

    def __init__(self) -> None:
        self._closed = False
        self.lost = False
        """Whether its process has ended before its time."""
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for this process; those beside end with it
            )
        except OSError as error:
            log.warning("words are timed without a process beside: %s", error)

    def places(self, passage: Passage) -> Places:
        """Have a passage done."""
        if self._process is None:
            return passage.places()
        try:
            return _answer(self._process, passage)
        except (OSError, EOFError, pickle.UnpicklingError):
            if self._closed:
                raise
            code = _ended(self._process)
            self._process, self.lost = None, True
            log.warning("a process that times words ended (%d); its work is done here", code)
            return passage.places()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closed = self.lost = True
        if self._process is not None:
            _ended(self._process)


def _environment() -> dict[str, str]:
    """The variables for a process beside: one thread, and modules from where this one has them."""
    path = [entry for entry in (*sys.path, str(ROOT)) if entry]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(path),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _answer(process: subprocess.Popen[bytes], passage: Passage) -> Places:
    """What a process makes of a passage. Raises OSError, EOFError, UnpicklingError if it ended."""
    asked, answers = _pipes(process)
    asked.write(pickle.dumps(passage))
    asked.flush()
    places: Places = pickle.load(answers)  # noqa: S301  from a process that we started
    return places


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Kill a process and close its pipes -> its exit code."""
    process.kill()
    asked, answers = _pipes(process)
    with suppress(OSError):  # what it was still to be told goes nowhere
        asked.close()
    answers.close()
    return process.wait()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None  # noqa: S101  both were asked for
    assert process.stdout is not None  # noqa: S101
    return process.stdin, process.stdout
