"""Cores and memory on machines and in containers, made up as files of the kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from aligner._util.machine import (
    free_memory,
    physical_cores,
    quota_of_groups,
    usable_cores,
)

ALL_64 = frozenset(range(64))
GB = 1 << 30
V2 = "30 23 0:26 {mounted} /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = (
    "31 23 0:27 {mounted} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "32 23 0:28 {mounted} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "33 23 0:29 {mounted} /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
)


def machine(root: Path, files: dict[str, str], available: int = 100 * GB) -> Path:
    """A machine with files of /proc and /sys, by their paths."""
    files = {"proc/meminfo": f"MemTotal: 1 kB\nMemAvailable:  {available // 1024} kB\n"} | files
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def version_2(root: Path, group: str, files: dict[str, str], mounted: str = "/") -> Path:
    base = {"proc/self/cgroup": f"0::{group}\n", "proc/self/mountinfo": V2.format(mounted=mounted)}
    return machine(root, base | {f"sys/fs/cgroup/{name}": text for name, text in files.items()})


def version_1(root: Path, group: str, files: dict[str, str], mounted: str = "/") -> Path:
    lines = f"4:cpu,cpuacct:{group}\n3:memory:{group}\n2:pids:{group}\n1:name=systemd:/\n0::/\n"
    base = {"proc/self/cgroup": lines, "proc/self/mountinfo": V1.format(mounted=mounted)}
    return machine(root, base | {f"sys/fs/cgroup/{name}": text for name, text in files.items()})


def test_without_groups_all_is_the_machines(tmp_path: Path) -> None:
    root = machine(tmp_path, {})
    assert usable_cores(root, affinity=ALL_64) == 64
    assert free_memory(root) == 100 * GB


def test_without_any_file_nothing_is_limited(tmp_path: Path) -> None:
    assert usable_cores(tmp_path, affinity=ALL_64) == 64
    assert free_memory(tmp_path) is None
    assert physical_cores(tmp_path, affinity=ALL_64) is None


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("max 100000", 64),
     ("9900000 100000", 64), ("", 64), ("nonsense", 64)],
)  # fmt: skip
def test_a_quota_of_version_2(quota: str, cores: int, tmp_path: Path) -> None:
    """``docker run --cpus=2`` on 64 cores; within the container the group is the root."""
    root = version_2(tmp_path, "/", {"cpu.max": f"{quota}\n"})
    assert usable_cores(root, affinity=ALL_64) == cores


@pytest.mark.parametrize(("quota", "cores"), [("200000", 2), ("250000", 3), ("-1", 64), ("0", 64)])
@pytest.mark.parametrize("mounted", ["/", "/docker/abc"])
def test_a_quota_of_version_1(quota: str, cores: int, mounted: str, tmp_path: Path) -> None:
    """A container sees its own group as the mounted root; a service on the host does not."""
    place = "" if mounted != "/" else "docker/abc/"
    files = {
        f"cpu,cpuacct/{place}cpu.cfs_quota_us": f"{quota}\n",
        f"cpu,cpuacct/{place}cpu.cfs_period_us": "100000\n",
    }
    root = version_1(tmp_path, "/docker/abc", files, mounted)
    assert usable_cores(root, affinity=ALL_64) == cores


def test_the_smallest_quota_on_the_way_up_counts(tmp_path: Path) -> None:
    files = {
        "a.slice/cpu.max": "400000 100000",
        "a.slice/b.service/cpu.max": "max 100000",
        "a.slice/memory.max": f"{4 * GB}",
        "a.slice/memory.current": f"{GB}",
        "a.slice/b.service/memory.max": f"{8 * GB}",
        "a.slice/b.service/memory.current": f"{GB}",
    }
    root = version_2(tmp_path, "/a.slice/b.service", files)
    assert quota_of_groups(root).cores == 4.0
    assert free_memory(root) == 3 * GB


def test_affinity_below_the_quota_counts(tmp_path: Path) -> None:
    root = version_2(tmp_path, "/", {"cpu.max": "800000 100000"})
    assert usable_cores(root, affinity=frozenset({0, 5})) == 2


def test_memory_of_version_2_without_cached_files(tmp_path: Path) -> None:
    files = {
        "memory.max": f"{2 * GB}\n",
        "memory.current": f"{GB}\n",
        "memory.stat": f"anon {GB // 2}\nfile {GB // 2}\ninactive_file {GB // 2}\n",
    }
    assert free_memory(version_2(tmp_path, "/", files)) == GB + GB // 2
    assert free_memory(version_2(tmp_path, "/", files | {"memory.max": "max"})) == 100 * GB


def test_memory_of_version_1(tmp_path: Path) -> None:
    files = {
        "memory/memory.limit_in_bytes": f"{3 * GB}",
        "memory/memory.usage_in_bytes": f"{GB}",
        "memory/memory.stat": f"inactive_file 5\ntotal_inactive_file {GB // 4}\n",
    }
    assert free_memory(version_1(tmp_path, "/", files)) == 2 * GB + GB // 4
    unlimited = {"memory/memory.limit_in_bytes": "9223372036854771712"}
    assert free_memory(version_1(tmp_path, "/", files | unlimited)) == 100 * GB


def test_what_the_machine_has_left_counts_if_it_is_less(tmp_path: Path) -> None:
    files = {"proc/meminfo": f"MemAvailable: {GB // 1024} kB\n"}
    root = version_2(tmp_path, "/", {"memory.max": f"{2 * GB}", "memory.current": "0"})
    assert free_memory(machine(root, files)) == GB


def test_names_with_blanks_are_found(tmp_path: Path) -> None:
    mount = "30 23 0:26 / /sys/fs/c\\040group rw - cgroup2 cgroup2 rw\n"
    files = {
        "proc/self/cgroup": "0::/\n",
        "proc/self/mountinfo": mount,
        "sys/fs/c group/cpu.max": "300000 100000",
    }
    assert usable_cores(machine(tmp_path, files), affinity=ALL_64) == 3


def test_hyperthreads_are_one_physical_core(tmp_path: Path) -> None:
    files = {
        f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list": f"{cpu % 8},{cpu % 8 + 8}"
        for cpu in range(16)
    }
    root = machine(tmp_path, files)
    assert physical_cores(root, affinity=frozenset(range(16))) == 8
    assert physical_cores(root, affinity=frozenset({0, 8})) == 1
