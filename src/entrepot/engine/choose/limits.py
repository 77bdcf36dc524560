"""Limits: what there is of every SKU in every warehouse and of every capacity on every day, and who uses how much."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.choose.pairs import Pairs
from entrepot.engine.measure import demand
from entrepot.engine.policy import company_value
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

RANKING = ["cost", "promise_on", "warehouse", "service", "waits"]

WAIT_DAYS, WAIT_COST = "choose.wait_days", "choose.wait_cost_base_minor"


def ranked_keys(ways: pl.DataFrame, pairs: Pairs | None = None) -> pl.DataFrame:
    """The ways' keys with the row each stands in; texts compared by their place, as whole numbers are quicker.

    Shapes: rows of `pairs` follow those of the ways.
    """
    names = _names(ways, pairs)
    keys = ways.with_row_index("row").select(
        "row", "order_id", "ship_on", "promise_on", "parcels", "weight_g", cost="total_cost_base_minor",
        waits=pl.lit(0, dtype=pl.Int64), **{name: pl.col(name).cast(kind) for name, kind in names.items()},
    )  # fmt: skip
    if pairs is None:
        return keys.sort("order_id", *RANKING)
    alone = keys.height
    keys = pl.concat([keys, pairs.keys(alone, names).select(keys.columns)])
    is_pair = pl.col("row") >= alone  # one piece before two, pairs by their own order
    return keys.sort("order_id", *RANKING, pl.when(is_pair).then("row").otherwise(0))


def _names(ways: pl.DataFrame, pairs: Pairs | None) -> dict[str, pl.Enum]:
    """Warehouses and services as numbered words."""
    frames = [ways] if pairs is None else [ways, pairs.ways]
    return {
        name: pl.Enum(pl.concat([frame[name] for frame in frames]).unique().sort())
        for name in ("warehouse", "service")
    }


def firsts(ranked: pl.DataFrame) -> pl.DataFrame:
    """The cheapest way of each order; a tie goes to the earlier promise, then by the codes.

    Shapes: one row per order, columns of `ranked_keys`.
    """
    return ranked.filter((pl.col("order_id") != pl.col("order_id").shift()).fill_null(True))


@dataclass(frozen=True)
class Limits:
    """Every limit by its number with what is left of it; stock rows come before capacity rows.

    stock: warehouse, sku, limit. capacity: warehouse, service, ship_on, unit, limit (one for any warehouse or service
    stands once for each). left: limit, available. needs: order_id, sku_no, quantity. places: the stock limit at place
    warehouse × SKUs + sku_no, warehouses in the order of `ranked_keys`. wait: longest wait, its cost a day.
    pieces: both parts of each pair (`Pairs.pieces`), whose rows begin after those of the ways; None without pairs.
    """

    stock: pl.DataFrame
    places: pl.Series
    capacity: pl.DataFrame
    left: pl.DataFrame
    needs: pl.DataFrame
    latest: pl.DataFrame
    wait_days: int
    wait_cost: int
    pieces: pl.DataFrame | None = None

    @cached_property
    def alone(self) -> int:
        """How many rows are ways in one piece; those of pairs follow."""
        return 2**32 if self.pieces is None or self.pieces.is_empty() else int(self.pieces["row"].min())  # type: ignore[arg-type]

    @cached_property
    def skus(self) -> int:
        """How many SKUs the batch asks for."""
        return max(int(self.needs["sku_no"].n_unique()), 1)

    @classmethod
    def of(cls, ways: pl.DataFrame, batch: Batch, world: World, pairs: Pairs | None = None) -> Limits:
        """The limits a batch's ways can meet.

        Shapes: stock one row per warehouse and SKU; capacity one per limit, day and pair it covers.
        """
        stock = batch.stock.with_row_index("limit")
        days = company_value(world, WAIT_DAYS, 0)
        names, wanted = _names(ways, pairs), demand(batch)
        pieces = None if pairs is None else pairs.pieces(ways.height, names)
        sent = ways.select("warehouse", "service", "ship_on")
        if pairs is not None:
            sent = pl.concat([sent, pairs.ways.select(sent.columns)])
            wanted = pl.concat([wanted, pairs.needs()])
        capacity, room = _capacities(sent, batch, world, days, stock.height)
        left = pl.concat([stock.select("limit", "available"), room]).with_columns(
            pl.col("available").clip(lower_bound=0)
        )
        promised = world["channels"].filter(pl.col("max_days") > 0).select("channel", "max_days")
        latest = batch.orders.join(promised, on="channel").select(
            "order_id", latest=pl.col("placed_on") + pl.duration(days=pl.col("max_days"))
        )
        needs, places = _numbered(wanted, stock, names["warehouse"].categories)
        return cls(
            stock.drop("available"),
            places,
            capacity,
            left,
            needs,
            latest,
            days,
            company_value(world, WAIT_COST, 0),
            pieces,
        )

    def uses(self, columns: pl.DataFrame) -> pl.DataFrame:
        """What each column takes of each limit: col, order_id, limit, amount.

        Shapes: columns with col, row, order_id, warehouse, service, ship_on, waits, parcels, weight_g; the parts of a
        pair are added up. Units: pieces, or the capacity's own unit.
        """
        if self.pieces is None:
            return self._uses(columns)
        both = self._parts(columns)
        alone = self._uses(columns.join(both, on="col", how="anti"))
        parts = self._uses(both.drop("order_id").rename({"part_id": "order_id"}))
        parts = parts.group_by("col", "limit").agg(pl.col("amount").sum())
        parts = parts.join(both.select("col", "order_id").unique(), on="col").select(alone.columns)
        return pl.concat([alone, parts])

    def _parts(self, columns: pl.DataFrame) -> pl.DataFrame:
        """Both parts of the pairs among some columns, as columns with the number of the part beside."""
        assert self.pieces is not None
        both = columns.select("col", "order_id", "row", "waits").join(self.pieces, on="row")
        return both.with_columns(ship_on=pl.col("ship_on") + pl.duration(days=pl.col("waits")))

    def _uses(self, columns: pl.DataFrame) -> pl.DataFrame:
        goods = self.goods(columns.select("col", "order_id", "warehouse"))
        return goods if self.capacity.is_empty() else pl.concat([goods, self.sent(columns)])

    def goods(self, columns: pl.DataFrame) -> pl.DataFrame:
        """What ways out of a warehouse take of its stock: order_id, limit, amount, and what else columns hold."""
        places = pl.col("warehouse").to_physical().cast(pl.Int64) * self.skus
        goods = columns.with_columns(warehouse=places).join(self.needs, on="order_id")
        place = goods.select(pl.col("warehouse") + pl.col("sku_no")).to_series()
        goods = goods.with_columns(limit=self.places.gather(place), amount="quantity")
        return goods.filter(pl.col("limit").is_not_null()).drop("warehouse", "sku_no", "quantity")

    def sent(self, columns: pl.DataFrame) -> pl.DataFrame:
        """What columns take of the capacities of their day: col, order_id, limit, amount."""
        keys = columns.with_columns(pl.col("warehouse", "service").cast(pl.String))
        sent = keys.join(self.capacity, on=["warehouse", "service", "ship_on"])
        amount = (
            pl.when(pl.col("unit") == "g")
            .then(pl.col("weight_g"))
            .when(pl.col("unit") == "parcels")
            .then(pl.col("parcels"))
        )
        return sent.select("col", "order_id", "limit", amount=amount.otherwise(1).cast(pl.Int64))

    def loads(self, columns: pl.DataFrame) -> pl.DataFrame:
        """What columns take of the capacities of their day, those of pairs among them: col, order_id, limit, amount."""
        if self.pieces is None:
            return self.sent(columns)
        both = self._parts(columns)
        alone = self.sent(columns.join(both, on="col", how="anti"))
        parts = self.sent(both).group_by("col", "order_id", "limit").agg(pl.col("amount").sum())
        return pl.concat([alone, parts.select(alone.columns)])

    def waiting(self, columns: pl.DataFrame) -> pl.DataFrame:
        """The columns once more for each day they may wait and still arrive in time; a day costs what policy says.

        Shapes: at most (wait_days + 1) × the rows.
        """
        if not self.wait_days or self.capacity.is_empty():
            return columns
        days = pl.DataFrame({"day": range(self.wait_days + 1)}, schema={"day": pl.Int64})
        later = columns.join(days, how="cross").join(self.latest, on="order_id", how="left")
        shift = pl.duration(days=pl.col("day"))
        later = later.with_columns(
            pl.col("ship_on") + shift, pl.col("promise_on") + shift, waits="day",
            cost=pl.col("cost") + pl.col("day") * self.wait_cost,
        )  # fmt: skip
        in_time = pl.col("latest").is_null() | (pl.col("promise_on") <= pl.col("latest"))
        return later.filter((pl.col("waits") == 0) | in_time).drop("day", "latest")


def _numbered(
    wanted: pl.DataFrame, stock: pl.DataFrame, warehouses: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """Demand with the SKUs as numbers, and the stock limit of each warehouse and number; null where it has none."""
    skus = wanted.select("sku").unique().sort("sku").with_row_index("sku_no")
    skus = skus.with_columns(pl.col("sku_no").cast(pl.Int64))
    codes = pl.DataFrame({"warehouse": warehouses}).with_row_index("code")
    known = stock.join(skus, on="sku").join(codes, on="warehouse")
    place = known.select(pl.col("code").cast(pl.Int64) * max(skus.height, 1) + pl.col("sku_no")).to_series()
    places = pl.repeat(None, max(codes.height * skus.height, 1), dtype=pl.UInt32, eager=True)
    needs = wanted.join(skus, on="sku", maintain_order="left").select("order_id", "sku_no", "quantity")
    return needs, places.scatter(place, known["limit"])


def _capacities(
    ways: pl.DataFrame, batch: Batch, world: World, wait_days: int, first: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Capacity rows for each day and pair they cover, and what earlier plans have left of them."""
    rules = world["capacities"].drop("source", "status")
    pairs = ways.select("warehouse", "service").unique() if rules.height else ways.clear()
    if pairs.is_empty():
        schema = {
            "warehouse": pl.String, "service": pl.String, "ship_on": pl.Date, "unit": pl.String, "limit": pl.UInt32,
        }  # fmt: skip
        return pl.DataFrame(schema=schema), pl.DataFrame(schema={"limit": pl.UInt32, "available": pl.Int64})
    shift = pl.DataFrame({"day": range(wait_days + 1)}, schema={"day": pl.Int64})
    days = ways.select("ship_on").unique().join(shift, how="cross")
    days = days.select(ship_on=pl.col("ship_on") + pl.duration(days=pl.col("day"))).unique()
    rows = rules.join(days, how="cross").filter(in_force("ship_on")).sort(*rules.columns, "ship_on")
    rows = rows.with_row_index("limit", first).rename({"warehouse": "at", "service": "by"})
    covers = ((pl.col("at") == "") | (pl.col("at") == pl.col("warehouse"))) & (
        (pl.col("by") == "") | (pl.col("by") == pl.col("service"))
    )
    capacity = rows.join(pairs, how="cross").filter(covers)
    booked = rows.join(batch.booked, on="ship_on").filter(covers)
    weight = pl.when(pl.col("unit") == "g").then(pl.col("weight_g"))
    load = weight.when(pl.col("unit") == "parcels").then(pl.col("parcels")).otherwise(pl.col("orders"))
    taken = booked.group_by("limit").agg(taken=load.sum())
    room = rows.join(taken, on="limit", how="left", maintain_order="left")
    room = room.select("limit", available=pl.col("per_day") - pl.col("taken").fill_null(0))
    return capacity.select("warehouse", "service", "ship_on", "unit", "limit"), room
