"""Forwarders' quotations as a table: one leg per row, its columns found by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from entrepot.domains.logistics.adapters.cards import Finding, days, minor, number
from entrepot.domains.logistics.adapters.files import needs, rows_of

MODES: dict[str, tuple[str, ...]] = {
    "air": ("air", "air freight", "空运"),
    "sea": ("sea", "ocean", "sea freight", "lcl", "海运"),
    "rail": ("rail", "train", "铁路", "中欧班列"),
    "road": ("road", "truck", "land", "陆运", "卡航", "卡车"),
}
WORDS: dict[str, tuple[str, ...]] = {
    "ship_from": ("ship_from", "from", "origin", "起运国", "起运地"),
    "warehouse": ("warehouse", "to", "destination", "仓库", "目的仓"),
    "mode": ("mode", "by", "运输方式", "方式"),
    "forwarder": ("forwarder", "agent", "货代", "货代公司"),
    "weighing": ("weighing", "weighing rule", "计重规则"),
    "currency": ("currency", "币种", "货币"),
    "per_kg": ("per_kg", "price per kg", "每公斤", "元/公斤"),
    "per_rt": ("per_rt", "per_m3", "per_cbm", "price per m3", "price per cbm", "每立方米", "每计费吨"),
    "min": ("min", "minimum", "at least", "最低收费", "最低"),
    "per_shipment": ("per_shipment", "per shipment", "fixed", "每票"),
    "days": ("days", "transit", "transit_days", "时效", "天数"),
    "battery": ("battery", "batteries", "电池"),
    "valid_from": ("valid_from", "effective_date", "生效日期", "生效日"),
    "valid_to": ("valid_to", "until", "失效日期", "有效期至"),
    "source": ("source", "quotation", "来源", "报价单"),
    "status": ("status", "certainty", "确定程度"),
}
PRICES = ("per_kg", "per_rt", "min", "per_shipment")
STATUSES = ("C", "P", "D", "G", "U")
BATTERIES = ("none", "contained", "packed", "all")


@dataclass(frozen=True)
class Known:
    """What rows may name: warehouses, countries, weighing rules, decimals of each currency, the rule of a mode."""

    warehouses: frozenset[str]
    countries: frozenset[str]
    weighings: frozenset[str]
    digits: Mapping[str, int]
    usual: Mapping[str, str]


@dataclass(frozen=True)
class Quotation:
    """One leg as a forwarder quotes it; prices in minor units."""

    row: int
    ship_from: str
    warehouse: str
    mode: str
    forwarder: str
    weighing: str
    currency: str
    per_kg_minor: int
    per_rt_minor: int
    min_minor: int
    per_shipment_minor: int
    min_days: int
    max_days: int
    battery: str
    valid_from: date
    valid_to: date | None
    source: str
    status: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What one quotation is for."""
        return self.warehouse, self.ship_from, self.mode, self.forwarder


@dataclass
class Quotations:
    """A whole file: rows read, quotations that can be used, findings about the others."""

    rows: int = 0
    found: list[Quotation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def parse(content: bytes, known: Known, *, ship_from: str, currency: str, valid_from: date) -> Quotations:
    """The quotations of a table; `ship_from`, `currency` and `valid_from` hold where a row says nothing.

    Errors: FileRefused when it is no table or has no column for the warehouse, the way or the days.
    """
    rows = rows_of(content)
    columns = _columns(list(rows[0][1]) if rows else [])
    needs([(0, dict.fromkeys(columns, ""))] if rows else [], "warehouse", "mode", "days")
    made, seen = Quotations(rows=len(rows)), set()
    usual = {
        "ship_from": ship_from,
        "currency": currency,
        "valid_from": valid_from.isoformat(),
        "battery": "all",
        "status": "P",
    }
    for nth, row in rows:
        cells = {name: row.get(columns[name], "") if name in columns else "" for name in WORDS}
        cells |= {name: value for name, value in usual.items() if not cells[name]}
        one = _row(nth, cells, known, made)
        if one is None:
            continue
        if (one.key, one.valid_from) in seen:
            made.findings.append(Finding(nth, "warehouse", one.warehouse, "leg.repeated"))
            continue
        seen.add((one.key, one.valid_from))
        made.found.append(one)
    return made


def _columns(headers: list[str]) -> dict[str, str]:
    """Field to column by the names people use, in English and Chinese."""
    known = {header.strip().lower(): header for header in headers}
    found = {name: next((known[w] for w in words if w in known), "") for name, words in WORDS.items()}
    return {name: column for name, column in found.items() if column}


def _row(nth: int, cells: dict[str, str], known: Known, made: Quotations) -> Quotation | None:
    mode = next((name for name, words in MODES.items() if cells["mode"].strip().lower() in words), "")
    currency, origin = cells["currency"].upper(), cells["ship_from"].upper()
    weighing = cells["weighing"] or known.usual.get(mode, "")
    digits = known.digits.get(currency)
    prices = {name: _price(cells[name], digits) for name in PRICES}
    took = days(cells["days"])
    first, last = _day(cells["valid_from"]), _day(cells["valid_to"]) if cells["valid_to"] else None
    unread = next((name for name, value in prices.items() if value is None), "")
    problems = {
        ("warehouse", cells["warehouse"], "leg.warehouse"): cells["warehouse"] not in known.warehouses,
        ("ship_from", origin, "leg.origin"): origin not in known.countries,
        ("mode", cells["mode"], "leg.mode"): not mode,
        ("currency", currency, "currency.missing"): not currency,
        ("currency", currency, "currency.unknown"): bool(currency) and digits is None,
        (unread or "price", cells.get(unread, ""), "price.unreadable"): digits is not None and bool(unread),
        ("price", "", "price.zero"): not unread and not any(prices.values()),
        ("weighing", weighing, "leg.weighing"): bool(mode) and weighing not in known.weighings,
        ("days", cells["days"], "leg.days"): took is None,
        ("battery", cells["battery"], "leg.battery"): cells["battery"] not in BATTERIES,
        ("valid_from", cells["valid_from"], "date.unreadable"): first is None,
        ("valid_to", cells["valid_to"], "date.unreadable"): bool(cells["valid_to"]) and last is None,
        ("status", cells["status"], "leg.status"): cells["status"] not in STATUSES,
        ("valid_to", cells["valid_to"], "leg.period"): bool(first and last and last < first),
    }
    for (name, value, code), is_wrong in problems.items():
        if is_wrong:
            made.findings.append(Finding(nth, name, value, code))
            return None
    assert first is not None
    assert took is not None
    amounts = {f"{name}_minor": value or 0 for name, value in prices.items()}
    return Quotation(
        nth, origin, cells["warehouse"], mode, cells["forwarder"], weighing, currency, min_days=took[0],
        max_days=took[1], battery=cells["battery"], valid_from=first, valid_to=last, source=cells["source"],
        status=cells["status"], **amounts,
    )  # fmt: skip


def _price(text: str, digits: int | None) -> int | None:
    """A price in minor units, nought where none is said; None where it cannot be read."""
    if not text:
        return 0
    amount: Decimal | None = number(text)
    if amount is None or amount < 0 or digits is None:
        return None
    return minor(amount, digits)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
