"""Decodes the bytes of a page, whatever encoding it declares.

Order: byte order mark; UTF-8 wherever the bytes are valid UTF-8 with more than ASCII in it
(chance hardly makes such bytes, and pages that declare Latin-1 and send UTF-8 are common); what
the header declares; what the page declares; UTF-8 with a few damaged characters; a guess.
"""

from __future__ import annotations

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SUPERSETS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
"""For a declared codec the larger one that browsers use for it (WHATWG Encoding, section 4.2)."""
META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
XML_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})")
HEAD_BYTES = 4096
DAMAGE_SHARE = 0.01
"""Share of characters that may be damaged in text that is still taken for UTF-8."""


def decode(body: bytes, header_charset: str | None) -> str:
    """Returns the page's text; never fails."""
    for bom, codec in BOMS:
        if body.startswith(bom):
            return body.decode(codec, "replace").removeprefix("\ufeff")
    if not body.isascii() and (text := _decode_strictly(body, "utf-8")) is not None:
        return text
    for declared in (header_charset, _declared_charset(body)):
        if declared and (text := _decode_strictly(body, declared)) is not None:
            return text
    damaged = body.decode("utf-8", "replace")
    if damaged.count("\ufffd") <= DAMAGE_SHARE * len(damaged):
        return damaged
    return _guess(body)


def _declared_charset(body: bytes) -> str | None:
    head = body[:HEAD_BYTES]
    found = XML_DECLARATION.search(head) or META.search(head)
    return found[1].decode("ascii") if found else None


def _decode_strictly(body: bytes, label: str) -> str | None:
    """Returns the text if every byte fits the encoding, else None."""
    try:
        codec = codecs.lookup(label.strip()).name
        if codec.startswith(("utf-16", "utf-32")):
            return None  # without a byte order mark and readable so far: the label is wrong
        return body.decode(SUPERSETS.get(codec, codec))
    except (LookupError, ValueError):
        return None


def _guess(body: bytes) -> str:
    """Returns the text in the encoding with the least damage; of several, the web's default
    (Windows-1252)."""
    from charset_normalizer import from_bytes

    guesses = list(from_bytes(body))
    if not guesses:
        return body.decode("cp1252", "replace")
    best = (guesses[0].chaos, -guesses[0].coherence)
    equals = [g for g in guesses if (g.chaos, -g.coherence) == best]
    return str(next((g for g in equals if g.encoding == "cp1252"), equals[0]))
