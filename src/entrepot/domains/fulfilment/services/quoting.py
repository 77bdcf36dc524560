"""Quotes of landed cost: on a day, through the years, and under each reading of a disputed rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.frames import quoting as frames
from entrepot.engine import Quoted

Row = dict[str, Any]
BACK, AHEAD = timedelta(days=900), timedelta(days=400)


@dataclass(frozen=True)
class Reading:
    """What a consignment costs when a disputed rule is read one way: the landed cost and its difference to ours."""

    name: str
    rule: str | None
    landed_minor: int | None
    difference_minor: int | None
    currency: str | None
    is_followed: bool


@dataclass(frozen=True)
class Landed:
    """The answer to a lookup: the row of the consignment, its charges, rules, course of time and readings."""

    way: Row
    charges: list[Row]
    rules: list[Row]
    course: list[Row]
    readings: list[Reading]
    world_hash: str


def landed_cost(ask: Row, lines: Sequence[Row]) -> Landed:
    """What it costs to bring these goods there on that day, by the rules of the world as they stand.

    Units: as in the engine's QUOTES and QUOTE_LINES. Errors: SchemaError for rows that break their contract.
    """
    now = world.current()
    told = frames.quoted([ask], lines, now)
    way = told.consignments.row(0, named=True)
    return Landed(
        way=way,
        charges=told.charges.to_dicts(),
        rules=told.rules(ask["order_id"]),
        course=_course(ask, lines, told),
        readings=_readings(ask, lines, told),
        world_hash=now.hash,
    )


def quote_cost(ask: Row, lines: Sequence[Row]) -> Landed:
    """The same without the course of time and the readings: one quote, for programs that ask often."""
    now = world.current()
    told = frames.quoted([ask], lines, now)
    way = told.consignments.row(0, named=True)
    return Landed(way, told.charges.to_dicts(), told.rules(ask["order_id"]), [], [], now.hash)


def _course(ask: Row, lines: Sequence[Row], told: Quoted) -> list[Row]:
    """The same consignment on every day near its own on which some rule changed; days that change nothing left out."""
    on: date = ask["placed_on"]
    changes = [day for day in told.world.changes if on - BACK <= day <= on + AHEAD]
    days = sorted({on - BACK, on, on + AHEAD, *changes})
    asks = [{**ask, "order_id": number, "placed_on": day} for number, day in enumerate(days)]
    goods = [{**line, "order_id": number} for number in range(len(days)) for line in lines]
    rows = frames.quoted(asks, goods, told.world).consignments.to_dicts()
    figures = ("rule", "decl_currency", "duty_minor", "layers_minor", "fees_minor", "tax_minor")
    kept: list[Row] = []
    for row in rows:
        same = kept and all(row[name] == kept[-1][name] for name in figures)
        if not same or row["placed_on"] in (on, days[-1]):
            kept.append(row)
    return kept


def _readings(ask: Row, lines: Sequence[Row], told: Quoted) -> list[Reading]:
    """Each reading of the disputed rules about this place, beside the ones that are followed."""
    ours = told.consignments.row(0, named=True)
    found = frames.readings_about(
        {ours["dest_country"], ours["dest_territory"]}, ask["placed_on"], told.world
    )
    followed = frames.followed_readings(told.world)
    rows = []
    for name in sorted(found):
        rivals = {other for other in found if found[other] & found[name]}
        names = [*(one for one in followed if one not in rivals), name]
        other = frames.quoted([ask], lines, frames.world_reading(names, told.world)).consignments.row(
            0, named=True
        )
        comparable = (
            other["landed_minor"] is not None
            and ours["landed_minor"] is not None
            and other["decl_currency"] == ours["decl_currency"]
        )
        difference = other["landed_minor"] - ours["landed_minor"] if comparable else None
        if difference == 0 and name not in followed and all(key[0] == "import_fees" for key in found[name]):
            continue  # a fee of another place
        rows.append(
            Reading(
                name,
                other["rule"],
                other["landed_minor"],
                difference,
                other["decl_currency"],
                name in followed,
            )
        )
    return rows
