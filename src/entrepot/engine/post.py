"""Post: stock moves, balanced ledger postings and tax entries of the chosen ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from entrepot.engine.answers import at
from entrepot.engine.columns import POSTINGS, STOCK_MOVES, TAX_ENTRIES
from entrepot.engine.frames import SchemaError
from entrepot.engine.fx import convert
from entrepot.engine.slices import together
from entrepot.engine.world import World

Leg = tuple[str, pl.Expr, str, str]


def stock_moves(legs: pl.DataFrame, goods: pl.DataFrame) -> pl.DataFrame:
    """What leaves each warehouse: one row per shipment and SKU, quantity negative.

    Shapes: legs one row per shipment (order_id, part), goods order_id, part, sku, quantity; rows of STOCK_MOVES.
    Units: pieces.
    """
    keys = ["order_id", "part"] if (legs["part"] > 1).any() else ["order_id"]
    moves = legs.select(*keys, "warehouse", moved_on="ship_on").join(goods, on=keys)
    moves = moves.with_columns(quantity=-pl.col("quantity"))
    return STOCK_MOVES.check(moves, unique=False).sort("order_id", "sku", "warehouse")


def postings(chosen: pl.DataFrame, world: World) -> pl.DataFrame:
    """Balanced postings of each order: every leg of its ways debits one account and credits another.

    Shapes: result rows of POSTINGS, one per order, account and currency; zero rows left out.
    Units: minor units; debit positive. Holds: per order and currency the amounts sum to zero, and so do the base ones.
    Errors: SchemaError when a leg has no posting rule in the world.
    Source: docs/methods/postings.md.
    """
    used = [leg for leg in _legs() if chosen.select((leg[1].fill_null(0) != 0).any()).item()]
    accounts = {leg: _accounts(leg, world) for leg, *_ in used}
    return POSTINGS.check(together(lambda part: _posted(part, used, accounts), chosen), unique=False)


def _posted(
    chosen: pl.DataFrame, legs: Sequence[Leg], accounts: Mapping[str, tuple[str, str]]
) -> pl.DataFrame:
    """Postings of some orders by their legs and the debit and credit account of each."""
    used = chosen.with_columns([amount.fill_null(0).cast(pl.Int64).alias(leg) for leg, amount, _, _ in legs])
    used = used.with_columns([_in_books(leg, weight) for leg, _, _, weight in legs])
    parts: dict[str, dict[str, list[tuple[str, int]]]] = {}
    for leg, _, currency, _ in legs:
        debit, credit = accounts[leg]
        parts.setdefault(debit, {}).setdefault(currency, []).append((leg, 1))
        parts.setdefault(credit, {}).setdefault(currency, []).append((leg, -1))
    several = chosen.filter(pl.col("order_id") == pl.col("order_id").shift())["order_id"]
    rows = [_account_rows(used, account, parts[account], several) for account in sorted(parts)]
    return pl.concat(rows).sort("order_id", maintain_order=True) if rows else POSTINGS.empty()


def _accounts(leg: str, world: World) -> tuple[str, str]:
    found = world["posting_rules"].filter(pl.col("leg") == leg)
    if found.is_empty():
        raise SchemaError(f"posting_rules: no rule for {leg}")
    return found["debit"][0], found["credit"][0]


def _account_rows(
    used: pl.DataFrame, account: str, by_currency: dict[str, list[tuple[str, int]]], several: pl.Series
) -> pl.DataFrame:
    """One row per order and currency of an account, its legs summed across columns; zero rows left out.

    `several`: orders that go in parts, whose rows are added up.
    """
    rows = []
    for currency, legs in by_currency.items():
        amount = pl.sum_horizontal([pl.col(leg) * sign for leg, sign in legs])
        base = pl.sum_horizontal([pl.col(f"{leg}_base") * sign for leg, sign in legs])
        part = used.select("order_id", currency=pl.col(currency), amount_minor=amount, base_minor=base)
        rows.append(part.filter((pl.col("amount_minor") != 0) | (pl.col("base_minor") != 0)))
    frame = pl.concat(rows)
    if sum(part.height > 0 for part in rows) > 1:
        frame = _added(frame)
    elif several.len():
        mixed = pl.col("order_id").is_in(several.implode())
        frame = pl.concat([frame.filter(~mixed), _added(frame.filter(mixed))])
    return frame.with_columns(account=pl.lit(account))


def _added(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per order and currency."""
    sums = rows.group_by("order_id", "currency").agg(pl.col("amount_minor", "base_minor").sum())
    sums = sums.filter((pl.col("amount_minor") != 0) | (pl.col("base_minor") != 0))
    return sums.sort("order_id", "currency")


def _in_books(leg: str, weight: str) -> pl.Expr:
    return convert(pl.col(leg), weight, "w_base").fill_null(0).alias(f"{leg}_base")


def _legs() -> list[Leg]:
    """Each leg's amount with the columns of its currency and of that currency's weight."""
    goods = pl.col("revenue_minor") - pl.col("revenue_shipping_minor")
    by_seller = pl.when(pl.col("collector") == "seller").then(pl.col("tax_sale_minor")).otherwise(0)
    duty = pl.col("duty_minor") + pl.col("layers_minor")
    border = duty + pl.col("fees_minor")
    border_tax = pl.when(pl.col("at_sale")).then(0).otherwise(pl.col("tax_minor"))
    own = pl.when(pl.col("seller_pays_duty") & ~pl.col("duties_charged"))
    by_us = pl.col("duty_at_sale") & ~pl.col("seller_pays_duty") & (pl.col("duty_collector") == "seller")
    prepaid = pl.when(pl.col("duties_charged")).then(border + border_tax).when(by_us).then(duty).otherwise(0)
    order, decl = ("currency", "w_order"), ("decl_currency", "w_dc")
    return [
        ("sale_goods", goods, *order),
        ("sale_shipping", pl.col("revenue_shipping_minor"), *order),
        ("sale_tax", by_seller, *order),
        ("cogs", pl.col("cogs_base_minor"), "base", "w_base"),
        ("freight", pl.col("freight_borne_minor"), "freight_currency", "w_freight"),
        ("handling", pl.col("handling_minor"), "warehouse_currency", "w_handling"),
        ("channel_fee", pl.col("channel_fee_minor"), *order),
        ("payment_fee", pl.col("payment_fee_minor"), *order),
        ("duty", own.then(border).otherwise(0), *decl),
        ("import_tax", own.then(border_tax).otherwise(0), *decl),
        ("duty_prepaid", prepaid, *decl),
    ]


def tax_entries(chosen: pl.DataFrame, charges: pl.DataFrame) -> pl.DataFrame:
    """Every duty, layer, fee and tax of the chosen ways, with who collects it.

    Shapes: result rows of TAX_ENTRIES. Units: minor units of the declaration currency.
    """
    heads = chosen.select(
        "way", "order_id", "dest_country", "dest_region", "tax_country", "tax_region", "collector",
        "duty_collector", "fee_collector", currency="decl_currency", tax_point="placed_on",
    )  # fmt: skip
    rows = charges.filter(pl.col("amount") != 0)
    ways = 1 + max(int(frame["way"].max() or 0) for frame in (rows, heads))  # type: ignore[arg-type]
    nth = pl.repeat(None, ways, dtype=pl.Int64, eager=True)
    nth = nth.scatter(heads["way"], pl.int_range(heads.height, eager=True)).gather(rows["way"])
    rows = rows.filter(nth.is_not_null()).hstack(at(heads.drop("way"), nth.drop_nulls()))
    is_tax = pl.col("kind") == "tax"
    rows = rows.select(
        "order_id", "kind", "code",
        country=pl.when(is_tax).then(pl.col("tax_country")).otherwise(pl.col("dest_country")),
        region=pl.when(is_tax).then(pl.col("tax_region")).otherwise(pl.col("dest_region")),
        collector=pl.when(is_tax)
        .then("collector")
        .when(pl.col("kind") == "fee")
        .then("fee_collector")
        .otherwise("duty_collector"),
        currency="currency", taxable_minor="taxable", rate_ppm="rate_ppm", amount_minor="amount", tax_point="tax_point",
    )  # fmt: skip
    return TAX_ENTRIES.check(rows).sort("order_id", "kind", "code", "taxable_minor", "amount_minor")
