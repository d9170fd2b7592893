"""Media files whose tags are in no known encoding are open_container like any other."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from aligner._util.media_container import open_container
from aligner.errors import MediaUnavailable

LATIN = b"Caf\xe9 \xff\xfe\x00"


def chunk(name: bytes, content: bytes) -> bytes:
    """A RIFF chunk, padded to an even length."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def wav_with_tag(tag: bytes) -> bytes:
    """A WAV file with 0.1 s of silence and a title."""
    form = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16))
    title = chunk(b"LIST", b"INFO" + chunk(b"INAM", tag))
    return chunk(b"RIFF", b"WAVE" + form + title + chunk(b"data", bytes(3200)))


def test_tags_in_an_unknown_encoding(tmp_path: Path) -> None:
    path = tmp_path / "tagged.wav"
    path.write_bytes(wav_with_tag(LATIN))
    with open_container(str(path), path.name) as container:
        assert container.metadata["title"].startswith("Caf")
        assert container.duration == 100_000


def test_what_is_no_container_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.wav"
    path.write_text("RIFFraff\n" * 100)
    complaint = r"^its name: not a video or audio file"
    with (
        pytest.raises(MediaUnavailable, match=complaint) as caught,
        open_container(str(path), "its name"),
    ):
        pass
    assert caught.value.state == "not_media"
