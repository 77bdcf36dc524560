"""Exchange rates of the day: the European Central Bank's reference rate, or the last one before it."""

from __future__ import annotations

import polars as pl

from entrepot.engine.arithmetic import PPM as E6
from entrepot.engine.arithmetic import WIDE, divide
from entrepot.engine.world import World


class Rates:
    """Rates of the days and currencies a batch touches, looked up once.

    Source: euro reference rates, units of a currency for 1 EUR (docs/methods/fx.md).
    """

    def __init__(self, world: World, days: pl.Series) -> None:
        wanted = pl.DataFrame({"on": days.unique().sort()})
        quoted = world.rates_by_day
        pairs = wanted.join(quoted.select("currency").unique(maintain_order=True), how="cross").sort("on")
        table = pairs.join_asof(
            quoted, left_on="on", right_on="quoted_on", by="currency", check_sortedness=False
        )
        euro = world["currencies"].filter(pl.col("currency") == "EUR").select("currency", "minor_units")
        euro = wanted.join(euro, how="cross").with_columns(rate_e6=pl.lit(E6, dtype=pl.Int64))
        columns = ["currency", "on", "rate_e6", "minor_units"]
        both = pl.concat(
            [table.filter(pl.col("rate_e6").is_not_null()).select(columns), euro.select(columns)]
        )
        scale = pl.lit(10, dtype=pl.Int64).pow(pl.col("minor_units"))
        self.table = both.with_columns(weight=(pl.col("rate_e6") * scale).cast(pl.Int64))

    def attach(self, frame: pl.DataFrame, currency: str, on: str, name: str) -> pl.DataFrame:
        """The frame with column `name`: the weight of its currency on its day (rate × minor-unit scale).

        Shapes: n rows in, n rows out, same order; null where no rate is known.
        """
        used = frame.select(pl.col(currency).unique()).to_series()
        weights = self.table.filter(pl.col("currency").is_in(used.implode())).select(
            pl.col("currency").alias(currency), pl.col("on").alias(on), pl.col("weight").alias(name)
        )
        return frame.join(weights, on=[currency, on], how="left", maintain_order="left")


def convert(amount: pl.Expr, source: str, target: str) -> pl.Expr:
    """An amount in minor units carried from one attached currency weight to another, rounded half-up once.

    Units: minor units of the source currency in, of the target currency out.
    Holds: same currency gives the same amount; amount × target / source otherwise, exact before the one rounding.
    """
    wide = amount.cast(WIDE)
    carried = divide(wide * pl.col(target), pl.col(source)).cast(pl.Int64)
    return pl.when(pl.col(source) == pl.col(target)).then(amount.cast(pl.Int64)).otherwise(carried)
