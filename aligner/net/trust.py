"""Chooses the trusted certificate authorities.

They are those of SSL_CERT_FILE and SSL_CERT_DIR where set, else those of the system, else (on a
system without any) those of the package certifi. On Linux OpenSSL reads the system's files itself.
truststore reads them again for each connection, one connection at a time, so it is used on macOS
and Windows only.
"""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path

from aligner.errors import BadSource

HAS_STORE: bool = sys.platform in ("darwin", "win32")
"""Whether the system keeps authorities in a store, not in files."""
CA_FILES = (
    "/etc/ssl/cert.pem",  # Alpine, Arch, BSD
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, Red Hat
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu
    "/etc/ssl/ca-bundle.pem",  # SUSE
)
"""Where systems keep the authorities, for a Python whose OpenSSL searches elsewhere."""


def client_context() -> ssl.SSLContext:
    """Returns the TLS context of clients. Raises BadSource for a variable without certificates."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return _from_environment(file or None, folder or None)
    if HAS_STORE:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return _from_system()


def _from_environment(file: str | None, folder: str | None) -> ssl.SSLContext:
    if file and not Path(file).is_file():
        raise BadSource("SSL_CERT_FILE", f"{file}: no such file")
    if folder and not any(Path(part).is_dir() for part in folder.split(os.pathsep)):
        raise BadSource("SSL_CERT_DIR", f"{folder}: no such folder")
    try:
        context = ssl.create_default_context(cafile=file) if file else _empty()
        for part in folder.split(os.pathsep) if folder else ():
            context.load_verify_locations(capath=part)
    except (ssl.SSLError, OSError) as error:
        why = f"{file or folder}: no certificates of authorities (PEM): {error}"
        raise BadSource("SSL_CERT_FILE" if file else "SSL_CERT_DIR", why) from error
    return context


def _empty() -> ssl.SSLContext:
    """Returns a context like that of ``ssl.create_default_context``, without authorities."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_TRUSTED_FIRST
    return context


def _from_system() -> ssl.SSLContext:
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        return ssl.create_default_context()
    if file := system_file():
        return ssl.create_default_context(cafile=file)
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def system_file() -> str | None:
    """Returns the file with the system's authorities, if there is one."""
    return next((file for file in CA_FILES if Path(file).is_file()), None)
