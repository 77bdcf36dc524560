"""One quote alone, in plain Python, against the same quote among many, in Polars: every column of every answer."""

import random
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest

from entrepot.config.demo.world import demo_world, generate_batch
from entrepot.engine import quote
from entrepot.engine.columns import QUOTE_LINES, QUOTES
from entrepot.engine.decide import price_ways
from entrepot.engine.frames import SchemaError

MARKETS = {"DE": "EUR", "US": "USD", "GB": "GBP", "CA": "CAD", "AU": "AUD", "JP": "JPY", "BR": "BRL", "MX": "MXN",
           "CH": "CHF", "KR": "KRW", "SE": "SEK", "NL": "EUR", "ZZ": "EUR"}  # fmt: skip
SAME = [
    "rule",
    "cv_minor",
    "duty_minor",
    "layers_minor",
    "fees_minor",
    "taxable_minor",
    "tax_minor",
    "landed_minor",
]
NUMBERS = {"head", "place"}  # count what is asked at once, and say nothing of a quote


def asks(count, seed):
    draw, goods = random.Random(seed), demo_world()["skus"].to_dicts()
    heads, lines = [], []
    for number in range(count):
        country = draw.choice(list(MARKETS))
        heads.append(
            {"order_id": number, "placed_on": date(2026, 9, 30) - timedelta(days=draw.randrange(900)),
             "ship_from": draw.choice(["CN", "NL", "US"]), "dest_country": country, "dest_region": "",
             "mode": draw.choice(["post", "courier", "freight", "sea"]), "channel": draw.choice(["", "amazon-de"]),
             "currency": draw.choice([MARKETS[country], "USD"]), "freight_minor": draw.randrange(5_000),
             "insurance_minor": draw.choice([0, 150]), "onward_minor": draw.choice([0, 700]),
             "shipping_minor": draw.choice([0, 500]), "discount_minor": draw.choice([0, 300]),
             "price_includes_tax": draw.random() < 0.5, "buyer_kind": draw.choice(["b2c", "b2b"]),
             "buyer_vat_valid": draw.random() < 0.5, "incoterm": draw.choice(["DDP", "DAP", "EXW", "??"]),
             "duties_charged": draw.random() < 0.5}
        )  # fmt: skip
        for line in range(draw.choice([1, 1, 2, 4])):
            one = draw.choice(goods)
            told = {
                name: one[name]
                for name in ("hs_code", "origin", "proofs", "measures", "tax_category", "weight_g")
            }
            worth = draw.choice([0, 700, 15_000, 900_000])
            lines.append(
                {**told, "order_id": number, "line_no": line, "quantity": draw.randrange(1, 5),
                 "amount_minor": worth + draw.randrange(999)}
            )  # fmt: skip
    return pl.DataFrame(heads, schema=QUOTES.schema), pl.DataFrame(lines, schema=QUOTE_LINES.schema)


def rows_of(frame, number):
    return [
        {k: v for k, v in row.items() if k not in NUMBERS}
        for row in frame.to_dicts()
        if row["order_id"] == number
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_quote_alone_equals_the_same_quote_among_many(seed):
    heads, lines = asks(120, seed)
    many = quote(heads, lines, demo_world())
    for head in heads.iter_slices(1):
        number = head["order_id"][0]
        alone = quote(head, lines.filter(pl.col("order_id") == number), demo_world())
        assert alone.consignments.columns == many.consignments.columns
        assert rows_of(alone.consignments, number) == rows_of(many.consignments, number)
        assert rows_of(alone.charges, number) == rows_of(many.charges, number)


@cache
def priced_ways():
    batch = generate_batch(40)
    priced, _ = price_ways(batch, demo_world(), trace=True)
    return batch, priced.ways.filter(pl.col("decl_currency") == pl.col("currency"))


def test_a_quote_says_what_each_candidate_of_an_order_is_charged():
    batch, ways = priced_ways()
    orders = {row["order_id"]: row for row in batch.orders.to_dicts()}
    named = set(QUOTES.schema) & set(batch.orders.columns)
    goods = batch.lines.join(demo_world()["skus"], on="sku").select(QUOTE_LINES.schema.keys())
    drawn = random.Random(3).sample(ways.to_dicts(), 120)
    for way in drawn:
        order = orders[way["order_id"]]
        head = {name: order[name] for name in named} | {
            "ship_from": way["ship_from"], "mode": way["mode"], "freight_minor": way["freight_dc"],
            "insurance_minor": 0, "onward_minor": 0,
        }  # fmt: skip
        asked = pl.DataFrame([head], schema=QUOTES.schema)
        told = quote(asked, goods.filter(pl.col("order_id") == way["order_id"]), demo_world())
        row = told.consignments.row(0, named=True)
        assert {name: row[name] for name in SAME} == {name: way[name] for name in SAME}


def test_bad_rows_are_refused_alone_as_among_many():
    heads, lines = asks(1, 4)
    with pytest.raises(SchemaError, match="empty values in placed_on"):
        quote(heads.with_columns(placed_on=pl.lit(None, dtype=pl.Date)), lines, demo_world())
    with pytest.raises(SchemaError, match="repeat the key"):
        quote(heads, pl.concat([lines.head(1), lines.head(1)]), demo_world())
    with pytest.raises(SchemaError, match="quotes"):
        quote(heads.with_columns(freight_minor=pl.lit("much")), lines, demo_world())


def test_the_answer_of_one_quote_is_a_polars_frame_for_whoever_wants_one():
    heads, lines = asks(20, 5)
    many = quote(heads, lines, demo_world()).consignments
    alone = quote(heads.head(1), lines.filter(pl.col("order_id") == 0), demo_world()).consignments
    native = alone.lazy().collect()
    assert type(native) is pl.DataFrame
    assert {name: kind for name, kind in native.schema.items() if kind != pl.Null} == {
        name: pl.String if isinstance(kind, pl.Enum) else kind
        for name, kind in many.schema.items()
        if native.schema[name] != pl.Null
    }
