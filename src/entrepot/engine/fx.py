"""Exchange rates of the day: the European Central Bank's reference rate, or the last one before it."""

from __future__ import annotations

from datetime import date

import polars as pl

from entrepot.engine.arithmetic import PPM as E6
from entrepot.engine.arithmetic import WIDE, divide
from entrepot.engine.world import World


class Rates:
    """Rates of the days and currencies a batch touches, looked up once.

    Source: euro reference rates, units of a currency for 1 EUR (docs/methods/fx.md).
    """

    def __init__(self, world: World, days: pl.Series) -> None:
        first, last = days.min(), days.max()
        quoted = world.rates_by_day
        codes = [*quoted["currency"].unique().sort().to_list(), "EUR"]
        self.currencies = pl.Enum(codes)
        self.first, self.days = first, 0
        self.weights = pl.Series([None], dtype=pl.Int64)
        if not isinstance(first, date) or not isinstance(last, date):
            return
        every = pl.DataFrame({"on": pl.date_range(first, last, eager=True)})
        self.days = every.height
        pairs = pl.DataFrame({"currency": codes}).join(every, how="cross").with_row_index("place").sort("on")
        table = pairs.join_asof(
            quoted, left_on="on", right_on="quoted_on", by="currency", check_sortedness=False
        )
        euro = world["currencies"].filter(pl.col("currency") == "EUR")["minor_units"]
        own = pl.lit(E6 * 10 ** int(euro[0]) if euro.len() else None, dtype=pl.Int64)
        scale = pl.lit(10, dtype=pl.Int64).pow(pl.col("minor_units"))
        weight = pl.when(pl.col("currency") == "EUR").then(own).otherwise(pl.col("rate_e6") * scale)
        dense = table.select("place", weight=weight.cast(pl.Int64)).sort("place")["weight"]
        self.weights = pl.concat([dense, self.weights])  # the last place stands for "no rate known"

    def attach(self, frame: pl.DataFrame, currency: str, on: str, name: str) -> pl.DataFrame:
        """The frame with column `name`: the weight of its currency on its day (rate × minor-unit scale).

        Shapes: n rows in, n rows out, same order; null where no rate is known.
        """
        code = pl.col(currency).cast(self.currencies, strict=False).to_physical().cast(pl.Int64)
        day = (pl.col(on) - pl.lit(self.first, dtype=pl.Date)).dt.total_days()
        place = (code * self.days + day).fill_null(self.weights.len() - 1)
        found = self.weights.gather(frame.select(place).to_series())
        return frame.with_columns(found.alias(name))


def convert(amount: pl.Expr, source: str, target: str) -> pl.Expr:
    """An amount in minor units carried from one attached currency weight to another, rounded half-up once.

    Units: minor units of the source currency in, of the target currency out.
    Holds: same currency gives the same amount; amount × target / source otherwise, exact before the one rounding.
    """
    wide = amount.cast(WIDE)
    carried = divide(wide * pl.col(target), pl.col(source)).cast(pl.Int64)
    return pl.when(pl.col(source) == pl.col(target)).then(amount.cast(pl.Int64)).otherwise(carried)
