"""Goals of KPIs and the values that people enter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.insight.models import Kpi, KpiGoal, KpiReading


@dataclass(frozen=True)
class GoalWish:
    """What a KPI shall be in each month of a period, in its own unit, and who answers for it."""

    first_month: date
    last_month: date
    value: int
    owner: Any = None


class NotEntered(ValueError):
    """A value was entered for a KPI that is computed."""


@transaction.atomic
def set_goal(kpi: Kpi, wish: GoalWish, actor: Actor) -> KpiGoal:
    """Set a goal; another one from the same month is replaced."""
    goal, _made = KpiGoal.objects.update_or_create(
        kpi=kpi,
        first_month=wish.first_month,
        defaults={"last_month": wish.last_month, "value": wish.value, "owner": wish.owner},
    )
    audit.record(actor, "insight.set_goal", f"kpi:{kpi.code}", month=str(wish.first_month), value=wish.value)
    return goal


@transaction.atomic
def delete_goal(kpi: Kpi, goal_id: int, actor: Actor) -> bool:
    """Take a goal away; false when the KPI has no such goal."""
    found = KpiGoal.objects.filter(kpi=kpi, pk=goal_id).first()
    if found is None:
        return False
    audit.record(
        actor, "insight.delete_goal", f"kpi:{kpi.code}", month=str(found.first_month), value=found.value
    )
    found.delete()
    return True


@transaction.atomic
def enter_reading(kpi: Kpi, month: date, value: int, source: str, actor: Actor) -> KpiReading:
    """Enter a month's value with its source; an earlier one of the month is replaced. Errors: NotEntered."""
    if kpi.numerator:
        raise NotEntered(kpi.code)
    reading, _made = KpiReading.objects.update_or_create(
        kpi=kpi,
        month=month,
        defaults={"value": value, "source": source, "entered_by_id": getattr(actor, "pk", None)},
    )
    audit.record(
        actor, "insight.enter_reading", f"kpi:{kpi.code}", month=str(month), value=value, source=source
    )
    return reading
