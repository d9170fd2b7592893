"""A small web server over TLS that speaks HTTP/2 (with h2), on loopback, for tests."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest


def certificate(folder: Path) -> Path:
    """A certificate and its key for 127.0.0.1, made now; the test is skipped without openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path, key = folder / "here.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + key.read_text())
    return path


class Server2:
    """Answers every request with one body; knows the streams that it was asked on."""

    def __init__(self, pem: Path, body: bytes, protocols: tuple[str, ...] = ("h2",)) -> None:
        self.body, self.paths = body, list[str]()
        self.connections = 0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(pem)
        self._tls.set_alpn_protocols(list(protocols))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listening.getsockname()[1]}"

    @contextlib.contextmanager
    def serving(self) -> Iterator[Server2]:
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with (
            contextlib.suppress(OSError, h2.exceptions.ProtocolError),
            plain,
            self._tls.wrap_socket(plain, server_side=True) as sock,
        ):
            speak = self._speak2 if sock.selected_alpn_protocol() == "h2" else self._speak1
            speak(sock)

    def _speak1(self, sock: ssl.SSLSocket) -> None:
        asked = sock.recv(65_536).decode()
        self.paths.append(asked.split()[1] + " over HTTP/1.1")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(self.body)}"
        sock.sendall(head.encode() + b"\r\nConnection: close\r\n\r\n" + self.body)

    def _speak2(self, sock: ssl.SSLSocket) -> None:
        wire = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        wire.initiate_connection()
        sock.sendall(wire.data_to_send())
        left: dict[int, bytes] = {}
        while data := sock.recv(65_536):
            for event in wire.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    headers = dict(event.headers or ())
                    self.paths.append(headers[b":path"].decode())
                    answer = [(":status", "200"), ("content-type", "text/html")]
                    wire.send_headers(event.stream_id, answer)
                    left[event.stream_id] = self.body
            self._send(wire, left)
            sock.sendall(wire.data_to_send())

    def _send(self, wire: h2.connection.H2Connection, left: dict[int, bytes]) -> None:
        """As much of every body as the client allows."""
        for stream in list(left):
            while left[stream]:
                room = min(wire.local_flow_control_window(stream), wire.max_outbound_frame_size)
                if room <= 0:
                    break
                wire.send_data(stream, left[stream][:room])
                left[stream] = left[stream][room:]
            if not left[stream]:
                wire.end_stream(stream)
                del left[stream]
