"""The KPI tree with its values, goals and trends, and a KPI told apart by any dimension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from entrepot.domains.insight.adapters import duck, store
from entrepot.domains.insight.models import Kpi, KpiGoal, KpiReading
from entrepot.domains.insight.queries.pivot import sums
from entrepot.domains.insight.rules.facts import STOCK
from entrepot.domains.insight.rules.kpis import (
    STOCK_VALUE,
    Definition,
    Goal,
    change,
    goal_in,
    status,
    value_in,
    value_of,
)
from entrepot.domains.insight.rules.pivot import Question, month_end, months_on

TREND = 12


@dataclass(frozen=True)
class View:
    """Which months the KPIs are shown for, and narrowed to which market and channel."""

    last: date
    count: int = 12
    market: str = ""
    channel: str = ""

    @property
    def months(self) -> list[date]:
        """The months of the period, the oldest first."""
        return [months_on(self.last, -back) for back in reversed(range(self.count))]

    @property
    def before(self) -> list[date]:
        """As many months just before."""
        return [months_on(month, -self.count) for month in self.months]

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """The narrowing as filters of a question."""
        return {
            name: (value,) for name, value in (("market", self.market), ("channel", self.channel)) if value
        }


@dataclass(frozen=True)
class KpiState:
    """A KPI in a period: value, the period before, goal and status, and its last twelve months."""

    kpi: Kpi
    level: int
    value: int | None
    before: int | None
    goal: int | None
    status: str
    owners: tuple[str, ...]
    trend: Sequence[int | None] = field(default_factory=list)

    @property
    def change_ppm(self) -> int | None:
        """Change against the period before."""
        return change(self.value, self.before)

    @property
    def is_better(self) -> bool | None:
        """Whether the change is for the good; None without one."""
        moved = self.change_ppm
        return None if not moved else (moved > 0) == self.kpi.is_up_good


def definition(kpi: Kpi) -> Definition:
    """A KPI's row as the rules read it."""
    return Definition(
        kpi.code, kpi.unit, kpi.is_up_good, kpi.numerator, kpi.denominator, kpi.scale, kpi.warn_ppm
    )


def kpi_tree(view: View) -> list[KpiState]:
    """Every KPI in the order of the tree, parents before children. Errors: NoMarts."""
    kpis = list(Kpi.objects.order_by("position", "code"))
    months = [months_on(view.last, -back) for back in reversed(range(max(TREND, 2 * view.count)))]
    monthly = monthly_sums(months, view.filters)
    goals, owners = _goals(view.months)
    readings = _readings(months) if not view.filters else {}
    return [
        _state(
            kpi,
            level,
            view,
            (monthly, readings.get(kpi.pk, {}), goals.get(kpi.pk, [])),
            owners.get(kpi.pk, ()),
        )
        for kpi, level in _ordered(kpis)
    ]


def kpi_coded(code: str) -> Kpi | None:
    """One KPI."""
    return Kpi.objects.filter(code=code).first()


def kpi_course(kpi: Kpi, view: View, count: int = 24) -> list[tuple[date, int | None, int | None]]:
    """A KPI month by month with its goal. Errors: NoMarts."""
    months = [months_on(view.last, -back) for back in reversed(range(count))]
    monthly = monthly_sums(months, view.filters)
    readings = _readings(months).get(kpi.pk, {}) if not view.filters else {}
    goals, asked = _goals(months)[0].get(kpi.pk, []), definition(kpi)
    return [
        (month, value_in(asked, [month], monthly, readings), goal_in(asked, [month], goals))
        for month in months
    ]


def kpi_by(kpi: Kpi, question: Question) -> list[tuple[str, int | None, int]]:
    """A KPI by one dimension: value of each group and the weight of the group (its numerator). Errors: NoMarts."""
    asked = definition(kpi)
    groups = sums(question, [name for name in (asked.numerator, asked.denominator) if name])
    return [(one.key[0], value_of(asked, one.values), one.values.get(asked.numerator, 0)) for one in groups]


def monthly_sums(
    months: Sequence[date], filters: Mapping[str, tuple[str, ...]]
) -> dict[date, dict[str, int]]:
    """Every sum KPIs are made of, by month. Stock belongs to no market or channel: with a filter it is not known."""
    question = Question(months[0], month_end(months[-1]), ("month",), "", filters)
    names = [name for pair in Kpi.objects.values_list("numerator", "denominator") for name in pair if name]
    found = {date.fromisoformat(one.key[0]): dict(one.values) for one in sums(question, names)}
    if not filters and store.read_manifest().of(STOCK):
        rows = duck.ask(
            f"SELECT month, sum(value_base_minor)::HUGEINT FROM {STOCK} WHERE month BETWEEN ? AND ? GROUP BY 1",
            [months[0], months[-1]],
        )
        for month, worth in rows:
            found.setdefault(month, {})[STOCK_VALUE] = int(worth or 0)
    return found


def goals_of(kpi: Kpi) -> list[KpiGoal]:
    """Goals of a KPI, the newest first."""
    return list(KpiGoal.objects.filter(kpi=kpi).select_related("owner").order_by("-first_month"))


def readings_of(kpi: Kpi) -> list[KpiReading]:
    """Values that were entered for a KPI, the newest month first."""
    return list(KpiReading.objects.filter(kpi=kpi).select_related("entered_by").order_by("-month")[:36])


Known = tuple[Mapping[date, Mapping[str, int]], Mapping[date, int], Sequence[Goal]]


def _state(kpi: Kpi, level: int, view: View, known: Known, owners: tuple[str, ...]) -> KpiState:
    asked, (monthly, readings, goals) = definition(kpi), known
    value = value_in(asked, view.months, monthly, readings)
    goal = goal_in(asked, view.months, goals) if not view.filters else None
    trend = [months_on(view.last, -back) for back in reversed(range(TREND))]
    return KpiState(
        kpi=kpi,
        level=level,
        value=value,
        before=value_in(asked, view.before, monthly, readings)
        if _is_covered(view, monthly, readings)
        else None,
        goal=goal,
        status=status(asked, value, goal),
        owners=owners,
        trend=[value_in(asked, [month], monthly, readings) for month in trend],
    )


def _is_covered(view: View, monthly: Mapping[date, Mapping[str, int]], readings: Mapping[date, int]) -> bool:
    """Whether there are figures from the first month before on: half a period is nothing to compare with."""
    return view.before[0] in monthly or bool(readings)


def _ordered(kpis: Sequence[Kpi], parent: str = "", level: int = 0) -> list[tuple[Kpi, int]]:
    """KPIs in the order of the tree; one whose parent is missing stands at the top."""
    codes = {kpi.code for kpi in kpis}
    found = []
    for kpi in kpis:
        if (kpi.parent if kpi.parent in codes and kpi.parent != kpi.code else "") == parent:
            found += [(kpi, level), *_ordered(kpis, kpi.code, level + 1)]
    return found


def _goals(months: Sequence[date]) -> tuple[dict[int, list[Goal]], dict[int, tuple[str, ...]]]:
    rows = KpiGoal.objects.filter(first_month__lte=months[-1], last_month__gte=months[0])
    goals: dict[int, list[Goal]] = {}
    owners: dict[int, tuple[str, ...]] = {}
    for row in rows.select_related("owner").order_by("first_month"):
        goals.setdefault(row.kpi_id, []).append(Goal(row.first_month, row.last_month, row.value))
        if row.owner:
            owners[row.kpi_id] = (row.owner.get_full_name() or row.owner.get_username(),)
    return goals, owners


def _readings(months: Sequence[date]) -> dict[int, dict[date, int]]:
    found: dict[int, dict[date, int]] = {}
    rows = KpiReading.objects.filter(month__range=(months[0], months[-1]))
    for kpi_id, month, value in rows.values_list("kpi_id", "month", "value"):
        found.setdefault(kpi_id, {})[month] = value
    return found
