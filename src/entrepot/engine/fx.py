"""Exchange rates of the day: the European Central Bank's reference rate, or the last one before it."""

from __future__ import annotations

from datetime import date

from entrepot.engine import few as pl
from entrepot.engine.arithmetic import PPM as E6
from entrepot.engine.arithmetic import WIDE, divide, width
from entrepot.engine.few import Few
from entrepot.engine.world import World

EPOCH = date(1970, 1, 1)  # day 0 of a date column


class Rates:
    """Rates of every currency and day a world knows, laid out once so that a look-up is a place in a list.

    Source: euro reference rates, units of a currency for 1 EUR (docs/methods/fx.md).
    """

    def __init__(self, world: World) -> None:
        quoted = world["fx"].rename({"on": "quoted_on"}).filter(pl.col("currency") != "EUR")
        quoted = quoted.join(world["currencies"].select("currency", "minor_units"), on="currency")
        codes = [*quoted["currency"].unique().sort().to_list(), "EUR"]
        self.currencies = pl.Enum(codes)
        first, last = quoted["quoted_on"].min(), quoted["quoted_on"].max()
        if not isinstance(first, date) or not isinstance(last, date):
            first = last = date.min
        every = pl.DataFrame({"on": pl.date_range(first, last, eager=True)})
        self.first, self.days = (first - EPOCH).days, every.height
        pairs = pl.DataFrame({"currency": codes}).join(every, how="cross").with_row_index("place").sort("on")
        table = pairs.join_asof(
            quoted.sort("quoted_on"),
            left_on="on",
            right_on="quoted_on",
            by="currency",
            check_sortedness=False,
        )
        scale = pl.lit(10, dtype=pl.Int64).pow(pl.col("minor_units"))
        dense = table.select("place", weight=(pl.col("rate_e6") * scale).cast(pl.Int64)).sort("place")[
            "weight"
        ]
        euro = world["currencies"].filter(pl.col("currency") == "EUR")["minor_units"]
        own = E6 * 10 ** int(euro[0]) if euro.len() else None
        # the last two places stand for "no rate known" and for the euro itself
        self.weights = pl.concat([dense, pl.Series([None, own], dtype=pl.Int64)])

    @classmethod
    def of(cls, world: World) -> Rates:
        """The rates of a world, laid out at the first call."""
        return world.once("rates", lambda: cls(world), reads=("fx", "currencies"))

    def code(self, currency: str) -> pl.Expr:
        """A column of currencies as the numbers `attach` reads faster; null for one without rates."""
        return pl.col(currency).cast(self.currencies, strict=False).to_physical().cast(pl.Int64)

    def attach(self, frame: pl.DataFrame, currency: str, on: str, name: str) -> pl.DataFrame:
        """The frame with column `name`: the weight of its currency on its day (rate × minor-unit scale).

        Shapes: n rows in, n rows out, same order; null where no rate is known. Currencies as codes or as `code` gives.
        """
        code = self.code(currency) if frame.schema[currency] == pl.String else pl.col(currency)
        day = (pl.col(on).to_physical().cast(pl.Int64) - self.first).clip(upper_bound=self.days - 1)
        unknown = self.weights.len() - 2
        euro = pl.when(code == len(self.currencies.categories) - 1).then(unknown + 1)
        place = euro.when(day >= 0).then(code * self.days + day).fill_null(unknown)
        found = self.weights.gather(frame.select(place).to_series())
        return frame.with_columns(found.alias(name))


def converted(frame: pl.DataFrame, **amounts: tuple[pl.Expr, str, str]) -> pl.DataFrame:
    """The frame with each named amount converted: (amount, source weight, target weight), as `convert` does.

    Shapes: n rows in, n rows out, same order.
    """
    if isinstance(frame, Few):
        return frame.with_columns(**{name: convert(*told) for name, told in amounts.items()})
    weights = sorted({target for _, _, target in amounts.values()})
    wide = width(frame, [amount for amount, _, _ in amounts.values()], [pl.col(name) for name in weights])
    return frame.with_columns(
        convert(amount, source, target, wide).alias(name)
        for name, (amount, source, target) in amounts.items()
    )


@pl.remembered
def convert(amount: pl.Expr, source: str, target: str, wide: type[pl.DataType] = WIDE) -> pl.Expr:
    """An amount in minor units carried from one attached currency weight to another, rounded half-up once.

    Units: minor units of the source currency in, of the target currency out.
    Holds: same currency gives the same amount; amount × target / source otherwise, exact before the one rounding.
    """
    carried = divide(amount.cast(wide) * pl.col(target), pl.col(source)).cast(pl.Int64)
    return pl.when(pl.col(source) == pl.col(target)).then(amount.cast(pl.Int64)).otherwise(carried)
