"""Propose: every warehouse and service that can carry an order, and why the others cannot."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.columns import REJECTIONS
from entrepot.engine.dangerous import battery_measures
from entrepot.engine.frames import pick
from entrepot.engine.fx import Rates, convert
from entrepot.engine.measure import SERVICE_LEVEL, demand, order_measures
from entrepot.engine.parcels import by_weight, with_parcels
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

# what the carrier weighs by is looked up again with its price; what was only asked does not travel on
WEIGHED = ("carrier", "weighing", "divisor", "round_g", "weigh_per")
ASKED = (
    "grounded", "battery_net_g", "battery_limit_g", "too_dear", "transport", "max_value_minor", "max_g",
    "max_side_mm", "max_girth_mm", "max_sum_mm", "multi_parcel", "girth_mm", "sum_mm", "heaviest_g", "longest_mm",
    "takes_battery",
)  # fmt: skip
# what speaks against a way, and what its weight is reckoned from
JUDGED = (
    "order_id", "warehouse", "service", "is_open", "handling_days", "max_days", "promised_days", "net_g", "tare_g",
    "heaviest_g", "longest_mm", "max_g", "max_side_mm", "max_girth_mm", "max_sum_mm", "multi_parcel", "battery",
    "takes_battery", "battery_net_g", "battery_limit_g", "grounded", "too_dear", "lacking",
)  # fmt: skip

CODES = (
    "warehouse.closed", "logistics.too_heavy", "logistics.too_long", "logistics.several_parcels",
    "logistics.battery_weight", "logistics.battery", "logistics.battery_air", "logistics.too_dear",
    "logistics.too_slow", "warehouse.stock_out",
)  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """Possible ways (order × warehouse × service) and the impossible ones with their reasons."""

    candidates: pl.DataFrame
    rejections: pl.DataFrame


def propose(batch: Batch, world: World, *, trace: bool = False, at: pl.DataFrame | None = None) -> Proposal:
    """Every way an order could travel, given lanes, limits and the stock at hand; `at` names the only warehouses that
    are asked (order_id, warehouse).

    Shapes: n orders in; candidates m rows, key (order_id, warehouse, service), with the facts pricing needs;
    rejections one row per impossible way that a lane exists for — with `trace` also those without a lane.
    Units: g, mm, days.
    Errors: orders without any possible way simply have no candidate.
    """
    heads = _heads(batch, world)
    ways = _ways(heads, world)
    if at is not None:
        ways = ways.join(at, on=["order_id", "warehouse"], how="semi", maintain_order="left")
    ways = ways.with_columns(lacking=_short_of_stock(heads, ways, batch, world)).drop("nth", "place")
    ways = _values(_flights(ways), batch, world).with_columns(code=_plain_reason())
    refused = pl.col("code").is_not_null()
    plain = by_weight(pick(ways, refused, *JUDGED)).with_columns(code=_reason())
    ways = with_parcels(ways.filter(~refused), batch, world).with_columns(code=_reason())
    keys = ["order_id", "warehouse", "service"]
    possible = ways["code"].is_null()
    candidates = ways.drop("code", "lacking", "promised_days", *ASKED).filter(possible)
    code = pl.col("code").replace_strict(range(len(CODES)), CODES, return_dtype=pl.String)
    rejections = pl.concat([plain.select(*keys, "code"), pick(ways, refused, *keys, "code")]).with_columns(
        code
    )
    if trace:
        known = pl.concat([plain.select(keys), ways.select(keys)])
        rejections = pl.concat([rejections, _without_lane(batch, world, known)])
    return Proposal(candidates, REJECTIONS.check(rejections))


def _heads(batch: Batch, world: World) -> pl.DataFrame:
    """What is known of an order whichever way it goes, one row each; `nth` is its place."""
    orders = batch.orders.select("order_id", "dest_country", "placed_on", "channel", "dest_areas")
    promised = world["channels"].select("channel", promised_days="max_days")
    orders = orders.join(promised, on="channel", how="left", maintain_order="left").drop("channel")
    orders = orders.join(order_measures(batch, world), on="order_id", how="inner", maintain_order="left")
    orders = orders.join(battery_measures(batch, world), on="order_id", how="left", maintain_order="left")
    return orders.with_row_index("nth")


def _ways(heads: pl.DataFrame, world: World) -> pl.DataFrame:
    """Lanes and services in force between each warehouse and each order's country and day; `place` is that of the
    warehouse in the world's table."""
    routes = routes_to(heads.select("dest_country", "placed_on").unique(), world)
    numbers = world["warehouses"].select("warehouse").with_row_index("place")
    routes = routes.join(numbers, on="warehouse", how="left", maintain_order="left")
    return heads.join(routes, on=["dest_country", "placed_on"], how="inner", maintain_order="left_right")


def routes_to(places: pl.DataFrame, world: World) -> pl.DataFrame:
    """Open lanes with their service and warehouse to each place on its day.

    Shapes: places without repeated rows (dest_country, placed_on); any number of routes each, sorted by warehouse and
    service. Units: as in the contracts.
    """
    warehouses = world["warehouses"].rename({"country": "ship_from", "currency": "warehouse_currency"})
    lanes = world["lanes"].drop("source", "status").filter(pl.col("is_open")).drop("is_open")
    lanes = places.join(lanes, on="dest_country").filter(in_force("placed_on")).drop("valid_from", "valid_to")
    services = world["services"].rename({"currency": "freight_currency", "battery": "takes_battery"})
    on_lane = lanes.join(services, on="service").filter(in_force("placed_on"))
    on_lane = on_lane.drop("valid_from", "valid_to", "source", "status", "kind", "tracked", *WEIGHED)
    routes = on_lane.join(warehouses, on="ship_from")
    level = pl.col("takes_battery").replace_strict(SERVICE_LEVEL, default=0, return_dtype=pl.Int64)
    return routes.with_columns(takes_battery=level).sort("warehouse", "service")


def _short_of_stock(heads: pl.DataFrame, ways: pl.DataFrame, batch: Batch, world: World) -> pl.Series:
    """True for ways whose warehouse lacks stock for at least one line, judged one order at a time."""
    wanted = demand(batch).join(heads.select("order_id", "nth"), on="order_id")
    places = world["warehouses"].select("warehouse").with_row_index("place")
    needs = wanted.join(places, how="cross").join(batch.stock, on=["warehouse", "sku"], how="left")
    lacking = needs.filter(pl.col("available").fill_null(0) < pl.col("quantity"))
    cell = pl.col("nth").cast(pl.Int64) * places.height + pl.col("place")
    marks = pl.repeat(False, heads.height * places.height, dtype=pl.Boolean, eager=True)
    marks = marks.scatter(lacking.select(cell).to_series(), True)
    return marks.gather(ways.select(cell).to_series())


def _flights(ways: pl.DataFrame) -> pl.DataFrame:
    """What the air rules ask: whether the batteries may fly, and their net weight per package."""
    limit = pl.when(pl.col("transport") == "air").then(pl.col("fly_g")).otherwise(pl.col("cargo_g"))
    by_air = pl.col("transport").is_in(["air", "cargo"])
    grounded = (pl.col("transport") == "air") & ~pl.col("may_fly").fill_null(True)
    ways = ways.with_columns(grounded=grounded, battery_limit_g=pl.when(by_air).then(limit))
    return ways.drop("may_fly", "fly_g", "cargo_g")


def _values(ways: pl.DataFrame, batch: Batch, world: World) -> pl.DataFrame:
    """Whether the goods are worth more than the service takes, at the day's rate; nothing is converted where none
    asks."""
    if not (ways["max_value_minor"] > 0).any():
        return ways.with_columns(too_dear=pl.lit(False))
    worth = batch.lines.group_by("order_id").agg(worth=pl.col("amount_minor").sum())
    worth = worth.join(batch.orders.select("order_id", "currency"), on="order_id")
    rates = Rates.of(world)
    ways = ways.join(worth, on="order_id", how="left", maintain_order="left")
    ways = rates.attach(
        rates.attach(ways, "currency", "placed_on", "w_own"), "freight_currency", "placed_on", "w_theirs"
    )
    over = convert(pl.col("worth"), "w_own", "w_theirs") > pl.col("max_value_minor")
    dear = (pl.col("max_value_minor") > 0) & over.fill_null(False)
    return ways.with_columns(too_dear=dear).drop("worth", "currency", "w_own", "w_theirs")


def _plain_reason() -> pl.Expr:
    """What is impossible however the goods are packed; such ways are not packed at all."""
    single = ~pl.col("multi_parcel") & (pl.col("net_g") > pl.col("max_g"))
    long = (pl.col("max_side_mm") > 0) & (pl.col("longest_mm") > pl.col("max_side_mm"))
    heavy = single | (pl.col("heaviest_g") > pl.col("max_g"))
    sizes = {"logistics.too_heavy": heavy, "logistics.too_long": long}
    return _first({"warehouse.closed": ~pl.col("is_open"), **sizes, **_refusals()})


def _reason() -> pl.Expr:
    """The first reason against a way, the parcels known."""
    too_heavy = (pl.col("parcel_g") > pl.col("max_g")) | (pl.col("heaviest_g") > pl.col("max_g"))
    too_long = (pl.col("max_side_mm") > 0) & (pl.col("longest_mm") > pl.col("max_side_mm"))
    for limit, size in (("max_girth_mm", "girth_mm"), ("max_sum_mm", "sum_mm")):
        too_long |= ((pl.col(limit) > 0) & (pl.col(size) > pl.col(limit))).fill_null(False)
    batteries = pl.col("battery_net_g") > pl.col("battery_limit_g") * pl.col("parcels")
    return _first({
        "warehouse.closed": ~pl.col("is_open"),
        "logistics.too_heavy": too_heavy,
        "logistics.too_long": too_long,
        "logistics.several_parcels": ~pl.col("multi_parcel") & (pl.col("parcels") > 1),
        "logistics.battery_weight": batteries.fill_null(False),
        **_refusals(),
    })  # fmt: skip


def _refusals() -> dict[str, pl.Expr]:
    days = pl.col("handling_days") + pl.col("max_days")
    return {
        "logistics.battery": pl.col("battery") > pl.col("takes_battery"),
        "logistics.battery_air": pl.col("grounded"),
        "logistics.too_dear": pl.col("too_dear"),
        "logistics.too_slow": (pl.col("promised_days") > 0) & (days > pl.col("promised_days")),
        "warehouse.stock_out": pl.col("lacking").fill_null(False),
    }


def _first(tests: dict[str, pl.Expr]) -> pl.Expr:
    """The first reason that holds, as its place in CODES."""
    reason = pl.lit(None, dtype=pl.Int8)
    for code, refused in reversed(tests.items()):
        reason = pl.when(refused).then(pl.lit(CODES.index(code), dtype=pl.Int8)).otherwise(reason)
    return reason


def _without_lane(batch: Batch, world: World, ways: pl.DataFrame) -> pl.DataFrame:
    pairs = (
        world["warehouses"]
        .select("warehouse")
        .join(world["services"].select("service").unique(), how="cross")
    )
    every = batch.orders.select("order_id").join(pairs, how="cross")
    absent = every.join(ways, on=["order_id", "warehouse", "service"], how="anti")
    return absent.select("order_id", "warehouse", "service", pl.lit("logistics.no_lane").alias("code"))
