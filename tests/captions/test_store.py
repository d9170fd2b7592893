"""Outcome -> files, whole or absent; and their names."""

import ctypes
import errno
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligner.captions import store
from aligner.captions.formats import FORMATS
from aligner.errors import EarlierCaptionsKept, InvalidCaptions, OutputError
from aligner.types import (
    STATUSES,
    Article,
    CaptionResult,
    Captions,
    CaptionWord,
    Cue,
    Paragraph,
    Status,
)

ALL = ("vtt", "json", "txt")


RAIN = Article(None, "Rain", "en", (Paragraph("It rains."),))


def outcome(
    status: Status = "captioned", source: str = "https://example.org/rain"
) -> CaptionResult:
    return CaptionResult(status, "why", source, article=RAIN)


def captioned(source: str = "https://example.org/rain") -> CaptionResult:
    words = (CaptionWord("Rain.", 0, 900, "verified", 0.9, 0),)
    captions = Captions("en", (Cue(0, 900, ("Rain.",), "verified"),), words)
    return replace(outcome(source=source), captions=captions)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


# ---------------------------------------------------------------- one file


def test_a_file_is_written_as_given(tmp_path: Path) -> None:
    store.atomic_write(tmp_path / "a.txt", "Ünï\r\ncode\n")
    assert (tmp_path / "a.txt").read_bytes() == "Ünï\r\ncode\n".encode()
    assert names(tmp_path) == ["a.txt"]


def test_a_file_is_replaced(tmp_path: Path) -> None:
    for text in ("long text", "short"):
        store.atomic_write(tmp_path / "a.txt", text)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "short"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, OSError(errno.EIO, "I/O error")])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_whatever_stops_it_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException, call: str
) -> None:
    (tmp_path / "a.txt").write_text("before", encoding="utf-8")

    def interrupted(*_: object) -> None:
        raise stop

    where: object = os if call == "fsync" else Path
    monkeypatch.setattr(where, call, interrupted)
    with pytest.raises((KeyboardInterrupt, MemoryError, OutputError)):
        store.atomic_write(tmp_path / "a.txt", "after")
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "before"


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (("missing", "a.txt"), "the folder does not exist"),
        (("file", "a.txt"), "not a folder"),
        (("folder",), "there is a folder of that name"),
        (("x" * 300,), "the name is too long"),
    ],
)
def test_what_cannot_be_written_says_why(tmp_path: Path, parts: tuple[str, ...], why: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=why):
        store.atomic_write(tmp_path.joinpath(*parts), "text")
    assert names(tmp_path) == ["file", "folder"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(OutputError, match="no permission"):
            store.atomic_write(tmp_path / "a.txt", "text")
        with pytest.raises(OutputError, match="no permission"):
            store.prepare(tmp_path)
    finally:
        tmp_path.chmod(stat.S_IRWXU)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, b"size=64k"):
        pytest.skip(f"cannot mount a small disk here: {os.strerror(ctypes.get_errno())}")
    yield folder
    libc.umount2(bytes(folder), 2)


def test_a_full_disk_leaves_nothing_behind(small_disk: Path) -> None:
    (small_disk / "a.txt").write_text("before", encoding="utf-8")
    with pytest.raises(OutputError, match="the disk is full"):
        store.atomic_write(small_disk / "a.txt", "x" * 100_000)
    assert names(small_disk) == ["a.txt"]
    assert (small_disk / "a.txt").read_text(encoding="utf-8") == "before"


def test_a_full_disk_is_no_finished_outcome(small_disk: Path) -> None:
    long = replace(captioned(), article=Article(None, "Rain", "en", ()), reason="because " * 20_000)
    with pytest.raises(OutputError, match="the disk is full"):
        store.write_outcome(long, small_disk, "rain", ALL)
    assert names(small_disk) == []
    assert store.finished(small_disk, "rain", ALL) is None


def test_a_full_disk_leaves_an_earlier_result_as_it_was(small_disk: Path) -> None:
    store.write_outcome(captioned(), small_disk, "rain", ALL)
    before = {p.name: p.read_bytes() for p in small_disk.iterdir()}
    long = replace(captioned(), reason="because " * 6_000)
    with pytest.raises(OutputError, match="the disk is full"):
        store.write_outcome(long, small_disk, "rain", ALL)
    assert {p.name: p.read_bytes() for p in small_disk.iterdir()} == before


def test_a_device_that_is_full_says_so() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full here")
    with pytest.raises(OSError, match="No space") as caught:
        full.write_text("text", encoding="utf-8")
    assert store.REASONS[caught.value.errno or 0] == "the disk is full"


# ---------------------------------------------------------------- the folder


def test_the_folder_is_made(tmp_path: Path) -> None:
    store.prepare(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "b"):
        with pytest.raises(OutputError, match="file"):
            store.prepare(place)


# ---------------------------------------------------------------- all files of an outcome


def test_captions_are_written_in_every_format(tmp_path: Path) -> None:
    paths = store.write_outcome(captioned(), tmp_path / "out", "rain", ALL)
    assert [p.name for p in paths] == ["rain.vtt", "rain.txt", "rain.json"]
    assert names(tmp_path / "out") == ["rain.json", "rain.txt", "rain.vtt"]


def test_the_sidecar_is_always_written(tmp_path: Path) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", ("vtt",))
    assert names(tmp_path) == ["rain.json", "rain.vtt"]


def test_without_cues_there_is_no_caption_file(tmp_path: Path) -> None:
    store.write_outcome(outcome("no_media"), tmp_path, "rain", ALL)
    assert names(tmp_path) == ["rain.json", "rain.txt"]
    assert (tmp_path / "rain.txt").read_text(encoding="utf-8") == "Rain\n\nIt rains.\n"


def test_what_an_earlier_run_left_is_not_left_stale(tmp_path: Path) -> None:
    store.write_outcome(outcome("no_media"), tmp_path, "rain", ALL)
    (tmp_path / "rain.mp4").touch()
    assert names(tmp_path) == ["rain.json", "rain.mp4", "rain.txt"]
    store.write_outcome(replace(outcome("no_media"), article=None), tmp_path, "rain", ("json",))
    assert names(tmp_path) == ["rain.json", "rain.mp4"]


@pytest.mark.parametrize("discard_edits", [False, True])
@pytest.mark.parametrize("status", STATUSES)
def test_captions_are_never_replaced_by_a_result_without_any(
    tmp_path: Path, status: Status, discard_edits: bool
) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", (*ALL, "hls", "srt"))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    empty = Captions("en", (), ())
    for captions in (None, empty):
        failed = replace(outcome(status), captions=captions, article=None)
        with pytest.raises(EarlierCaptionsKept, match="captions of an earlier run"):
            store.write_outcome(
                failed, tmp_path, "rain", (*ALL, "ttml"), discard_edits=discard_edits
            )
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("sidecar", [None, "{", '{"schema": "aligner/1", "status": "captioned"}'])
def test_a_result_without_captions_leaves_caption_files_that_it_does_not_know(
    tmp_path: Path, sidecar: str | None
) -> None:
    (tmp_path / "rain.vtt").write_text("theirs", encoding="utf-8")
    if sidecar is not None:
        (tmp_path / "rain.json").write_text(sidecar, encoding="utf-8")
    store.write_outcome(outcome("no_speech"), tmp_path, "rain", ALL)
    assert (tmp_path / "rain.vtt").read_text(encoding="utf-8") == "theirs"
    kept = store.kept(tmp_path, "rain")
    assert kept
    assert kept.outcome.status == "no_speech"


def test_the_source_itself_is_never_written_over(tmp_path: Path) -> None:
    source = tmp_path / "rain.txt"
    source.write_text("the page's text", encoding="utf-8")
    for made in (outcome("no_media", str(source)), captioned(str(source))):
        store.write_outcome(made, tmp_path, "rain", ALL)
        assert source.read_text(encoding="utf-8") == "the page's text"
        assert (tmp_path / "rain.captions.txt").exists()
    assert store.finished(tmp_path, "rain", ALL) is not None


def test_invalid_captions_touch_nothing(tmp_path: Path) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", ALL)
    backwards = Captions("en", (Cue(900, 0, ("Rain.",), "verified"),), ())
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(InvalidCaptions):
        store.write_outcome(replace(captioned(), captions=backwards), tmp_path, "rain", ALL)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_an_interrupted_rewrite_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", ALL)
    assert store.finished(tmp_path, "rain", ALL)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        store.write_outcome(replace(captioned(), reason="anew"), tmp_path, "rain", ALL)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    assert not [name for name in names(tmp_path) if name.startswith(".")]


# ---------------------------------------------------------------- finished before


@pytest.mark.parametrize("status", ["no_media", "media_unavailable", "no_speech"])
def test_an_outcome_without_captions_is_finished(tmp_path: Path, status: Status) -> None:
    store.write_outcome(outcome(status), tmp_path, "rain", ALL)
    done = store.finished(tmp_path, "rain", ALL)
    assert done is not None
    assert (done.status, done.reason) == (status, "why")
    assert [p.name for p in done.files] == ["rain.txt", "rain.json"]


def test_captions_are_finished_if_all_files_are_there(tmp_path: Path) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", ("vtt",))
    assert store.finished(tmp_path, "rain", ("vtt",))
    assert store.finished(tmp_path, "rain", ALL) is None
    (tmp_path / "rain.vtt").unlink()
    assert store.finished(tmp_path, "rain", ("vtt",)) is None


def test_an_error_is_tried_again(tmp_path: Path) -> None:
    store.write_outcome(outcome("error"), tmp_path, "rain", ALL)
    assert store.finished(tmp_path, "rain", ALL) is None


@pytest.mark.parametrize("text", [b"", b"{", b'{"schema": "other"}', b"\xff\xfe"])
def test_what_is_no_sidecar_is_not_finished(tmp_path: Path, text: bytes) -> None:
    assert store.finished(tmp_path, "rain", ALL) is None
    (tmp_path / "rain.json").write_bytes(text)
    assert store.finished(tmp_path, "rain", ("json",)) is None


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://example.org/news/rain-in-mali.html", "rain-in-mali"),
        ("https://example.org/news/rain-in-mali/", "rain-in-mali"),
        ("https://example.org/a/rain-in-mali/2880000.html", "rain-in-mali-2880000"),
        ("https://example.org/a/2880000.html", "a-2880000"),
        ("https://example.org/news/rain/index.html", "rain"),
        ("https://example.org/story?id=7", "story-id-7"),
        ("https://example.org/2880000", "2880000"),
        ("https://user:secret@example.org/", "example.org"),
        ("http://127.0.0.1:8000/", "127.0.0.1-8000"),
        ("https://example.org/%D0%B4%D0%BE%D0%B6%D0%B4%D1%8C", "дождь"),
        ("https://example.org/बारिश", "बारिश"),
        ("https://example.org/..%2F..%2Fetc%2Fpasswd", "etc-passwd"),
        ("https://example.org/.htaccess", "htaccess"),
        ("https://example.org/con", "page-con"),
        ("https://example.org/***", "example.org"),
        ("saved/rain.html", "rain"),
        ("../rain.txt", "rain"),
        ("saved/Rain in Mali.HTM", "Rain-in-Mali"),
        ("saved/rain/index.html", "rain"),
        ("v1.2/report.final.html", "report.final"),
    ],
)
def test_names_of_outputs(source: str, expected: str) -> None:
    assert store.output_name(source, set()) == expected


def test_two_sources_never_share_a_name() -> None:
    taken: set[str] = set()
    sources = ["https://a.example/rain", "https://b.example/rain", "https://c.example/RAIN"]
    made = [store.output_name(source, taken) for source in sources]
    assert len({name.casefold() for name in made}) == 3
    assert made[0] == "rain"
    assert made == [store.output_name(s, t) for t in [set[str]()] for s in sources]


def test_another_sources_output_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    store.write_outcome(captioned("https://a.example/rain"), tmp_path, "rain", ALL)
    assert store.output_name("https://a.example/rain", set(), tmp_path) == "rain"
    other = store.output_name("https://b.example/rain", set(), tmp_path)
    assert other.startswith("rain-")
    store.write_outcome(captioned("https://b.example/rain"), tmp_path, other, ALL)
    assert store.output_name("https://b.example/rain", set(), tmp_path) == other


@given(path=st.text(max_size=400), query=st.booleans())
def test_a_name_never_leaves_its_folder(path: str, query: bool) -> None:
    name = store.output_name(f"https://example.org/{path}{'?' * query}{path * query}", set())
    assert name
    assert not name.startswith(".")
    assert len(name.encode()) <= store.MAX_NAME_BYTES
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert Path(f"folder/{name}.vtt").parent == Path("folder")


def test_a_sidecar_tells_its_source(tmp_path: Path) -> None:
    store.write_outcome(captioned("https://a.example/rain"), tmp_path, "rain", ALL)
    record = json.loads((tmp_path / "rain.json").read_text(encoding="utf-8"))
    assert record["source"]["given"] == "https://a.example/rain"


# ---------------------------------------------------------------- other formats


def test_every_format_has_a_name_and_a_file_of_its_own() -> None:
    assert all(name == form.name and form.about for name, form in FORMATS.items())
    assert len({form.suffix for form in FORMATS.values()}) == len(FORMATS)
    assert all(other in FORMATS for form in FORMATS.values() for other in form.refers_to)


def test_every_format_is_whole_or_absent(tmp_path: Path) -> None:
    made = store.write_outcome(captioned(), tmp_path, "rain", tuple(FORMATS))
    # Without a recording there is no page that plays it.
    assert {p for p in tmp_path.rglob("*") if p.is_file()} >= set(made)
    assert not list(tmp_path.rglob(".*"))


def test_formats_of_an_earlier_run_follow_the_new_one(tmp_path: Path) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", ("srt", "ctm"))
    later = Captions("en", (Cue(0, 500, ("Snow.",), "spoken"),), captioned().captions.words)  # type: ignore[union-attr]
    store.write_outcome(replace(captioned(), captions=later), tmp_path, "rain", ("vtt",))
    assert "Snow." in (tmp_path / "rain.srt").read_text(encoding="utf-8")
    assert names(tmp_path) == ["rain.ctm", "rain.json", "rain.srt", "rain.vtt"]


def test_captions_that_somebody_else_made_are_set_aside(tmp_path: Path) -> None:
    for count in ("", "2"):
        (tmp_path / "rain.vtt").write_text(f"theirs{count}", encoding="utf-8")
        (tmp_path / "rain.json").write_text("{}", encoding="utf-8")
        store.write_outcome(captioned(), tmp_path, "rain", ("vtt",))
        kept = tmp_path / f"rain.before{count}.vtt"
        assert kept.read_text(encoding="utf-8") == f"theirs{count}"
        assert store.finished(tmp_path, "rain", ("vtt",))


def test_a_file_that_was_changed_by_hand_is_set_aside(tmp_path: Path) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", ("vtt", "srt"))
    (tmp_path / "rain.srt").write_text("by hand", encoding="utf-8")
    store.write_outcome(replace(captioned(), reason="anew"), tmp_path, "rain", ("vtt",))
    assert (tmp_path / "rain.before.srt").read_text(encoding="utf-8") == "by hand"
    assert names(tmp_path) == ["rain.before.srt", "rain.json", "rain.srt", "rain.vtt"]


def test_captions_that_somebody_else_made_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "rain.srt").write_text("theirs", encoding="utf-8")
    store.write_outcome(captioned(), tmp_path, "rain", ("vtt",))
    assert (tmp_path / "rain.srt").read_text(encoding="utf-8") == "theirs"
