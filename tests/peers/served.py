"""A mock behind real sockets: one small threaded server for each address it plays, faults and all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.peers.mock import Mock

TEXTUAL = ("json", "text", "pem")


@contextmanager
def served(mock: Mock, *origins: str) -> Iterator[dict[str, str]]:
    """Serve a mock while the block lasts; gives the real address of each origin it plays (`https://spapi.test`)."""
    real: dict[str, str] = {}
    with ExitStack() as stack:
        for origin in origins:
            server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(mock, origin, real))
            server.daemon_threads = True
            real[origin] = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
            )
            thread.start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
        yield real


def _handler(mock: Mock, origin: str, real: dict[str, str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(size)
            request = httpx.Request(
                self.command, origin + self.path, headers=list(self.headers.items()), content=content
            )
            try:
                reply = mock.answer(request)
            except httpx.HTTPError:  # cut before anything was done, or after: the line just goes dead
                self.close_connection = True
                return
            body = reply.content
            if any(kind in reply.headers.get("content-type", "") for kind in TEXTUAL):
                for played, address in real.items():
                    body = body.replace(played.encode(), address.encode())
            self.send_response(reply.status_code)
            for name, value in reply.headers.items():
                if name not in ("content-length", "content-encoding", "transfer-encoding", "location"):
                    self.send_header(name, value)
            if "location" in reply.headers:
                self.send_header("Location", real[origin] + httpx.URL(reply.headers["location"]).path)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # names of the base class

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    return Handler
