"""Explain: decide an order's batch again by the world it was decided in, and hold the result against the books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entrepot.domains.fulfilment import frames, world
from entrepot.domains.fulfilment.models import Batch, Decision
from entrepot.engine import Explanation, explain

NOT_A_FIGURE = {"order_id", "batch_id", "version", "world_hash", "engine_version", "decided_at"}


class NotDecided(LookupError):
    """An order the engine has not seen yet."""


@dataclass(frozen=True)
class Difference:
    """A figure that came out differently from what is booked."""

    column: str
    booked: Any
    found: Any


def explain_order(order_id: int) -> Explanation:
    """Why an order was decided as it was: every figure, every rule, and the ways that lost.

    Errors: NotDecided when it has no decision; UnknownWorld when the world of it was not kept.
    Holds: identical to what is booked (`check_explanation` compares), months later too.
    """
    decision = Decision.objects.filter(order_id=order_id).first()
    if decision is None:
        raise NotDecided(order_id)
    row = Batch.objects.get(pk=decision.batch_id)
    return explain(frames.kept_batch(row), world.load(decision.world_hash), order_id)


def check_explanation(explanation: Explanation) -> list[Difference]:
    """Where an explanation differs from the stored decision; nothing, or the engine has changed since."""
    booked = Decision.objects.filter(order_id=explanation.order_id).values().get()
    found = explanation.decision
    return [
        Difference(column, value, found.get(column))
        for column, value in booked.items()
        if column not in NOT_A_FIGURE and value != found.get(column)
    ]
