"""Makes pages of responses: their type, size, encoding and status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aligner.errors import PageUnavailable
from aligner.net.charset import decode
from aligner.net.guard import names_media
from aligner.net.http_status import meaning
from aligner.net.list_root import list_root
from aligner.net.partial_content import declared_length, media_type, read_at_most
from aligner.types import Page

if TYPE_CHECKING:
    import httpx

LIST_BYTES = 52_428_800
"""No sitemap is larger, unpacked (sitemaps.org)."""
LIST_TYPE = "application/xml"
"""The type of a page that is a feed or a sitemap."""
HTML_TYPES = ("text/html", "application/xhtml+xml")
XML_ENDS = ("/xml", "+xml")
"""How the types of feeds, sitemaps and other XML end (RFC 7303)."""
MANIFEST_TYPES = (
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "application/mpegurl",
    "application/dash+xml",
)
"""HLS (RFC 8216, section 4) with its older names, and DASH (ISO 23009-1, annex C)."""
FILE_TYPES = (
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/force-download",
    "application/x-download",
    "application/ogg",
    "application/mp4",
)
"""Types under which servers send files of any kind; the suffix decides."""
TYPE_NAMES = {
    "application/pdf": "a PDF file",
    "application/json": "JSON data",
    "application/zip": "a ZIP archive",
    "image": "an image",
    "font": "a font",
}
LOOKS_LIKE_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|article|p|div|h1|title)\b", re.IGNORECASE
)
SNIFF_CHARS = 2048


def page_from(url: str, response: httpx.Response, max_bytes: int) -> Page:
    """Returns the page of a response. Raises PageUnavailable, DecompressionError."""
    status, final_url = response.status_code, str(response.url)
    expect_success(url, response)
    content_type, charset = media_type(response)
    if _is_media(content_type, final_url):
        return Page(url, final_url, "", status, content_type or "application/octet-stream")
    if content_type not in (*HTML_TYPES, "text/plain", "") and not content_type.endswith(XML_ENDS):
        raise PageUnavailable(url, f"not a web page but {_type_name(content_type)}", status)
    text = decode(read_body(url, response, max_bytes), charset)
    if not text.strip():
        raise PageUnavailable(url, "the page is empty", status)
    policy = response.headers.get("Referrer-Policy")
    kind = _text_type(url, text, content_type)
    return Page(url, final_url, text, status, kind, referrer_policy=policy)


def expect_success(url: str, response: httpx.Response) -> None:
    """Raises PageUnavailable unless the status is a success."""
    if not response.is_success:
        status = response.status_code
        raise PageUnavailable(url, meaning(status).page_reason, status)


def _is_media(content_type: str, url: str) -> bool:
    if content_type.startswith(("audio/", "video/")) or content_type in MANIFEST_TYPES:
        return True
    return content_type in FILE_TYPES and names_media(url)


def _text_type(url: str, text: str, content_type: str) -> str:
    """Returns text/html, text/plain or LIST_TYPE. Raises PageUnavailable for other text."""
    if list_root(text):
        return LIST_TYPE
    is_html = bool(LOOKS_LIKE_HTML.search(text[:SNIFF_CHARS]))
    if content_type in HTML_TYPES or is_html:
        return "text/html"
    if content_type == "text/plain" or not content_type:
        return "text/plain"
    raise PageUnavailable(url, "neither a web page nor a feed, but other XML", 200)


def read_body(url: str, response: httpx.Response, max_bytes: int) -> bytes:
    """Returns the decompressed body. Raises PageUnavailable once it is too large."""
    if (declared_length(response) or 0) > max_bytes:
        raise too_large(url, max_bytes)
    body = read_at_most(response, max_bytes + 1)
    if len(body) > max_bytes:
        raise too_large(url, max_bytes)
    return body


def list_page(url: str | None, final_url: str | None, body: bytes) -> Page:
    text = decode(body, None)
    return Page(url, final_url, text, 200, LIST_TYPE if list_root(text) else "text/plain")


def too_large(url: str, max_bytes: int) -> PageUnavailable:
    why = f"larger than {max_bytes / 1e6:.0f} MB, which no article's page is"
    return PageUnavailable(url, why, state="not_media")


def _type_name(content_type: str) -> str:
    known = TYPE_NAMES.get(content_type) or TYPE_NAMES.get(content_type.partition("/")[0])
    return known or content_type
