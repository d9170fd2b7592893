"""Runs programs that work on what strangers made, as processes that can be ended from outside.

A process is used for many requests, and ends by itself when there are none. ``helper_program.py``
has the other side.
"""

from __future__ import annotations

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from aligner._util.atomic_write import reason
from aligner._util.concurrency import cpu_count
from aligner._util.helper_program import ASK, DONE, FAILED, LAST, READY
from aligner.errors import Cancelled, MachineFault

AT_ONCE = max(2, cpu_count())
"""Processes of a program; another one is started only while all are busy for TURN_S."""
TURN_S = 0.5
IDLE_S = 20.0
"""A process that had nothing to do for longer is replaced; it ends by itself ten seconds later."""
START = """
import json, sys
sys.path[:] = json.loads(sys.argv[2])
from importlib import import_module
import_module(sys.argv[1]).main()
"""
"""Starts the program of a module, which it finds where this process would."""

Give = Callable[[bytes], bytes]
"""Returns what a program asks for."""


def give_nothing(_: bytes) -> bytes:
    """Is the ``Give`` for programs that have all they need; whatever they ask for ends them."""
    raise _Ended


class HelperProcesses:
    """The running processes of a program; each is used by one thread at a time."""

    def __init__(self, module: str, *, longest_answer: int, cannot_start: str) -> None:
        """``module`` is the program's, which has a function ``main``.

        ``longest_answer`` is in bytes; ``cannot_start`` is said if the program ends at once.
        """
        self._module, self._longest, self._cannot_start = module, longest_answer, cannot_start
        self._idle: list[_Process] = []
        self._busy: list[_Process] = []
        self._not_ours: list[_Process] = []
        self._changed = threading.Condition()
        self._is_over = False
        atexit.register(self._end_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave_to_parent)

    def ask(
        self,
        name: str,
        request: bytes,
        wall_s: float,
        give: Give = give_nothing,
        *,
        counts_giving: bool = True,
    ) -> bytes | None:
        """Returns a process's answer; None if it ended, or took longer than ``wall_s``.

        ``give`` is called with what the program asks for; its time counts as the program's if
        ``counts_giving``.
        Raises what ``give`` raises, MachineFault, which names ``name``, if no process can be
        started, and Cancelled at the end of this process.
        """
        try:
            process = self._taken()
        except OSError as error:
            raise MachineFault(name, f"no process can be started: {reason(error)}") from error
        except _Ended as error:
            raise MachineFault(name, self._cannot_start) from error
        watch = _Watch(process, wall_s)
        is_usable = False
        try:
            answer, is_usable = process.ask(request, give if counts_giving else watch.apart(give))
        except _Ended:
            if self._is_over:
                raise Cancelled from None
            return None
        except _NotGiven as error:
            is_usable = True
            raise error.error from None
        finally:
            watch.stop()
            self._give_back(process, is_usable)
        return answer

    def end(self) -> None:
        """End the processes that have nothing to do."""
        with self._changed:
            while self._idle:
                self._idle.pop().end()

    def _end_all(self) -> None:
        """End all processes; threads that still wait for one are daemons, and end too."""
        self._is_over = True
        self.end()
        with self._changed:
            for process in self._busy:
                process.kill()

    def _taken(self) -> _Process:
        with self._changed:
            if not self._has_room():
                self._changed.wait_for(self._has_room, TURN_S)
            while self._idle:
                process = self._idle.pop()
                if process.is_usable:
                    self._busy.append(process)
                    return process
                process.end()
            process = _Process(self._module, self._longest)
            self._busy.append(process)
        try:
            process.expect_ready()
        except BaseException:
            self._give_back(process, is_usable=False)
            raise
        return process

    def _has_room(self) -> bool:
        return bool(self._idle) or len(self._busy) < AT_ONCE

    def _give_back(self, process: _Process, is_usable: bool) -> None:
        if not is_usable:
            process.end()
        with self._changed:
            self._busy.remove(process)
            if is_usable:
                self._idle.append(process)
            self._changed.notify()

    def _leave_to_parent(self) -> None:
        """Forget the processes, which belong to the process that this one was forked from."""
        self._not_ours += self._idle + self._busy
        self._idle, self._busy = [], []
        self._changed = threading.Condition()


class _Ended(Exception):
    """The process has ended, or does not keep to the messages."""


class _NotGiven(Exception):
    """``Give`` raised ``error``."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        super().__init__(str(error))


class _Watch:
    """Ends a process when its time is over."""

    def __init__(self, process: _Process, wall_s: float) -> None:
        self._process, self._left_s = process, wall_s
        self._start()

    def stop(self) -> None:
        self._timer.cancel()
        self._left_s -= time.monotonic() - self._began

    def apart(self, give: Give) -> Give:
        """Returns a function whose time does not count."""

        def give_apart(wanted: bytes) -> bytes:
            self.stop()
            try:
                return give(wanted)
            finally:
                self._start()

        return give_apart

    def _start(self) -> None:
        self._began = time.monotonic()
        self._timer = threading.Timer(max(0.0, self._left_s), self._process.kill)
        self._timer.daemon = True
        self._timer.start()


class _Process:
    """One running process."""

    def __init__(self, module: str, longest: int) -> None:
        """Raises OSError."""
        self._longest = longest
        self._used_at = time.monotonic()
        isolated = "-P"  # imports no modules of its folder
        self._process = subprocess.Popen(
            [sys.executable, isolated, "-c", START, module, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def expect_ready(self) -> None:
        """Wait until it can work. Raises _Ended."""
        if self._received()[0] != READY:
            raise _Ended

    @property
    def is_usable(self) -> bool:
        """Whether it runs, and is not about to end because it had nothing to do."""
        return self._process.poll() is None and time.monotonic() - self._used_at < IDLE_S

    def ask(self, request: bytes, give: Give) -> tuple[bytes, bool]:
        """Returns the answer, and whether the process may be used again.

        Raises _Ended, _NotGiven.
        """
        self._send(request)
        failure: Exception | None = None
        while (message := self._received())[0] == ASK:
            try:
                self._send(give(message[1]))
            except _Ended:
                raise
            except Exception as error:  # it is raised again when the process has let go
                failure = failure or error
                self._write(FAILED)
        letter, answer = message
        if letter not in (DONE, LAST):
            raise _Ended
        self._used_at = time.monotonic()
        if failure:
            raise _NotGiven(failure)
        return answer, letter == DONE

    def end(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    continue  # what was to be written is lost with the process
        self._process.wait()

    def kill(self) -> None:
        """End it while another thread waits for its answer."""
        self._process.kill()
        self._process.wait()

    def _send(self, data: bytes) -> None:
        self._write(struct.pack(">I", len(data)) + data)

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError as error:
            raise _Ended from error

    def _received(self) -> tuple[bytes, bytes]:
        """Returns a letter and a content. Raises _Ended."""
        assert self._process.stdout is not None  # noqa: S101
        head = self._process.stdout.read(4)
        size = struct.unpack(">I", head)[0] if len(head) == 4 else 0
        data = self._process.stdout.read(size) if 0 < size <= self._longest else b""
        if not data or len(data) < size:
            raise _Ended
        return data[:1], data[1:]
