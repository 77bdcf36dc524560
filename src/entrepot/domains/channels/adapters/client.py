"""The one client that talks HTTP to platforms: pace, patience, and honesty about what nobody knows.

Pace: each platform says in its headers how much it will bear; a bucket per kind of call keeps below it. Patience:
what was throttled or fell over is tried again after a wait drawn at random between nothing and a bound that doubles
each time (full jitter), never earlier than the platform asked for. Honesty: a call that changes something and got no
answer is `Unsure`; it is not sent again until the caller has looked what became of it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx
from django.utils import timezone

from entrepot.core import outbound
from entrepot.domains.channels.adapters.tables import table

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
NOTHING_DONE = frozenset({425, 429, 503})
MAX_BYTES = 64 * 2**20


class ChannelError(RuntimeError):
    """What went wrong with a platform; the text begins with a dotted code."""


class Refused(ChannelError):
    """The platform understood and said no: trying again changes nothing. `status`, and its own code and words."""

    def __init__(self, code: str, detail: str = "", status: int = 0) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail, self.status = code, detail, status


class NotAllowed(Refused):
    """The credentials do not open this door (401, 403): a person has to connect the account anew."""


class Unreachable(ChannelError):
    """No usable answer after all tries; nothing was changed there. Try again later."""


class Unsure(ChannelError):
    """A change was sent and no answer came: look before sending it again."""


@dataclass(frozen=True)
class Call:
    """One request. `again`: sending it twice does no harm (a reading, an absolute value, an idempotency key)."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    bucket: str = ""
    again: bool = True
    cost: int = 1
    bare: bool = False


@dataclass(frozen=True)
class Reply:
    """An answer that is no error."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    data: Any = None


@dataclass(frozen=True)
class Pace:
    """What a platform bears: `per_second` calls (or points) come back, up to `burst`; `left` now,
    and `each` call costs so many, if it said so."""

    per_second: float
    burst: float
    left: float | None = None
    each: float | None = None


def documented_paces(platform: str) -> dict[str, Pace]:
    """What a platform documents of its limits, by bucket (data/api_limits.csv): good until its headers say better."""
    rows = table("api_limits").filter(platform=platform).iter_rows(named=True)
    return {row["bucket"]: Pace(float(row["per_second"]), float(row["burst"])) for row in rows}


@dataclass(frozen=True)
class Verdict:
    """What an answer means beyond its status: seconds to let pass before another try, signing in anew, or a refusal."""

    wait: float | None = None
    renew: bool = False
    refusal: Refused | None = None


class Manners(Protocol):
    """What is special about a platform: how it wants to be spoken to, and how it says what it says.

    `renew_on`: statuses that mean the sign-in has run out.
    """

    renew_on: frozenset[int]

    def headers(self, fresh: bool) -> Mapping[str, str]:
        """Headers that say who we are; `fresh`: the last ones were refused, get new ones."""

    def pace(self, call: Call, headers: Mapping[str, str], data: Any) -> Pace | None:
        """What an answer says of its limits."""

    def judge(self, call: Call, data: Any) -> Verdict | None:
        """What the content of a good answer means, where errors come with status 200."""

    def words(self, status: int, data: Any) -> tuple[str, str]:
        """The platform's own code and words for an error."""


@dataclass
class Clock:
    """Time and chance, to be replaced in tests."""

    now: Callable[[], datetime] = timezone.now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True)
class Patience:
    """How long to try. Seconds."""

    tries: int = 6
    first_wait: float = 0.5
    longest_wait: float = 60.0
    asked_wait: float = 300.0
    timeout: float = 30.0
    connect_timeout: float = 10.0


@dataclass
class _Bucket:
    pace: Pace
    left: float
    at: float


class Client:
    """Calls to one platform for one account, for the length of one exchange."""

    def __init__(
        self,
        base_url: str,
        manners: Manners,
        *,
        patience: Patience | None = None,
        clock: Clock | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.patience, self.clock, self.manners = patience or Patience(), clock or Clock(), manners
        self.requests, self.waited = 0, 0.0
        self._buckets: dict[str, _Bucket] = {}
        timeout = httpx.Timeout(self.patience.timeout, connect=self.patience.connect_timeout)
        self._http = httpx.Client(
            base_url=base_url,
            timeout=timeout,
            transport=transport or outbound.transport(),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "Entrepot/1 (+channels)", "Accept": "application/json"},
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def expect(self, bucket: str, pace: Pace) -> None:
        """Begin with what the platform documents, until its headers say better."""
        self._buckets.setdefault(bucket, _Bucket(pace, pace.burst, self.clock.monotonic()))

    def call(self, call: Call) -> Reply:
        """The answer, after as many tries as it is worth. Errors: Refused, NotAllowed, Unreachable, Unsure."""
        fresh, renewed, problem = False, False, ""
        for attempt in range(self.patience.tries):
            self._keep_pace(call)
            try:
                response = self._send(call, fresh)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                problem = f"http.unreachable: {_short(error)}"
                self._wait(attempt, 0.0)
                continue
            except (httpx.TransportError, httpx.DecodingError) as error:
                problem = f"http.no_answer: {_short(error)}"
                if not call.again:
                    raise Unsure(problem) from error
                self._wait(attempt, 0.0)
                continue
            data = _data(response)
            self._learn(call, response.headers, data)
            verdict = self.manners.judge(call, data) if response.is_success else None
            over = response.status_code in self.manners.renew_on or bool(verdict and verdict.renew)
            if over and not renewed and not call.bare:
                fresh = renewed = True
                continue
            fresh = False
            if response.status_code in BUSY:
                problem = (
                    f"http.{response.status_code}: {' '.join(self.manners.words(response.status_code, data))}"
                )
                if not call.again and response.status_code not in NOTHING_DONE:
                    raise Unsure(problem)
                self._wait(attempt, _asked(response, self.clock.now()))
                continue
            self._refuse(response, data)
            if verdict and verdict.refusal:
                raise verdict.refusal
            if verdict and verdict.wait is not None:
                problem = "http.throttled"
                self._wait(attempt, verdict.wait)
                continue
            return Reply(response.status_code, response.headers, response.content, data)
        raise Unreachable(problem.strip())

    def _send(self, call: Call, fresh: bool) -> httpx.Response:
        self.requests += 1
        own = {} if call.bare else self.manners.headers(fresh)
        request = self._http.build_request(
            call.method,
            call.path,
            params=dict(call.params) or None,
            json=call.json,
            data=dict(call.form) if call.form is not None else None,
            content=call.content,
            headers={**own, **call.headers},
        )
        response = self._http.send(request, stream=True)
        try:
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > MAX_BYTES:
                    raise Refused("http.too_large", call.path)
        finally:
            response.close()
        response._content = bytes(content)
        return response

    def _keep_pace(self, call: Call) -> None:
        bucket = self._buckets.get(call.bucket)
        if bucket is None:
            return
        now = self.clock.monotonic()
        bucket.left = min(bucket.pace.burst, bucket.left + (now - bucket.at) * bucket.pace.per_second)
        bucket.at = now
        wanted = min(bucket.pace.each or float(call.cost), bucket.pace.burst)
        if bucket.left < wanted:
            wait = min((wanted - bucket.left) / bucket.pace.per_second, self.patience.asked_wait)
            self._rest(wait)
            bucket.left += wait * bucket.pace.per_second
            bucket.at = self.clock.monotonic()
        bucket.left -= wanted

    def _learn(self, call: Call, headers: Mapping[str, str], data: Any) -> None:
        pace = self.manners.pace(call, headers, data)
        if pace is None or pace.per_second <= 0:
            return
        known = self._buckets.get(call.bucket)
        left = pace.left if pace.left is not None else min(known.left, pace.burst) if known else pace.burst
        self._buckets[call.bucket] = _Bucket(pace, left, self.clock.monotonic())

    def _wait(self, attempt: int, asked: float) -> None:
        if attempt + 1 >= self.patience.tries:
            return
        if asked > self.patience.asked_wait:
            raise Unreachable(f"http.throttled: asked to wait {asked:.0f} s")
        bound = min(self.patience.longest_wait, self.patience.first_wait * 2**attempt)
        self._rest(asked + self.clock.chance() * bound)

    def _rest(self, seconds: float) -> None:
        self.waited += seconds
        self.clock.sleep(seconds)

    def _refuse(self, response: httpx.Response, data: Any) -> None:
        status = response.status_code
        if status < 300:
            return
        code, detail = self.manners.words(status, data)
        if status in (401, 403):
            raise NotAllowed(code or f"http.{status}", detail, status)
        raise Refused(code or f"http.{status}", detail, status)


class PlainManners:
    """Fixed headers, no limits told, errors by status: what most platforms begin with."""

    renew_on: frozenset[int] = frozenset()

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._headers = dict(headers or {})

    def headers(self, fresh: bool) -> Mapping[str, str]:
        """The same each time."""
        return self._headers

    def pace(self, call: Call, headers: Mapping[str, str], data: Any) -> Pace | None:
        """Nothing is told."""
        return None

    def judge(self, call: Call, data: Any) -> Verdict | None:
        """A good answer is good."""
        return None

    def words(self, status: int, data: Any) -> tuple[str, str]:
        """`code` and `message` where the answer has them."""
        if isinstance(data, dict):
            return str(data.get("code") or ""), str(data.get("message") or data.get("error") or "")[:300]
        return "", ""


def _data(response: httpx.Response) -> Any:
    kind = response.headers.get("content-type", "")
    if "json" not in kind or not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        return None


def _asked(response: httpx.Response, now: datetime) -> float:
    """Seconds the platform asks to wait: `Retry-After` as seconds or as a date."""
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return 0.0
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


def _short(error: Exception) -> str:
    return f"{type(error).__name__} {error}"[:200].strip()
