"""Back-tests: orders before a past shock replayed under the rules after it, against what was then really booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import isqrt
from typing import Any

from entrepot.core.audit import Actor
from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.frames import backtesting as frames
from entrepot.domains.fulfilment.frames.backtesting import FIGURES
from entrepot.domains.fulfilment.frames.replaying import Filter
from entrepot.domains.fulfilment.models import ReplayRun
from entrepot.domains.fulfilment.queries import decided_days, gallery
from entrepot.domains.fulfilment.services.replaying import (
    Wish,
    orders_to_replay,
    result_parts,
    start_replay,
)
from entrepot.domains.fulfilment.services.scenarios import edits_of

DAY, LEAST, SHORTEST = timedelta(days=1), 30, 7
FINE = 10_000
SURE_PER_MILLE = 1_960  # 95 of 100 chance differences are smaller than 1.96 standard errors


class NotTestable(ValueError):
    """A shock that cannot be tested with these orders: `code` says why."""

    def __init__(self, code: str, value: object = "") -> None:
        super().__init__(f"{code} {value}".strip())
        self.code, self.value = code, value


@dataclass(frozen=True)
class Window:
    """As many days before a shock as after it, as far as orders reach."""

    on: date
    days: int

    @property
    def before(self) -> tuple[date, date]:
        """First and last day before."""
        return self.on - self.days * DAY, self.on - DAY

    @property
    def after(self) -> tuple[date, date]:
        """First and last day from the shock on."""
        return self.on, self.on + (self.days - 1) * DAY


@dataclass(frozen=True)
class Figure:
    """One figure per order: booked before, foretold, foretold from the warehouses that orders then left from, booked
    after; `chance` is how far foretold and booked may be apart by chance alone. Minor units."""

    before: int
    then: int
    mixed: int
    after: int
    chance: int

    @property
    def miss(self) -> int:
        """What was foretold less what came."""
        return self.then - self.after

    @property
    def moved(self) -> int:
        """The part of the miss that comes of orders being sent from other warehouses than before."""
        return self.then - self.mixed

    @property
    def miss_ppm(self) -> int | None:
        """The miss as a share of what came."""
        return _ratio(self.miss * 1_000_000, abs(self.after)) if self.after else None

    @property
    def naive_ppm(self) -> int | None:
        """The miss of somebody who had expected no change."""
        return _ratio((self.before - self.after) * 1_000_000, abs(self.after)) if self.after else None

    @property
    def is_chance(self) -> bool:
        """Whether the miss is no more than chance explains."""
        return abs(self.miss) <= self.chance


@dataclass(frozen=True)
class Row:
    """A market (or all that the shock touches, weighed by the orders after it); `touched`: orders before it
    whose costs it changes."""

    market: str
    before: int
    after: int
    lost: int
    touched: int
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class BackTest:
    """What a back-test found: touched markets, the largest first; the others; all touched ones together."""

    window: Window
    touched: list[Row]
    others: list[Row]
    total: Row | None
    alone: list[str]
    rules: list[tuple[str, date, int]]


def testable(code: str, days: int) -> Window:
    """The days that a shock of the gallery can be tested with.

    Errors: NotTestable when there is no such shock, or too few days or orders before or after it.
    """
    shock = gallery().get(code)
    if shock is None:
        raise NotTestable("unknown", code)
    first, last = decided_days()
    on = date.fromisoformat(shock.on)
    if first is None or last is None or not first < on <= last:
        raise NotTestable("outside", shock.on)
    window = Window(on, min(days, (on - first).days, (last - on).days + 1))
    if window.days < SHORTEST:
        raise NotTestable("short", window.days)
    for start, end in (window.before, window.after):
        if orders_to_replay(Filter(start, end)) < LEAST:
            raise NotTestable("few", LEAST)
    return window


def start_back_test(code: str, days: int, reading: str, name: str, actor: Actor) -> ReplayRun:
    """Queue the replay of the orders before a shock under its rules.

    Errors: NotTestable.
    """
    window = testable(code, days)
    shock = gallery()[code]
    wish = Wish(name, edits_of(shock.records("held")), Filter(*window.before), reading, shock=code)
    return start_replay(wish, actor)


def window_of(run: ReplayRun) -> Window:
    """The days of a back-test."""
    which = Filter.from_record(run.filters)
    assert which.first is not None and which.last is not None  # noqa: PT018
    return Window(which.last + DAY, (which.last - which.first).days + 1)


def back_test(run: ReplayRun) -> BackTest:
    """What was foretold beside what came."""
    window = window_of(run)
    before = _by_market(frames.foretold(result_parts(run), Filter.from_record(run.filters)))
    after = _by_market(frames.booked_by_market(*window.after))
    rows = [_row(market, before[market], after[market]) for market in before.keys() & after.keys()]
    rows.sort(key=lambda row: (-row.after, row.market))
    touched = [row for row in rows if row.touched]
    others = [row for row in rows if not row.touched]
    rules = frames.rules_begun(world.current(), window.before[0], window.after[1])
    return BackTest(window, touched, others, _total(touched), sorted(before.keys() ^ after.keys()), rules)


Sums = dict[str, dict[str, Any]]  # by warehouse


def _by_market(frame: frames.Frame) -> dict[str, Sums]:
    found: dict[str, Sums] = {}
    for row in frame.to_dicts():
        found.setdefault(row["market"], {})[row["warehouse"]] = row
    return found


def _row(market: str, before: Sums, after: Sums) -> Row:
    m, n = (sum(row["orders"] for row in side.values()) for side in (before, after))
    figures = {}
    for name in FIGURES:

        def total(side: Sums, what: str, name: str = name) -> int:
            return sum(int(row[f"{name}_{what}"]) for row in side.values())

        then = _ratio(total(before, "then"), m)
        known = {key: _ratio(row[f"{name}_then"], row["orders"]) for key, row in before.items()}
        mixed = _ratio(sum(known.get(key, then) * row["orders"] for key, row in after.items()), n)
        spreads = (
            (total(before, "then"), total(before, "squares"), m),
            (total(after, "after"), total(after, "squares"), n),
        )
        figures[name] = Figure(
            _ratio(total(before, "before"), m),
            then,
            mixed,
            _ratio(total(after, "after"), n),
            _chance(*spreads),
        )
    lost, touched = next(iter(before.values()))["lost"], sum(row["touched"] for row in before.values())
    return Row(market, m, n, lost, touched, figures)


def _total(rows: list[Row]) -> Row | None:
    """All markets as one, each with the weight it had after the shock: another mix of markets is no miss."""
    weight = sum(row.after for row in rows)
    if not weight:
        return None

    def mean(name: str, side: str) -> int:
        return _ratio(sum(getattr(row.figures[name], side) * row.after for row in rows), weight)

    def chance(name: str) -> int:
        squares = sum((row.figures[name].chance * row.after) ** 2 for row in rows)
        return _ratio(isqrt(squares), weight)

    figures = {}
    for name in FIGURES:
        before, then, mixed, after = (mean(name, side) for side in ("before", "then", "mixed", "after"))
        figures[name] = Figure(before, then, mixed, after, chance(name))
    orders, lost, touched = (
        sum(getattr(row, name) for row in rows) for name in ("before", "lost", "touched")
    )
    return Row("", orders, weight, lost, touched, figures)


def _chance(*samples: tuple[int, int, int]) -> int:
    """How far two means may be apart by chance: 95 of 100 times less. Samples: sum, sum of squares, count."""
    variance = sum(
        max(squares - total * total // count, 0) * FINE // (max(count - 1, 1) * count)
        for total, squares, count in samples
    )
    return _ratio(isqrt(variance) * SURE_PER_MILLE, isqrt(FINE) * 1_000)


def _ratio(over: int, under: int) -> int:
    """over / under, rounded half away from nought."""
    size = (abs(over) * 2 + under) // (under * 2)
    return size if over >= 0 else -size
