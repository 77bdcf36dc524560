"""The first pages on a large company: time to answer and number of queries, over Django's whole request path."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter

from benchmarks.cluster import scratch_database

ROUNDS, WARM_UP = 40, 3


def run(orders: int = 100_000) -> dict[str, float]:
    """p50 and p95 in ms and the largest number of queries, by page, with so many demo orders."""
    with scratch_database("entrepot_bench_pages"):
        from entrepot.config.demo import build

        build.build(build.Wish(orders, 1, datetime(2026, 11, 1, 12, tzinfo=UTC)), lambda *_event: None)
        return {"pages.orders": orders, **measure()}


def measure() -> dict[str, float]:
    """Ask for each page again and again as Ada, with different arguments where a page takes any."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="ada"))
    figures: dict[str, float] = {}
    for page, addresses in _pages().items():
        times, most = _ask(client, addresses)
        figures[f"pages.{page}.p50_ms"] = times[len(times) // 2]
        figures[f"pages.{page}.p95_ms"] = times[int(len(times) * 0.95)]
        figures[f"pages.{page}.queries"] = most
    return figures


def _pages() -> dict[str, list[str]]:
    from entrepot.domains.orders.models import Order

    ids = list(Order.objects.order_by("id").values_list("id", flat=True)[: ROUNDS * 2_000 : 2_000])
    some = Order.objects.get(pk=ids[len(ids) // 2])
    lists = [
        "/orders/",
        "/orders/?state=delivered",
        "/orders/?state=held",
        "/orders/?channel=amazon-us&sort=profit",
        "/orders/?sort=-total",
        "/orders/?page=40",
        f"/orders/?q={some.number}",
        f"/orders/?q={some.recipient_name.split()[-1]}",
        "/orders/?country=DE&warehouse=RTM",
    ]
    return {"home": ["/"], "orders": lists, "order": [f"/orders/{order_id}/" for order_id in ids]}


def _ask(client: object, addresses: list[str]) -> tuple[list[float], int]:
    """Sorted times in ms, and the most queries of one answer (counted apart, for counting costs time)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times = []
    for number, address in enumerate(_rounds(addresses)):
        begun = perf_counter()
        answer = client.get(address)  # type: ignore[attr-defined]
        spent = (perf_counter() - begun) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        if number >= WARM_UP:
            times.append(spent)
    most = 0
    for address in addresses[:10]:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)  # type: ignore[attr-defined]
        most = max(most, len(queries))
    return sorted(times), most


def _rounds(addresses: list[str]) -> Iterator[str]:
    for number in range(max(ROUNDS, 3 * len(addresses)) + WARM_UP):
        yield addresses[number % len(addresses)]


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:32} {figure:10,.1f}")
