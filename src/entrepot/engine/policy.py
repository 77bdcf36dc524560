"""Policies: the company's own dated numbers, one column per key."""

from __future__ import annotations

from entrepot.engine import few as pl
from entrepot.engine.validity import in_force
from entrepot.engine.world import World


def attach_policies(
    frame: pl.DataFrame, world: World, keys: dict[str, str], on: str = "placed_on"
) -> pl.DataFrame:
    """The frame with one Int64 column per policy: `keys` maps column name to policy key.

    Shapes: n rows in, n rows out, same order; null where no policy of that key is in force on the day.
    """
    days = frame.select(pl.col(on).alias("on")).unique()
    for name, key in keys.items():
        rows = world["policies"].filter(pl.col("key") == key)
        found = days.join(rows, how="cross").filter(in_force()).select("on", pl.col("value").alias(name))
        days = days.join(found, on="on", how="left")
    return frame.join(days.rename({"on": on}), on=on, how="left", maintain_order="left")


def company_text(world: World, key: str) -> str:
    """The text of a company-wide policy such as the currency of the books.

    Errors: KeyError when the world does not say.
    """
    rows = world["policies"].filter(pl.col("key") == key).sort("valid_from")
    if rows.is_empty():
        raise KeyError(f"policy {key} is missing from the world")
    return str(rows["text"][-1])


def adopted(world: World, table: str) -> pl.DataFrame:
    """The rows of a rule table that count: undisputed ones, and of disputed rules the readings the company follows.

    Shapes: rows in the table's order. Source: policy `customs.readings`, names of readings with spaces between.
    """

    def work() -> pl.DataFrame:
        followed = world["policies"].filter(pl.col("key") == "customs.readings").sort("valid_from")["text"]
        names = ["", *(followed[-1].split() if followed.len() else [])]
        return world[table].filter(pl.col("reading").is_in(names))

    return world.once(f"adopted {table}", work)


def company_value(world: World, key: str, default: int) -> int:
    """The newest value of a company-wide number such as a limit of the solver; `default` where the world is silent."""
    rows = world["policies"].filter(pl.col("key") == key).sort("valid_from")
    return int(rows["value"][-1]) if rows.height else default
