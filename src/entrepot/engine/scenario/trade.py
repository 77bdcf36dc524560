"""Edits of trade: exchange rates, rate cards, surcharges, closed ways, fees, articles, a new warehouse."""

from __future__ import annotations

from datetime import date

import polars as pl

from entrepot.engine.arithmetic import PPM, at_ppm, divide
from entrepot.engine.scenario.edit import Edit, EditError, Field, Kind, added, is_code
from entrepot.engine.scenario.windows import DAY, FIRST, during, times
from entrepot.engine.world import World

EURO = "EUR"
ARTICLES = (Field("sku", source="skus.sku"), Field("category", source="skus.category"))
SERVICE = Field("service", source="services.service")


def fx_shift(edit: Edit, world: World) -> World:
    """A currency worth more or less against all others; with a second figure the change grows or shrinks daily.

    Units: as in the contracts of the world. Errors: EditError.
    """
    currency, first = edit.text("currency"), edit.whole("change_ppm")
    last = edit.number("to_ppm")
    if last is not None and (edit.since is None or edit.until is None):
        raise EditError("scenario.path_needs_days", "to_ppm", last)
    frame = world["fx"]
    moved = frame["currency"].unique().to_list() if currency == EURO else [currency]
    frame = _with_ends(frame, [code for code in moved if code != EURO], edit.since, edit.until)
    inside = pl.col("on") >= (edit.since or FIRST)
    if edit.until:
        inside &= pl.col("on") <= edit.until
    share = pl.lit(PPM + first, dtype=pl.Int64)
    if last is not None and edit.since and edit.until and edit.until > edit.since:
        gone = (pl.col("on") - pl.lit(edit.since)).dt.total_days()
        share = share + divide(pl.lit(last - first) * gone, (edit.until - edit.since).days)
    rate = pl.col("rate_e6")
    new = at_ppm(rate, share) if currency == EURO else divide(rate * PPM, share)
    meant = pl.col("currency").is_in([code for code in moved if code != EURO]) & inside
    return world.replace(
        fx=frame.with_columns(rate_e6=pl.when(meant).then(new.clip(lower_bound=1)).otherwise(rate))
    )


def _with_ends(frame: pl.DataFrame, codes: list[str], since: date | None, until: date | None) -> pl.DataFrame:
    """Rates with a row on the first day of the window and on the day after it, so that no old rate reaches over."""
    days = [day for day in (since, until + DAY if until else None) if day]
    if not days:
        return frame
    wanted = pl.DataFrame({"currency": codes}).join(pl.DataFrame({"on": days}), how="cross").sort("on")
    known = frame.sort("on")
    found = wanted.join_asof(known, on="on", by="currency", check_sortedness=False).drop_nulls("rate_e6")
    return pl.concat([frame, found.select(frame.columns)]).unique(["currency", "on"], keep="first")


def rate_card(edit: Edit, world: World) -> World:
    """A carrier's prices higher or lower by a share; surcharges follow where they are shares of transport."""
    meant = is_code("service", edit.text("service")) & is_code("zone", edit.text("zone"))
    change = {name: times(name, edit.whole("change_ppm")) for name in ("base_minor", "step_minor")}
    return world.replace(rates=during(world["rates"], meant, edit.since, edit.until, change))


def surcharge(edit: Edit, world: World) -> World:
    """A further surcharge on a service, or on all: a share of transport, an amount a parcel or a kilogram."""
    name = edit.text("name") or "scenario"
    if name in world["surcharges"]["surcharge"].to_list():
        raise EditError("scenario.name_taken", "name", name)
    services = [edit.text("service")] if edit.text("service") else sorted(set(world["services"]["service"]))
    row = {
        "surcharge": name, "zone": edit.text("zone"), "rate_ppm": edit.whole("rate_ppm"),
        "fixed_minor": edit.whole("fixed_minor"), "per_kg_minor": edit.whole("per_kg_minor"),
        "valid_from": edit.since or FIRST, "valid_to": edit.until, "source": "scenario",
    }  # fmt: skip
    return added(world, "surcharges", [{**row, "service": service} for service in services])


def closed(edit: Edit, world: World) -> World:
    """A lane, a service, a country of departure or a destination closed."""
    meant = pl.lit(True)
    for column in ("service", "ship_from", "dest_country"):
        meant &= is_code(column, edit.text(column))
    lanes = world["lanes"]
    if lanes.filter(meant).is_empty():
        raise EditError("scenario.nothing_meant", "service", edit.text("service"))
    return world.replace(lanes=during(lanes, meant, edit.since, edit.until, {"is_open": pl.lit(False)}))


def warehouse_closed(edit: Edit, world: World) -> World:
    """A warehouse closed for the whole time."""
    own = pl.col("warehouse") == edit.text("warehouse")
    frame = world["warehouses"].filter(~own)
    return world.replace(warehouses=frame)


def channel_fee(edit: Edit, world: World) -> World:
    """A marketplace's referral fee moved by points; bands on parts of the price keep their shape.

    Units: as in the contracts of the world. Errors: EditError.
    """
    points = edit.whole("points_ppm")
    meant = is_code("channel", edit.text("channel"))
    if edit.text("fee_category"):
        meant &= pl.col("fee_category") == edit.text("fee_category")
    carry = pl.col("carry_minor") + at_ppm(pl.col("over_minor"), points)
    change = {
        "rate_ppm": (pl.col("rate_ppm") + points).clip(lower_bound=0),
        "carry_minor": pl.when(pl.col("marginal")).then(carry).otherwise("carry_minor").clip(lower_bound=0),
        "fixed_minor": pl.col("fixed_minor") + edit.whole("fixed_minor"),
    }
    fees = world["channel_fees"]
    if fees.filter(meant).is_empty():
        raise EditError("scenario.nothing_meant", "channel", edit.text("channel"))
    return world.replace(channel_fees=during(fees, meant, edit.since, edit.until, change))


def payment_fee(edit: Edit, world: World) -> World:
    """A payment method's fee moved by points."""
    meant = is_code("method", edit.text("method"))
    new = (pl.col("rate_ppm") + edit.whole("points_ppm")).clip(lower_bound=0)
    return world.replace(
        payment_fees=during(world["payment_fees"], meant, edit.since, edit.until, {"rate_ppm": new})
    )


def product_cost(edit: Edit, world: World) -> World:
    """What articles cost to buy, higher or lower by a share."""
    new = times("cost_minor", edit.whole("change_ppm")).clip(lower_bound=0)
    return _articles(edit, world, {"cost_minor": new})


def origin(edit: Edit, world: World) -> World:
    """Articles made in another country; proofs of origin held for the old one are gone."""
    return _articles(edit, world, {"origin": pl.lit(edit.text("origin")), "proofs": pl.lit("")})


def _articles(edit: Edit, world: World, change: dict[str, pl.Expr]) -> World:
    skus = world["skus"]
    meant = is_code("sku", edit.text("sku")) & is_code("category", edit.text("category"))
    if skus.filter(meant).is_empty():
        raise EditError("scenario.nothing_meant", "sku", edit.text("sku"))
    columns = [pl.when(meant).then(new).otherwise(pl.col(name)).alias(name) for name, new in change.items()]
    return world.replace(skus=skus.with_columns(columns))


def new_warehouse(edit: Edit, world: World) -> World:
    """One warehouse more: fees and cartons as those of one that exists, lanes those of its country.

    Units: as in the contracts of the world. Errors: EditError.
    """
    code, country, like = edit.text("warehouse"), edit.text("country"), edit.text("like")
    frame = world["warehouses"]
    if code in frame["warehouse"].to_list():
        raise EditError("scenario.name_taken", "warehouse", code)
    model = frame.filter(pl.col("warehouse") == like)
    fees = {name: edit.number(name) for name in ("order_fee_minor", "piece_fee_minor", "handling_days")}
    given = [pl.lit(fee, dtype=pl.Int64).alias(name) for name, fee in fees.items() if fee is not None]
    own = model.with_columns(*given, warehouse=pl.lit(code), country=pl.lit(country), is_open=pl.lit(True))
    cartons = world["cartons"].filter(pl.col("warehouse") == like).with_columns(warehouse=pl.lit(code))
    if world["lanes"].filter(pl.col("ship_from") == country).is_empty():
        raise EditError("scenario.no_lanes", "country", country)
    return world.replace(warehouses=pl.concat([frame, own]), cartons=pl.concat([world["cartons"], cartons]))


CHANGE = Field("change_ppm", "ppm", required=True, low=-999_999)
KINDS = (
    Kind(
        "fx_shift",
        (
            Field("currency", required=True, source="fx.currency|currencies.currency"),
            CHANGE,
            Field("to_ppm", "ppm", low=-999_999),
        ),
        fx_shift,
    ),
    Kind("rate_card", (CHANGE, SERVICE, Field("zone", source="rates.zone")), rate_card),
    Kind(
        "surcharge",
        (
            SERVICE,
            Field("zone", source="rates.zone"),
            Field("rate_ppm", "ppm", low=0),
            Field("fixed_minor", "minor", low=0),
            Field("per_kg_minor", "minor", low=0),
            Field("name", "text"),
        ),
        surcharge,
        any_of=("rate_ppm", "fixed_minor", "per_kg_minor"),
    ),
    Kind(
        "closed",
        (
            SERVICE,
            Field("ship_from", source="lanes.ship_from"),
            Field("dest_country", source="lanes.dest_country"),
        ),
        closed,
        any_of=("service", "ship_from", "dest_country"),
    ),
    Kind(
        "warehouse_closed",
        (Field("warehouse", required=True, source="warehouses.warehouse"),),
        warehouse_closed,
        is_dated=False,
    ),
    Kind(
        "channel_fee",
        (
            Field("channel", source="channels.channel"),
            Field("points_ppm", "ppm", required=True),
            Field("fee_category", source="channel_fees.fee_category"),
            Field("fixed_minor", "minor"),
        ),
        channel_fee,
    ),
    Kind(
        "payment_fee",
        (Field("method", source="payment_fees.method"), Field("points_ppm", "ppm", required=True)),
        payment_fee,
    ),
    Kind("product_cost", (*ARTICLES, CHANGE), product_cost, is_dated=False),
    Kind(
        "origin",
        (*ARTICLES, Field("origin", required=True, source="countries.country")),
        origin,
        is_dated=False,
    ),
    Kind(
        "new_warehouse",
        (
            Field("warehouse", "text", required=True),
            Field("country", required=True, source="countries.country"),
            Field("like", required=True, source="warehouses.warehouse"),
            Field("order_fee_minor", "minor", low=0),
            Field("piece_fee_minor", "minor", low=0),
            Field("handling_days", "whole", low=0),
        ),
        new_warehouse,
        is_dated=False,
    ),
)
