"""Gives the HTTP clients of other libraries, which fetch models, our proxies and authorities.

The clients of the Hugging Face hub and of openai-whisper read both from the environment and from
Python's ssl, which are set for the time of a download.
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

_lock = threading.RLock()
"""All threads share the environment."""


@contextmanager
def configured(net: NetworkOptions) -> Iterator[None]:
    """For a block in which other libraries' clients use our proxies and authorities.

    Raises BadSource.
    """
    variables = _proxies(net.proxy) | _authorities()
    with _lock, _injected():
        before = {name: os.environ.get(name) for name in variables}
        _set(variables)
        try:
            with _new_opener():
                yield
        finally:
            _set(before)


def _proxies(proxy: str | None) -> dict[str, str]:
    """Returns the variables that name a proxy; none where the environment decides."""
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
    """Replace urllib's opener, which reads the environment only when it is made."""
    from urllib import request

    before: Any = getattr(request, "_opener", None)
    request.install_opener(request.build_opener())
    try:
        yield
    finally:
        request.install_opener(before)


@contextmanager
def _injected() -> Iterator[None]:
    """Have Python's ssl use the system's store within the block, on macOS and Windows."""
    if not trust.HAS_STORE:
        yield
        return
    import truststore

    truststore.inject_into_ssl()
    try:
        yield
    finally:
        truststore.extract_from_ssl()
