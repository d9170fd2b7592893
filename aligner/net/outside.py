"""Clients of other libraries, which fetch models: proxies and authorities as all others have them.

The hub's client and openai-whisper's take both from the environment and from Python's ssl. Those
are set for the time of a download.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aligner.net import trust
from aligner.net.options import NetworkOptions
from aligner.net.proxies import parse

_turn = threading.RLock()
"""The environment is one for all threads."""


@contextmanager
def told(net: NetworkOptions) -> Iterator[None]:
    """Within the block other libraries' clients go out as ours do. Raises BadSource."""
    wanted = _proxies(net.proxy) | _authorities()
    with _turn, _injected():
        before = {name: os.environ.get(name) for name in wanted}
        _set(wanted)
        try:
            with _new_opener():
                yield
        finally:
            _set(before)


def _proxies(proxy: str | None) -> dict[str, str]:
    """A proxy as given -> the variables that name it; none where the environment decides."""
    if proxy is None:
        return {}
    if proxy == "":
        return {"NO_PROXY": "*", "no_proxy": "*"}
    parse(proxy, "--proxy")
    address = proxy if "://" in proxy else f"http://{proxy}"
    return dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"), address)


def _authorities() -> dict[str, str]:
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        return {}
    file = None if trust.HAS_STORE else trust.system_file()
    return {"SSL_CERT_FILE": file} if file else {}


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def _new_opener() -> Iterator[None]:
    """urllib asks the environment once, and would stay with what it said then."""
    from urllib import request

    before: Any = getattr(request, "_opener", None)
    request.install_opener(request.build_opener())
    try:
        yield
    finally:
        request.install_opener(before)


@contextmanager
def _injected() -> Iterator[None]:
    """On macOS and Windows: Python's ssl asks the system's store within the block."""
    if not trust.HAS_STORE:
        yield
        return
    import truststore

    truststore.inject_into_ssl()
    try:
        yield
    finally:
        truststore.extract_from_ssl()
