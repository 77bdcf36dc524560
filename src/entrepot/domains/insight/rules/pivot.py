"""A question to the profit explorer: rows, columns, measures, period and filters; and the SQL that answers it.

Names of columns come from the lists of `facts`, values go in as parameters: nothing a user types becomes SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from entrepot.domains.insight.rules.facts import (
    COSTS,
    CUBE,
    DIMENSIONS,
    GOODS,
    GOODS_COUNTS,
    LINE_COUNTS,
    LINES,
    MONEY,
    ORDER_COUNTS,
)

PPM = 1_000_000
MOST_ROWS, MOST_MEASURES = 3, 6
# what a cell can show: unit, and the sums it is worked out of (numerator, denominator, scale)
MEASURES: dict[str, tuple[str, str, str, int]] = {
    **{name: ("money", name, "", 1) for name in MONEY},
    "orders": ("count", "orders", "", 1),
    "lines": ("count", "lines", "", 1),
    "quantity": ("count", "quantity", "", 1),
    "returned_quantity": ("count", "returned_quantity", "", 1),
    "margin": ("ppm", "profit", "revenue", PPM),
    "basket": ("money", "revenue", "orders", 1),
    "profit_per_order": ("money", "profit", "orders", 1),
    "return_rate": ("ppm", "returned_quantity", "sold_quantity", PPM),
}  # fmt: skip
USUAL = ("revenue", "profit", "margin", "orders")


@dataclass(frozen=True)
class Question:
    """What is asked of the marts; days are both included, no filter on a dimension means all."""

    first: date
    last: date
    rows: tuple[str, ...] = ()
    column: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def dims(self) -> tuple[str, ...]:
        """Dimensions that are told apart."""
        return (*self.rows, self.column) if self.column else self.rows

    @property
    def whole_months(self) -> bool:
        """Whether the period is one of whole months, so that the cube can answer."""
        return self.first.day == 1 and (self.last + timedelta(days=1)).day == 1

    def only(self, **values: str) -> Question:
        """The same narrowed to one value of some dimensions."""
        return replace(self, filters={**self.filters, **{name: (value,) for name, value in values.items()}})

    @property
    def before(self) -> Question:
        """The same for the period of equal length just before: whole months before whole months."""
        if self.whole_months:
            count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
            return replace(self, first=months_on(self.first, -count), last=self.first - timedelta(days=1))
        days = (self.last - self.first).days + 1
        return replace(self, first=self.first - timedelta(days=days), last=self.first - timedelta(days=1))


@dataclass(frozen=True)
class Sums:
    """One group: its key by dimension, and its sums; money in minor units of the books' currency."""

    key: tuple[str, ...]
    values: Mapping[str, int]

    def measure(self, name: str) -> int | None:
        """A measure of the group; None where there is nothing to divide by."""
        _unit, over, under, scale = MEASURES[name]
        return ratio(self.values[over], self.values[under] if under else 1, scale)


def ratio(over: int, under: int, scale: int = 1) -> int | None:
    """over × scale / under, rounded half away from nought; None over nothing."""
    if under == 0:
        return None
    product = over * scale * (1 if under > 0 else -1)
    size = (abs(product) * 2 + abs(under)) // (abs(under) * 2)
    return size if product >= 0 else -size


def months_on(first: date, count: int) -> date:
    """The first day of the month so many months later."""
    place = first.year * 12 + first.month - 1 + count
    return date(place // 12, place % 12 + 1, 1)


def month_end(day: date) -> date:
    """The last day of a month."""
    return months_on(day, 1) - timedelta(days=1)


def goods_level(dims: Sequence[str], filters: Mapping[str, Sequence[str]]) -> str | None:
    """Which count of orders is exact for groups of some dimensions: "" for whole orders, a level of goods, or None.

    An order with two SKUs is one order in the sum over all goods but stands under both SKUs. A level that is told
    apart, or narrowed to one value, can be counted by its own mark; several values of a finer level cannot.
    """
    fixed = [place for place, name in enumerate(GOODS) if name in dims or len(filters.get(name, ())) == 1]
    several = [place for place, name in enumerate(GOODS) if len(filters.get(name, ())) > 1]
    if not fixed:
        return None if several else ""
    return GOODS[fixed[0]] if all(fixed[0] <= place for place in several) else None


def where(question: Question, table: str) -> tuple[str, list[object]]:
    """Conditions and their parameters."""
    day = "month" if table == CUBE else "placed_on"
    tests, params = [f"{day} BETWEEN ? AND ?"], [question.first, question.last]
    found: list[object] = list(params)
    for name in DIMENSIONS:
        values = question.filters.get(name, ())
        if values:
            tests.append(f"{name} IN ({', '.join('?' * len(values))})")
            found += [date.fromisoformat(value) for value in values] if name == "month" else list(values)
    return " AND ".join(tests), found


SUM_NAMES = (*MONEY, *ORDER_COUNTS, *LINE_COUNTS, *GOODS_COUNTS)
FALL = ("tax_sale", "revenue", *COSTS, "profit", "lines")


def sums_for(measures: Sequence[str]) -> tuple[str, ...]:
    """The sums some measures are worked out of."""
    wanted = {name for measure in measures for name in MEASURES[measure][1:3]}
    return tuple(name for name in SUM_NAMES if name in wanted)


@dataclass(frozen=True)
class Plan:
    """A question as SQL: its text and parameters, the dimensions of its rows, and the sums that follow them.

    Each row: the number of its set of dimensions, the dimensions (null where the set has them not), the sums.
    """

    sql: str
    params: list[object]
    dims: tuple[str, ...]
    names: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]
    levels: Mapping[tuple[str, ...], str | None]

    def set_of(self, row: Sequence[object]) -> tuple[str, ...]:
        """Which set of dimensions a row is of: GROUPING has a bit for each that is missing, the last one lowest."""
        mark = int(row[0])  # type: ignore[call-overload]
        return next(one for one in self.sets if self._mark(one) == mark)

    def read(self, row: Sequence[object]) -> tuple[tuple[str, ...], Sums]:
        """A row as its set and its group, keys in the order the set names them, orders counted as is right for it."""
        wanted, width = self.set_of(row), len(self.dims)
        values = {name: int(value or 0) for name, value in zip(self.names, row[1 + width :], strict=False)}  # type: ignore[call-overload]
        level = self.levels[wanted]
        if level is None and "orders" in values:
            values["orders"] = int(row[1 + width + len(self.names)] or 0)  # type: ignore[call-overload]
        elif level and f"{level}_orders" in values:
            values["orders"] = values[f"{level}_orders"]
        key = tuple(str(row[1 + self.dims.index(name)] or "") for name in wanted)
        return wanted, Sums(key, values)

    def _mark(self, one: Sequence[str]) -> int:
        return sum(1 << place for place, name in enumerate(reversed(self.dims)) if name not in one)


def plan(question: Question, sets: Sequence[Sequence[str]], names: Sequence[str]) -> Plan:
    """How to ask for some sums by several sets of dimensions at once.

    The finest groups are added up once; coarser sets are sums of these, since every sum and every mark of an order adds
    up. Only where no mark counts orders exactly (`goods_level`), each set is counted over the lines.
    """
    each = tuple(dict.fromkeys(tuple(one) for one in sets))
    levels = {one: goods_level(one, question.filters) for one in each}
    dims = tuple(sorted({name for one in each for name in one}, key=DIMENSIONS.index))
    marks = (
        {"orders", *(f"{level}_orders" for level in levels.values() if level)} if "orders" in names else set()
    )
    wanted = tuple(name for name in SUM_NAMES if name in {*names, *marks})
    is_apart = None in levels.values()
    keys = [f"{name}::VARCHAR AS {name}" for name in dims]
    fine = [f"sum({_column(name)})::HUGEINT AS s_{name}" for name in wanted]
    group = f" GROUP BY {', '.join(dims)}" if dims else ""
    marked = f"GROUPING({', '.join(dims)})" if dims else "0"
    by = f" GROUP BY GROUPING SETS ({', '.join('(' + ', '.join(one) + ')' for one in each)})" if dims else ""
    if is_apart and marks:
        test, params = where(question, LINES)
        select = ", ".join([marked, *keys, *fine, "count(DISTINCT order_id)"])
        return Plan(f"SELECT {select} FROM {LINES} WHERE {test}{by}", params, dims, wanted, each, levels)
    levels = {one: level or "" for one, level in levels.items()}
    parts, params = [], []
    for table, part in _parts(question):
        test, own = where(part, table)
        parts.append(f"SELECT {', '.join([*keys, *fine])} FROM {table} WHERE {test}{group}")
        params += own
    inner = " UNION ALL ".join(parts)
    outer = ", ".join([marked, *dims, *(f"sum(s_{name})::HUGEINT" for name in wanted)])
    return Plan(
        f"WITH fine AS MATERIALIZED ({inner}) SELECT {outer} FROM fine{by}",
        params,
        dims,
        wanted,
        each,
        levels,
    )


def _parts(question: Question) -> list[tuple[str, Question]]:
    """The period in parts: whole months for the cube, the days before and after them for the lines."""
    first = question.first if question.first.day == 1 else months_on(question.first, 1)
    after = question.last + timedelta(days=1)
    last = after.replace(day=1) - timedelta(days=1)
    if first > last:
        return [(LINES, question)]
    parts = [(CUBE, replace(question, first=first, last=last))]
    if question.first < first:
        parts.append((LINES, replace(question, last=first - timedelta(days=1))))
    if last < question.last:
        parts.append((LINES, replace(question, first=last + timedelta(days=1))))
    return parts


def _column(name: str) -> str:
    return f"{name}_base_minor" if name in MONEY else name


def waterfall(sums: Sums) -> list[tuple[str, int, bool]]:
    """From the price with its tax to profit, of the orders that stand: (step, amount, is it a level)."""
    tax, revenue = sums.values["tax_sale"], sums.values["revenue"]
    steps = [("price", revenue + tax, True), ("tax_sale", -tax, False), ("revenue", revenue, True)]
    steps += [(name, -sums.values[name], False) for name in COSTS]
    return [*steps, ("profit", sums.values["profit"], True)]


def heat(value: int | None, lowest: int, highest: int, steps: int = 5) -> int:
    """The shade of a cell: 1 to `steps` above nought, minus that below, by its share of the greatest; 0 for nothing."""
    if not value:
        return 0
    most = highest if value > 0 else -lowest
    return (1 if value > 0 else -1) * (1 + min(steps - 1, abs(value) * steps // most)) if most > 0 else 0
