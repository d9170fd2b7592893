"""What HLS playlists and DASH manifests have in common: names of codecs, addresses, size."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from aligner.errors import MediaUnavailable
from aligner.net.guard import is_http_url, is_public

MANIFEST_BYTES = 4_000_000
"""The largest manifest; one of twelve hours in segments of two seconds has 2 MB."""

AUDIO_CODECS = ("mp4a", "ac-3", "ec-3", "ac-4", "opus", "flac", "vorbis", "alac", "mp3", "dts")
"""Prefixes of the names of audio codecs (RFC 6381), in lower case."""


def expect_allowed(manifest: str, address: str, allow_private: bool) -> None:
    """Check an address in a manifest. Raises MediaUnavailable (state "refused").

    IP addresses are checked here, host names when they are connected to.
    """
    if not is_http_url(address):
        why = f"its manifest names {address[:100]}, which is not an http(s) address"
        raise MediaUnavailable(manifest, "refused", why)
    host = urlsplit(address).hostname or ""
    if not allow_private and _is_private(host):
        why = f"its manifest names {host}, which is not a public address"
        raise MediaUnavailable(manifest, "refused", why)


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return not is_public(host)
