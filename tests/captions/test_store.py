"""Outcome -> files, whole or absent; and their names."""

import ctypes
import errno
import json
import os
import shutil
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aligner._util import atomic_write
from aligner.captions import store
from aligner.captions.formats import FORMATS
from aligner.errors import EarlierCaptionsKept, InvalidCaptions, NameTaken, OutputError
from aligner.review import edits
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
    assert store.finished_result(small_disk, "rain", ALL) is None


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
    kept = store.read_result(tmp_path, "rain")
    assert kept
    assert kept.outcome.status == "no_speech"


def test_the_source_itself_is_never_written_over(tmp_path: Path) -> None:
    source = tmp_path / "rain.txt"
    source.write_text("the page's text", encoding="utf-8")
    for made in (outcome("no_media", str(source)), captioned(str(source))):
        store.write_outcome(made, tmp_path, "rain", ALL)
        assert source.read_text(encoding="utf-8") == "the page's text"
        assert (tmp_path / "rain.captions.txt").exists()
    assert store.finished_result(tmp_path, "rain", ALL) is not None


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
    assert store.finished_result(tmp_path, "rain", ALL)

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
    done = store.finished_result(tmp_path, "rain", ALL)
    assert done is not None
    assert (done.status, done.reason) == (status, "why")
    assert [p.name for p in done.files] == ["rain.txt", "rain.json"]


def test_captions_are_finished_if_all_files_are_there(tmp_path: Path) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", ("vtt",))
    assert store.finished_result(tmp_path, "rain", ("vtt",))
    assert store.finished_result(tmp_path, "rain", ALL) is None
    (tmp_path / "rain.vtt").unlink()
    assert store.finished_result(tmp_path, "rain", ("vtt",)) is None


def test_an_error_is_tried_again(tmp_path: Path) -> None:
    store.write_outcome(outcome("error"), tmp_path, "rain", ALL)
    assert store.finished_result(tmp_path, "rain", ALL) is None


@pytest.mark.parametrize("text", [b"", b"{", b'{"schema": "other"}', b"\xff\xfe"])
def test_what_is_no_sidecar_is_not_finished(tmp_path: Path, text: bytes) -> None:
    assert store.finished_result(tmp_path, "rain", ALL) is None
    (tmp_path / "rain.json").write_bytes(text)
    assert store.finished_result(tmp_path, "rain", ("json",)) is None


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
        ("https://user:secret@example.org/", "example-org"),
        ("http://127.0.0.1:8000/", "127-0-0-1-8000"),
        ("https://example.org/river.chapters", "river-chapters"),
        ("https://example.org/REPORT", "page-REPORT"),
        ("https://example.org/%D0%B4%D0%BE%D0%B6%D0%B4%D1%8C", "дождь"),
        ("https://example.org/बारिश", "बारिश"),
        ("https://example.org/..%2F..%2Fetc%2Fpasswd", "etc-passwd"),
        ("https://example.org/.htaccess", "htaccess"),
        ("https://example.org/con", "page-con"),
        ("https://example.org/***", "example-org"),
        ("saved/rain.html", "rain"),
        ("../rain.txt", "rain"),
        ("saved/Rain in Mali.HTM", "Rain-in-Mali"),
        ("saved/rain/index.html", "rain"),
        ("v1.2/report.final.html", "report-final"),
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


LOOKALIKES = [
    "https://a.example/straße", "https://b.example/STRASSE", "https://c.example/stra%C3%9Fe",
    "https://d.example/caf%C3%A9", "https://e.example/cafe%CC%81", "https://f.example/CAFÉ",
    "https://g.example/ﬁne", "https://h.example/fine", "https://i.example/Fi%EF%B8%8Fne",
    "https://j.example/river", "https://j.example/river.chapters", "https://j.example/river.mp3",
    "https://j.example/river.first", "https://j.example/river.before", "https://j.example/report",
]  # fmt: skip


def test_names_differ_on_file_systems_that_ignore_case_or_form() -> None:
    taken: set[str] = set()
    made = [store.output_name(source, taken) for source in LOOKALIKES]
    keys = {unicodedata.normalize("NFKD", name).casefold() for name in made}
    assert len(keys) == len(made)
    assert not [name for name in made if "." in name]


SUFFIXES = [kind.suffix.partition("/")[0] for kind in FORMATS.values()]
BESIDE = [".html", ".captioned.mp4", ".burnt.mkv", ".mp3", ".captions.vtt", ".first.json",
          ".before2.chapters.vtt"]  # fmt: skip


@given(st.text(".-_abRé/", min_size=1, max_size=9), st.text(".-_abRé/", min_size=1, max_size=9))
@example("river", "river.chapters")
def test_no_file_of_a_result_is_one_of_another(one: str, other: str) -> None:
    taken: set[str] = set()
    names = [store.output_name(f"https://{n}.example/{part}", taken) for n, part in
             enumerate((one, other, f"{one}{other}", f"{one}.chapters"))]  # fmt: skip
    files = [f"{name}{suffix}".casefold() for name in names for suffix in (*SUFFIXES, *BESIDE)]
    assert len(set(files)) == len(files)


def test_a_hash_that_somebody_else_has_as_a_name(tmp_path: Path) -> None:
    """A list can contain a slug that is another article's name with its hash."""
    taken = {"river"}
    hashed = store.output_name("https://b.example/river", set(taken))
    taken.add(store.output_name(f"https://a.example/{hashed}", set()))
    made = store.output_name("https://b.example/river", taken)
    assert made not in ("river", hashed)


def test_results_with_dots_of_earlier_versions_share_no_file(tmp_path: Path) -> None:
    """They keep their names, and another result does not get one that would share files."""
    old = "https://a.example/river.chapters"
    store.write_outcome(captioned(old), tmp_path, "river.chapters", ALL)
    assert store.output_name(old, set(), tmp_path) == "river.chapters"
    new = "https://a.example/river"
    with pytest.raises(NameTaken):
        store.write_outcome(captioned(new), tmp_path, "river", ALL)
    name = store.output_name(new, set(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    store.write_outcome(captioned(new), tmp_path, name, tuple(FORMATS))
    assert {n: (tmp_path / n).read_bytes() for n in before} == before
    with pytest.raises(NameTaken):
        store.write_outcome(captioned(old), tmp_path, f"{name}.srt", ALL)


@pytest.mark.parametrize("name", ["rain", "RAIN", "ra\ufe0fin"])
def test_a_name_that_another_process_has_taken_meanwhile(tmp_path: Path, name: str) -> None:
    store.write_outcome(captioned("https://a.example/rain"), tmp_path, name, ALL)
    with pytest.raises(NameTaken):
        store.write_outcome(captioned("https://b.example/rain"), tmp_path, "rain", ALL)
    assert store.output_name("https://b.example/rain", set(), tmp_path).startswith("rain-")


def test_files_of_equal_paths_in_different_folders_are_different(tmp_path: Path) -> None:
    sources = [tmp_path / side / "news" / "rain.txt" for side in "ab"]
    for source in sources:
        source.parent.mkdir(parents=True)
        source.write_text("Rain.", "utf-8")
    out = tmp_path / "out"
    store.write_outcome(captioned(str(sources[0])), out, "rain", ALL)
    assert store.output_name(str(sources[0]), set(), out) == "rain"
    assert store.output_name(str(sources[1]), set(), out).startswith("rain-")


def test_another_sources_output_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    store.write_outcome(captioned("https://a.example/rain"), tmp_path, "rain", ALL)
    assert store.output_name("https://a.example/rain", set(), tmp_path) == "rain"
    other = store.output_name("https://b.example/rain", set(), tmp_path)
    assert other.startswith("rain-")
    store.write_outcome(captioned("https://b.example/rain"), tmp_path, other, ALL)
    assert store.output_name("https://b.example/rain", set(), tmp_path) == other


@pytest.mark.slow
@given(path=st.text(max_size=400), query=st.booleans())
def test_a_name_never_leaves_its_folder(path: str, query: bool) -> None:
    name = store.output_name(f"https://example.org/{path}{'?' * query}{path * query}", set())
    assert name
    assert not name.startswith(".")
    assert len(name.encode()) <= store.MAX_NAME_BYTES
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert Path(f"folder/{name}.vtt").parent == Path("folder")


# ---------------------------------------------------------------- folders that others write to


def test_a_link_in_place_of_a_formats_folder_is_not_followed(tmp_path: Path) -> None:
    folder, theirs = tmp_path / "out", tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "precious").write_text("precious", "utf-8")
    store.write_outcome(captioned(), folder, "rain", ALL)
    (folder / "rain.hls").symlink_to(theirs)
    with pytest.raises(OutputError, match=r"rain\.hls"):
        store.write_outcome(captioned(), folder, "rain", ("hls",))
    assert names(theirs) == ["precious"]
    later = replace(captioned(), duration_ms=900)
    (folder / "rain.hls").unlink()
    store.write_outcome(later, folder, "rain", ("hls",))
    shutil.rmtree(folder / "rain.hls")
    (folder / "rain.hls").symlink_to(theirs)
    journal = folder / ".rain.saving"
    journal.write_text('{"schema": "aligner-saving/1", "files": {}, "gone": [], "folders":'
                       ' ["rain.hls"]}', "utf-8")  # fmt: skip
    store.finish(folder, "rain")
    assert names(theirs) == ["precious"]


def test_no_temporary_name_can_be_foreseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("precious", "utf-8")
    assert len({atomic_write.temporary_path(tmp_path / "a.txt") for _ in range(9)}) == 9
    monkeypatch.setattr(atomic_write, "temporary_path", lambda _: tmp_path / "planted")
    (tmp_path / "planted").symlink_to(theirs)
    with pytest.raises(OutputError):
        store.atomic_write(tmp_path / "a.txt", "text")
    assert theirs.read_text("utf-8") == "precious"


def test_a_link_in_place_of_a_file_is_copied_as_a_link(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret", "utf-8")
    out = tmp_path / "out"
    store.write_outcome(captioned(), out, "rain", ALL)
    (out / "rain.vtt").unlink()
    (out / "rain.vtt").symlink_to(secret)
    text = (out / "rain.json").read_text("utf-8")
    record = json.loads(text)
    record["cues"][0]["lines"] = ["Rain!"]
    posted = {"version": store.version_of(text), "words": record["words"], "cues": record["cues"]}
    edits.save(out, "rain", posted)
    assert secret.read_text("utf-8") == "secret"
    assert not [p for p in out.iterdir() if not p.is_symlink() and "secret" in p.read_text("utf-8")]


# ---------------------------------------------------------------- changes that were interrupted


def interrupted(folder: Path, new: CaptionResult, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a result as a process that is killed right after it has written the journal."""

    def killed(aside: Path, target: Path, *, durable: bool = True) -> None:
        if target.name != ".rain.saving":
            raise KeyboardInterrupt
        done(aside, target, durable=durable)

    done = atomic_write.replace
    with monkeypatch.context() as patch:
        patch.setattr(atomic_write, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            store.write_outcome(new, folder, "rain", ALL)


def test_an_interrupted_change_does_not_replace_a_newer_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", ALL)
    interrupted(tmp_path, replace(captioned(), reason="interrupted"), monkeypatch)
    journal = (tmp_path / ".rain.saving").read_bytes()
    store.finish(tmp_path, "rain")
    first = store.read_result(tmp_path, "rain")
    assert first
    assert first.outcome.reason == "interrupted"
    store.write_outcome(replace(captioned(), reason="newer"), tmp_path, "rain", ALL)
    (tmp_path / ".rain.saving").write_bytes(journal)  # of a machine that was cut off for a while
    there = store.read_result(tmp_path, "rain")
    assert there
    assert there.outcome.reason == "newer"
    assert "interrupted" in (tmp_path / "rain.before.json").read_text("utf-8")
    assert not (tmp_path / ".rain.saving").exists()


def test_the_next_write_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    """Of the result's own formats: other files may be under way."""
    store.write_outcome(captioned(), tmp_path, "rain", ALL)
    left = [".rain.vtt.0123456789abcdef.part", ".rain.first.json.0123456789abcdef.part",
            "..rain.saving.0123456789abcdef.part", ".rain.chapters.vtt.4711.part"]  # fmt: skip
    others = [".rain.captioned.mp4.0123456789abcdef.part", ".rain-2.vtt.0123456789abcdef.part",
              ".rain.mp3.0123456789abcdef.part"]  # fmt: skip
    for name in (*left, *others):
        (tmp_path / name).touch()
    store.write_outcome(captioned(), tmp_path, "rain", ALL)
    assert [n for n in names(tmp_path) if n.startswith(".")] == sorted(others)


def test_a_journal_of_an_earlier_version_is_compared_by_time(tmp_path: Path) -> None:
    store.write_outcome(captioned(), tmp_path, "rain", ALL)
    old = (tmp_path / "rain.json").read_text("utf-8")
    journal = tmp_path / ".rain.saving"
    for age_s, expected in ((60, "newer"), (-60, "why")):
        store.write_outcome(replace(captioned(), reason="newer"), tmp_path, "rain", ALL)
        journal.write_text(json.dumps({".json": old}), "utf-8")
        at = (tmp_path / "rain.json").stat().st_mtime - age_s
        os.utime(journal, (at, at))
        there = store.read_result(tmp_path, "rain")
        assert there
        assert there.outcome.reason == expected


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
        assert store.finished_result(tmp_path, "rain", ("vtt",))


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
