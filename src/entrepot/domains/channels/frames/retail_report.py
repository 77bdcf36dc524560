"""The reconciliation of an Online Retail file: every line, every pound, beside what the books say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.channels.adapters.online_retail import OUTCOMES, RetailRecords
from entrepot.domains.channels.adapters.tables import table
from entrepot.domains.channels.frames import figures
from entrepot.domains.channels.frames.figures import exact
from entrepot.domains.channels.frames.source import Source, kept_outcomes
from entrepot.domains.ledger.queries import BookedSum
from entrepot.kernel.money import to_minor

NAMES = {number: name for name, number in OUTCOMES.items()}


@dataclass(frozen=True)
class Booked:
    """What the records say of the file: its orders, their decisions, what the books hold of it."""

    run_id: int
    digest: str
    orders: Frame
    decisions: Frame
    order_sums: Sequence[BookedSum]
    own_sums: Sequence[BookedSum]
    receivable: str
    accounts: tuple[str, ...]
    facts: Frame
    base: str
    source: Source


def first_day(records: RetailRecords) -> date:
    """The first day of the file."""
    day = records.lines["placed_on"].min()
    return day if isinstance(day, date) else date(2000, 1, 1)


def booked_orders(orders: Frame, decisions: Frame) -> Frame:
    """The booked orders with the tax that was in them."""
    figures_of = decisions.filter(status="confirmed").select(
        "order_id", "collector", "revenue_minor", "tax_sale_minor"
    )
    return orders.join(figures_of, on="order_id", maintain_order="left").with_columns(
        pl.col("collector").fill_null("")
    )


def assumed_deliveries(orders: Frame, decisions: Frame) -> Frame:
    """Confirmed orders with the promised day as the day of delivery."""
    promised = decisions.filter(pl.col("promise_on").is_not_null()).select(
        "order_id", delivered_on="promise_on"
    )
    waiting = orders.filter(state="confirmed").select("order_id")
    return waiting.join(promised, on="order_id", maintain_order="left").with_columns(
        state=pl.lit("delivered")
    )


def build(records: RetailRecords, booked: Booked) -> dict[str, Any]:
    """The whole report, ready for JSON. Amounts are text in pounds, `_minor` whole minor units.

    Holds: the outcomes' lines and amounts add up to the file's; `books` rows add up with difference 0.00.
    Source: docs/methods/online_retail_reconciliation.md.
    """
    lines, kept = records.lines, kept_outcomes(booked.run_id)
    orders = booked.orders
    return {
        "kind": booked.source.name,
        "currency": booked.source.currency,
        "lines": lines.height,
        "first_day": str(first_day(records)),
        "last_day": str(lines["placed_on"].max()),
        "outcomes": _outcomes(kept),
        "controls": _controls(records, kept, booked.digest),
        "rounding": _rounding(lines),
        "invoice_types": _cross(lines.with_columns(key=_invoice_type())),
        "countries": _countries(lines),
        "books": _books(records, booked),
        "returns": _returns(records.returns),
        "stock": _stock(records, booked.facts),
        "assumptions": figures.assumptions(booked.facts, records.skus),
        "orders": orders.height,
        "states": figures.decisions_by_state(orders),
        "holds": figures.holds_by_code(orders),
        "profit": figures.profit_sums(booked.decisions, booked.base),
        "profit_by_month": figures.profit_by(
            orders, booked.decisions, pl.col("placed_on").dt.strftime("%Y-%m")
        ),
        "profit_by_country": figures.profit_by(orders, booked.decisions, pl.col("dest_country")),
    }


def _outcomes(kept: Frame) -> list[dict[str, Any]]:
    """From the records, not from the file: lines, pieces and pounds by outcome, with the reasons inside."""
    found = []
    for number, name in NAMES.items():
        rows = kept.filter(outcome=number)
        found.append(
            {
                "outcome": name,
                "lines": int(rows["lines"].sum()),
                "quantity": int(rows["quantity"].sum()),
                "amount": exact(rows["amount_e4"].sum(), 4),
                "reasons": [
                    {"reason": reason, "lines": n, "quantity": q, "amount": exact(a, 4)}
                    for _o, reason, n, q, a in rows.rows()
                ],
            }
        )
    return found


def _controls(records: RetailRecords, kept: Frame, digest: str) -> list[dict[str, Any]]:
    """Totals known from elsewhere beside ours; for an unknown file, ours alone."""
    lines = records.lines
    cancelled = lines.filter(pl.col("invoice").str.starts_with("C"))
    counted: dict[str, tuple[int, int]] = {
        "lines": (int(kept["lines"].sum()), 0),
        "amount": (_to_minor(int(kept["amount_e4"].sum())), 2),
        "cancelled_amount": (_to_minor(int(cancelled["amount_e4"].sum())), 2),
        "cancelled_invoices": (cancelled["invoice"].n_unique(), 0),
        "invoices": (lines["invoice"].n_unique(), 0),
        "stock_codes": (lines["stock_code"].n_unique(), 0),
        "customers": (lines.filter(pl.col("customer") != "")["customer"].n_unique(), 0),
        "countries": (lines["country_text"].n_unique(), 0),
        "duplicates": (lines.filter(outcome="duplicate").height, 0),
        "without_customer": (lines.filter(customer="").height, 0),
        "without_description": (lines["description"].null_count(), 0),
        "negative_quantities": (lines.filter(pl.col("quantity") < 0).height, 0),
    }
    known = dict(table("control_totals").filter(sha256=digest).select("name", "value").rows())
    return [_control(name, value, decimals, known.get(name)) for name, (value, decimals) in counted.items()]


def _control(name: str, value: int, decimals: int, known: str | None) -> dict[str, Any]:
    expected = to_minor(known, decimals) if known is not None else None
    return {
        "name": name,
        "expected": exact(expected, decimals) if expected is not None else None,
        "computed": exact(value, decimals),
        "difference": exact(value - expected, decimals) if expected is not None else None,
    }


def _to_minor(amount_e4: int) -> int:
    return (abs(amount_e4) + 50) // 100 * (1 if amount_e4 >= 0 else -1)


def _rounding(lines: Frame) -> dict[str, str]:
    """Unit prices with three decimals are booked in whole pence, half up, line by line."""
    fine = lines.filter(pl.col("amount_e4") % 100 != 0)
    whole = int(lines["amount_e4"].sum())
    pence = int(lines["amount_minor"].sum())
    return {
        "exact": exact(whole, 4),
        "in_pence": exact(pence),
        "difference": exact(whole - pence * 100, 4),
        "lines": str(fine.height),
    }


def _invoice_type() -> pl.Expr:
    letter = pl.col("invoice").fill_null("").str.extract(r"^([A-Z]+)", 1).fill_null("")
    return (
        pl.when(letter == "")
        .then(pl.lit("sale"))
        .when(letter == "C")
        .then(pl.lit("cancellation"))
        .otherwise(pl.lit("adjustment"))
    )


def _cross(lines: Frame) -> list[dict[str, Any]]:
    """Lines, pieces and pounds by a key and outcome."""
    rows = (
        lines.group_by("key", "outcome")
        .agg(n=pl.len(), q=pl.col("quantity").sum(), a=pl.col("amount_e4").sum())
        .sort("key", pl.col("outcome").replace_strict(OUTCOMES, return_dtype=pl.Int64))
    )
    return [
        {"key": key, "outcome": outcome, "lines": n, "quantity": q, "amount": exact(a, 4)}
        for key, outcome, n, q, a in rows.rows()
    ]


def _countries(lines: Frame) -> list[dict[str, Any]]:
    """Each country as written, the code we read it as, and its lines by outcome; the largest amount first."""
    per = [
        pl.col("amount_e4").filter(pl.col("outcome") == name).sum().alias(f"amount_{name}")
        for name in OUTCOMES
    ] + [(pl.col("outcome") == name).sum().alias(f"lines_{name}") for name in OUTCOMES]
    rows = (
        lines.group_by(pl.col("country_text").fill_null(""), "country")
        .agg(
            pl.len().alias("lines"),
            pl.col("amount_e4").sum(),
            pl.col("invoice").n_unique().alias("invoices"),
            *per,
        )
        .sort("amount_e4", descending=True)
    )
    return [
        {
            "written": row["country_text"],
            "country": row["country"],
            "lines": row["lines"],
            "invoices": row["invoices"],
            "amount": exact(row["amount_e4"], 4),
            "outcomes": {
                name: {"lines": row[f"lines_{name}"], "amount": exact(row[f"amount_{name}"], 4)}
                for name in OUTCOMES
                if row[f"lines_{name}"]
            },
        }
        for row in rows.to_dicts()
    ]


def _books(records: RetailRecords, booked: Booked) -> list[dict[str, Any]]:
    """The file's pence by outcome beside the ledger's, in the file's currency.

    Orders stand in the books once confirmed; what waits for a decision or was cancelled is shown beside them.
    """
    states = booked.orders
    waiting = ~pl.col("state").is_in([*figures.BOOKED_STATES, figures.CANCELLED])
    open_minor = int(states.filter(waiting)["total_minor"].sum())
    cancelled = int(states.filter(state=figures.CANCELLED)["total_minor"].sum())
    minor = dict(records.lines.group_by("outcome").agg(pl.col("amount_minor").sum()).rows())
    with_orders = int(records.orders["shipping_minor"].sum())
    orders = int(records.orders["total_minor"].sum())
    rows: list[tuple[Any, ...]] = [
        (
            "orders",
            orders,
            _sum_of(booked.order_sums, booked, None, (booked.receivable,)),
            open_minor,
            cancelled,
        ),
        ("return", minor.get("return", 0), _own(booked, "return"), 0, 0),
        ("fee", minor.get("fee", 0) - with_orders, _own(booked, "fee"), 0, 0),
        ("adjustment", minor.get("adjustment", 0), _own(booked, "adjustment"), 0, 0),
        ("write_off", minor.get("write_off", 0), 0, 0, 0),
        ("duplicate", minor.get("duplicate", 0), 0, 0, minor.get("duplicate", 0)),
        ("rejected", minor.get("rejected", 0) or 0, 0, 0, minor.get("rejected", 0) or 0),
    ]
    sums = tuple(sum(row[place] for row in rows) for place in range(1, 5))
    return [
        {
            "name": name,
            "file": exact(file),
            "booked": exact(ledger),
            "waiting": exact(wait),
            "not_booked": exact(never),
            "difference": exact(file - ledger - wait - never),
        }
        for name, file, ledger, wait, never in [*rows, ("total", *sums)]
    ]


def _own(booked: Booked, kind: str) -> int:
    return _sum_of(booked.own_sums, booked, kind, (booked.receivable, *booked.accounts))


def _sum_of(sums: Sequence[BookedSum], booked: Booked, kind: str | None, accounts: tuple[str, ...]) -> int:
    return sum(
        row.amount_minor
        for row in sums
        if row.currency == booked.source.currency and row.account in accounts and kind in (None, row.kind)
    )


def _returns(returns: Frame) -> dict[str, Any]:
    tied = pl.col("tied_pieces")
    pieces = pl.col("quantity")
    return {
        "lines": returns.height,
        "tied": returns.filter(tied == pieces).height,
        "partly": returns.filter((tied > 0) & (tied < pieces)).height,
        "untied": returns.filter(tied == 0).height,
        "cancellations": returns.filter(kind="cancellation").height,
        "pieces": int(returns["quantity"].sum()),
        "tied_pieces": int(returns["tied_pieces"].sum()),
        "orders": returns["sale_invoice"].n_unique() - (1 if returns["sale_invoice"].null_count() else 0),
    }


def _stock(records: RetailRecords, facts: Frame) -> dict[str, Any]:
    """Pieces by kind of move, and what the assumed opening stock would have cost, in the currency of the costs."""
    moves = records.moves
    pieces = dict(moves.group_by("kind").agg(pl.col("quantity").sum()).rows())
    opening = moves.filter(kind="opening").join(facts.select("sku", "cost_minor", "cost_currency"), on="sku")
    worth = opening.select((pl.col("quantity") * pl.col("cost_minor")).sum()).item()
    sold = int(records.order_lines["quantity"].sum())
    return {
        "opening_skus": moves.filter(kind="opening").height,
        "opening_pieces": int(pieces.get("opening", 0)),
        "opening_worth": exact(int(worth or 0)),
        "returned_pieces": int(pieces.get("return", 0)),
        "found_pieces": int(pieces.get("adjustment", 0)),
        "written_off_pieces": -int(pieces.get("writeoff", 0)),
        "sold_pieces": sold,
        "left_pieces": int(sum(pieces.values())) - sold,
    }
