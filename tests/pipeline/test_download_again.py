"""A file of this disk is taken again only if it is the recording that was captioned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tones import tones, write_wav

from aligner.discovery.download import local
from aligner.errors import MediaUnavailable
from aligner.pipeline.options import Options
from aligner.pipeline.recordings import download_again
from aligner.types import Article, CaptionResult, MediaLink, PlayerMetadata


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "private.wav"
    write_wav(path, tones(16_000), 16_000)
    return path


def result(link: MediaLink, sha256: str | None) -> CaptionResult:
    """A result as a sidecar has it, which others may have written."""
    article = Article(None, None, None, ())
    return CaptionResult(
        "captioned", "", "story.html", None, article, PlayerMetadata(), media=link, sha256=sha256
    )


@pytest.mark.parametrize("sha256", [None, "", "5" * 64])
def test_a_file_without_its_checksum_is_not_taken(
    sound: Path, tmp_path: Path, sha256: str | None
) -> None:
    """A sidecar could name any file of this disk, to have it put beside the captions."""
    named = result(MediaLink(str(sound), "audio", "html5"), sha256)
    with pytest.raises(MediaUnavailable, match="another recording than the one") as raised:
        download_again(named, Options(), tmp_path)
    assert raised.value.state == "not_media"


def test_the_recording_that_was_captioned_is_taken(sound: Path, tmp_path: Path) -> None:
    sha256 = local(sound).sha256
    named = result(MediaLink(str(sound), "audio", "html5"), sha256)
    assert download_again(named, Options(), tmp_path).path == sound


def test_a_file_that_the_user_gives_is_taken_without_a_checksum(
    sound: Path, tmp_path: Path
) -> None:
    named = result(MediaLink("https://news.example/a.mp3", "audio", "html5"), None)
    given = replace(Options(), media=str(sound))
    assert download_again(named, given, tmp_path).path == sound
    with pytest.raises(MediaUnavailable, match="another recording"):
        download_again(replace(named, sha256="5" * 64), given, tmp_path)
