"""Platforms played from their documentation: what they answer to the calls a connector makes, and faults on request.

A mock is a way out for httpx (`transport`), so that no socket is needed; `calls` keeps what was asked.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import httpx

Handler = Callable[..., httpx.Response]


def reply(data: Any, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer."""
    return httpx.Response(status, json=data, headers={k.replace("_", "-"): v for k, v in headers.items()})


class Mock:
    """Routes by method and path; `faults` are used up call by call: those of `proxy.py`, and `kill` ends the worker."""

    busy = (429, {"Retry-After": "0"}, {})

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.faults: deque[str] = deque()
        self.broken = 0
        self.routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self.lock = threading.Lock()

    def route(self, method: str, path: str, handler: Handler) -> None:
        """Let a handler answer; groups of the path are its further arguments."""
        self.routes.append((method, re.compile(path + r"$"), handler))

    def play(self, faults: Iterable[str]) -> None:
        """Let the next calls meet these faults; `ok` lets one pass."""
        self.faults.extend(faults)

    @property
    def transport(self) -> httpx.MockTransport:
        """The way out to give a client."""
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One call, with the next fault."""
        with self.lock:
            self.calls.append((request.method, request.url.path))
            fault = self.faults.popleft() if self.faults else "ok"
            self.broken += fault != "ok"
            if fault == "429":
                status, headers, body = self.busy
                return httpx.Response(status, headers=headers, json=body)
            if fault == "500":
                return httpx.Response(500, text="oops")
            if fault == "kill":
                raise SystemExit("the worker died")
            if fault == "cut":
                raise httpx.ConnectError("cut", request=request)
            found = self._handle(request)
            if fault == "late":
                raise httpx.ReadTimeout("late", request=request)
            return found

    def _handle(self, request: httpx.Request) -> httpx.Response:
        for method, path, handler in self.routes:
            match = path.match(request.url.path)
            if match and method == request.method:
                return handler(request, *match.groups())
        return reply({"message": f"no route for {request.method} {request.url.path}"}, 404)


def body_of(request: httpx.Request) -> Any:
    """The JSON a call carried."""
    return json.loads(request.content)
