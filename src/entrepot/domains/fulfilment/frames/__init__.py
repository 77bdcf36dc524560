"""The spine's frames: policies, and a batch's decisions in the shape each room takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from entrepot.core.frames import Frame, pack, read, text_array, unpack, write
from entrepot.core.worldtables import WorldTable
from entrepot.domains.fulfilment.models import Batch as BatchRow
from entrepot.domains.fulfilment.models import Policy
from entrepot.engine import Batch, Decided, World
from entrepot.engine.choose.limits import WAIT_DAYS
from entrepot.engine.columns import LINES
from entrepot.engine.validity import in_force

TABLES = (WorldTable("policies", Policy, ("key",), _("Policies"), "policy"),)
MICRO = 1_000_000


@dataclass(frozen=True)
class Bookings:
    """One batch's decisions, cut to what each room takes."""

    applied: Frame
    holds: Frame
    moves: Frame
    plans: Frame
    taxes: Frame
    entries: Frame
    postings: Frame
    decisions: Frame
    ids_by_status: dict[str, list[int]]


def bookings(batch: Batch, decided: Decided) -> Bookings:
    """Cut a batch's decisions for the rooms.

    Shapes: one row per order in `applied` and `decisions`, one per confirmed order in `plans` and `entries`.
    Units: as in the engine's contracts; margin in ppm of revenue.
    """
    versions = _versions(batch.orders["order_id"].to_list())
    decisions = decided.decisions.join(versions, on="order_id", how="left", maintain_order="left")
    decisions = decisions.with_columns(version=pl.col("version").fill_null(0) + 1)
    holds = _holds(decided.issues, decisions)
    confirmed = decisions.filter(pl.col("status") == "confirmed")
    booked = confirmed.join(
        decided.postings.select("order_id").unique(), on="order_id", how="semi", maintain_order="left"
    )
    placed = batch.orders.select("order_id", "placed_on")
    ids = {row["status"]: row["order_id"] for row in decisions.group_by("status").agg("order_id").to_dicts()}
    return Bookings(
        applied=_applied(decisions, holds),
        holds=holds,
        moves=decided.stock_moves.select(
            "warehouse",
            "sku",
            "quantity",
            "moved_on",
            kind=pl.lit("sale"),
            ref_kind=pl.lit("order"),
            ref_id="order_id",
        ),
        plans=_plans(decided.shipments, confirmed),
        taxes=decided.tax_entries,
        entries=booked.join(placed, on="order_id", maintain_order="left").select(
            ref="order_id",
            kind=pl.lit("order"),
            entry_date="placed_on",
            ref_kind=pl.lit("order"),
            ref_id="order_id",
            idempotency_key=pl.format("order:{}:v{}", "order_id", "version"),
        ),
        postings=decided.postings.rename({"order_id": "ref"}),
        decisions=decisions,
        ids_by_status=ids,
    )


def _plans(shipments: Frame, confirmed: Frame) -> Frame:
    """Shipments with their numbers: S<order>-<version>, and -<part> where the order goes in parts."""
    marks = confirmed.select("order_id", "version", is_cut=pl.col("parts").is_not_null())
    rows = shipments.join(marks, on="order_id", how="inner", maintain_order="left")
    alone = pl.format("S{}-{}", "order_id", "version")
    number = pl.when("is_cut").then(pl.format("S{}-{}-{}", "order_id", "version", "part")).otherwise(alone)
    return rows.with_columns(number=number)


def write_decisions(decisions: Frame, batch_id: int, world_hash: str, engine_version: str) -> None:
    """Store decisions; those they replace move to the past ones."""
    replaced = decisions.filter(pl.col("version") > 1)["order_id"].to_list()
    if replaced:
        with connection.cursor() as cursor:
            cursor.execute(_TO_PAST, [replaced])
            cursor.execute("DELETE FROM fulfilment_decision WHERE order_id = ANY(%s)", [replaced])
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now = cursor.fetchone()[0]
    about = {
        "batch_id": batch_id,
        "world_hash": world_hash,
        "engine_version": engine_version,
        "decided_at": now,
    }
    write(
        "fulfilment_decision",
        decisions.with_columns(**{name: pl.lit(value) for name, value in about.items()}),
    )


def keep_batch(row: BatchRow, batch: Batch) -> None:
    """Put the engine's input beside the batch, compressed."""
    row.orders, row.lines, row.stock = pack(batch.orders), pack(batch.lines), pack(batch.stock)
    row.booked = pack(batch.booked) if batch.booked.height else None
    row.hits = pack(batch.hits) if batch.hits.height else None


def kept_batch(row: BatchRow) -> Batch:
    """The engine's input as it was when the batch was decided.

    Errors: LookupError when the batch has not been decided.
    """
    if row.orders is None or row.lines is None or row.stock is None:
        raise LookupError(f"batch {row.pk} has not been decided")
    kept = Batch(unpack(row.orders), LINES.check(unpack(row.lines)), unpack(row.stock))
    more = {name: unpack(data) for name in ("booked", "hits") if (data := getattr(row, name)) is not None}
    return replace(kept, **more)


def has_lists(world: World) -> bool:
    """Whether there is a sanctions list to screen buyers against."""
    return not world["sanction_lists"].is_empty()


def ship_days(orders: Frame, world: World) -> tuple[date, date] | None:
    """First and last day on which orders could leave, waiting included; None where no capacity limits them."""
    if world["capacities"].is_empty() or world["warehouses"].is_empty():
        return None
    longest = max(world["warehouses"]["handling_days"].to_list()) + policy_value(world, WAIT_DAYS, 0)
    placed: list[date] = orders["placed_on"].unique().to_list()
    return min(placed), max(placed) + timedelta(days=longest)


def is_over_capacity(loads: Frame, plans: Frame, world: World) -> bool:
    """Whether plans, on top of what is planned by now (frame BOOKED), are more than some capacity allows."""
    own = plans.group_by("warehouse", "service", "ship_on").agg(
        orders=pl.len().cast(pl.Int64), parcels=pl.col("parcels").sum(), weight_g=pl.col("weight_g").sum()
    )
    rules = world["capacities"].rename({"warehouse": "at", "service": "by"})
    sent = pl.concat([loads, own.select(loads.columns)]).join(rules, how="cross")
    sent = sent.filter(
        (pl.col("at") == "") | (pl.col("at") == pl.col("warehouse")),
        (pl.col("by") == "") | (pl.col("by") == pl.col("service")),
        in_force("ship_on"),
    )
    weight = pl.when(pl.col("unit") == "g").then(pl.col("weight_g"))
    amount = weight.when(pl.col("unit") == "parcels").then(pl.col("parcels")).otherwise(pl.col("orders"))
    days = own.select("ship_on").unique()
    sums = (
        sent.join(days, on="ship_on", how="semi")
        .group_by("at", "by", "unit", "per_day", "ship_on")
        .agg(amount.sum().alias("sent"))
    )
    return not sums.filter(pl.col("sent") > pl.col("per_day")).is_empty()


def policy_value(world: World, key: str, default: int) -> int:
    """The newest value of a policy of our own, for what is no decision (sizes of batches, look-back of queries)."""
    rows = world["policies"].filter(pl.col("key") == key).sort("valid_from")
    return int(rows["value"][-1]) if rows.height else default


def policy_text(world: World, key: str) -> str:
    """The newest text of a policy of our own; empty where the world is silent."""
    rows = world["policies"].filter(pl.col("key") == key).sort("valid_from")
    return str(rows["text"][-1] or "") if rows.height else ""


def _applied(decisions: Frame, holds: Frame) -> Frame:
    codes = (
        holds.group_by("order_id").agg(pl.col("code").sort()).with_columns(holds=text_array(pl.col("code")))
    )
    rows = decisions.join(codes.select("order_id", "holds"), on="order_id", how="left", maintain_order="left")
    revenue, profit = pl.col("revenue_base_minor"), pl.col("profit_base_minor")
    return rows.select(
        "order_id",
        "ship_on",
        "promise_on",
        "profit_base_minor",
        state="status",
        holds=pl.col("holds").fill_null("{}"),
        warehouse=pl.col("warehouse").fill_null(""),
        service=pl.col("service").fill_null(""),
        margin_ppm=pl.when(revenue > 0).then(profit.cast(pl.Int128) * MICRO // revenue).cast(pl.Int64),
    )


def _holds(issues: Frame, decisions: Frame) -> Frame:
    held = decisions.filter(pl.col("status") == "held").select("order_id")
    rows = issues.filter(pl.col("severity") == "hold").join(held, on="order_id", how="semi")
    detail = pl.col("detail").filter(pl.col("detail") != "").unique().sort().str.join(", ").str.slice(0, 200)
    return rows.group_by("order_id", "code").agg(detail=detail).sort("order_id", "code")


def _versions(order_ids: Sequence[int]) -> Frame:
    query = "SELECT order_id, version FROM fulfilment_decision WHERE order_id = ANY(%s)"
    return read(query, {"order_id": pl.Int64(), "version": pl.Int64()}, [list(order_ids)])


_COLUMNS = """
    order_id, batch_id, version, world_hash, engine_version, decided_at, status, warehouse, service, import_rule,
    collector, ship_on, promise_on, parcels, weight_g, chargeable_g, currency, revenue_minor, tax_sale_minor,
    base_currency, revenue_base_minor, cogs_base_minor, freight_base_minor, handling_base_minor,
    channel_fee_base_minor, payment_fee_base_minor, duty_base_minor, import_tax_base_minor, profit_base_minor,
    landed_minor, landed_currency, chosen_by, waits, parts
"""
_TO_PAST = f"""
    INSERT INTO fulfilment_pastdecision ({_COLUMNS})
    SELECT {_COLUMNS} FROM fulfilment_decision WHERE order_id = ANY(%s)
"""


FIGURES = {
    "order_id": pl.Int64(),
    "status": pl.String(),
    "collector": pl.String(),
    "warehouse": pl.String(),
    "service": pl.String(),
    "promise_on": pl.Date(),
    "revenue_minor": pl.Int64(),
    "tax_sale_minor": pl.Int64(),
    "base_currency": pl.String(),
    "revenue_base_minor": pl.Int64(),
    "cogs_base_minor": pl.Int64(),
    "freight_base_minor": pl.Int64(),
    "handling_base_minor": pl.Int64(),
    "channel_fee_base_minor": pl.Int64(),
    "payment_fee_base_minor": pl.Int64(),
    "duty_base_minor": pl.Int64(),
    "import_tax_base_minor": pl.Int64(),
    "profit_base_minor": pl.Int64(),
}


def decided_figures(order_ids: Sequence[int]) -> Frame:
    """The current decision's figures of some orders (columns of `FIGURES`)."""
    columns = ", ".join(FIGURES)
    query = f"SELECT {columns} FROM fulfilment_decision WHERE order_id = ANY(%s) ORDER BY order_id"
    return read(query, FIGURES, [list(order_ids)])


def refresh_statistics() -> None:
    """Tell the planner how large the books have become: after a bulk load it would still take them for small."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ANALYZE)


# a small sample will do to tell a large table from a small one; the database itself takes a full one later
_ANALYZE = """
    SET LOCAL default_statistics_target = 20;
    ANALYZE orders_order, orders_orderline, ledger_entry, ledger_posting, warehouse_stockmove, fulfilment_decision,
        logistics_shipment, customs_taxentry
"""
