"""What must hold for any batch and any world: balance, stock, conservation, order of rows, explanation."""

from dataclasses import fields
from datetime import timedelta

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small import DAY, batch, order, rows, small_world

from entrepot.engine import Batch, World, decide, explain

COUNTRIES = {"DE": "EUR", "US": "USD", "JP": "JPY", "IR": "EUR", "": "EUR"}
BASE = small_world()
SETTINGS = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def orders(draw, number):
    country = draw(st.sampled_from([*COUNTRIES, "DE", "US", "DE", "JP"]))
    lines = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["TEE", "POW", "TEE", "NONE"]), st.integers(0, 6), st.integers(-1, 60_000)
            ),
            max_size=4,
        )
    )
    return order(
        number, lines, dest_country=country, currency=COUNTRIES[country],
        channel=draw(st.sampled_from(["shop", "amazon"])), incoterm=draw(st.sampled_from(["DDP", "DAP"])),
        price_includes_tax=draw(st.booleans()), duties_charged=draw(st.booleans()),
        shipping_minor=draw(st.integers(0, 3_000)), discount_minor=draw(st.integers(0, 500)),
        priority=draw(st.integers(0, 2)), placed_on=DAY - timedelta(days=draw(st.integers(0, 60))),
        payment_method=draw(st.sampled_from(["card", "none"])),
        customer_key=draw(st.integers(1, 4)), content_key=draw(st.integers(1, 3)),
    )  # fmt: skip


@st.composite
def batches(draw):
    count = draw(st.integers(1, 12))
    stock = {(w, s): draw(st.integers(0, 9)) for w in ("SZX", "RTM") for s in ("TEE", "POW")}
    return batch(*[draw(orders(n)) for n in range(1, count + 1)], stock=stock)


@st.composite
def worlds(draw):
    scale = draw(st.sampled_from([0, 1, 3, 10]))
    duty = BASE["duty_rates"].with_columns(pl.col("rate_ppm") * scale // 2)
    vat = BASE["vat_rates"].with_columns(pl.col("rate_ppm") + draw(st.integers(0, 60_000)))
    fx = BASE["fx"].with_columns(pl.col("rate_e6") + draw(st.integers(-90_000, 90_000)))
    rounding = draw(st.sampled_from(["half_up", "half_even", "truncate"]))
    profile = BASE["roundings"].with_columns(
        value_rounding=pl.lit(rounding), duty_rounding=pl.lit(rounding), tax_rounding=pl.lit(rounding)
    )
    split = rows("policies", {"key": "choose.split", "value": draw(st.sampled_from([0, 1, 2]))},
                 {"key": "customs.parts_summed", "value": draw(st.integers(0, 1))})  # fmt: skip
    policies = pl.concat([BASE["policies"], split])
    return BASE.replace(duty_rates=duty, vat_rates=vat, fx=fx, roundings=profile, policies=policies)


def frames(decided):
    return {f.name: getattr(decided, f.name) for f in fields(decided)}


@SETTINGS
@given(batches(), worlds())
def test_postings_balance_and_profit_is_the_ledgers(some: Batch, world: World):
    decided = decide(some, world)
    sums = decided.postings.group_by("order_id", "currency").agg(pl.col("amount_minor").sum())
    assert (sums["amount_minor"] == 0).all()
    books = decided.postings.group_by("order_id").agg(pl.col("base_minor").sum())
    assert (books["base_minor"] == 0).all()
    result = decided.postings.filter(pl.col("account").str.contains("^[45]")).group_by("order_id")
    result = result.agg(ledger=-pl.col("base_minor").sum())
    both = decided.decisions.filter(pl.col("status") == "confirmed").join(result, on="order_id", how="left")
    assert (both["ledger"].fill_null(0) == both["profit_base_minor"]).all()


@SETTINGS
@given(batches(), worlds())
def test_stock_is_never_oversold_and_moves_are_what_was_ordered(some: Batch, world: World):
    decided = decide(some, world)
    taken = decided.stock_moves.group_by("warehouse", "sku").agg(taken=-pl.col("quantity").sum())
    left = taken.join(some.stock, on=["warehouse", "sku"], how="left")
    assert (left["taken"] <= left["available"].fill_null(0)).all()
    confirmed = decided.decisions.filter(pl.col("status") == "confirmed")["order_id"]
    wanted = some.lines.filter(pl.col("order_id").is_in(confirmed.implode()))["quantity"].sum()
    assert -decided.stock_moves["quantity"].sum() == wanted


@SETTINGS
@given(batches(), worlds())
def test_every_order_gets_one_decision_and_held_ones_book_nothing(some: Batch, world: World):
    decided = decide(some, world)
    assert decided.decisions["order_id"].to_list() == some.orders["order_id"].to_list()
    booked = set(decided.postings["order_id"]) | set(decided.stock_moves["order_id"])
    confirmed = decided.decisions.filter(pl.col("status") == "confirmed")["order_id"].to_list()
    assert booked <= set(confirmed)
    held = decided.decisions.filter(pl.col("status") == "held")["order_id"].to_list()
    assert set(held) == set(decided.issues.filter(pl.col("severity") == "hold")["order_id"])


@SETTINGS
@given(batches(), worlds(), st.randoms())
def test_the_order_of_rows_changes_nothing(some: Batch, world: World, chance):
    seed = chance.randrange(10_000)
    mixed = Batch.of(
        orders=some.orders.sample(fraction=1, shuffle=True, seed=seed),
        lines=some.lines.sample(fraction=1, shuffle=True, seed=seed),
        stock=some.stock.sample(fraction=1, shuffle=True, seed=seed),
    )
    shuffled = World.of(
        {name: frame.sample(fraction=1, shuffle=True, seed=seed) for name, frame in world.tables.items()}
    )
    assert shuffled.hash == world.hash
    again = frames(decide(mixed, shuffled))
    for name, frame in frames(decide(some, world)).items():
        assert_frame_equal(frame, again[name])


@settings(max_examples=15, deadline=None)
@given(batches(), worlds())
def test_the_explanation_is_the_decision(some: Batch, world: World):
    decided = decide(some, world)
    for row in decided.decisions.head(3).to_dicts():
        found = explain(some, world, row["order_id"])
        assert found.decision == row
        if row["status"] == "confirmed":
            best = next(way for way in found.ways if way["chosen"])
            assert best["profit_base_minor"] == row["profit_base_minor"]
            assert best["landed_minor"] == row["landed_minor"]


@settings(max_examples=20, deadline=None)
@given(st.integers(15_001, 90_000), st.integers(0, 400_000), st.integers(0, 200_000))
def test_more_duty_never_lowers_the_landed_cost(amount, rate, more):
    one = batch(order(1, [("TEE", 1, amount)], price_includes_tax=False), stock={("SZX", "TEE"): 1})

    def landed(ppm):
        rates = BASE["duty_rates"].with_columns(rate_ppm=pl.lit(ppm, dtype=pl.Int64))
        return decide(one, BASE.replace(duty_rates=rates)).decisions["landed_minor"][0]

    assert landed(rate) <= landed(rate + more)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 9_000), min_size=1, max_size=5), st.integers(0, 2_000), st.integers(0, 300))
def test_parts_add_up_to_totals(amounts, shipping, discount):
    lines = [("TEE" if n % 2 else "POW", 1, amount) for n, amount in enumerate(amounts)]
    one = batch(
        order(
            1,
            lines,
            shipping_minor=shipping,
            discount_minor=min(discount, sum(amounts)),
            price_includes_tax=False,
        )
    )
    for way in explain(one, BASE, 1).ways:
        carried = way["freight_dc"] + way["insurance_dc"] + way["onward_dc"]
        assert way["landed_minor"] == way["goods_dc"] + carried + way["charges_minor"]
        assert (
            way["charges_minor"]
            == way["duty_minor"] + way["layers_minor"] + way["fees_minor"] + way["tax_minor"]
        )
        assert way["goods_net"] == sum(amounts) - min(discount, sum(amounts))
