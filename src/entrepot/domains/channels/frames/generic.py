"""The records of any order table in the shapes the rooms take them; its preview and report."""

from __future__ import annotations

from typing import Any

import polars as pl

from entrepot.core.company import base_currency
from entrepot.core.frames import Frame
from entrepot.domains.channels.adapters.generic import GenericRecords
from entrepot.domains.channels.frames import figures
from entrepot.domains.channels.frames.figures import exact
from entrepot.domains.channels.frames.source import Source, kept_outcomes
from entrepot.domains.channels.rules.outcomes import OUTCOMES

SHOWN_PROBLEMS, SHOWN_ORDERS = 50, 10
NO_PREVIEW: dict[str, Any] = {
    "outcomes": {},
    "reasons": [],
    "problems": [],
    "orders": [],
    "decimal": "",
    "date_format": "",
}


def preview(records: GenericRecords) -> dict[str, Any]:
    """What importing would give: rows by outcome, problems by field and reason, the first problems and orders."""
    reasons = (
        records.problems.group_by("field", "reason")
        .len()
        .sort(["len", "field", "reason"], descending=[True, False, False])
    )
    shown = records.orders.select(
        "invoice", "placed_on", "country", "currency", "goods_minor", "shipping_minor", "total_minor"
    )
    return {
        "outcomes": dict(records.lines.group_by("outcome").len().rows()),
        "reasons": list(reasons.rows()),
        "problems": records.problems.head(SHOWN_PROBLEMS).to_dicts(),
        "orders": shown.head(SHOWN_ORDERS).to_dicts(),
        "decimal": records.decimal,
        "date_format": records.date_format,
    }


def customers(records: GenericRecords, source: Source) -> Frame:
    """Buyers that have a number or an e-mail address in the file."""
    code = _customer_code(source)
    return (
        records.orders.filter(code != "")
        .select(code=code, name="recipient", email="email", country="country")
        .unique("code", keep="first", maintain_order=True)
    )


def orders(records: GenericRecords, source: Source) -> tuple[Frame, Frame]:
    """Orders and lines as `orders` takes them."""
    heads = records.orders.with_row_index("ref").with_columns(pl.col("ref").cast(pl.Int64))
    orders = heads.select(
        "ref",
        "placed_at",
        "placed_on",
        "currency",
        "shipping_minor",
        "discount_minor",
        "payment_method",
        channel=pl.lit(source.channel),
        external_id="invoice",
        source=pl.lit(source.name),
        customer_code=_customer_code(source),
        recipient_name="recipient",
        dest_country="country",
        dest_region="region",
        dest_city="city",
        dest_postcode="postcode",
        price_includes_tax=pl.lit(source.includes_tax),
        buyer_kind=pl.when(pl.col("vat_number") != "").then(pl.lit("b2b")).otherwise(pl.lit("b2c")),
        buyer_vat_id="vat_number",
    )
    lines = records.order_lines.join(
        heads.select("invoice", "ref"), on="invoice", maintain_order="left"
    ).select("ref", "line_no", "sku", "description", "quantity", "amount_minor", unit_price_e4="price_e4")
    return orders, lines


def source_lines(records: GenericRecords) -> Frame:
    """What became of each row."""
    sold = pl.when(outcome="order_line").then(pl.col("order_id"))
    return records.lines.select("row_no", "outcome", "reason", "amount_e4", "quantity", invoice=sold)


def report(
    run_id: int, records: GenericRecords, known: Frame, decisions: Frame, source: Source
) -> dict[str, Any]:
    """Rows by outcome and reason, problems, orders by state, profit; amounts by currency, since files mix them."""
    names = {number: name for name, number in OUTCOMES.items()}
    sums = records.orders.group_by("currency").agg(pl.len(), pl.col("total_minor").sum()).sort("currency")
    return {
        "kind": "generic",
        "source": source.name,
        "channel": source.channel,
        "lines": records.lines.height,
        "decimal": records.decimal,
        "date_format": records.date_format,
        "outcomes": [
            {"outcome": names[number], "reason": reason, "lines": n, "quantity": q, "amount": exact(a, 4)}
            for number, reason, n, q, a in kept_outcomes(run_id).rows()
        ],
        "amounts": [{"currency": c, "orders": n, "total_minor": total} for c, n, total in sums.rows()],
        "orders": known.height,
        "states": figures.decisions_by_state(known),
        "holds": figures.holds_by_code(known),
        "profit": figures.profit_sums(decisions, base_currency()),
    }


def _customer_code(source: Source) -> pl.Expr:
    number = (
        pl.when(pl.col("customer") != "")
        .then(pl.col("customer"))
        .otherwise(pl.col("email").str.to_lowercase())
    )
    return pl.when(number == "").then(pl.lit("")).otherwise(pl.lit(f"{source.channel}:") + number)
