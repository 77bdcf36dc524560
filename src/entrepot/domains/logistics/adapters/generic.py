"""Any rate table: one price per row, its columns found by their names or named by the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from entrepot.domains.logistics.adapters.cards import Band, Cards, Offer, Reach, days, grams, minor, number
from entrepot.domains.logistics.adapters.files import FileRefused, rows_of

NEEDED = ("to_weight", "price")
FIELDS = (
    "service", "carrier", "zone", "country", "from_weight", "to_weight", "price", "currency", "days", "valid_from",
)  # fmt: skip
WORDS: dict[str, tuple[str, ...]] = {
    "service": ("service", "service_code", "product", "服务", "渠道", "产品"),
    "carrier": ("carrier", "承运商", "物流商"),
    "zone": ("zone", "area", "zone_label", "分区", "区域"),
    "country": ("country", "countries", "country_code", "destination", "国家", "目的国"),
    "from_weight": ("from_weight", "min_weight", "over_g", "weight from", "起重", "重量起"),
    "to_weight": (
        "to_weight",
        "max_weight",
        "to_g",
        "max_weight_g",
        "weight to",
        "weight",
        "止重",
        "重量",
        "重量止",
    ),
    "price": ("price", "rate", "amount", "base_minor", "cost", "价格", "运费", "单价"),
    "currency": ("currency", "币种", "货币"),
    "days": ("days", "transit", "transit_days", "delivery", "时效", "天数"),
    "valid_from": ("valid_from", "effective_date", "from", "生效日期", "生效日"),
}


@dataclass(frozen=True)
class Reading:
    """What holds for the whole file where a row says nothing."""

    service: str
    carrier: str
    currency: str
    ship_from: str
    valid_from: date
    unit: str = "kg"


def guess(headers: list[str]) -> dict[str, str]:
    """Field to column by the names people use, in English and Chinese."""
    known = {header.strip().lower(): header for header in headers}
    found = {
        name: next((known[word] for word in words if word in known), "") for name, words in WORDS.items()
    }
    return {name: column for name, column in found.items() if column}


def parse(
    content: bytes,
    mapping: Mapping[str, str],
    reading: Reading,
    *,
    countries: frozenset[str],
    digits: dict[str, int],
) -> Cards:
    """The cards of a table.

    Errors: FileRefused (file.columns) when weight or price has no column; single rows become findings.
    """
    rows = rows_of(content)
    missing = [name for name in NEEDED if not mapping.get(name) or (rows and mapping[name] not in rows[0][1])]
    if missing:
        raise FileRefused("file.columns", ", ".join(missing))
    cards = Cards(rows=len(rows), source="imported rate table")
    for nth, row in rows:
        cells = {name: row.get(mapping.get(name, ""), "") for name in FIELDS}
        _row(nth, cells, cards, reading, countries, digits)
    return cards


def _row(
    nth: int,
    cells: dict[str, str],
    cards: Cards,
    reading: Reading,
    countries: frozenset[str],
    digits: dict[str, int],
) -> None:
    currency = (cells["currency"] or reading.currency).upper()
    service = cells["service"] or reading.service
    price, to = number(cells["price"]), number(cells["to_weight"])
    low = number(cells["from_weight"]) if cells["from_weight"] else None
    amount = minor(price, digits[currency]) if price is not None and currency in digits else None
    problems = {
        ("service", "", "service.missing"): not service,
        ("currency", "", "currency.missing"): not currency,
        ("currency", currency, "currency.unknown"): bool(currency) and currency not in digits,
        ("price", cells["price"], "price.missing"): not cells["price"],
        ("price", cells["price"], "price.unreadable"): bool(cells["price"])
        and currency in digits
        and amount is None,
        ("price", cells["price"], "price.zero"): amount is not None and amount <= 0,
        ("to_weight", cells["to_weight"], "weight.unreadable"): to is None or to <= 0,
        ("from_weight", cells["from_weight"], "weight.order"): None not in (low, to) and low >= to,  # type: ignore[operator]
    }
    for (name, value, code), is_wrong in problems.items():
        if is_wrong:
            return cards.refuse(nth, name, value, code)
    start = _day(cells["valid_from"], reading.valid_from)
    if start is None:
        return cards.refuse(nth, "valid_from", cells["valid_from"], "date.unreadable")
    assert to is not None
    assert amount is not None
    zone = cells["zone"] or cells["country"].upper() or "all"
    over = None if low is None else grams(low, reading.unit)
    band = Band(nth, service, zone, over, grams(to, reading.unit), amount, start)
    cards.bands.append(band)
    carrier = cells["carrier"] or reading.carrier or service
    offer = cards.offers.setdefault(service, Offer(service, service, carrier, currency))
    offer.max_g = max(offer.max_g, band.to_g)
    if offer.currency != currency:
        cards.bands.pop()
        return cards.refuse(nth, "currency", currency, "currency.mixed")
    for code in cells["country"].upper().replace(";", ",").split(","):
        if code.strip() and code.strip() not in countries:
            cards.note(nth, "country", code.strip(), "country.unknown")
        elif code.strip() and reading.ship_from:
            travel = days(cells["days"])
            cards.reaches.append(Reach(nth, service, zone, reading.ship_from, code.strip(), travel))
    return None


def _day(text: str, usual: date) -> date | None:
    if not text:
        return usual
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
