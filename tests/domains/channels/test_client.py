"""The client's manners: it waits as told, learns the pace from headers, and is honest about what nobody knows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from entrepot.domains.channels.adapters.client import (
    Call,
    Client,
    Clock,
    NotAllowed,
    Pace,
    Patience,
    PlainManners,
    Refused,
    Unreachable,
    Unsure,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Time:
    """A clock that goes on only while somebody sleeps; chance is what the test says."""

    def __init__(self, chance: float = 1.0) -> None:
        self.passed, self.slept = 0.0, list[float]()
        self.clock = Clock(
            now=lambda: NOW + timedelta(seconds=self.passed), monotonic=lambda: self.passed, sleep=self.sleep,
            chance=lambda: chance,
        )  # fmt: skip

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.passed += seconds


class Told(PlainManners):
    """A platform that says in headers how many calls a second it bears."""

    def pace(self, call: Call, headers: Any, data: Any) -> Pace | None:
        told = headers.get("x-limit", "")
        return Pace(float(told), 2.0) if told else None


def client(
    answers: list[Any], time: Time, manners: PlainManners | None = None, **patience: Any
) -> tuple[Client, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = answers[min(len(asked), len(answers)) - 1]
        if isinstance(found, Exception):
            raise found
        return found() if isinstance(found, Callable) else httpx.Response(*found)  # type: ignore[arg-type]

    made = Client(
        "https://peer.test", manners or PlainManners(), patience=Patience(**patience), clock=time.clock,
        transport=httpx.MockTransport(answer),
    )  # fmt: skip
    return made, asked


def busy(status: int = 429, **headers: str) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(
        status, headers={k.replace("_", "-"): v for k, v in headers.items()}, json={}
    )


GOOD = (200,)


def test_waits_double_up_to_a_bound_and_chance_draws_from_nothing_to_it():
    time = Time(chance=1.0)
    made, asked = client([busy(500)] * 5 + [GOOD], time, first_wait=1.0, longest_wait=4.0)
    assert made.call(Call("GET", "/x")).status == 200
    assert time.slept == [1.0, 2.0, 4.0, 4.0, 4.0]
    assert len(asked) == 6

    lucky = Time(chance=0.0)
    made, _asked = client([busy(500)] * 5 + [GOOD], lucky)
    made.call(Call("GET", "/x"))
    assert lucky.slept == [0.0] * 5


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", 0.0),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(told: str, waits: float):
    time = Time(chance=0.0)
    made, _asked = client([busy(Retry_After=told), GOOD], time)
    made.call(Call("GET", "/x"))
    assert time.slept == [waits]


def test_the_wait_asked_for_is_never_undercut_and_one_too_long_is_given_up():
    time = Time(chance=0.5)
    made, _asked = client([busy(Retry_After="10"), GOOD], time, first_wait=2.0)
    made.call(Call("GET", "/x"))
    assert time.slept == [11.0]

    made, asked = client([busy(Retry_After="301")], Time())
    with pytest.raises(Unreachable, match="asked to wait 301 s"):
        made.call(Call("GET", "/x"))
    assert len(asked) == 1


def test_the_pace_is_learned_from_headers_by_kind_of_call():
    time = Time()
    slow = lambda: httpx.Response(200, headers={"x-limit": "0.5"}, json={})  # noqa: E731
    made, _asked = client([slow], time, Told())
    for _ in range(4):
        made.call(Call("GET", "/x", bucket="orders"))
    assert time.slept == [2.0]  # two at once, then one every two seconds: the first wait shows it
    made.call(Call("GET", "/y", bucket="other"))
    assert time.slept == [2.0]


def test_a_documented_pace_holds_from_the_first_call_on():
    time = Time()
    made, _asked = client([GOOD], time)
    made.expect("feeds", Pace(0.1, 2.0))
    for _ in range(3):
        made.call(Call("POST", "/f", bucket="feeds"))
    assert time.slept == [10.0]


def test_a_change_without_an_answer_is_unsure_and_not_sent_again():
    lost = httpx.ReadTimeout("late")
    made, asked = client([lost], Time())
    with pytest.raises(Unsure, match="no_answer"):
        made.call(Call("POST", "/x", again=False))
    assert len(asked) == 1

    made, asked = client([busy(500)], Time())
    with pytest.raises(Unsure):
        made.call(Call("POST", "/x", again=False))
    assert len(asked) == 1

    made, asked = client([busy(429, Retry_After="0"), httpx.ConnectError("down"), GOOD], Time())
    assert made.call(Call("POST", "/x", again=False)).status == 200  # nothing was done: it may be sent again
    assert len(asked) == 3


def test_refusals_are_not_tried_again():
    for status, kind in ((400, Refused), (404, Refused), (401, NotAllowed), (403, NotAllowed)):
        made, asked = client([(status,)], Time())
        with pytest.raises(kind):
            made.call(Call("GET", "/x"))
        assert len(asked) == 1


def test_redirects_are_not_followed():
    made, asked = client([lambda: httpx.Response(302, headers={"Location": "https://evil.test/"})], Time())
    with pytest.raises(Refused):
        made.call(Call("GET", "/x"))
    assert len(asked) == 1
