"""Quote: landed cost of any goods, by the functions that decide orders."""

from datetime import date

import polars as pl
import pytest
from small import batch, order, small_world

from entrepot.config.demo.world import demo_world
from entrepot.engine import explain, quote, quote_rows
from entrepot.engine.columns import QUOTE_LINES, QUOTES

WORLD = small_world()


def asked(number=1, lines=(("610910", 1, 20000),), **more):
    usual = {
        "order_id": number, "placed_on": date(2026, 5, 4), "ship_from": "CN", "dest_country": "DE", "mode": "courier",
        "currency": "EUR",
    }  # fmt: skip
    heads = {c.name: c.default for c in QUOTES.columns if c.default is not None}
    rows = [
        {"order_id": number, "line_no": n, "hs_code": code, "origin": "CN", "proofs": "", "measures": "",
         "tax_category": "standard", "quantity": quantity, "weight_g": 180, "amount_minor": amount}
        for n, (code, quantity, amount) in enumerate(lines, 1)
    ]  # fmt: skip
    return {**heads, **usual, **more}, rows


def quoted(*asks, world=WORLD):
    heads = pl.DataFrame([head for head, _ in asks], schema=QUOTES.schema)
    lines = pl.DataFrame([row for _, rows in asks for row in rows], schema=QUOTE_LINES.schema)
    return quote(heads, lines, world)


@pytest.mark.parametrize("count", [1, 3, 17])
def test_rows_are_quoted_as_frames_of_the_same_rows_are(count):
    lines = (("610910", 1, 20_000), ("850760", 2, 9_000))
    asks = [asked(number, lines) for number in range(1, count + 1)]

    by_rows = quote_rows([head for head, _ in asks], [row for _, rows in asks for row in rows], WORLD)
    by_frames = quoted(*asks)

    assert by_rows.consignments.to_dicts() == by_frames.consignments.to_dicts()
    assert by_rows.charges.to_dicts() == by_frames.charges.to_dicts()
    assert by_rows.rules(1) == by_frames.rules(1)


def test_an_import_over_the_limit_pays_duty_on_cif_and_tax_on_both():
    row = quoted(asked(freight_minor=1000)).consignments.row(0, named=True)
    assert (row["rule"], row["cv_minor"], row["duty_minor"], row["tax_minor"]) == ("EU-H1", 21000, 2520, 4469)
    assert row["landed_minor"] == 21000 + 2520 + 4469


def test_a_quote_says_what_an_order_of_the_same_goods_is_charged():
    one = order(1, [("TEE", 1, 20000), ("POW", 2, 9000)], price_includes_tax=False)
    way = next(w for w in explain(batch(one), WORLD, 1).ways if w["warehouse"] == "SZX")
    ask = asked(
        lines=(("610910", 1, 20000), ("850760", 2, 9000)),
        freight_minor=way["freight_dc"],
        shipping_minor=0,
        incoterm="DDP",
    )
    row = quoted(ask).consignments.row(0, named=True)
    same = (
        "rule",
        "cv_minor",
        "duty_minor",
        "layers_minor",
        "fees_minor",
        "taxable_minor",
        "tax_minor",
        "landed_minor",
    )
    assert {name: row[name] for name in same} == {name: way[name] for name in same}


def test_many_quotes_at_once_equal_one_at_a_time_in_the_order_asked():
    asks = [asked(n, dest_country=c, currency="USD") for n, c in ((1, "US"), (2, "DE"), (3, "JP"), (4, "ZZ"))]
    together = quoted(*asks).consignments
    assert together["order_id"].to_list() == [1, 2, 3, 4]
    for ask in asks:
        alone = quoted(ask).consignments
        assert alone.equals(together.filter(pl.col("order_id") == ask[0]["order_id"]).select(alone.columns))
    unknown = together.row(3, named=True)
    assert (unknown["rule"], unknown["landed_minor"]) == (None, None)


def test_a_quote_cites_its_rules():
    rules = quoted(asked()).rules(1)
    assert {row["table"] for row in rules} >= {"import_rules", "territories", "vat_rates", "duty_rates"}
    assert next(row for row in rules if row["table"] == "duty_rates")["hs_prefix"] == "6109"
    assert all(row["source"] for row in rules if row["table"] not in ("fx", "roundings"))


def test_the_harbour_fee_falls_on_what_comes_by_ship():
    usual = {"dest_country": "US", "currency": "USD", "placed_on": date(2026, 10, 18)}
    asks = [
        asked(n, (("610910", 9, 500_000),), mode=mode, **usual) for n, mode in ((1, "freight"), (2, "sea"))
    ]
    charges = quoted(*asks, world=demo_world()).charges.to_dicts()

    fees = sorted((one["order_id"], one["code"], one["amount"]) for one in charges if one["kind"] == "fee")
    assert fees == [(1, "US-MPF", 3358), (2, "US-HMF", 625), (2, "US-MPF", 3358)]
