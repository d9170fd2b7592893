"""A program that reads the paragraphs of one document: .docx, .odt, .rtf, .pdf, .md.

    python -P discovery/document_files/program.py KIND PATH

``document_files`` runs it as a process of its own with limits, because a crafted document can take
all memory, or endless time. It imports nothing of aligner. It prints one JSON object:
{"blocks": [{"text", "role", "speaker"}, ...], "language"}, or {"error": CODE, "why": TEXT}. Codes
are "damaged", "encrypted", "no_text", "too_large" and "no_library".
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

MEMORY_BYTES = 1 << 30
CPU_S = 60
LARGEST = 64 << 20
"""Bytes of the one part of a packed document that is read. A novel takes 5 MB."""
MAX_PARTS = 20_000
"""Parts of a packed document."""
MAX_PAGES = 5_000
MAX_CHARS = 8_000_000
"""Characters of a document's text; 200 hours of speech."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
SPEAKER_WORDS = 5
"""Most words of a cell that names a speaker."""
TIME_OR_NUMBER = re.compile(r"[\d\s:.,;/()\[\]–—-]*")

Block = dict[str, Any]


class Unreadable(Exception):
    """A document that is not read: a code, and why."""

    def __init__(self, code: str, why: str) -> None:
        self.code, self.why = code, why
        super().__init__(why)


def main(kind: str, path: str) -> None:
    _limit()
    try:
        blocks, language = READERS[kind](path)
        if sum(len(block["text"]) for block in blocks) > MAX_CHARS:
            raise Unreadable("too_large", f"it has more than {MAX_CHARS:,} characters of text")
        if not any(c.isalnum() for block in blocks for c in block["text"]):
            raise Unreadable("no_text", "there is no text in it")
        answer: dict[str, Any] = {"blocks": blocks, "language": language}
    except Unreadable as error:
        answer = {"error": error.code, "why": error.why}
    except MemoryError:
        answer = {"error": "too_large", "why": "reading it takes too much memory"}
    except Exception as error:  # a library's own, of a damaged file
        answer = {"error": "damaged", "why": f"{type(error).__name__}: {error}"[:200]}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _limit() -> None:
    """Limit address space and CPU time, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        for what, most in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_S)):
            hard = resource.getrlimit(what)[1]
            top = most if hard == resource.RLIM_INFINITY else min(hard, most)
            resource.setrlimit(what, (top, top))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _block(text: str, role: str = "body", speaker: str | None = None) -> Block:
    return {"text": " ".join(text.split()), "role": role, "speaker": speaker}


# ---------------------------------------------------------------- packed XML


def _part(path: str, name: str, needed: bool = True) -> Any:
    """Returns the root of one XML part of a packed document; None if it lacks it."""
    from lxml import etree

    with zipfile.ZipFile(path) as packed:
        infos = packed.infolist()
        if len(infos) > MAX_PARTS:
            raise Unreadable("too_large", f"it is packed from more than {MAX_PARTS:,} parts")
        info = next((one for one in infos if one.filename == name), None)
        if info is None:
            if needed:
                raise Unreadable("damaged", f"it has no {name}")
            return None
        if info.flag_bits & 1:
            raise Unreadable("encrypted", "it is protected by a password")
        with packed.open(info) as part:
            data = part.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable("too_large", f"its text unpacks to more than {LARGEST >> 20} MB")
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data[:4096]:
        raise Unreadable("damaged", "its XML declares entities, which no document needs")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


# ---------------------------------------------------------------- .docx


def _docx(path: str) -> tuple[list[Block], str | None]:
    root, styles = _part(path, "word/document.xml"), _part(path, "word/styles.xml", needed=False)
    roles = _docx_roles(styles) if styles is not None else {}
    language = None
    if styles is not None:
        found = styles.find(f"{W}docDefaults//{W}lang")
        language = found.get(f"{W}val") if found is not None else None
    body = root.find(f"{W}body")
    if body is None:
        raise Unreadable("damaged", "it has no body")
    return list(_docx_blocks(body, roles)), language


def _docx_roles(styles: Any) -> dict[str, str]:
    """Returns the roles of the styles that are titles and headings, by their ids."""
    roles = {}
    for style in styles.iter(f"{W}style"):
        named = style.find(f"{W}name")
        name = (named.get(f"{W}val") if named is not None else "").lower()
        if name in ("title", "heading 1", "subtitle") or name.startswith("heading"):
            kind = {"title": "title", "subtitle": "summary"}.get(name, "heading")
            roles[style.get(f"{W}styleId")] = kind
    return roles


def _docx_blocks(around: Any, roles: dict[str, str]) -> Iterator[Block]:
    for child in around:
        if child.tag == f"{W}p":
            style = child.find(f"{W}pPr/{W}pStyle")
            role = roles.get(style.get(f"{W}val"), "body") if style is not None else "body"
            for line in _docx_text(child).split("\n"):
                yield _block(line, role)
        elif child.tag == f"{W}tbl":
            rows = [
                ["\n".join(b["text"] for b in _docx_blocks(cell, roles)) for cell in _cells(row)]
                for row in child.iter(f"{W}tr")
                if next(row.iterancestors(f"{W}tbl")) is child
            ]
            yield from _table(rows)
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _docx_blocks(child, roles)


def _cells(row: Any) -> Iterator[Any]:
    return (cell for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row)


def _docx_text(paragraph: Any) -> str:
    """Returns the text of a paragraph; deleted and hidden runs and text boxes are left out."""
    parts: list[str] = []

    def walk(element: Any) -> None:
        for child in element:
            if child.tag == f"{W}t":
                parts.append(child.text or "")
            elif child.tag in (f"{W}tab", f"{W}noBreakHyphen"):
                parts.append("-" if child.tag.endswith("Hyphen") else " ")
            elif child.tag in (f"{W}br", f"{W}cr"):
                parts.append("\n")
            elif child.tag == f"{W}r" and child.find(f"{W}rPr/{W}vanish") is not None:
                continue
            elif child.tag in (f"{W}r", f"{W}hyperlink", f"{W}ins", f"{W}smartTag", f"{W}sdt",
                               f"{W}sdtContent", f"{W}moveTo", f"{W}fldSimple"):  # fmt: skip
                walk(child)

    walk(paragraph)
    return "".join(parts)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[Block]:
    """Yields the cells of a table, row by row.

    Columns of times and numbers are left out. A column of short cells before one of long ones names
    the speakers.
    """
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    width = max(map(len, rows), default=0)
    every = [[row[k].strip() if k < len(row) else "" for row in rows] for k in range(width)]
    columns = [cells for cells in every if not _counts(cells)]
    if len(columns) == 2 and len(rows) > 1 and _names(*columns):
        yield from _dialogue(*columns)
        return
    for row in zip(*columns, strict=True):
        yield from (_block(line) for cell in row for line in cell.split("\n") if line.strip())


def _counts(cells: Sequence[str]) -> bool:
    """Whether a column has times and numbers alone, below its head."""
    return all(map(TIME_OR_NUMBER.fullmatch, cells[1:] or cells))


def _dialogue(speakers: Sequence[str], words: Sequence[str]) -> Iterator[Block]:
    for k, (who, said) in enumerate(zip(speakers, words, strict=True)):
        is_head = len(said.split()) <= SPEAKER_WORDS and not re.search(r"[.!?…]$", said)
        if k == 0 and is_head:
            yield from (_block(cell, "heading") for cell in (who, said) if cell)
        else:
            yield from (_block(line, "body", who.rstrip(": ") or None) for line in said.split("\n"))


def _names(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether the cells of a column name who says those of another one."""
    brief = all(len(cell.split()) <= SPEAKER_WORDS and "\n" not in cell for cell in short)
    named = any(cell and not TIME_OR_NUMBER.fullmatch(cell) for cell in short)
    return brief and named and len(" ".join(long)) > 3 * len(" ".join(short))


# ---------------------------------------------------------------- .odt


def _odt(path: str) -> tuple[list[Block], str | None]:
    manifest = _part(path, "META-INF/manifest.xml", needed=False)
    if manifest is not None and any(e.tag.endswith("}encryption-data") for e in manifest.iter()):
        raise Unreadable("encrypted", "it is protected by a password")
    root, styles = _part(path, "content.xml"), _part(path, "styles.xml", needed=False)
    language = None
    for one in styles.iter() if styles is not None else ():
        language = language or one.get(f"{FO}language")
    body = root.find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        raise Unreadable("damaged", "it is no text document")
    return list(_odt_blocks(body)), None if language == "none" else language


def _odt_blocks(around: Any) -> Iterator[Block]:
    for child in around:
        if child.tag in (f"{TEXT}p", f"{TEXT}h"):
            style = (child.get(f"{TEXT}style-name") or "").lower()
            heading = child.tag == f"{TEXT}h"
            role = "title" if style == "title" else "heading" if heading else "body"
            yield from (_block(line, role) for line in _odt_text(child).split("\n"))
        elif child.tag == f"{TABLE}table":
            yield from _table(
                [
                    ["\n".join(b["text"] for b in _odt_blocks(cell)) for cell in row]
                    for row in child.iter(f"{TABLE}table-row")
                ]
            )
        elif child.tag in (f"{TEXT}list", f"{TEXT}list-item", f"{TEXT}section"):
            yield from _odt_blocks(child)


def _odt_text(element: Any) -> str:
    """Returns the text of a paragraph, without notes, remarks and deleted text."""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            name = child.tag.rpartition("}")[2]
            if name == "line-break":
                parts.append("\n")
            elif name in ("s", "tab"):
                parts.append(" ")
            elif name not in ("note", "annotation", "tracked-changes", "frame"):
                parts.append(_odt_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


# ---------------------------------------------------------------- .rtf, .md


def _rtf(path: str) -> tuple[list[Block], str | None]:
    try:
        from striprtf.striprtf import rtf_to_text
    except ImportError as error:
        raise Unreadable("no_library", "striprtf") from error
    read: Any = rtf_to_text
    text = read(_bytes(path).decode("latin-1"), errors="replace")
    # cells of a table are divided by |
    lines = (" ".join(line.strip(" |").split("|")) for line in text.splitlines())
    return [_block(line) for line in lines], None


def _markdown(path: str) -> tuple[list[Block], str | None]:
    from markdown_it import MarkdownIt

    text = _bytes(path).decode("utf-8-sig", "replace")
    text = re.sub(r"\A---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL)
    blocks: list[Block] = []
    role = "body"
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "heading_open":
            role = "heading" if blocks or token.tag != "h1" else "title"
        elif token.type == "heading_close":
            role = "body"
        elif token.type == "inline":
            shown = "".join(_markdown_text(one) for one in token.children or ())
            blocks += [_block(line, role) for line in shown.split("\n")]
    return blocks, None


def _markdown_text(token: Any) -> str:
    if token.type in ("text", "code_inline"):
        return str(token.content)
    return {"softbreak": " ", "hardbreak": "\n"}.get(token.type, "")


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123  fewer imports
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable("too_large", f"it is larger than {LARGEST >> 20} MB")
    return data


# ---------------------------------------------------------------- .pdf


def _pdf(path: str) -> tuple[list[Block], str | None]:
    try:
        from pypdf import PdfReader
    except ImportError as error:
        raise Unreadable("no_library", "pypdf") from error
    import logging

    logging.disable(logging.CRITICAL)
    reader = PdfReader(path)
    if reader.is_encrypted and not _opened(reader):
        raise Unreadable("encrypted", "it is protected by a password")
    if len(reader.pages) > MAX_PAGES:
        raise Unreadable("too_large", f"it has more than {MAX_PAGES:,} pages")
    pages = [page.extract_text().splitlines() for page in reader.pages]
    if not any(line.strip() for page in pages for line in page):
        raise Unreadable("no_text", "its pages are pictures without text (a scan)")
    root: Any = reader.trailer["/Root"]
    language = root.get("/Lang")
    return _pdf_blocks(pages), str(language) if language else None


def _opened(reader: Any) -> bool:
    """Whether a PDF opens with an empty password, as a viewer opens it."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # a cipher that needs another library
        return False


def _pdf_blocks(pages: Sequence[Sequence[str]]) -> list[Block]:
    """Joins the lines of pages to paragraphs, without running heads and page numbers."""
    edges = [_bare(line) for page in pages for line in {*page[:1], *page[-1:]}]
    running = {edge for edge in edges if len(pages) > 2 and 2 * edges.count(edge) > len(pages)}
    lines = [
        line.rstrip()
        for page in pages
        for at, line in enumerate(page)
        if not (at in (0, len(page) - 1) and (_bare(line) in running or _is_page_number(line)))
    ]
    widest = sorted(len(line) for line in lines if line)
    full = 0.75 * widest[int(0.9 * (len(widest) - 1))] if widest else 0
    parts: list[str] = [""]
    for line in lines:
        before = parts[-1]
        if re.search(r"\w[-\u00ad]$", before) and line[:1].islower():
            parts[-1] = before[:-1] + line
            continue
        last = before.rsplit("\n", 1)[-1]
        ends = not line.strip() or len(last) < full
        if not before or ends or re.match(r"[^\W\d_][^:()]{0,40}(?:\([^()]*\))?:\s|[\[(]", line):
            parts.append(line)
        else:
            parts[-1] = f"{before}\n{line}"
    return [_block(part) for part in parts if part.strip()]


def _bare(line: str) -> str:
    """Returns a line without digits, which differ between pages."""
    return re.sub(r"\d+", "#", line.strip())


def _is_page_number(line: str) -> bool:
    return bool(re.fullmatch(r"\W*(?:page\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\W*", line.lower()))


READERS = {"docx": _docx, "odt": _odt, "rtf": _rtf, "pdf": _pdf, "md": _markdown}

if __name__ == "__main__":
    main(*sys.argv[1:])
