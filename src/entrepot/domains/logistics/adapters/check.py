"""The checker of rate cards: repeated and missing bands, prices that fall with weight, countries in the wrong zone."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from entrepot.domains.logistics.adapters.cards import Band, Cards, Reach

FEW = 4  # a zone of fewer countries says nothing about who belongs there


def check(cards: Cards, territories: Mapping[str, str], digits: Mapping[str, int]) -> Cards:
    """The cards with the rows that can be used, their bands without gaps that nobody meant, and all findings.

    `territories`: customs territory of each country; a country that stands alone among those of another is left out.
    `digits`: decimals of each currency, so that findings name prices as people write them.
    """
    groups: dict[tuple[object, ...], list[Band]] = defaultdict(list)
    for band in cards.bands:
        groups[band.service, band.zone, band.valid_from].append(band)
    cards.bands = [band for group in groups.values() for band in _card(group, cards, digits)]
    cards.reaches = _zones(cards.reaches, cards, territories)
    cards.findings.sort(key=lambda finding: (finding.row, finding.field, finding.code))
    return cards


def _card(group: list[Band], cards: Cards, digits: Mapping[str, int]) -> list[Band]:
    """One zone's bands in order; what falls out is reported and the next heavier band takes its weights."""
    ordered: list[Band] = []
    for band in sorted(group, key=lambda band: (band.to_g, band.row)):
        if ordered and band.to_g == ordered[-1].to_g:
            cards.refuse(band.row, "weight", f"{band.to_g} g", "band.repeated")
            continue
        end = ordered[-1].to_g if ordered else 0
        if band.over_g is not None and band.over_g > end:
            cards.note(band.row, "weight", f"{end}-{band.over_g} g", "band.gap" if ordered else "band.start")
        elif band.over_g is not None and band.over_g < end:
            cards.note(band.row, "weight", f"{band.over_g}-{end} g", "band.overlap")
        ordered.append(band)
    kept = rising([band.price_minor for band in ordered])
    used: list[Band] = []
    for place, band in enumerate(ordered):
        if place not in kept:
            cards.refuse(band.row, "price", _price(band, cards, digits), "price.falls")
            continue
        end = used[-1].to_g if used else 0
        start = end if band.over_g is None or place - 1 not in kept or band.over_g < end else band.over_g
        used.append(replace(band, over_g=start))
    return used


def _price(band: Band, cards: Cards, digits: Mapping[str, int]) -> str:
    offer = cards.offers.get(band.service)
    currency = offer.currency if offer else ""
    decimals = digits.get(currency, 2)
    return f"{Decimal(band.price_minor).scaleb(-decimals):.{decimals}f} {currency}".rstrip()


def rising(prices: list[int]) -> set[int]:
    """Places of the longest run of prices that never falls: the fewest rows are doubted.

    Of several runs the one whose prices are lowest, so that one misprint upwards is found as one.
    """
    tails: list[int] = []
    places: list[int] = []
    before: list[int | None] = []
    for place, price in enumerate(prices):
        at = bisect_right(tails, price)
        before.append(places[at - 1] if at else None)
        if at == len(tails):
            tails.append(price)
            places.append(place)
        else:
            tails[at], places[at] = price, place
    found: set[int] = set()
    last: int | None = places[-1] if places else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found


def _zones(reaches: Iterable[Reach], cards: Cards, territories: Mapping[str, str]) -> list[Reach]:
    """Countries that stand alone in a zone of another customs territory; two such crosswise are swapped."""
    members: dict[str, dict[str, int]] = defaultdict(dict)
    for reach in reaches:
        members[reach.zone].setdefault(reach.dest_country, reach.row)
    strange: dict[str, tuple[str, bool, int]] = {}
    for zone, countries in members.items():
        union = Counter(_union(country, territories) for country in countries)
        if len(countries) < FEW or len(union) < 2:
            continue
        usual, _times = union.most_common(1)[0]
        odd = [country for country in countries if _union(country, territories) != usual]
        if len(odd) == 1 and countries[odd[0]]:  # a zone for the rest of the world names nobody
            strange[odd[0]] = (zone, usual, countries[odd[0]])
    for country, (zone, usual, row) in strange.items():
        twin = [
            other
            for other, (its_zone, its_usual, _row) in strange.items()
            if its_zone != zone and its_usual != usual and _one_letter(country, other)
        ]
        value = f"{country} / {twin[0]} ({zone})" if twin else f"{country} ({zone})"
        cards.refuse(row, "zone", value, "zone.swapped" if twin else "zone.stranger")
    return [reach for reach in reaches if strange.get(reach.dest_country, ("",))[0] != reach.zone]


def _union(country: str, territories: Mapping[str, str]) -> bool:
    """Whether the country is in a customs union with others."""
    return territories.get(country, country) != country


def _one_letter(first: str, second: str) -> bool:
    return len(first) == len(second) and sum(a != b for a, b in zip(first, second, strict=True)) == 1
