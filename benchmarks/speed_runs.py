"""Measures a command: its time, its memory with that of its children, and other load.

Memory is the larger of two figures: the sum for the process and all its descendants, read from
/proc five times a second, and the kernel's own maximum for one of them. Without /proc (not Linux)
only the latter is known, and no other load.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
EVERY_S = 0.2
"""Seconds between two readings of memory; a reading takes about 2 ms."""
KB = 1024
TAIL = 2_000
"""Characters of error output that are kept of a failed process."""


@dataclass(frozen=True, slots=True)
class Run:
    """The time, memory and outcome of a process."""

    wall_s: float
    cpu_s: float
    """Of all cores, its children's included."""
    peak_mb: float
    """Resident memory, its children's included; files that it has mapped count where read."""
    own_mb: float | None
    """The same without mapped files, which the system can take back."""
    others: float | None
    """Of the cores' time meanwhile, the share that other processes had; 0 is a quiet machine."""
    stolen: float | None
    """The share that the machine's host gave to others."""
    code: int
    said: str
    """Its standard output."""
    complaint: str
    """The end of its error output."""


def cores() -> int:
    """Returns the number of cores that a child process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(command: list[str], env: Mapping[str, str], timeout_s: float) -> Run:
    """Run a command to its end; it is killed after ``timeout_s``."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        before, own_before = _machine(), _own_cpu()
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=errors,
            start_new_session=True,
        )  # fmt: skip
        watch = _Watch(process.pid, began + timeout_s)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _end(process.pid)
            raise
        finally:
            watch.stop()
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime
        machine = _machine()
        ours = cpu + _own_cpu() - own_before
        others, stolen = _shares(before, machine, ours, wall)
        out.seek(0)
        errors.seek(0)
        return Run(
            wall_s=wall, cpu_s=cpu, peak_mb=max(watch.peak_mb, _in_mb(usage.ru_maxrss)),
            own_mb=watch.own_mb or None, others=others, stolen=stolen, code=process.returncode,
            said=out.read().decode(errors="replace"),
            complaint=errors.read().decode(errors="replace")[-TAIL:],
        )  # fmt: skip


def _end(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _in_mb(maxrss: int) -> float:
    """Returns MB from getrusage's figure: kilobytes, or bytes on macOS."""
    return maxrss / (KB * KB if sys.platform == "darwin" else KB)


# ---------------------------------------------------------------- memory


class _Watch:
    """Reads the memory of a process and its descendants; ends them after a timeout."""

    def __init__(self, pid: int, until: float) -> None:
        self.pid, self.until = pid, until
        self.peak_mb = self.own_mb = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stopped.wait(EVERY_S):
            if time.perf_counter() > self.until:
                _end(self.pid)
            resident, own = _memory(_family(self.pid))
            self.peak_mb, self.own_mb = max(self.peak_mb, resident), max(self.own_mb, own)


def _family(pid: int) -> set[int]:
    """Returns a process and its descendants."""
    parents: dict[int, int] = {}
    for place in PROC.glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parents[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
    family, size = {pid}, 0
    while len(family) > size:
        size = len(family)
        family |= {child for child, parent in parents.items() if parent in family}
    return family


def _memory(family: set[int]) -> tuple[float, float]:
    """Returns the megabytes of processes: resident, and resident without mapped files."""
    resident = own = 0
    for pid in family:
        with suppress(OSError, ValueError):
            lines = (PROC / str(pid) / "status").read_text().splitlines()
            sizes = {name: value for name, _, value in (line.partition(":") for line in lines)}
            resident += int(sizes.get("VmRSS", "0 kB").split()[0])
            own += int(sizes.get("RssAnon", "0 kB").split()[0])
    return resident / KB, own / KB


# ---------------------------------------------------------------- what else runs


def _machine() -> tuple[float, float] | None:
    """Returns seconds since the start that all cores were busy, and stolen; None if unknown."""
    try:
        first = (PROC / "stat").read_text().splitlines()[0].split()
    except (OSError, IndexError):
        return None
    user, nice, system, _idle, _waiting, irq, soft, stolen, *_ = (int(n) for n in first[1:])
    ticks = os.sysconf("SC_CLK_TCK")
    return (user + nice + system + irq + soft) / ticks, stolen / ticks


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _shares(
    before: tuple[float, float] | None, after: tuple[float, float] | None, ours: float, wall: float
) -> tuple[float | None, float | None]:
    """Returns the shares of the cores' time that others used and that was stolen."""
    if before is None or after is None:
        return None, None
    whole = wall * (os.cpu_count() or 1)
    return max(0.0, after[0] - before[0] - ours) / whole, (after[1] - before[1]) / whole


def busy(seconds: float) -> float | None:
    """Returns the share of the cores' time in use while this process waits; None if unknown."""
    before, own = _machine(), _own_cpu()
    time.sleep(seconds)
    return _shares(before, _machine(), _own_cpu() - own, seconds)[0]


def wait_for_quiet(below: float, patience_s: float) -> float | None:
    """Wait for little load, at most for a time; returns the share in use then."""
    until = time.monotonic() + patience_s
    while (share := busy(1.0)) is not None and share > below and time.monotonic() < until:
        time.sleep(2.0)
    return share
