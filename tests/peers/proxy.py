"""A proxy of ours that breaks on purpose: between a connector and a peer, it plays the faults it is told, in turn.

Faults: `429` and `500` answer so without asking the peer; `cut` hangs up without asking it; `late` asks the peer, lets
it do everything, and hangs up without telling the answer (what a time-out after the commit looks like); `slow` the
same, but keeps the line open until the caller's patience ends.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

DROPPED = {"connection", "keep-alive", "transfer-encoding", "content-encoding", "content-length", "host"}


class FaultProxy:
    """Faults are used up one by one by the requests that come; without any it only passes on."""

    def __init__(self, target: str) -> None:
        self.target, self.faults, self.passed, self.broken = target, deque[str](), 0, 0
        self.upstream = httpx.Client(base_url=target, trust_env=False, timeout=60)
        self.closing = threading.Event()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                proxy.handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.upstream.close()

    def play(self, faults: Iterable[str]) -> None:
        """Let the next requests meet these faults; `ok` lets one pass."""
        self.faults.extend(faults)

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """One request, with the next fault."""
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        fault = self.faults.popleft() if self.faults else "ok"
        self.broken += fault != "ok"
        if fault in ("429", "500"):
            _answer(request, int(fault), [("retry-after", "0")] if fault == "429" else [], b"")
        elif fault == "cut":
            request.close_connection = True
        else:
            reply = self._ask(request, body)
            if fault == "ok":
                self.passed += 1
                headers = [(k, v) for k, v in reply.headers.multi_items() if k.lower() not in DROPPED]
                _answer(request, reply.status_code, headers, reply.content)
            elif fault == "slow":
                self.closing.wait(20)
            request.close_connection = fault != "ok"

    def _ask(self, request: BaseHTTPRequestHandler, body: bytes) -> httpx.Response:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in DROPPED}
        self.upstream.cookies.clear()
        return self.upstream.request(request.command, request.path, headers=headers, content=body)


def _answer(
    request: BaseHTTPRequestHandler, status: int, headers: list[tuple[str, str]], body: bytes
) -> None:
    request.send_response(status)
    for name, value in headers:
        request.send_header(name, value)
    request.send_header("content-length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
