"""KPIs and the profit explorer over ten million order lines: seconds to export them, p50 and p95 of warm answers.

Lines are drawn from decided demo orders: each month takes them again with new numbers and shuffled days, so that
markets, channels, articles, ways and figures are spread as in the demo. Pages' own functions ask.
"""

from __future__ import annotations

import csv
import os
import tempfile
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl

from entrepot.domains import insight

SAMPLE, MONTHS, ROUNDS, WARM_UP = 100_000, 24, 25, 3
LAST = date(2026, 10, 1)
SIZE = 10_000_000


def run(orders: int | None = None) -> dict[str, float]:
    """Figures for ten million lines, or for as many as so many orders have."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entrepot.config.settings")
    import django

    django.setup()
    from django.conf import settings

    with tempfile.TemporaryDirectory() as folder:
        settings.MART_ROOT = Path(folder)
        sample = _sample()
        wanted = SIZE if orders is None else int(orders * sample.height / SAMPLE)
        begun = perf_counter()
        lines = _write(sample, wanted)
        found = {"insight.lines": float(lines), "insight.write_s": perf_counter() - begun}
        found["insight.mb"] = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet")) / 2**20
        for name, questions in _asked().items():
            times = _time(questions)
            found[f"insight.{name}.p50_ms"] = times[len(times) // 2]
            found[f"insight.{name}.p95_ms"] = times[int(len(times) * 0.95)]
        return found


def _sample() -> pl.DataFrame:
    """Rows of the mart of decided demo orders, without a database."""
    from entrepot.config.demo.world import demo_world, generate_batch
    from entrepot.domains.fulfilment.frames.lines import BOOKED, on_order_lines
    from entrepot.domains.insight.frames.lines import shaped
    from entrepot.engine import decide

    world, whole = demo_world(), generate_batch(SAMPLE)
    decided = decide(whole, world).decisions.filter(pl.col("status") == "confirmed")
    batch = whole.only(decided["order_id"])
    figures = [f"{name}_base_minor" for name in BOOKED]
    heads = batch.orders.join(
        decided.select(
            "order_id", "warehouse", "service", "revenue_minor", "tax_sale_minor", "base_currency", *figures,
            collector=pl.col("collector").fill_null(""), regime=pl.col("import_rule").fill_null(""),
        ),
        on="order_id",
    ).with_columns(total_minor=pl.col("revenue_minor") + pl.col("tax_sale_minor").fill_null(0))  # fmt: skip
    goods = world["skus"].select("sku", "category")
    chance = pl.col("order_id").hash(1)
    rows = batch.lines.join(heads, on="order_id").join(goods, on="sku", how="left").with_columns(
        market="dest_country", account=pl.lit(""), product=pl.col("sku").str.slice(0, 4),
        state=pl.lit("delivered"), month=pl.col("placed_on").dt.truncate("1mo"), decided=pl.lit(value=True),
        returned_quantity=(chance % 12 == 0).cast(pl.Int64), refund_minor=pl.lit(0, pl.Int64),
        transit_days=(chance % 14 + 2).cast(pl.Int64), late=chance % 25 == 0, known_buyer=pl.lit(value=True),
        repeat_buyer=chance % 2 == 0,
    )  # fmt: skip
    lines = batch.lines.select("order_id", "line_no", "sku", "quantity", "amount_minor")
    return shaped(rows.sort("order_id", "line_no"), on_order_lines(heads, lines, world))


def _write(sample: pl.DataFrame, wanted: int) -> int:
    """Months of the mart and its cube from the sample, again and again; how many lines there are."""
    from entrepot.domains.insight import frames
    from entrepot.domains.insight.adapters import store
    from entrepot.domains.insight.rules.pivot import months_on

    manifest, total, number = store.Manifest("CNY", {}), 0, 0
    ids = sample["order_id"].max()
    for back in range(MONTHS):
        month, parts, rows = months_on(LAST, -back), [], 0
        days = (months_on(month, 1) - month).days
        while rows < wanted // MONTHS:
            number += 1
            part = sample.head(wanted // MONTHS - rows).with_columns(
                order_id=pl.col("order_id") + number * (int(ids) + 1),
                month=pl.lit(month),
                placed_on=pl.lit(month) + pl.duration(days=(pl.col("order_id").hash(number) % days)),
            )
            parts.append(part.with_columns(pl.col("placed_on").cast(pl.Date)))
            rows += part.height
        frame = pl.concat(parts)
        for fact, one in (("order_lines", frame), ("profit_cube", frames.cube(frame))):
            data = frames.as_parquet(one)
            file, digest = store.write_part(fact, month.isoformat(), data)
            sums = frames.sums_of(one)
            manifest = manifest.with_part(
                store.Part(fact, month.isoformat(), file, one.height, len(data), digest, "", sums)
            )
        total += rows
    store.write_manifest(manifest)
    return total


def _asked() -> dict[str, list[Any]]:
    """What pages ask: the KPI tree's sums, pivots of whole months and of days, narrowed or not, the lines of a cell."""
    from entrepot.domains.insight.queries import pivot
    from entrepot.domains.insight.rules.pivot import FALL, Question, month_end, months_on, sums_for

    first, last = months_on(LAST, -11), month_end(LAST)
    months = [months_on(LAST, -back) for back in reversed(range(24))]
    year = [
        Question(first, last, ("market",)), Question(first, last, ("channel",), "month"),
        Question(first, last, ("sku",)), Question(first, last, ("category", "market", "service")),
        Question(first, last, ("sku",), "month", {"market": ("DE",)}), Question(first, last, ("warehouse",), "regime"),
        Question(first, last, ("market",), "", {"sku": ("CE06-BK",)}),
    ]  # fmt: skip
    odd = timedelta(days=3)
    days = [
        Question(first + odd, last - odd, ("market",)), Question(last - 7 * odd, last - odd, ("sku",)),
        Question(last - 30 * odd, last - odd, ("channel",), "market"),
    ]  # fmt: skip
    names = (*sums_for(("revenue", "profit", "margin", "orders")), *FALL)
    own = sorted({name for pair in _kpi_sums() for name in pair if name})
    monthly = [
        Question(months[0], last, ("month",)),
        Question(months[0], last, ("month",), "", {"market": ("DE",)}),
    ]
    return {
        "kpi_home": [lambda one=one: pivot.sums(one, own) for one in monthly],
        "explorer": [lambda one=one: pivot.pivot(one, names) for one in year],
        "explorer_days": [lambda one=one: pivot.pivot(one, names) for one in days],
        "lines": [
            lambda one=one: pivot.lines_of(one.only(market="DE"), page=1, per_page=50) for one in year[:2]
        ],
    }


def _kpi_sums() -> list[tuple[str, str]]:
    """Numerator and denominator of every KPI as shipped."""
    with (Path(insight.__file__).parent / "data/kpis.csv").open(encoding="utf-8", newline="") as file:
        return [(row["numerator"], row["denominator"]) for row in csv.DictReader(file)]


def _time(questions: list[Any]) -> list[float]:
    """Sorted milliseconds of warm answers, each question in turn."""
    times = []
    for number in range(WARM_UP + ROUNDS):
        for ask in questions:
            begun = perf_counter()
            ask()
            if number >= WARM_UP:
                times.append((perf_counter() - begun) * 1000)
    return sorted(times)
