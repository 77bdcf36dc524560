"""Any rate table: one price per row, or a column of prices for each zone; columns found by their names or named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from entrepot.domains.logistics.adapters.cards import Band, Cards, Offer, Reach, days, grams, minor, number
from entrepot.domains.logistics.adapters.files import FileRefused, Row, rows_of

NEEDED = ("to_weight",)  # a table without a column of prices may have one for each zone
FIELDS = (
    "service", "carrier", "zone", "country", "from_weight", "to_weight", "price", "currency", "days", "valid_from",
)  # fmt: skip
WORDS: dict[str, tuple[str, ...]] = {
    "service": ("service", "service_code", "product", "服务", "渠道", "产品"),
    "carrier": ("carrier", "承运商", "物流商"),
    "zone": ("zone", "area", "zone_label", "分区", "区域"),
    "country": ("country", "countries", "country_code", "destination", "国家", "目的国"),
    "from_weight": ("from_weight", "min_weight", "over_g", "weight from", "weight over", "起重", "重量起"),
    "to_weight": (
        "to_weight",
        "max_weight",
        "to_g",
        "weight to",
        "weight up to",
        "up to",
        "weight",
        "kg",
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
    from_unit: str = ""


UNIT = re.compile(
    r"(?:[\s(（\[/]+(kg|kgs|g|gram|grams|lb|lbs|oz)|[\s(（\[/]*(公斤|千克|克|磅|盎司))[)）\]]?$"
)
UNITS = {
    "kgs": "kg", "公斤": "kg", "千克": "kg", "gram": "g", "grams": "g", "克": "g", "lbs": "lb", "磅": "lb",
    "盎司": "oz",
}  # fmt: skip
CURRENCY = re.compile(r"[\s(（\[/]+([a-z]{3}|元)[)）\]]?$")
CURRENCIES = {"RMB": "CNY", "元": "CNY"}
PRICE, ZONE = "\0price", "\0zone"  # columns that only an unfolded table has


def _plain(header: str) -> str:
    return re.sub(r"[\s_-]+", " ", header.strip().lower())


def unit_of(header: str) -> str:
    """The unit of weight a column's name ends with: kg of `Max weight (kg)`; '' where it names none."""
    found = UNIT.search(" " + _plain(header))
    unit = next((part for part in found.groups() if part), "") if found else ""
    return UNITS.get(unit, unit)


def currency_of(header: str) -> str:
    """The three letters a column's name ends with: USD of `price_usd`."""
    found = CURRENCY.search(_plain(header))
    code = found.group(1).upper() if found else ""
    return CURRENCIES.get(code, code)


def guess(headers: list[str]) -> dict[str, str]:
    """Field to column by the names people use, in English and Chinese, with or without a unit or currency."""
    known: dict[str, str] = {}
    for header in headers:
        plain = _plain(header)
        for name in (plain, UNIT.sub("", plain).strip(), CURRENCY.sub("", plain).strip()):
            known.setdefault(name, header)
    found = {
        name: next((known[_plain(word)] for word in words if _plain(word) in known), "")
        for name, words in WORDS.items()
    }
    return {name: column for name, column in found.items() if column}


def parse(
    content: bytes,
    mapping: Mapping[str, str],
    reading: Reading,
    *,
    countries: frozenset[str],
    digits: dict[str, int],
    names: Mapping[str, str],
) -> Cards:
    """The cards of a table. `names` are country codes by the countries' names in lower case.

    Units: of weight as the column's name says, else `reading.unit`; the price's currency likewise.
    Errors: FileRefused (file.columns) when weight or price has no column; single rows become findings.
    """
    rows = rows_of(content)
    count = len(rows)
    if not mapping.get("price"):
        rows, mapping = _unfolded(rows, mapping)
    missing = [
        name
        for name in (*NEEDED, "price")
        if not mapping.get(name) or (rows and mapping[name] not in rows[0][1])
    ]
    if missing:
        raise FileRefused("file.columns", ", ".join(missing))
    said = currency_of(mapping["price"])
    reading = replace(
        reading,
        unit=unit_of(mapping["to_weight"]) or reading.unit,
        from_unit=unit_of(mapping.get("from_weight", "")) or unit_of(mapping["to_weight"]),
        currency=said if said in digits else reading.currency,
    )
    cards = Cards(rows=count, source="imported rate table")
    for nth, row in rows:
        cells = {name: row.get(mapping.get(name, ""), "") for name in FIELDS}
        told = cells["country"] or (cells["zone"] if mapping.get("zone") == ZONE else "")
        codes = [names.get(one.strip().lower(), one.strip().upper()) for one in re.split(r"[,;，；]", told)]
        if cells["country"] or set(codes) <= countries:
            cells["country"] = ",".join(codes)
        _row(nth, cells, cards, reading, countries, digits)
    return cards


def _unfolded(
    rows: list[tuple[int, Row]], mapping: Mapping[str, str]
) -> tuple[list[tuple[int, Row]], dict[str, str]]:
    """A table of weights by zones as one row for each price; the columns of figures nobody named are the zones."""
    taken = set(mapping.values())
    names = [name for name in (rows[0][1] if rows else ()) if name and name not in taken]
    cells = {name: [row[name] for _, row in rows if row[name]] for name in names}
    zones = [
        name for name in names if cells[name] and 2 * sum(map(_is_figure, cells[name])) >= len(cells[name])
    ]
    if not zones or not mapping.get("to_weight") or {"zone", "country"} & mapping.keys():
        return rows, dict(mapping)
    found = [(nth, {**row, ZONE: zone, PRICE: row[zone]}) for nth, row in rows for zone in zones if row[zone]]
    return found, {**mapping, "zone": ZONE, "price": PRICE}


def _is_figure(text: str) -> bool:
    return number(text) is not None


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
    zone = cells["zone"] or cells["country"] or "all"
    over = None if low is None else grams(low, reading.from_unit or reading.unit)
    band = Band(nth, service, zone, over, grams(to, reading.unit), amount, start)
    cards.bands.append(band)
    carrier = cells["carrier"] or reading.carrier or service
    offer = cards.offers.setdefault(service, Offer(service, service, carrier, currency))
    offer.max_g = max(offer.max_g, band.to_g)
    if offer.currency != currency:
        cards.bands.pop()
        return cards.refuse(nth, "currency", currency, "currency.mixed")
    for code in filter(None, cells["country"].split(",")):
        if code not in countries:
            cards.note(nth, "country", code, "country.unknown")
        elif reading.ship_from:
            travel = days(cells["days"])
            cards.reaches.append(Reach(nth, service, zone, reading.ship_from, code, travel))
    return None


def _day(text: str, usual: date) -> date | None:
    if not text:
        return usual
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
