"""Nobody is told of the use of this program."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import aligner
from aligner._util import telemetry

ENCODE = """
import numpy as np
from aligner.types import Audio
from aligner.audio import vad
vad.run(Audio(np.zeros(16_000, np.int16), 16_000))
import sys; assert "onnxruntime" in sys.modules
from huggingface_hub import constants; assert constants.HF_HUB_DISABLE_TELEMETRY
"""
IMPORT = "from aligner._util.telemetry import silence_onnxruntime; silence_onnxruntime()"


@pytest.mark.slow
@pytest.mark.parametrize("code", [ENCODE, IMPORT], ids=["vad", "import"])
def test_onnxruntime_leaves_no_identifier(tmp_path: Path, code: str) -> None:
    """Versions that send events write one into the user's cache as soon as they are imported."""
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for name in telemetry.VARIABLES:
        environment.pop(name, None)
    unchanged = f"import os; assert not {set(telemetry.VARIABLES)} & set(os.environ)"
    subprocess.run([sys.executable, "-c", f"{code}\n{unchanged}"], env=environment, check=True)
    assert not [path for path in tmp_path.rglob("*onnxruntime*") if path.is_file()]


COUNTED = """
import fcntl, os, socket, struct, sys, threading, time

control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(control, 0x8914, struct.pack("16sH14s", b"lo", 0x41, b""))  # SIOCSIFFLAGS: up
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
asked = []

def answer():
    while True:
        question, client = server.recvfrom(512)
        asked.append(question[12:80])
        unknown = b"\\x81\\x83" + question[4:6] + bytes(6)
        server.sendto(question[:2] + unknown + question[12:], client)

threading.Thread(target=answer, daemon=True).start()
exec(sys.argv[1])
end = time.monotonic() + 13
while time.monotonic() < end and not asked:
    time.sleep(0.1)
print(len(asked), flush=True)
os._exit(0)
"""
"""A program in a network of its own, whose resolver counts the names that are asked for."""
ISOLATED = ["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c",
            'mount --bind "$0" /etc/resolv.conf && exec "$@"']  # fmt: skip


def names_asked_for(code: str, folder: Path) -> int:
    resolver = folder / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\n")
    environment = os.environ | {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    try:
        ran = subprocess.run(
            [*ISOLATED, str(resolver), sys.executable, "-c", COUNTED, code],
            env=environment, capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network of its own can be made here: {error}")
    return int(ran.stdout)


@pytest.mark.slow
def test_no_host_is_looked_up(tmp_path: Path) -> None:
    """onnxruntime looks up its host nine seconds after its import."""
    look_up = """
import socket
try:
    socket.getaddrinfo("a.example", 80)
except OSError:
    pass
"""
    assert names_asked_for(look_up, tmp_path) > 0  # the resolver counts
    assert names_asked_for(ENCODE, tmp_path) == 0


def test_the_environment_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    monkeypatch.delenv("HF_HUB_DISABLE_TELEMETRY", raising=False)
    with telemetry.telemetry_off():
        assert {name: os.environ[name] for name in telemetry.VARIABLES} == telemetry.VARIABLES
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "1"
    assert "HF_HUB_DISABLE_TELEMETRY" not in os.environ


FIRST = {"onnxruntime": "silence_onnxruntime", "faster_whisper": "silence_huggingface_hub",
         "huggingface_hub": "silence_huggingface_hub", "ray": "telemetry_off"}  # fmt: skip
"""Libraries with telemetry, and what a module that imports one must call."""


def test_each_import_of_such_a_library_is_silenced() -> None:
    """A guard: a module that is new, or that imports another of them, is found."""
    root = Path(aligner.__file__).parent
    for path in root.rglob("*.py"):
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                needed = FIRST.get(name.partition(".")[0])
                assert needed is None or needed in text, f"{path}, line {node.lineno}"  # type: ignore[attr-defined]
