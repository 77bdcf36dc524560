"""Frames of few rows: every operation answers what Polars answers on the same rows."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars import Boolean, DataFrame, Date, Int64, String, exceptions
from polars import col as native

from entrepot.engine import few as pl
from entrepot.engine.arithmetic import at_ppm, cumulative_share, divide, running, segment_sums
from entrepot.engine.few import Few

SETTINGS = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
WHOLE = st.none() | st.integers(-10_000, 10_000)
WORD = st.none() | st.sampled_from(["", "a", "b", "a b", "ab c"])
DAY = st.none() | st.dates(date(2024, 1, 1), date(2026, 12, 31))
TYPES = {
    "k": Int64, "a": Int64, "b": Int64, "p": Int64, "s": String, "t": String,
    "f": Boolean, "g": Boolean, "d": Date,
}  # fmt: skip


@st.composite
def frames(draw, least=0):
    row = st.fixed_dictionaries(
        {"k": st.integers(0, 2), "a": WHOLE, "b": WHOLE, "p": st.integers(1, 999), "s": WORD, "t": WORD,
         "f": st.none() | st.booleans(), "g": st.none() | st.booleans(), "d": DAY}
    )  # fmt: skip
    rows = draw(st.lists(row, min_size=least, max_size=4))
    return DataFrame(sorted(rows, key=lambda one: one["k"]), schema=TYPES)


c = pl.col
EXPRESSIONS = {
    "plus": c("a") + c("b"), "minus": 5 - c("a"), "times": c("a") * 3, "whole": c("a") // c("p"),
    "by zero": c("a") // 0,
    "rest": c("a") % c("p"), "negative": -c("a"), "sign": c("a").sign() * c("a").abs(), "equal": c("a") == c("b"),
    "less": c("a") < c("b"), "not less": ~(c("a") < c("b")), "and": c("f") & c("g"), "or": c("f") | c("g"),
    "filled": c("f").fill_null(True) | c("g").fill_null(False), "filled by": c("a").fill_null(c("b")),
    "null": c("a").is_null() & c("b").is_not_null(), "clipped": c("a").clip(lower_bound=1).clip(upper_bound=9),
    "half up": divide(c("a") * 7, c("p")), "half even": divide(c("a"), c("p") * 2, "half_even"),
    "truncated": divide(c("a"), c("p"), "truncate"), "rated": at_ppm(c("a"), c("p") * 1000),
    "cases": pl.when(c("f")).then("a").when(c("a") > c("b")).then(c("b") * 2).otherwise(7),
    "open case": pl.when(c("f") & c("g")).then(pl.lit("x")), "nested": pl.when("f").then(
        pl.when(c("a") > 0).then(1).otherwise(c("p"))).otherwise(pl.when("g").then(2).otherwise(c("b"))),
    "least": pl.min_horizontal("a", "b"),
    "most": pl.max_horizontal("a", c("b") + 1), "sum": pl.sum_horizontal(["a", "b"]),
    "any": pl.any_horizontal(pl.col("f", "g").is_not_null()), "first known": pl.coalesce("a", "b", pl.lit(3)),
    "shifted": c("a").shift() == c("a").shift(-1), "filled shift": c("a").shift(fill_value=0),
    "run": c("p").cum_sum() - c("p"), "forward": c("a").forward_fill(), "backward": c("a").backward_fill(),
    "rank": c("p").rank("dense").cast(pl.Int64), "rank of pairs": pl.struct("k", "p").rank("dense").cast(pl.Int64),
    "place": pl.int_range(pl.len()), "whole sum": c("a").sum() + c("p"), "most of all": c("p").max() * 2 + c("k"),
    "nulls": c("a").null_count(), "any of all": c("f").any(),
    "text": c("k").cast(pl.String) + "/" + c("p").cast(pl.String),
    "number": c("f").cast(pl.Int64) + 1, "day": c("d").to_physical().cast(pl.Int64) - 5,
    "before": c("d") <= date(2025, 5, 5),
    "words": c("s").str.split(" ").list.contains(c("t")), "start": c("s").str.slice(0, 1),
    "start by": c("s").str.slice(0, c("k")), "length": c("s").str.len_chars(), "found": c("s").is_in(["a", "b"]),
    "digits": (c("s") + "7").str.extract(r"(\d+)$").cast(pl.Int64), "renamed": c("a").alias("z"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPRESSIONS)
@SETTINGS
@given(frame=frames())
def test_an_expression_gives_what_polars_gives(name, frame):
    term = EXPRESSIONS[name]
    assert Few.of(frame).with_columns(new=term).to_dicts() == frame.with_columns(new=term).to_dicts()


@SETTINGS
@given(frame=frames())
def test_many_expressions_at_once_and_in_any_number_give_the_same(frame):
    few = Few.of(frame)
    wanted = {name: term for name, term in EXPRESSIONS.items() if name not in ("nulls", "any of all")}
    assert few.select(**wanted).to_dicts() == frame.select(**wanted).to_dicts()
    whole = [pl.col("a", "b").sum(), pl.col("p").max(), pl.len()]
    assert few.select(*whole).to_dicts() == frame.select(*whole).to_dicts()


OPERATIONS = {
    "filter": lambda f: f.filter(c("f"), c("p") > 3),
    "filter by values": lambda f: f.filter(f.select((c("a") > 0).fill_null(False)).to_series()),
    "sort": lambda f: f.with_row_index("n").sort("a", "s", "n", nulls_last=True),
    "sort by terms": lambda f: f.with_row_index("n").sort(c("a") > 0, "f", "n"),
    "first of each": lambda f: f.unique(["k", "s"], keep="first", maintain_order=True),
    "last of each": lambda f: f.unique(["k"], keep="last", maintain_order=True),
    "all gathered": lambda f: f.select(pl.all().gather(f["p"] * 0)),
    "drop and rename": lambda f: f.drop("a", "none", strict=False).rename({"b": "c"}),
    "side by side": lambda f: f.hstack(f.select(x="a", y="b")),
    "explode": lambda f: f.select("k", s=c("s").str.split(" ")).explode("s"),
    "groups": lambda f: f.group_by("k", "s", maintain_order=True).agg(
        pl.col("a", "b").sum(), n=pl.len(), known=pl.when(c("a").null_count() == 0).then(c("a").sum())
    ),
    "groups by a term": lambda f: f.group_by("k", pl.when("f").then("a").alias("x"), maintain_order=True).agg(pl.len()),
    "sums": lambda f: segment_sums(f, "k", a=c("a"), b=c("b") * 2),
    "parts": lambda f: f.with_columns(**dict(zip(("upto", "total"), running("k", "p"), strict=True))).with_columns(
        part=cumulative_share(c("a"), c("upto"), c("p"), c("total"))
    ),
    "nothing": lambda f: f.clear().with_columns(x=c("a") + 1),
}  # fmt: skip


@pytest.mark.parametrize("name", OPERATIONS)
@SETTINGS
@given(frame=frames())
def test_an_operation_gives_what_polars_gives(name, frame):
    work = OPERATIONS[name]
    few, whole = work(Few.of(frame)), work(frame)
    assert isinstance(few, Few)
    assert few.columns == whole.columns
    assert few.to_dicts() == whole.to_dicts()


@pytest.mark.parametrize("how", ["inner", "left", "semi", "anti"])
@pytest.mark.parametrize("nulls_equal", [False, True])
@SETTINGS
@given(left=frames(), right=frames())
def test_a_join_gives_what_polars_gives(how, nulls_equal, left, right):
    order = {"maintain_order": "left_right"} if how in ("inner", "left") else {}
    for table in (right, right.select("s", "p"), right.select(t="s", q="p")):
        keys = {"on": "s"} if "s" in table.columns else {"left_on": "s", "right_on": "t"}
        whole = left.join(table, how=how, nulls_equal=nulls_equal, **keys, **order)
        few = Few.of(left).join(Few.of(table).lasting(), how=how, nulls_equal=nulls_equal, **keys, **order)
        assert few.to_dicts() == whole.to_dicts()
        assert few.columns == whole.columns


@SETTINGS
@given(left=frames(least=1), right=frames())
def test_an_update_and_a_cross_join_give_what_polars_gives(left, right):
    left, right = left.with_row_index("row"), right.with_row_index("row").select("row", "a", "s")
    for nulls in (False, True):
        whole = left.update(right, on="row", include_nulls=nulls)
        assert (
            Few.of(left).update(Few.of(right), on="row", include_nulls=nulls).to_dicts() == whole.to_dicts()
        )
    table = right.select(x="a")
    assert (
        Few.of(left).join(Few.of(table), how="cross").to_dicts() == left.join(table, how="cross").to_dicts()
    )


@SETTINGS
@given(frame=frames(least=1))
def test_what_few_rows_do_not_know_polars_answers(frame):
    few = Few.of(frame)
    assert few.select(native("a").cum_max()).to_dicts() == frame.select(native("a").cum_max()).to_dicts()
    assert few.sort("p", descending=True).height == frame.height
    assert few.filter(native("p") > 5).to_dicts() == frame.filter(native("p") > 5).to_dicts()
    assert few["a"].mean() == frame["a"].mean()
    assert few.equals(frame) or frame.null_count().sum_horizontal().item()


def test_a_text_that_is_no_number_is_an_error():
    few = Few({"a": ["x"]}, 1)
    with pytest.raises(exceptions.PolarsError):
        few.select(pl.col("a").cast(pl.Int64, strict=True))
    assert few.select(pl.col("a").cast(pl.Int64, strict=False)).item() is None
