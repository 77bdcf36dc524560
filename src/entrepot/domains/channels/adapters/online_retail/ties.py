"""Which sale a return belongs to: first bought, first returned, within one customer and one article."""

from __future__ import annotations

import polars as pl

GROUP = ["customer", "code"]


def tie_returns(sales: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """For each return the sale lines its pieces came from.

    Shapes: both frames have row_no, customer, code, placed_local, quantity (returns: positive pieces).
    Result: one row
    per pair (return_row, sale_row, pieces); a return without any pair has no earlier purchase with pieces
    left.
    Holds: no sale line gives back more than was bought; no return is tied before its sale.
    Method: with P pieces bought and R returned so far, T = R + min(0, lowest P - R so far) of them are tied;
    the
    interval of tied pieces is laid over the interval of bought pieces.
    """
    returns = returns.filter(pl.col("customer") != "")
    sales = sales.join(returns.select(GROUP).unique(), on=GROUP, how="semi")
    columns = ["row_no", *GROUP, "placed_local"]
    events = pl.concat(
        [
            sales.select(*columns, bought="quantity", back=pl.lit(0, pl.Int64), kind=pl.lit(0, pl.Int8)),
            returns.select(*columns, bought=pl.lit(0, pl.Int64), back="quantity", kind=pl.lit(1, pl.Int8)),
        ]
    ).sort("placed_local", "kind", "row_no")
    events = (
        events.with_columns(
            p=pl.col("bought").cum_sum().over(GROUP),
            r=pl.col("back").cum_sum().over(GROUP),
        )
        .with_columns(short=(pl.col("p") - pl.col("r")).cum_min().clip(upper_bound=0).over(GROUP))
        .with_columns(tied_to=pl.col("r") + pl.col("short"))
        .with_columns(tied_from=pl.col("tied_to").shift(1, fill_value=0).over(GROUP))
    )
    bought = events.filter(kind=0).select(
        *GROUP, sale_row="row_no", sale_from=pl.col("p") - pl.col("bought"), sale_to="p"
    )
    back = events.filter(pl.col("kind") == 1, pl.col("tied_to") > pl.col("tied_from")).select(
        *GROUP, "tied_from", "tied_to", return_row="row_no"
    )
    pieces = pl.min_horizontal("sale_to", "tied_to") - pl.max_horizontal("sale_from", "tied_from")
    return (
        back.join(bought, on=GROUP)
        .with_columns(pieces=pieces)
        .filter(pl.col("pieces") > 0)
        .select("return_row", "sale_row", "pieces")
        .sort("return_row", "sale_row")
    )


def main_tie(ties: pl.DataFrame) -> pl.DataFrame:
    """The one sale line a return is shown under (most pieces, then the earlier line) and all tied pieces."""
    return (
        ties.sort(["return_row", "pieces", "sale_row"], descending=[False, True, False])
        .group_by("return_row", maintain_order=True)
        .agg(pl.col("sale_row").first(), tied_pieces=pl.col("pieces").sum(), sales=pl.len().cast(pl.Int64))
    )
