"""The tables of ways as frames, and shipments in bulk."""

from __future__ import annotations

from datetime import date

import polars as pl
from django.utils.translation import gettext_lazy as _

from entrepot.core.frames import Frame, read, write
from entrepot.core.worldtables import BesideTable, WorldTable, all_tables
from entrepot.domains.logistics.models import (
    Area,
    BatteryRule,
    Capacity,
    Carton,
    ContractTier,
    FirstLeg,
    Lane,
    Rate,
    Service,
    Surcharge,
    Weighing,
)
from entrepot.engine.columns import BOOKED, WORLD
from entrepot.engine.columns.bulk import LEGS
from entrepot.engine.compare import NEEDED
from entrepot.engine.frames import Contract, column
from entrepot.engine.world import World

TABLES = (
    WorldTable("services", Service, ("service",), _("Services"), "logistics"),
    WorldTable("weighings", Weighing, ("weighing",), _("Weighing rules"), "logistics"),
    WorldTable("lanes", Lane, ("service", "ship_from", "dest_country"), _("Lanes"), "logistics"),
    WorldTable("rates", Rate, ("service", "zone", "tier", "over_g"), _("Rate cards"), "logistics"),
    WorldTable("contracts", ContractTier, ("service",), _("Contract tiers"), "logistics"),
    WorldTable("surcharges", Surcharge, ("surcharge", "service", "zone"), _("Surcharges"), "logistics"),
    WorldTable("areas", Area, ("area", "country", "from_postcode"), _("Remote areas"), "logistics"),
    WorldTable("cartons", Carton, ("warehouse", "carton"), _("Cartons"), "logistics"),
    WorldTable(
        "battery_rules", BatteryRule, ("kind", "battery", "to_wh_e3"), _("Battery rules"), "logistics"
    ),
    WorldTable(
        "capacities", Capacity, ("warehouse", "service", "unit"), _("Capacities of a day"), "logistics"
    ),
)

LEG_KEY = ("warehouse", "ship_from", "mode", "forwarder")
BESIDE = (BesideTable("first_legs", FirstLeg, LEG_KEY, _("First legs"), "logistics"),)

PLANS = Contract(
    "plans",
    (
        column("order_id", pl.Int64),
        column("part", pl.Int64, default=1),
        column("number", pl.String),
        column("warehouse", pl.String),
        column("service", pl.String),
        column("ship_on", pl.Date),
        column("promise_on", pl.Date),
        column("parcels", pl.Int64),
        column("weight_g", pl.Int64),
        column("chargeable_g", pl.Int64),
        column("freight_base_minor", pl.Int64),
    ),
    ("order_id", "part"),
)
DELIVERIES = Contract(
    "deliveries",
    (
        column("order_id", pl.Int64),
        column("part", pl.Int64, "empty: every shipment of the order", nullable=True),
        column("delivered_on", pl.Date, nullable=True),
        column("state", pl.String, "delivered, lost or returned", default="delivered"),
    ),
    ("order_id", "part"),
)


def write_shipments(plans: Frame) -> None:
    """Plan one shipment per row."""
    plans = PLANS.check(plans).with_columns(pl.lit("planned").alias("state"), pl.lit("").alias("tracking_no"))
    write("logistics_shipment", plans)


def planned(first: date, last: date) -> Frame:
    """What is planned to leave, or has left, on the days of a period (frame BOOKED)."""
    return read(_PLANNED, BOOKED.schema, [first, last])


_PLANNED = """
    SELECT warehouse, service, ship_on, count(*), sum(parcels)::bigint, sum(weight_g)::bigint FROM logistics_shipment
    WHERE state <> 'cancelled' AND ship_on BETWEEN %s AND %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def rules_for_ways(on: date) -> World:
    """The world's rules that a parcel's way and price need, exchange rates of the last days among them."""
    tables = all_tables()
    frames = {name: tables[name].frame(on) for name in NEEDED if name in tables and name != "fx"}
    fx = read(_RATES_OF_DAY, WORLD["fx"].schema, [on])
    return World.of({**frames, "fx": fx})


_RATES_OF_DAY = """
    SELECT DISTINCT ON (currency) currency, "on", rate_e6 FROM ledger_fxrate WHERE "on" <= %s
    ORDER BY currency, "on" DESC
"""


def first_legs(on: date) -> Frame:
    """Forwarders' quotations in force on a day (rows of LEGS)."""
    query = f"""
        SELECT {", ".join(LEGS.schema)} FROM logistics_firstleg
        WHERE valid_from <= %s AND (valid_to IS NULL OR valid_to >= %s) ORDER BY {", ".join(LEG_KEY)}
    """
    return LEGS.check(read(query, LEGS.schema, [on, on]))


def load_of(origin: str, warehouse: str, load: tuple[int, int], on: date) -> Frame:
    """One load (g, mm³) as `engine.bulk.carriage` reads it."""
    weight, volume = load
    return pl.DataFrame(
        {
            "load": [1],
            "ship_from": [origin],
            "warehouse": [warehouse],
            "weight_g": [weight],
            "volume_mm3": [volume],
            "placed_on": [on],
        }
    )
