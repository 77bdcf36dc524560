"""Karrio's default rate sheets: one row per service, zone and weight band, countries as a list in one cell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from entrepot.domains.logistics.adapters.cards import Band, Cards, Offer, Reach, days, grams, minor, number
from entrepot.domains.logistics.adapters.files import needs, rows_of

NEAR_NOTHING = 10  # a sheet's first band begins at 0.01 kg and means "from nothing"
Row = dict[str, str]
UNITS = ("kg", "g", "lb", "oz")


def parse(
    content: bytes, *, valid_from: date, ship_from: str, countries: frozenset[str], digits: dict[str, int]
) -> Cards:
    """The cards of a sheet, valid from a day; `ship_from` where a carrier has no domestic rows that tell its home.

    Errors: FileRefused when columns are missing; single rows become findings.
    """
    rows = rows_of(content)
    needs(
        rows,
        "carrier",
        "service_code",
        "zone_label",
        "country_codes",
        "min_weight",
        "max_weight",
        "rate",
        "currency",
    )
    cards = Cards(rows=len(rows), source="Karrio default rate sheet, not an official price list")
    homes = _homes(rows)
    zones: dict[tuple[str, str], dict[str, str]] = {}
    for nth, row in rows:
        service = f"{row['carrier']}:{row['service_code']}"
        names = zones.setdefault((service, row["zone_label"]), {})
        label = row["zone_label"] or "all"
        zone = names.setdefault(row["country_codes"], label if not names else f"{label} {len(names) + 1}")
        band = _band(nth, row, cards, (service, zone, valid_from), digits)
        if band is None:
            continue
        cards.bands.append(band)
        _offer(row, service, cards, band)
        _reach(nth, row, cards, (service, zone, homes.get(row["carrier"], ship_from)), countries)
    return cards


def _band(
    nth: int, row: Row, cards: Cards, key: tuple[str, str, date], digits: dict[str, int]
) -> Band | None:
    currency, price = row["currency"].upper(), number(row["rate"])
    unit = row.get("weight_unit") or "kg"
    low, high = number(row["min_weight"] or "0"), number(row["max_weight"])
    amount = minor(price, digits[currency]) if price is not None and currency in digits else None
    readable = low is not None and high is not None and unit.lower() in UNITS
    problems = {
        ("currency", "", "currency.missing"): not currency,
        ("currency", currency, "currency.unknown"): currency not in digits,
        ("rate", "", "price.missing"): not row["rate"],
        ("rate", row["rate"], "price.unreadable"): amount is None,
        ("rate", row["rate"], "price.zero"): amount is not None and amount <= 0,
        ("max_weight", f"{row['max_weight']} {unit}", "weight.unreadable"): not readable,
    }
    problem = next((what for what, is_so in problems.items() if is_so), None)
    if problem:
        cards.refuse(nth, *problem)
        return None
    assert low is not None
    assert high is not None
    assert amount is not None
    over, to = grams(low, unit), grams(high, unit)
    if to <= over:
        cards.refuse(nth, "max_weight", f"{row['min_weight']}-{row['max_weight']}", "weight.order")
        return None
    return Band(nth, key[0], key[1], 0 if over <= NEAR_NOTHING else over, to, amount, key[2])


def _offer(row: Row, service: str, cards: Cards, band: Band) -> None:
    abroad = row.get("international", "") == "true"
    kind = "express" if "express" in (row.get("features") or "") else "line" if abroad else "overseas"
    name = row.get("service_name") or row["service_code"]
    offer = cards.offers.setdefault(
        service, Offer(service, name, row["carrier"], row["currency"].upper(), kind)
    )
    offer.max_g = max(offer.max_g, band.to_g)
    length = number(row.get("max_length") or "")
    if length:
        inch = (row.get("dimension_unit") or "cm").lower() == "in"
        offer.max_side_mm = max(offer.max_side_mm, int(length * (Decimal("25.4") if inch else 10)))


def _reach(nth: int, row: Row, cards: Cards, key: tuple[str, str, str], countries: frozenset[str]) -> None:
    service, zone, home = key
    codes = [code.strip().upper() for code in row["country_codes"].split(",") if code.strip()]
    for code in codes:
        if code not in countries:
            cards.note(nth, "country_codes", code, "country.unknown")
    if not codes:
        cards.note(nth, "country_codes", "", "country.missing")
        return
    if not home:
        cards.note(nth, "carrier", row["carrier"], "origin.unknown")
        return
    if row.get("transit_days") and days(row["transit_days"]) is None:
        cards.note(nth, "transit_days", row["transit_days"], "days.unreadable")
    wanted = [code for code in codes if code in countries]
    travel = days(row.get("transit_days") or "")
    cards.reaches += [Reach(nth, service, zone, home, code, travel) for code in wanted]


def _homes(rows: list[tuple[int, Row]]) -> dict[str, str]:
    """The country each carrier serves at home, where its domestic rows name just one."""
    found: dict[str, set[str]] = {}
    for _nth, row in rows:
        if row.get("domicile") == "true" and row["country_codes"]:
            found.setdefault(row["carrier"], set()).update(
                code.strip() for code in row["country_codes"].split(",")
            )
    return {carrier: next(iter(codes)) for carrier, codes in found.items() if len(codes) == 1}
