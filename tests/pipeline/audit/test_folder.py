"""Caption files of a folder are paired with recordings and articles by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from aligner.pipeline.audit.folder import recording_beside, tasks_of_folder


def made(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


def pairs(
    folder: Path, media: Path | None = None, articles: Path | None = None
) -> list[tuple[str | None, ...]]:
    def short(path: str | None) -> str | None:
        return None if path is None else Path(path).name

    return [
        (short(task.name), short(task.media), short(task.article))
        for task in tasks_of_folder(folder, media, articles)
    ]


@pytest.mark.parametrize(
    ("captions", "recording"),
    [
        ("film.vtt", "film.mp4"),
        ("film.en.vtt", "film.mp4"),
        ("film.pt-BR.srt", "film.mkv"),
        ("film.es-419.sdh.ttml", "film.mp3"),
        ("film.zh_Hans.ass", "film.webm"),
        ("S01.E02.en.forced.vtt", "S01.E02.mp4"),
        ("film.vtt", "film.MP4"),
    ],
)
def test_the_recording_of_the_same_name(tmp_path: Path, captions: str, recording: str) -> None:
    made(tmp_path, captions, recording)
    assert pairs(tmp_path) == [(captions, recording, None)]
    assert recording_beside(tmp_path / captions) == tmp_path / recording


@pytest.mark.parametrize("other", ["film2.mp4", "film.part.mp4", "film.json", ".film.mp4"])
def test_other_names_are_no_recording(tmp_path: Path, other: str) -> None:
    made(tmp_path, "film.vtt", other)
    assert pairs(tmp_path) == [("film.vtt", None, None)]


def test_an_episode_is_not_taken_for_its_series(tmp_path: Path) -> None:
    made(tmp_path, "S01.mp4", "S01.E02.vtt")
    assert pairs(tmp_path) == [("S01.E02.vtt", None, None)]


def test_video_comes_before_audio_and_the_exact_name_first(tmp_path: Path) -> None:
    made(tmp_path, "a.aac", "a.mp4", "a.vtt", "b.en.mp3", "b.mp4", "b.en.vtt")
    assert pairs(tmp_path) == [("a.vtt", "a.mp4", None), ("b.en.vtt", "b.en.mp3", None)]


def test_recordings_in_folders_above(tmp_path: Path) -> None:
    made(
        tmp_path, "one/one.mp4", "one/one.html", "one/captions/one.vtt", "two/two.srt", "three.mp3"
    )
    assert pairs(tmp_path) == [("one.vtt", "one.mp4", "one.html"), ("two.srt", None, None)]


def test_recordings_and_articles_in_folders_of_their_own(tmp_path: Path) -> None:
    captions = made(tmp_path / "captions", "2026/a.vtt", "2026/a.mp4")
    media = made(tmp_path / "media", "2026/a.wav")
    articles = made(tmp_path / "articles", "a.docx")
    assert pairs(captions, media, articles) == [("a.vtt", "a.wav", "a.docx")]


def test_pages_that_belong_to_nothing_are_sources(tmp_path: Path) -> None:
    made(tmp_path, "alone.html", "with.html", "with.mp4", "cap.html", "cap.vtt", ".hidden.html")
    assert pairs(tmp_path) == [("alone.html", None, None), ("cap.vtt", None, "cap.html")]
