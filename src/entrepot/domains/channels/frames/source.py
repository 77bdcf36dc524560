"""Which channel, warehouse and currency a kind of file belongs to, and the lines of a file as they are kept."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.db import connection

from entrepot.core.frames import Frame, read, write
from entrepot.domains.channels.adapters.tables import table
from entrepot.domains.channels.rules.outcomes import OUTCOMES


@dataclass(frozen=True)
class Source:
    """Where the records of a file go. `name` marks them; keys of bookings begin with it."""

    name: str
    channel: str
    warehouse: str = ""
    currency: str = ""
    includes_tax: bool = False
    buyer_known: str = "b2c"
    buyer_unknown: str = "b2c"


def source_of(kind: str, *, includes_tax: bool) -> Source:
    """The shipped setting of a kind of file (data/sources.csv)."""
    row = table("sources").filter(kind=kind).row(0, named=True)
    return Source(
        kind,
        row["channel"],
        row["warehouse"],
        row["currency"],
        includes_tax,
        row["buyer_known"],
        row["buyer_unknown"],
    )


def keep_lines(run_id: int, lines: Frame, orders: Frame) -> int:
    """Keep what became of every line, instead of what was kept of this run before; how many lines.

    Shapes: lines n rows (row_no, outcome, reason, amount_e4, quantity, invoice: of the order it belongs to or null);
    orders (external_id, order_id).
    """
    known = orders.select(pl.col("external_id").alias("invoice"), "order_id")
    rows = lines.join(known, on="invoice", how="left", maintain_order="left").select(
        run_id=pl.lit(run_id, pl.Int64),
        row_no="row_no",
        outcome=pl.col("outcome").replace_strict(OUTCOMES, return_dtype=pl.Int64),
        reason="reason",
        currency=pl.lit(""),
        amount_e4=pl.col("amount_e4").fill_null(0),
        quantity=pl.col("quantity").fill_null(0),
        ref_kind=pl.when(pl.col("order_id").is_null()).then(pl.lit("")).otherwise(pl.lit("order")),
        ref_id="order_id",
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_sourceline WHERE run_id = %s", [run_id])
    write("channels_sourceline", rows)
    return rows.height


def keep_rejects(run_id: int, rejects: Frame) -> None:
    """Keep why rows were refused (row_no, field, value, reason), instead of what was kept of this run before."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_sourcereject WHERE run_id = %s", [run_id])
    rows = rejects.select(
        run_id=pl.lit(run_id, pl.Int64),
        row_no="row_no",
        field=pl.col("field").fill_null(""),
        value=pl.col("value").fill_null("").str.slice(0, 500),
        reason="reason",
        remedy=pl.lit(""),
    )
    write("channels_sourcereject", rows)


def kept_outcomes(run_id: int) -> Frame:
    """Lines, pieces and amount of a run by outcome and reason, as they stand in the records."""
    return read(_OUTCOMES, {"outcome": pl.Int64(), **_SUMS}, [run_id])


_SUMS = {"reason": pl.String(), "lines": pl.Int64(), "quantity": pl.Int64(), "amount_e4": pl.Int64()}
_OUTCOMES = """
    SELECT outcome, reason, count(*), sum(quantity)::bigint, sum(amount_e4)::bigint
    FROM channels_sourceline WHERE run_id = %s GROUP BY 1, 2 ORDER BY 1, 2
"""
