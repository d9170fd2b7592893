"""The cores and the memory that this process may use: the machine's, and its container's.

A container (Docker, Kubernetes, systemd) limits both by control groups, which Python's own counts
do not see. Both versions of the kernel's files are read:
https://docs.kernel.org/admin-guide/cgroup-v2.html and .../cgroup-v1/. All files lie below ``root``,
so that tests can show any machine.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path("/")
NO_LIMIT = 1 << 60
"""Version 1 writes a number near 2^63 where memory is not limited."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of the control groups that this process is in; None for none."""

    cores: float | None = None
    memory_bytes: int | None = None
    """How much more memory may be taken: the limit less what is used and cannot be reclaimed."""


@dataclass(frozen=True, slots=True)
class _Hierarchy:
    """A mounted hierarchy of control groups, and the group of this process in it."""

    controllers: frozenset[str]
    """Empty for version 2, which has all."""
    folder: Path
    group: PurePosixPath
    """Relative to the folder."""

    def levels(self) -> Iterator[Path]:
        """Yields the folders of the group and of all above it: each may have a limit."""
        for group in (self.group, *self.group.parents):
            yield self.folder / group


def usable_cores(root: Path = ROOT, *, affinity: frozenset[int] | None = None) -> int:
    """Returns the cores that this process may use.

    Those are the logical ones that it may run on (``affinity``; None: as the system says), or the
    quota of its container, rounded up, if that is less.
    """
    count = len(affinity) if affinity is not None else _logical_cores()
    quota = quota_of_groups(root).cores
    return max(1, min(count, math.ceil(quota))) if quota else count


def physical_cores(root: Path = ROOT, *, affinity: frozenset[int] | None = None) -> int | None:
    """Returns how many physical cores the usable logical ones belong to; None if not known."""
    known = affinity if affinity is not None else _affinity()
    if known is None:
        return None
    cpus = root / "sys/devices/system/cpu"
    siblings = {_text(cpus / f"cpu{cpu}/topology/thread_siblings_list") for cpu in known}
    return None if None in siblings else len(siblings)


def free_memory(root: Path = ROOT) -> int | None:
    """Returns the bytes of memory that can be taken without swapping; None if not known.

    What the system says is available, or what the container has left, if that is less.
    """
    left = quota_of_groups(root).memory_bytes
    available = _available(root)
    known = [value for value in (available, left) if value is not None]
    return min(known, default=None)


def quota_of_groups(root: Path = ROOT) -> Quota:
    """Returns the smallest limits of the groups that this process is in, and of all above them."""
    cores: list[float] = []
    memory: list[int] = []
    for hierarchy in _hierarchies(root):
        for folder in hierarchy.levels():
            if (found := _core_quota(folder)) is not None:
                cores.append(found)
            if (left := _memory_left(folder)) is not None:
                memory.append(left)
    return Quota(min(cores, default=None), min(memory, default=None))


def _logical_cores() -> int:
    affinity = _affinity()
    return len(affinity) if affinity else os.cpu_count() or 1


def _affinity() -> frozenset[int] | None:
    if not hasattr(os, "sched_getaffinity"):
        return None
    return frozenset(os.sched_getaffinity(0))


# ---------------------------------------------------------------- the groups


def _hierarchies(root: Path) -> Iterator[_Hierarchy]:
    """Yields the hierarchies that limit cores or memory, as far as they are mounted here."""
    groups = dict(_groups(_text(root / "proc/self/cgroup") or ""))
    for line in (_text(root / "proc/self/mountinfo") or "").splitlines():
        fields, _, rest = line.partition(" - ")
        parts, kind = fields.split(), rest.split()
        if len(parts) < 5 or len(kind) < 3 or kind[0] not in ("cgroup", "cgroup2"):
            continue
        controllers = frozenset(kind[2].split(",")) if kind[0] == "cgroup" else frozenset[str]()
        wanted = {"cpu", "memory"} & controllers
        if kind[0] == "cgroup" and not wanted:
            continue
        group = groups.get(min(wanted, default=""))
        if group is not None:
            folder = root / _unescaped(parts[4]).lstrip("/")
            yield _Hierarchy(controllers, folder, _below(group, _unescaped(parts[3])))


def _groups(text: str) -> Iterator[tuple[str, str]]:
    """Yields each controller with the path of this process's group; "" stands for version 2."""
    for line in text.splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        for controller in controllers.split(","):
            yield controller, path


def _below(group: str, mounted: str) -> PurePosixPath:
    """Returns a group's path below the one that is mounted; in a container that is often itself."""
    path = PurePosixPath(group)
    try:
        return path.relative_to(mounted)
    except ValueError:
        return PurePosixPath()


def _unescaped(path: str) -> str:
    """Returns a path of mountinfo, which writes blanks as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), path)


def _core_quota(folder: Path) -> float | None:
    """Returns a group's quota in cores: cpu.max in version 2, two files in version 1."""
    quota, period = "", ""
    if text := _text(folder / "cpu.max"):
        quota, _, period = text.partition(" ")
    elif text := _text(folder / "cpu.cfs_quota_us"):
        quota, period = text, _text(folder / "cpu.cfs_period_us") or ""
    if quota.isdecimal() and period.isdecimal() and int(quota) and int(period):
        return int(quota) / int(period)
    return None  # "max", or -1


def _memory_left(folder: Path) -> int | None:
    """Returns what a group has left of its memory; cached files count as left."""
    for limit_file, used_file in (
        ("memory.max", "memory.current"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        limit, used = _text(folder / limit_file), _text(folder / used_file)
        if limit and limit.isdecimal() and int(limit) < NO_LIMIT:
            taken = int(used) if used and used.isdecimal() else 0
            return max(0, int(limit) - max(0, taken - _reclaimable(folder)))
    return None


def _reclaimable(folder: Path) -> int:
    """Returns the bytes of a group's cached files, which the kernel drops first."""
    lines = (_text(folder / "memory.stat") or "").splitlines()
    values = {name: value for name, _, value in (line.partition(" ") for line in lines)}
    # In version 1 the number with "total_" includes the groups below, as the usage does.
    found = values.get("total_inactive_file", values.get("inactive_file", ""))
    return int(found) if found.isdecimal() else 0


def _available(root: Path) -> int | None:
    text = _text(root / "proc/meminfo") or ""
    found = re.search(r"^MemAvailable:\s*(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _text(path: Path) -> str | None:
    """Returns the content of a file without the blanks around it; None if it cannot be read."""
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError:
        return None
