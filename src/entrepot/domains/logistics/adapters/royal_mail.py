"""Royal Mail price tables: one row per day, service, zone, format, weight and compensation; zones in a second file."""

from __future__ import annotations

from datetime import date

from entrepot.domains.logistics.adapters.cards import Band, Cards, Offer, Reach, minor, number
from entrepot.domains.logistics.adapters.files import needs, rows_of

CARRIER, CURRENCY, HOME = "royal-mail", "GBP", "GB"
DEFAULT = "*default*"
EXPRESS = "guaranteed"


def parse(content: bytes, zones: bytes = b"", *, countries: frozenset[str]) -> Cards:
    """The cards of a price file and, where it is given, the reach of its zones.

    Errors: FileRefused when columns are missing; single rows become findings.
    """
    rows = rows_of(content)
    needs(rows, "effective_date", "service", "zone", "package", "max_weight_g", "price_gbp")
    cards = Cards(rows=len(rows), source="Royal Mail price tables")
    for nth, row in rows:
        _band(nth, row, cards)
    every = sorted({band.valid_from for band in cards.bands})
    cards.ends = dict.fromkeys(cards.offers, every)
    if zones:
        _reach(zones, cards, countries)
    return cards


def _band(nth: int, row: dict[str, str], cards: Cards) -> None:
    weight, price = number(row["max_weight_g"]), number(row["price_gbp"])
    try:
        start = date.fromisoformat(row["effective_date"])
    except ValueError:
        return cards.refuse(nth, "effective_date", row["effective_date"], "date.unreadable")
    if weight is None or weight <= 0:
        return cards.refuse(nth, "max_weight_g", row["max_weight_g"], "weight.unreadable")
    amount = None if price is None else minor(price, 2)
    if price is None or amount is None:
        return cards.refuse(nth, "price_gbp", row["price_gbp"], "price.unreadable")
    if amount <= 0:
        return cards.refuse(nth, "price_gbp", row["price_gbp"], "price.zero")
    offer = _offer(row)
    known = cards.offers.setdefault(offer.service, offer)
    known.max_g = max(known.max_g, int(weight))
    cards.bands.append(Band(nth, offer.service, row["zone"], None, int(weight), amount, start))
    return None


def _offer(row: dict[str, str]) -> Offer:
    """A service is a product in a format with a compensation: each has its own prices."""
    cover = number(row.get("compensation_gbp", "")) or 0
    parts = [row["service"], row["package"], f"{int(cover)}"]
    words = row["service"].replace("_", " ").removesuffix(" service")
    name = f"Royal Mail {words}, {row['package'].replace('_', ' ')}, £{int(cover)}"
    tracked = any(word in row["service"] for word in ("tracked", "signed", EXPRESS))
    kind = "express" if EXPRESS in row["service"] else "postal"
    return Offer(f"RM:{':'.join(parts)}", name, CARRIER, CURRENCY, kind, "post", tracked=tracked)


def _reach(content: bytes, cards: Cards, countries: frozenset[str]) -> None:
    rows = rows_of(content)
    needs(rows, "iso2", "zone")
    zones: dict[str, tuple[str, int]] = {}
    rest = ""
    for nth, row in rows:
        code = row["iso2"].upper()
        if row["iso2"] == DEFAULT:
            rest = row["zone"]
        elif code not in countries:
            cards.refuse(nth, "iso2", row["iso2"], "country.unknown")
        elif code in zones:
            cards.refuse(nth, "iso2", row["iso2"], "country.repeated")
        else:
            zones[code] = (row["zone"], nth)
    for code in sorted(countries - zones.keys()) if rest else ():
        zones[code] = (rest, 0)
    used = {(band.service, band.zone) for band in cards.bands}
    cards.reaches = [
        Reach(nth, service, zone, HOME, code)
        for code, (zone, nth) in sorted(zones.items())
        for service in sorted(cards.offers)
        if (service, zone) in used
    ]
