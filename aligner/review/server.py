"""The server of the review pages: shows a folder's results on loopback, and saves corrections."""

from __future__ import annotations

import hashlib
import secrets
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aligner.review.request_handler import RequestHandler
from aligner.review.served_folder import ServedFolder, ServerConfig

HOST = "127.0.0.1"
FIRST_PORT, PORTS = 49_152, 16_384
"""The first dynamic port (RFC 6335), and how many there are."""
TOKEN_BYTES = 24


class Server(ThreadingHTTPServer):
    """Serves a folder until it is closed.

    ``port``: the port to listen on; None takes ``usual_port``, or any other if that is in use.
    Raises OSError if the given port cannot be used.
    """

    daemon_threads = True

    def __init__(self, config: ServerConfig, port: int | None = None) -> None:
        self.token = secrets.token_urlsafe(TOKEN_BYTES)
        usual = usual_port(config.folder) if port is None else port
        try:
            super().__init__((HOST, usual), self._answer)
        except OSError:
            if port is not None:
                raise
            super().__init__((HOST, 0), self._answer)
        self.served = ServedFolder(config)

    def _answer(self, *connection: Any) -> RequestHandler:
        return RequestHandler(self.served, self.origin, self.token, *connection)

    def server_close(self) -> None:
        """Stop listening, cancel all jobs, and wait for their end."""
        super().server_close()
        if hasattr(self, "served"):  # not if the port was taken
            self.served.close()

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """The address of the list of results; it contains the token."""
        return f"{self.origin}/{self.token}/"


def usual_port(folder: Path) -> int:
    """Returns the port that a folder is served at if it is free: a dynamic port from its path.

    A browser stores unsaved edits under the page's origin, which includes the port. With the same
    port after a restart, it finds the edits again.
    """
    digest = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).digest()
    return FIRST_PORT + int.from_bytes(digest[:4], "big") % PORTS
