"""The whole pipeline, from an order frame to booked profit, beside a bare-SQL floor on the same database.

Pipeline: orders and lines in, decided, and booked in one transaction per batch (order state, decision, shipment, tax
entries, stock moves, balanced postings, events). Floor: `floor.sql`, the same kinds of rows in the same numbers,
written set-based from a staging table without constraints, engine or framework.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.cluster import cpu_seconds, scratch_database

FLOOR = Path(__file__).with_name("floor.sql")
CHUNK = 20_000


def run(orders: int = 100_000) -> dict[str, float]:
    """Orders per second and CPU ms per order (PostgreSQL's included), for the pipeline and for the floor."""
    with scratch_database():
        batch = prepare(orders)
        return {**measure_pipeline(batch), **measure_floor()}


def prepare(orders: int) -> Any:
    """Reference data, catalogue and stock for so many demo orders; the orders themselves are not in yet."""
    import polars as pl

    from entrepot.config.demo.world import demo_world, generate_batch
    from entrepot.core import reference
    from entrepot.domains.ledger import services as ledger
    from entrepot.domains.warehouse import services as warehouse

    reference.load()
    ledger.load_ecb_rates()
    batch = generate_batch(orders)
    add_catalogue(demo_world()["skus"])
    first_day = batch.orders["placed_on"].min() - timedelta(days=30)  # type: ignore[operator]
    stock = batch.stock.filter(pl.col("available") > 0)
    warehouse.receive(stock.select("warehouse", "sku", quantity="available", moved_on=pl.lit(first_day)))
    return batch


def add_catalogue(skus: Any) -> None:
    """The demo's SKUs with all their facts."""
    import polars as pl

    from entrepot.domains.catalog import services as catalog

    day = pl.date(2020, 1, 1)
    catalog.ensure_categories(
        skus.unique("category", keep="first", maintain_order=True).select(
            "category", "weight_g", "length_mm", "width_mm", "height_mm", "hs_code", name_en="category",
            cost_ppm=pl.lit(400_000), valid_from=day,
        )
    )  # fmt: skip
    catalog.ensure_skus(
        skus.select(
            "sku", "category", "hs_code", "origin", "weight_g", "length_mm", "width_mm", "height_mm", "cost_minor",
            "cost_currency", name_en="sku",
        )
    )  # fmt: skip


def measure_pipeline(batch: Any) -> dict[str, float]:
    """Take the orders in, decide and book them."""
    import polars as pl

    from entrepot.domains.fulfilment import services as fulfilment
    from entrepot.domains.fulfilment import world
    from entrepot.domains.orders import services as orders

    heads = batch.orders.with_columns(
        ref="order_id",
        external_id=pl.col("order_id").cast(pl.String),
        placed_at=pl.col("placed_on").cast(pl.Datetime("us", "UTC")),
        source=pl.lit("demo"),
    )
    lines = batch.lines.with_columns(
        ref="order_id", unit_price_e4=pl.col("amount_minor") * 100 // pl.col("quantity").clip(lower_bound=1)
    )
    count = heads.height
    with clock() as compiled:  # once per worker process, however many orders follow
        digest = world.warm().hash
    with clock() as intake:
        for start in range(0, count, CHUNK):
            part = heads.slice(start, CHUNK)
            orders.insert_orders(part, lines.join(part, on="ref", how="semi"))
    with clock() as decided:
        run = fulfilment.run_inline(fulfilment.start_run())
    if run.done != count or world.current().hash != digest:
        raise RuntimeError(f"only {run.done} of {count} orders were decided: {run.error}")
    wall, cpu = intake["wall"] + decided["wall"], intake["cpu"] + decided["cpu"]
    return {
        "pipeline.orders": count,
        "pipeline.world_compile_cpu_s": compiled["cpu"],
        "pipeline.orders_per_s": count / wall,
        "pipeline.cpu_ms_per_order": cpu * 1000 / count,
        "pipeline.intake_cpu_ms_per_order": intake["cpu"] * 1000 / count,
        "pipeline.decide_and_book_cpu_ms_per_order": decided["cpu"] * 1000 / count,
    }


def measure_floor() -> dict[str, float]:
    """Write the same numbers of rows with plain SQL, from the pipeline's own results as the staging table."""
    from django.db import connection

    prepared, _, timed = FLOOR.read_text("utf-8").partition("-- measured from here\n")
    with connection.cursor() as cursor:
        cursor.execute(prepared)
        cursor.execute("SELECT count(*) FROM floor.staged_order")
        count = int(cursor.fetchone()[0])
        with clock() as spent:
            cursor.execute(timed)
    return {
        "floor.orders_per_s": count / spent["wall"],
        "floor.cpu_ms_per_order": spent["cpu"] * 1000 / count,
    }


@contextmanager
def clock() -> Iterator[dict[str, float]]:
    """Seconds of wall time and of CPU (ours and PostgreSQL's) spent inside."""
    spent: dict[str, float] = {}
    wall, cpu = perf_counter(), cpu_seconds()
    yield spent
    spent["wall"], spent["cpu"] = perf_counter() - wall, cpu_seconds() - cpu


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:45} {figure:12,.3f}")
