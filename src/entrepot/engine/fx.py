"""Exchange rates of the day: the European Central Bank's reference rate, or the last one before it."""

from __future__ import annotations

import polars as pl

from entrepot.engine.arithmetic import WIDE, divide
from entrepot.engine.world import World


class Rates:
    """Rates of the days and currencies a batch touches, looked up once.

    Source: euro reference rates, units of a currency for 1 EUR (docs/methods/fx.md).
    """

    def __init__(self, world: World, days: pl.Series) -> None:
        wanted = pl.DataFrame({"on": days.unique().sort()})
        currencies = world["currencies"]
        pairs = wanted.join(currencies.select("currency", "minor_units"), how="cross").sort("on")
        quoted = world["fx"].sort("on").rename({"on": "quoted_on"})
        table = pairs.join_asof(
            quoted, left_on="on", right_on="quoted_on", by="currency", check_sortedness=False
        )
        euro = pl.col("currency") == "EUR"
        self.table = table.with_columns(
            rate_e6=pl.when(euro).then(1_000_000).otherwise(pl.col("rate_e6")),
            quoted_on=pl.when(euro).then(pl.col("on")).otherwise(pl.col("quoted_on")),
            scale=pl.lit(10, dtype=pl.Int64).pow(pl.col("minor_units")),
        ).with_columns(weight=pl.col("rate_e6").cast(pl.Int64) * pl.col("scale"))

    def attach(self, frame: pl.DataFrame, currency: str, on: str, name: str) -> pl.DataFrame:
        """The frame with column `name`: the weight of its currency on its day (rate × minor-unit scale).

        Shapes: n rows in, n rows out, same order; null where no rate is known.
        """
        weights = self.table.select(
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
