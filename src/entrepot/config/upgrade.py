"""A database brought up to this version: the rules and rates that come with the program, and the marts."""

from __future__ import annotations

from entrepot.core import reference
from entrepot.core.reference import Loaded
from entrepot.domains.insight import jobs as insight_jobs
from entrepot.domains.insight import queries as insight_queries
from entrepot.domains.insight import services as insight
from entrepot.domains.ledger import services as ledger


def refresh_reference() -> list[Loaded]:
    """Load shipped rules and exchange rates where this version has others than those loaded last."""
    done = reference.refresh()
    if done:
        ledger.load_ecb_rates()
    return done


def renew_marts() -> bool:
    """Have a worker write the marts anew where this version writes other columns; whether it was asked to."""
    stale = bool(insight_queries.mart_runs(1)) and not any(
        fact.rows for fact in insight_queries.mart_states()
    )
    if stale:
        insight_jobs.set_to_export(insight.start_export())
    return stale


def summary(done: list[Loaded]) -> str:
    """What was loaded, in a line."""
    figures = {
        name: sum(getattr(one, name) for one in done) for name in ("added", "updated", "removed", "kept")
    }
    parts = ", ".join(f"{count} {name}" for name, count in figures.items())
    return f"rules and rates of this version: {parts} (rows you edited are kept)"
