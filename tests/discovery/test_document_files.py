"""Documents as the text of an article: what is read of each kind, and what is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import documents
import pytest

from aligner.discovery import document_files
from aligner.discovery.article import extract
from aligner.errors import BadSource, PageUnavailable
from aligner.pipeline import text_source
from aligner.types import Article, Paragraph

pytestmark = pytest.mark.slow  # each starts a process


def read(path: Path, content: bytes) -> Article:
    path.write_bytes(content)
    return extract(text_source.load(path, "https://example.com/story"))


def refusal(path: Path, content: bytes) -> str:
    with pytest.raises(BadSource) as refused:
        read(path, content)
    assert str(path) in str(refused.value)
    return str(refused.value)


STORY = (
    Paragraph("The harbour opens", "title"),
    Paragraph("The gates opened on Monday.", "body"),
    Paragraph("What comes next", "heading"),
    Paragraph("Ships may enter again, the council said.", "body"),
)


def test_docx(tmp_path: Path) -> None:
    body = [
        documents.paragraph("The harbour opens", "T1"),
        documents.paragraph("The gates opened on Monday."),
        documents.paragraph("What comes next", "H1"),
        "<w:p><w:r><w:t>Ships may </w:t></w:r><w:del><w:r><w:delText>never</w:delText></w:r>"
        "</w:del><w:ins><w:r><w:t>enter</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr>"
        "<w:t> not</w:t></w:r><w:r><w:t> again, the council said.</w:t></w:r></w:p>",
    ]
    found = read(tmp_path / "story.docx", documents.docx(*body))
    assert found.paragraphs == STORY
    assert (found.title, found.language) == ("The harbour opens", "en-GB")
    assert found.url == "https://example.com/story"


def test_odt(tmp_path: Path) -> None:
    body = (
        '<text:h text:style-name="Title">The harbour opens</text:h>'
        "<text:p>The gates<text:note>1 a note</text:note> opened<text:s/>on Monday.</text:p>"
        "<text:h>What comes next</text:h>"
        "<text:list><text:list-item><text:p>Ships may enter again, the council said.</text:p>"
        "</text:list-item></text:list>"
    )
    assert read(tmp_path / "story.odt", documents.odt(body)).paragraphs == STORY


def test_markdown(tmp_path: Path) -> None:
    text = (
        "---\nauthor: somebody\n---\n# The harbour opens\n\nThe **gates** opened on\n[Monday](x)."
        "\n\n## What comes next\n\n- Ships may enter again, the council said.\n\n```\ncode\n```\n"
    )
    assert read(tmp_path / "story.md", text.encode()).paragraphs == STORY


def test_rtf(tmp_path: Path) -> None:
    text = rb"{\rtf1\ansi{\fonttbl\f0 Arial;}HOST: Caf\'e9 {\b opens}.\par [MUSIC]\par HOST: Yes.}"
    assert read(tmp_path / "story.rtf", text).paragraphs == (
        Paragraph("Café opens.", "body", "HOST"),
        Paragraph("[MUSIC]", "sound"),
        Paragraph("Yes.", "body", "HOST"),
    )


def test_pdf(tmp_path: Path) -> None:
    pages = [
        ("Harbour News", "The gates of the old harbour were opened again by the coun-",
         "cil on Monday, after the storm of the week before had gone.", "All went well.",
         "1 of 3"),
        ("Harbour News", "PRESENTER: Good evening to all who listen to us this night.",
         "GUEST: Good evening.", "2 of 3"),
        ("Harbour News", "PRESENTER: Good night.", "3 of 3"),
    ]  # fmt: skip
    found = read(tmp_path / "story.pdf", documents.pdf(*pages))
    assert found.language == "en-GB"
    assert [(p.speaker, p.text) for p in found.paragraphs] == [
        (None, "The gates of the old harbour were opened again by the council on Monday, after the"
         " storm of the week before had gone. All went well."),
        ("PRESENTER", "Good evening to all who listen to us this night."),
        ("GUEST", "Good evening."),
        ("PRESENTER", "Good night."),
    ]  # fmt: skip


# ---------------------------------------------------------------- tables


def test_a_docx_that_is_a_table_of_who_says_what(tmp_path: Path) -> None:
    rows = [
        ("Time", "Who", "Words"),
        ("00:00", "Presenter", "Good evening, and welcome to the news from the harbour."),
        ("00:04", "Mayor Bradley", "We opened the gates (laughs) this morning, at six."),
        ("00:09", "", "All of them are open, and they will stay open."),
    ]
    found = read(tmp_path / "script.docx", documents.docx(documents.table(*rows)))
    assert [(p.role, p.speaker, p.text) for p in found.paragraphs] == [
        ("heading", None, "Who"),
        ("heading", None, "Words"),
        ("body", "Presenter", "Good evening, and welcome to the news from the harbour."),
        ("body", "Mayor Bradley", "We opened the gates this morning, at six."),
        ("body", None, "All of them are open, and they will stay open."),
    ]
    assert found.paragraphs[3].cues == ("(laughs)",)


def test_a_table_of_other_things_is_read_cell_by_cell(tmp_path: Path) -> None:
    rows = [
        ("We see the old harbour at dawn.", "The gates opened at six."),
        ("Ships.", "All came."),
    ]
    found = read(tmp_path / "film.docx", documents.docx(documents.table(*rows)))
    assert [p.text for p in found.paragraphs] == [cell for row in rows for cell in row]


# ---------------------------------------------------------------- what is refused


def test_a_scanned_pdf(tmp_path: Path) -> None:
    assert "pictures without text (a scan): give the text" in refusal(
        tmp_path / "scan.pdf", documents.pdf((), ())
    )


def test_an_encrypted_pdf(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter(io.BytesIO(documents.pdf(("Hello.",))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    why = refusal(tmp_path / "locked.pdf", out.getvalue())
    assert "protected by a password: save a copy without a password" in why


def test_a_pdf_that_opens_without_a_password_is_read(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter(io.BytesIO(documents.pdf(("Hello to you all.",))))
    writer.encrypt("", "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert read(tmp_path / "open.pdf", out.getvalue()).paragraphs[0].text == "Hello to you all."


def test_an_encrypted_odt_and_docx(tmp_path: Path) -> None:
    spaces = 'xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    locked = documents.odt(manifest=f"<m:manifest {spaces}><m:encryption-data/></m:manifest>")
    assert "protected by a password" in refusal(tmp_path / "locked.odt", locked)
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    stream = "EncryptedPackage".encode("utf-16-le")
    assert "protected by a password" in refusal(tmp_path / "locked.docx", ole + stream)
    assert "save it as .docx" in refusal(tmp_path / "old.doc", ole)


@pytest.mark.parametrize(
    ("claimed", "why"),
    [(None, "unpacks to more than 64 MB: save its text as .txt"), (1000, "BadZipFile")],
)
def test_a_zip_bomb(claimed: int | None, why: str, tmp_path: Path) -> None:
    """80 MB of XML in 80 kB, with its true size in the index and with a false one."""
    inside = b"<w:p/>" * (80_000_000 // 6)
    bomb = documents.packed({"word/document.xml": inside})
    if claimed:
        true, false = (size.to_bytes(4, "little") for size in (len(inside), claimed))
        assert bomb.count(true) == 2
        bomb = bomb.replace(true, false)
    path = tmp_path / "bomb.docx"
    assert len(bomb) < 200_000
    assert why in refusal(path, bomb)


def test_a_docx_that_declares_entities(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    why = refusal(tmp_path / "laughs.docx", documents.packed({"word/document.xml": laughs}))
    assert "declares entities" in why


@pytest.mark.parametrize("suffix", [".docx", ".odt", ".rtf", ".pdf", ".md", ".txt", ".srt"])
def test_a_file_of_0_bytes(suffix: str, tmp_path: Path) -> None:
    with pytest.raises((BadSource, PageUnavailable), match="empty"):
        read(tmp_path / f"nothing{suffix}", b"")


@pytest.mark.parametrize("name", ["story.txt", "story.pdf", "story.html", "story"])
def test_the_content_counts_and_not_the_suffix(name: str, tmp_path: Path) -> None:
    content = documents.docx(documents.paragraph("The gates opened on Monday."))
    assert read(tmp_path / name, content).paragraphs == (Paragraph("The gates opened on Monday."),)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("story.docx", b"Only a text.", "not a .docx file"),
        ("story.pdf", b"ID3\x04\0\0", "not a .pdf file"),
        ("book.xlsx", documents.packed({"xl/workbook.xml": "<x/>"}), "no .docx or .odt document"),
        ("torn.docx", documents.docx("x" * 5000)[:400], "a damaged document"),
        ("torn.pdf", documents.pdf(("Hello.",))[:60], "damaged|no text|save it again"),
    ],
)
def test_a_wrong_suffix_or_a_damaged_file(
    name: str, content: bytes, why: str, tmp_path: Path
) -> None:
    import re

    assert re.search(why, refusal(tmp_path / name, content))


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an installation without the extra: the program finds nothing to import."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "pypdf.py").write_text("raise ImportError")
    why = refusal(tmp_path / "story.pdf", documents.pdf(("Hello.",)))
    assert "pip install 'article-aligner[documents]'" in why


def test_a_document_that_takes_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_files, "WALL_S", 0.01)
    why = refusal(tmp_path / "slow.docx", documents.docx(documents.paragraph("Hello.")))
    assert "more than 0 s" in why


def test_only_the_text_is_unpacked(tmp_path: Path) -> None:
    out = io.BytesIO(documents.docx(documents.paragraph("The gates opened.")))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/media/picture.bmp", bytes(70_000_000))
    assert (
        read(tmp_path / "pictures.docx", out.getvalue()).paragraphs[0].text == "The gates opened."
    )
