"""Which row of a dated rule table is in force: joins by key and day."""

from __future__ import annotations

from bisect import bisect_right

from entrepot.engine import few as pl
from entrepot.engine.few import Few
from entrepot.engine.world import World


@pl.remembered
def in_force(on: str = "on") -> pl.Expr:
    """True where the day in column `on` lies inside valid_from … valid_to, both included."""
    return (pl.col("valid_from") <= pl.col(on)) & (
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= pl.col(on))
    )


def with_epoch(frame: pl.DataFrame, world: World, on: str = "placed_on") -> pl.DataFrame:
    """The frame with column `epoch`: the last day, on or before its own, on which any rule of the world changed.

    Between two changes all days are alike, so rules are looked up per epoch: a year has dozens of them, not 365.
    Shapes: n rows in, n rows out, same order. Exchange rates change daily and are looked up by the day itself.
    """
    if not world.changes.len():
        return frame.with_columns(epoch=pl.col(on))
    if isinstance(frame, Few):
        changes = world.changes.to_list()
        found = [bisect_right(changes, day) for day in frame.data[on]]
        epochs = [
            changes[place - 1] if place else day for place, day in zip(found, frame.data[on], strict=True)
        ]
        return frame.with_values("epoch", epochs)
    changed = world.changes.search_sorted(frame[on], side="right").cast(pl.Int64) - 1
    days = world.changes.gather(changed.clip(lower_bound=0))
    frame = frame.with_columns(days.alias("epoch"))
    return frame.with_columns(epoch=pl.when(changed < 0).then(pl.col(on)).otherwise(pl.col("epoch")))


def latest(left: pl.DataFrame, rules: pl.DataFrame, by: list[str], on: str) -> pl.DataFrame:
    """Each row of `left` with the rule of its key that began last on or before its day and has not ended.

    Shapes: n rows in, n rows out, same order; rule columns null where none is in force.
    Errors: rules of one key must not overlap (the database refuses that).
    """
    days = left.select([*by, on]).unique()
    found = days.join(rules, on=by, how="inner").filter(in_force(on))
    found = found.drop("valid_from", "valid_to", "source", "status", strict=False)
    return left.join(found, on=[*by, on], how="left", maintain_order="left", nulls_equal=True)
