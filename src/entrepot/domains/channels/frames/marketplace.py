"""The lines of a marketplace file as they are kept, and its reconciliation: the file beside what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from django.db import connection

from entrepot.core.company import base_currency
from entrepot.core.frames import Frame, read, write
from entrepot.domains.channels.adapters.marketplace import MEASURES, PLACES, ParsedFile
from entrepot.domains.channels.frames import figures
from entrepot.domains.channels.frames.figures import exact, not_kept
from entrepot.domains.channels.rules.outcomes import OUTCOMES
from entrepot.domains.orders.queries.imports import Sums

SHOWN_NOTES = 50


def keep_lines(run_id: int, parsed: ParsedFile, known: Frame) -> int:
    """Keep what became of every line, instead of what was kept of this run before; how many."""
    rows = pl.DataFrame(
        [(line.row_no, OUTCOMES[line.outcome], *line[2:]) for line in parsed.lines],
        schema={
            "row_no": pl.Int64, "outcome": pl.Int64, "reason": pl.String, "currency": pl.String, "amount_e4": pl.Int64,
            "quantity": pl.Int64, "external_id": pl.String,
        },
        orient="row",
    )  # fmt: skip
    ids = known.select("external_id", "order_id").unique("external_id", keep="first")
    rows = rows.unique("row_no", keep="first", maintain_order=True)
    rows = rows.join(ids, on="external_id", how="left", maintain_order="left")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_sourceline WHERE run_id = %s", [run_id])
    write(
        "channels_sourceline",
        rows.select(
            "row_no", "outcome", "reason", "amount_e4", "quantity",
            run_id=pl.lit(run_id, pl.Int64),
            currency=pl.col("currency").str.slice(0, 3),
            ref_kind=pl.when(pl.col("order_id").is_null()).then(pl.lit("")).otherwise(pl.lit("order")),
            ref_id="order_id",
        ),
    )  # fmt: skip
    return rows.height


def problems(parsed: ParsedFile) -> Frame:
    """Why rows were refused, as `source.keep_rejects` takes them."""
    return pl.DataFrame(
        parsed.problems,
        schema={"row_no": pl.Int64, "field": pl.String, "value": pl.String, "reason": pl.String},
        orient="row",
    )


def kept(run_id: int) -> list[dict[str, Any]]:
    """Lines by outcome, reason and currency, as they stand in the records."""
    names = {number: name for name, number in OUTCOMES.items()}
    schema = {
        "outcome": pl.Int64(), "reason": pl.String(), "currency": pl.String(), "lines": pl.Int64(),
        "quantity": pl.Int64(), "amount_e4": pl.Int64(),
    }  # fmt: skip
    rows = read(_KEPT, schema, [run_id]).rows()
    return [
        {
            "outcome": names[number],
            "reason": reason,
            "currency": currency,
            "lines": n,
            "quantity": q,
            "amount": exact(a, 4),
        }
        for number, reason, currency, n, q, a in rows
    ]


def reconciliation(parsed: ParsedFile) -> list[dict[str, Any]]:
    """For each currency and measure the file's own sum beside the places its amounts went to.

    Holds: file = orders + cancelled + duplicate + rejected + apart, difference 0.00. `apart` is what a stated total
    has beyond the rows of its order.
    """
    keys = sorted(
        {*parsed.file_sums, *((c, m) for c, m, _place in parsed.sums)},
        key=lambda key: (key[0], (*MEASURES, "settled").index(key[1])),
    )
    rows = []
    for currency, measure in keys:
        places = {place: parsed.sums.get((currency, measure, place), 0) for place in PLACES}
        total = parsed.file_sums.get((currency, measure), 0)
        if not total and not any(places.values()):
            continue
        difference = total - sum(places.values())
        rows.append(
            {
                "currency": currency,
                "measure": measure,
                "file": exact(total, 4),
                **{place: exact(amount, 4) for place, amount in places.items()},
                "difference": exact(difference, 4),
            }
        )
    return rows


def in_the_records(parsed: ParsedFile, sums: Sequence[Sums], units: dict[str, int]) -> list[dict[str, Any]]:
    """The orders of the file beside the same orders in our records, by currency; a later version may differ."""
    of_file: dict[tuple[str, str], int] = {}
    for order in {order.external_id: order for order in parsed.orders}.values():
        parts = {
            "goods": order.goods_minor, "shipping": order.shipping_minor, "discount": order.discount_minor,
            "tax": order.tax_minor,
        }  # fmt: skip
        for measure, amount in parts.items():
            of_file[order.currency, measure] = of_file.get((order.currency, measure), 0) + amount
    rows = []
    for row in sums:
        for measure in ("goods", "shipping", "discount", "tax"):
            ours, theirs = getattr(row, f"{measure}_minor"), of_file.get((row.currency, measure), 0)
            places = units.get(row.currency, 2)
            if ours or theirs:
                rows.append(
                    {
                        "currency": row.currency, "measure": measure, "orders": row.orders,
                        "file": exact(theirs, places), "records": exact(ours, places),
                        "difference": exact(theirs - ours, places),
                    }
                )  # fmt: skip
    return rows


def report(parsed: ParsedFile, run_id: int, known: Frame, decisions: Frame) -> dict[str, Any]:
    """The part of the report that needs no more than the file and its orders."""
    sums = known.group_by("currency").agg(pl.len(), pl.col("total_minor").sum()).sort("currency")
    return {
        "kind": "file",
        "file_kind": parsed.kind,
        "platform": parsed.platform,
        "encoding": parsed.encoding,
        "delimiter": parsed.delimiter,
        "lines": len(parsed.lines),
        "outcomes": kept(run_id),
        "reconciliation": reconciliation(parsed),
        "not_kept": not_kept(parsed.leftovers),
        "apart": [{"order": order, "amount": note} for order, note in parsed.notes[:SHOWN_NOTES]],
        "rejected": len({problem.row_no for problem in parsed.problems}),
        "amounts": [{"currency": c, "orders": n, "total_minor": total} for c, n, total in sums.rows()],
        "orders": known.height,
        "states": figures.decisions_by_state(known),
        "holds": figures.holds_by_code(known),
        "profit": figures.profit_sums(decisions, base_currency()),
    }


_KEPT = """
    SELECT outcome, reason, currency, count(*), sum(quantity)::bigint, sum(amount_e4)::bigint
    FROM channels_sourceline WHERE run_id = %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
