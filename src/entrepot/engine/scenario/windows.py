"""Windows: dated rules changed between two days only, each rule cut where the window begins and ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from entrepot.engine.arithmetic import PPM, at_ppm

FIRST, DAY = date(1900, 1, 1), timedelta(days=1)


def during(
    rules: pl.DataFrame, meant: pl.Expr, since: date | None, until: date | None, change: Mapping[str, pl.Expr]
) -> pl.DataFrame:
    """The rules with some changed from one day to another (both included); before and after they stay as they are.

    Shapes: n rows in, at least n rows out: a rule that reaches over an end of the window becomes two.
    Units: those of the columns. `meant` says which rules, `change` their new values.
    """
    inside, outside = cut(rules, meant, since, until)
    return pl.concat([outside, inside.with_columns(**change)])


def without(rules: pl.DataFrame, meant: pl.Expr, since: date | None, until: date | None) -> pl.DataFrame:
    """The rules with some not in force from one day to another.

    Shapes: as `during`, less the parts inside the window.
    """
    return cut(rules, meant, since, until)[1]


def cut(
    rules: pl.DataFrame, meant: pl.Expr, since: date | None, until: date | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rules meant as far as they lie in the window, and all the rest.

    Shapes: rows of both together are at least those given. Holds: on every day the same rules are in force.
    """
    first, last = since or FIRST, until
    meets = pl.col("valid_to").is_null() | (pl.col("valid_to") >= first)
    if last is not None:
        meets &= pl.col("valid_from") <= last
    hit = meant.fill_null(False) & meets
    touched, rest = rules.filter(hit), rules.filter(~hit)
    inside = touched.with_columns(valid_from=pl.max_horizontal("valid_from", pl.lit(first)))
    parts = [rest, touched.filter(pl.col("valid_from") < first).with_columns(valid_to=pl.lit(first - DAY))]
    if last is not None:
        open_end = pl.col("valid_to").is_null() | (pl.col("valid_to") > last)
        parts.append(touched.filter(open_end).with_columns(valid_from=pl.lit(last + DAY)))
        inside = inside.with_columns(valid_to=pl.min_horizontal("valid_to", pl.lit(last)))
    return inside, pl.concat(parts)


def moved_forward(rules: pl.DataFrame, key: list[str], meant: pl.Expr, on: date, since: date) -> pl.DataFrame:
    """What changed on a day as if it had changed earlier: its rules hold from then, what it ended is over by then.

    Shapes: rules of the contract's key; `since` is before `on`. Holds: from `on` nothing changes.
    """
    names = [name for name in key if name != "valid_from"]
    begun = rules.filter(meant & (pl.col("valid_from") == on))
    ended = rules.filter(meant & (pl.col("valid_to") == on - DAY))
    gone = pl.concat([begun.select(names), ended.select(names)]).unique()
    rows = rules.with_row_index("nth")
    concerned = rows.join(gone, on=names, how="semi", nulls_equal=True).filter(meant)["nth"]
    older = pl.col("nth").is_in(concerned.implode()) & (pl.col("valid_from") < on)
    kept = rows.filter(~older).drop("nth")
    trimmed = rows.filter(older).drop("nth").filter(pl.col("valid_from") < since)
    trimmed = trimmed.with_columns(valid_to=pl.min_horizontal("valid_to", pl.lit(since - DAY)))
    again = kept.with_columns(
        valid_from=pl.when(meant & (pl.col("valid_from") == on)).then(pl.lit(since)).otherwise("valid_from")
    )
    return pl.concat([again, trimmed])


def undone(rules: pl.DataFrame, key: list[str], meant: pl.Expr, on: date) -> pl.DataFrame:
    """What changed on a day as if it had never: the rules it brought are gone, those it ended go on in their stead.

    Shapes: rules of the contract's key. A rule that was ended goes on as long as its successor of the same key did; one
    without a successor goes on until further notice, or until a later rule of its key begins.
    """
    names = [name for name in key if name != "valid_from"]
    brought = meant & (pl.col("valid_from") == on)
    new = rules.filter(brought).select(*names, new_to="valid_to").with_columns(succeeded=pl.lit(True))
    rest = rules.filter(~brought)
    later = rest.filter(pl.col("valid_from") > on).group_by(names).agg(next_from=pl.col("valid_from").min())
    rest = rest.join(new, on=names, how="left", nulls_equal=True, maintain_order="left")
    rest = rest.join(later, on=names, how="left", nulls_equal=True, maintain_order="left")
    ended = meant & (pl.col("valid_to") == on - DAY)
    further = pl.when(pl.col("succeeded")).then("new_to").otherwise(pl.col("next_from").dt.offset_by("-1d"))
    rest = rest.with_columns(valid_to=pl.when(ended).then(further).otherwise("valid_to"))
    return rest.select(rules.columns)


def times(column: str, change_ppm: int) -> pl.Expr:
    """A whole-number column raised (or lowered) by a share, rounded half up.

    Units: those of the column.
    """
    return at_ppm(pl.col(column), PPM + change_ppm).cast(pl.Int64)
