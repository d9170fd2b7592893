"""Reads documents that hold an article's text or a script: .docx, .odt, .rtf, .pdf, .md.

What a file is says its content, not its name. It is opened in a process of its own with limits of
memory, time and unpacked size (``program.py``). To add a kind: a reader
there, and a line in ``kind_of``.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Literal, get_args

from aligner._util import strict_json
from aligner._util.atomic_write import reason
from aligner.discovery.article.boilerplate import clean
from aligner.discovery.article.script import Block, script_paragraphs
from aligner.discovery.article.text import titled
from aligner.errors import BadSource, MachineFault
from aligner.types import Page, Paragraph

PROGRAM = Path(__file__).with_name("program.py")
WALL_S = 120.0
LARGEST_FILE = 500 << 20
"""Bytes. Pictures make documents large; they are not read."""
HEAD = 8192

Kind = Literal["docx", "odt", "rtf", "pdf", "md"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SUFFIXES = frozenset(f".{kind}" for kind in KINDS) | {".markdown", ".doc", ".pages", ".epub"}
"""Suffixes of files that are read here, or for which the error says what to do."""
_PART_OF: dict[str, Kind] = {"word/document.xml": "docx", "content.xml": "odt"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REMEDIES = {
    "encrypted": "save a copy without a password",
    "no_text": "give the text as a document or .txt, or let a program recognise its text (OCR)",
    "too_large": "save its text as .txt",
    "damaged": "open it in the program that made it, and save it again or as .txt",
}


def kind_of(path: Path, head: bytes) -> Kind | None:
    """Returns which kind of document a file is, by its first bytes; None for other files.

    Raises BadSource for documents that are not read: old Word files, spreadsheets, archives.
    """
    if head.startswith(_OLE):
        raise BadSource(str(path), _why_not_ole(path))
    if head.startswith(b"PK\x03\x04"):
        return _packed_kind(path)
    if head[:1024].lstrip().startswith(b"%PDF") or b"%PDF-" in head[:1024]:
        return "pdf"
    if head.lstrip().startswith(b"{\\rtf"):
        return "rtf"
    suffix = path.suffix.lower()
    if suffix in (".md", ".markdown"):
        return "md"
    if suffix in SUFFIXES:
        what = "empty" if not head else f"not a {suffix} file, whatever its name says"
        raise BadSource(str(path), f"{what}; a text may be given as .txt")
    return None


def load(path: Path, kind: Kind, url: str | None = None) -> Page:
    """Read a document of a kind. Raises BadSource, MachineFault.

    ``url`` is the address of the article whose text it is.
    """
    answer = _answer(path, kind)
    if code := answer.get("error"):
        raise BadSource(str(path), _why_unread(code, str(answer.get("why")), kind))
    blocks = [Block(b["text"], b["role"], b["speaker"]) for b in answer["blocks"] if b["text"]]
    paragraphs = paragraphs_of(blocks)
    text = "\n\n".join(paragraph.text for paragraph in paragraphs)
    language = answer.get("language")
    return Page(
        url, url, text, 200, "text/plain", path, paragraphs=paragraphs,
        language=language if isinstance(language, str) and language.strip() else None,
    )  # fmt: skip


def paragraphs_of(blocks: list[Block], *, captions: bool = False) -> tuple[Paragraph, ...]:
    """Returns the paragraphs of a document's blocks: those of a script, or as they stand.

    ``captions``: the blocks are of captions.
    """
    has_title = captions or any(block.role == "title" for block in blocks)
    blocks = blocks if has_title else titled(blocks)
    if found := script_paragraphs(blocks, captions=captions):
        return found
    shown = ((clean(block.text), block.role) for block in blocks)
    return tuple(Paragraph(text, role) for text, role in shown if any(map(str.isalnum, text)))


def _answer(path: Path, kind: Kind) -> dict[str, Any]:
    """Returns what the program prints of a document. Raises BadSource, MachineFault."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadSource(str(path), f"larger than {LARGEST_FILE >> 20} MB: not read")
        ran = subprocess.run(
            [sys.executable, "-P", str(PROGRAM), kind, str(path.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": "too_large", "why": f"reading it takes more than {WALL_S:.0f} s"}
    except OSError as error:
        raise MachineFault(str(path), f"no process can be started: {reason(error)}") from error
    try:
        answer = strict_json.read(ran.stdout)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return {"error": "too_large", "why": "reading it takes too much memory or time"}
    return answer


def _why_unread(code: str, why: str, kind: Kind) -> str:
    if code == "no_library":
        command = "pip install 'article-aligner[documents]'"
        return f"a .{kind} file, which is read with {why}: {command}"
    return f"{why}: {_REMEDIES.get(code, _REMEDIES['damaged'])}"


def _packed_kind(path: Path) -> Kind:
    """Returns the kind of a packed document, by the names of its parts. Raises BadSource."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = frozenset(packed.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadSource(str(path), f"a damaged document: {_REMEDIES['damaged']}") from error
    for part, kind in _PART_OF.items():
        if part in names:
            return kind
    raise BadSource(
        str(path), "a packed file that is no .docx or .odt document; save its text as .docx or .txt"
    )


def _why_not_ole(path: Path) -> str:
    """Returns why a file of Microsoft's compound format is not read."""
    with path.open("rb") as file:
        data = file.read(64 << 20)
    if "EncryptedPackage".encode("utf-16-le") in data:
        return f"it is protected by a password: {_REMEDIES['encrypted']}"
    return "an old Word document (.doc) or another file of Office; save it as .docx"
