"""Tables of goods and stock in the shapes their rooms take them; the rows as they are kept; preview and report."""

from __future__ import annotations

from typing import Any

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.channels.adapters.sheets import Rows
from entrepot.domains.channels.adapters.tabular import ROW
from entrepot.domains.channels.frames.source import kept_outcomes
from entrepot.domains.channels.rules.outcomes import OUTCOMES

SHOWN_PROBLEMS = 50
NO_ORDERS = pl.DataFrame(schema={"external_id": pl.String, "order_id": pl.Int64})
NOTHING = pl.DataFrame(schema={"outcome": pl.String})
NO_PROBLEMS = pl.DataFrame(
    schema={ROW: pl.Int64, "field": pl.String, "value": pl.String, "reason": pl.String}
)
OF_SKU = {"new": "added", "changed": "changed", "same": "same"}
OF_MOVE = {"moved": "changed", "same": "same", "short": "rejected"}
Done = tuple[Frame, Frame]


def sku_facts(rows: Rows) -> Frame:
    """Good rows as `catalog.save_skus` takes them."""
    return rows.good.drop(ROW)


def saved_skus(rows: Rows, saved: Frame) -> Done:
    """What became of each row, and every problem."""
    told = rows.good.select(ROW, "sku").join(saved, on="sku", maintain_order="left")
    outcome = pl.col("outcome").replace_strict(OF_SKU)
    return _lines(
        told.select(ROW, outcome=outcome, reason=pl.lit(""), quantity=pl.lit(0)), rows.bad
    ), rows.problems


def adjustments(rows: Rows) -> Frame:
    """Good rows as `warehouse.adjust_stock` takes them; `ref` is the row of the file."""
    return rows.good.rename({ROW: "ref"})


def adjusted(rows: Rows, told: Frame) -> Done:
    """What became of each row, and every problem, those the warehouse found among them."""
    known = told.rename({"ref": ROW, "change": "quantity"})
    reason = pl.when(pl.col("outcome") == "short").then(pl.lit("stock.short")).otherwise(pl.lit(""))
    short = (
        known.filter(pl.col("outcome") == "short")
        .join(rows.good.select(ROW, value=pl.col("quantity").cast(pl.String)), on=ROW, maintain_order="left")
        .select(ROW, field=pl.lit("quantity"), value="value", reason=pl.lit("stock.short"))
    )
    lines = known.select(
        ROW, reason=reason, quantity="quantity", outcome=pl.col("outcome").replace_strict(OF_MOVE)
    )
    columns = [ROW, "outcome", "reason", "quantity"]
    return _lines(lines.select(columns), rows.bad), pl.concat([rows.problems, short]).sort(ROW)


def _lines(good: Frame, bad: Frame) -> Frame:
    every = pl.concat([good.cast({"quantity": pl.Int64}), bad.with_columns(quantity=pl.lit(0, pl.Int64))])
    return every.sort(ROW).with_columns(amount_e4=pl.lit(0, pl.Int64), invoice=pl.lit(None, pl.String))


def preview(done: Done, decimal: str) -> dict[str, Any]:
    """What importing would give: rows by outcome, problems by field and reason, the first problems."""
    lines, problems = done
    reasons = problems.group_by("field", "reason").len()
    return {
        "outcomes": dict(lines.group_by("outcome").len().rows()),
        "reasons": list(reasons.sort(["len", "field", "reason"], descending=[True, False, False]).rows()),
        "problems": problems.head(SHOWN_PROBLEMS).to_dicts(),
        "orders": [],
        "decimal": decimal,
        "date_format": "",
    }


def report(run_id: int, kind: str, total: int) -> dict[str, Any]:
    """Rows by outcome and reason, as they stand in the records."""
    names = {number: name for name, number in OUTCOMES.items()}
    rows = kept_outcomes(run_id).rows()
    return {
        "kind": kind,
        "lines": total,
        "orders": 0,
        "outcomes": [
            {"outcome": names[number], "reason": reason, "lines": n, "quantity": pieces, "amount": ""}
            for number, reason, n, pieces, _amount in rows
        ],
    }
