"""Single quotes by the Python API, each of other goods, places, days and terms, in a warm process. No database."""

from __future__ import annotations

import random
from datetime import date, timedelta
from time import perf_counter, thread_time
from typing import Any

from entrepot.config.demo.world import demo_world
from entrepot.engine.quote import quote_rows

MARKETS = {
    "DE": "EUR", "FR": "EUR", "NL": "EUR", "IT": "EUR", "ES": "EUR", "SE": "SEK", "US": "USD", "GB": "GBP", "CA": "CAD",
    "AU": "AUD", "JP": "JPY", "BR": "BRL", "MX": "MXN", "CH": "CHF", "KR": "KRW",
}  # fmt: skip
QUOTES_ASKED, YOUNG, WARMING = 600, 300, 10_000
LAST_DAY, DAYS = date(2026, 6, 30), 365


def run(quotes: int = QUOTES_ASKED) -> dict[str, float]:
    """Milliseconds of a quote as the clock and as the processor's time counts them, from rows to rows.

    Every quote is drawn anew from 400 articles, fifteen countries, a year of days, three ways of carriage, terms and
    buyers; none is asked twice. Ten thousand others come first: most rules have been looked up by then. `early` figures
    are those after the first few hundred, when expressions are written out and tables laid out, but little more.
    """
    world, draw = demo_world(), random.Random(20_260_630)
    goods = world["skus"].to_dicts()
    wall, own = [], []
    for number in range(WARMING + quotes):
        head, lines = _asked(number, goods, draw)
        begun, used = perf_counter(), thread_time()
        told = quote_rows([head], lines, world)
        row, charges = told.consignments.row(0, named=True), told.charges.to_dicts()
        used, begun = thread_time() - used, perf_counter() - begun
        if row["landed_minor"] is None or any(charge["amount"] is None for charge in charges):
            raise RuntimeError(f"no landed cost for {head}")
        wall.append(begun * 1_000)
        own.append(used * 1_000)
    early, wall, own = wall[YOUNG : YOUNG + quotes], wall[WARMING:], own[WARMING:]
    return {
        "quotes.asked": quotes,
        "quotes.early_p50_ms": _share(early, 50),
        "quotes.early_p95_ms": _share(early, 95),
        "quotes.p50_ms": _share(wall, 50),
        "quotes.p95_ms": _share(wall, 95),
        "quotes.cpu_p50_ms": _share(own, 50),
        "quotes.cpu_p95_ms": _share(own, 95),
    }


def _asked(
    number: int, goods: list[dict[str, Any]], draw: random.Random
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    country = draw.choice(list(MARKETS))
    head = {
        "order_id": number, "placed_on": LAST_DAY - timedelta(days=draw.randrange(DAYS)),
        "ship_from": draw.choice(["CN", "CN", "NL", "US"]), "dest_country": country,
        "mode": draw.choice(["post", "courier", "freight"]), "currency": MARKETS[country],
        "freight_minor": draw.randrange(300, 5_000), "shipping_minor": draw.choice([0, 500]),
        "discount_minor": draw.choice([0, 0, 300]), "price_includes_tax": draw.random() < 0.5,
        "buyer_kind": draw.choice(["b2c", "b2c", "b2b"]), "buyer_vat_valid": draw.random() < 0.5,
        "incoterm": draw.choice(["DDP", "DAP"]), "duties_charged": draw.random() < 0.5,
    }  # fmt: skip
    lines = []
    for line in range(draw.choice([1, 1, 1, 2, 3])):
        one = draw.choice(goods)
        told = {
            name: one[name]
            for name in ("hs_code", "origin", "proofs", "measures", "tax_category", "weight_g")
        }
        lines.append(
            {**told, "order_id": number, "line_no": line, "quantity": draw.randrange(1, 4),
             "amount_minor": draw.randrange(500, 60_000)}
        )  # fmt: skip
    return head, lines


def _share(values: list[float], percent: int) -> float:
    return sorted(values)[len(values) * percent // 100]
