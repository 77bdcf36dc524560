"""Which rates goods of a code meet in a country on a day: ordinary, preferential and additional ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min, Q, QuerySet

from entrepot.domains.customs.models import DutyLayer, DutyRate, Preference, Territory
from entrepot.domains.customs.queries.goods import in_force

SHOWN = 200


@dataclass(frozen=True)
class Claim:
    """A preferential rate with the preference it belongs to."""

    rate: DutyRate
    preference: Preference | None


@dataclass(frozen=True)
class Rates:
    """What a code meets: the ordinary rates (all origins, then single ones), preferences to be claimed, layers."""

    ordinary: list[DutyRate]
    claims: list[Claim]
    layers: list[DutyLayer]


def places(country: str, on: date) -> list[str]:
    """The names a tariff may be kept under for a country: its own and its customs territory's."""
    found = Territory.objects.filter(in_force(on), country=country).values_list("territory", flat=True)
    return list(dict.fromkeys([country, *found]))


def territory_by_country(on: date) -> dict[str, tuple[str, ...]]:
    """The customs territories of every country on a day, by its code: one query."""
    found: dict[str, tuple[str, ...]] = {}
    rows = Territory.objects.filter(in_force(on)).order_by("country", "territory")
    for country, territory in rows.values_list("country", "territory"):
        found[country] = (*found.get(country, ()), territory)
    return found


def destinations() -> list[str]:
    """Places the tables have duty rates for."""
    return list(DutyRate.objects.order_by("dest").values_list("dest", flat=True).distinct())


def rates_of(code: str, dest: str, on: date, origin: str = "") -> Rates:
    """Every rate that concerns a code in a place on a day; of each origin and preference the longest prefix counts.

    With an origin, only what concerns it. Four queries, however many rates there are.
    """
    prefixes = [code[:length] for length in range(len(code) + 1)]
    where = Q(dest__in=places(dest, on), hs_prefix__in=prefixes) & in_force(on)
    concerns = Q(origin="") | Q(origin=origin) if origin else Q()
    best: dict[tuple[str, str, str], DutyRate] = {}
    for rate in DutyRate.objects.filter(where, concerns).order_by("hs_prefix"):
        best[rate.scheme, rate.origin, rate.reading] = rate
    rates = sorted(best.values(), key=lambda rate: (rate.origin, rate.reading))
    known = _preferences([dest, *places(dest, on)], on)
    claims = [Claim(rate, known.get(rate.scheme)) for rate in rates if rate.scheme]
    if origin:
        claims = [each for each in claims if not each.preference or _favours(each.preference, origin)]
    layers: dict[tuple[str, str, str], DutyLayer] = {}
    for layer in DutyLayer.objects.filter(where, concerns).order_by("hs_prefix"):
        if not origin or origin not in layer.origins_except.split():
            layers[layer.layer, layer.origin, layer.reading] = layer
    shown = sorted(layers.values(), key=lambda layer: (layer.reading != "", layer.layer, layer.origin))
    return Rates([rate for rate in rates if not rate.scheme], claims, shown[:SHOWN])


def ordinary_rates(codes: Sequence[str], dest: str, on: date) -> dict[str, DutyRate]:
    """The ordinary rate for all origins of each of some codes: that of its longest prefix. One query."""
    prefixes = {code[:length] for code in codes for length in range(len(code) + 1)}
    found = DutyRate.objects.filter(
        in_force(on), dest__in=places(dest, on), hs_prefix__in=prefixes, origin="", scheme="", reading=""
    )
    by_prefix = {rate.hs_prefix: rate for rate in found}
    best = {}
    for code in codes:
        for length in range(len(code), -1, -1):
            if code[:length] in by_prefix:
                best[code] = by_prefix[code[:length]]
                break
    return best


def tariff_period(dest: str) -> tuple[date | None, date | None]:
    """From which day on, and last changed when, the rates of a place are here."""
    found = DutyRate.objects.filter(dest=dest).aggregate(first=Min("valid_from"), last=Max("valid_from"))
    return found["first"], found["last"]


def _preferences(dests: Sequence[str], on: date) -> dict[str, Preference]:
    found: QuerySet[Preference] = Preference.objects.filter(in_force(on), dest__in=dests)
    return {row.scheme: row for row in found}


def _favours(preference: Preference, origin: str) -> bool:
    countries = preference.countries.split()
    return origin in countries or "*" in countries
