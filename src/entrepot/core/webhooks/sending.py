"""One message over HTTP: signed, to a judged address, never further than that."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import httpx
from django.utils import timezone
from standardwebhooks import Webhook

from entrepot import __version__
from entrepot.core.webhooks.addresses import AddressRefused, resolve

TIMEOUT = httpx.Timeout(10, connect=5)
LONGEST_SECONDS = 20.0
READ_BYTES = 2_000
LONGEST_WAIT = 86_400


@dataclass(frozen=True)
class Message:
    """What goes where, and the secret that signs it."""

    url: str
    secret: str
    message_id: str
    body: str


@dataclass(frozen=True)
class Reply:
    """What came of it: a status, or the error that stood in its place."""

    status: int | None
    error: str = ""
    answer: str = ""
    milliseconds: int = 0
    retry_after: int = 0

    @property
    def is_success(self) -> bool:
        """Whether the other side has taken it."""
        return self.status is not None and 200 <= self.status < 300


def build_headers(message: Message, host: str) -> dict[str, str]:
    """The headers of Standard Webhooks; the id stays the same however often it is sent."""
    now = timezone.now()
    return {
        "Host": host,
        "Content-Type": "application/json",
        "User-Agent": f"Entrepot/{__version__}",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(message.secret).sign(message.message_id, now, message.body),
    }


def send(message: Message) -> Reply:
    """Send one message; whatever goes wrong is told in the reply, never raised. Redirects are not followed."""
    started = monotonic()
    try:
        target = resolve(message.url)
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST",
                target.pinned_url,
                content=message.body.encode(),
                headers=build_headers(message, target.netloc),
                extensions={"sni_hostname": target.host},
            ) as response,
        ):
            text = _beginning(response, started)
        error = "" if response.is_success else _words(response.status_code)
        wait = response.headers.get("Retry-After", "")
        return Reply(
            response.status_code,
            error,
            text,
            _since(started),
            min(int(wait), LONGEST_WAIT) if wait.isdecimal() and len(wait) < 9 else 0,
        )
    except (AddressRefused, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
        return Reply(None, f"{type(error).__name__}: {error}", milliseconds=_since(started))


def _beginning(response: httpx.Response, started: float) -> str:
    """As much of the answer as a person wants to see; a slow or endless one is cut."""
    read = b""
    for chunk in response.iter_raw(READ_BYTES):
        read += chunk
        if len(read) >= READ_BYTES or monotonic() - started > LONGEST_SECONDS:
            break
    return read[:READ_BYTES].decode("utf-8", "replace").replace("\0", "")


def _words(status: int) -> str:
    return "redirects are not followed" if 300 <= status < 400 else f"answered {status}"


def _since(started: float) -> int:
    return int((monotonic() - started) * 1_000)
