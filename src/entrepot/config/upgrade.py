"""A database brought up to this version: its tables, and the rules and rates that come with the program."""

from __future__ import annotations

from entrepot.core import reference
from entrepot.core.reference import Loaded
from entrepot.domains.ledger import services as ledger


def refresh_reference() -> list[Loaded]:
    """Load shipped rules and exchange rates where this version has others than those loaded last."""
    done = reference.refresh()
    if done:
        ledger.load_ecb_rates()
    return done


def summary(done: list[Loaded]) -> str:
    """What was loaded, in a line."""
    figures = {
        name: sum(getattr(one, name) for one in done) for name in ("added", "updated", "removed", "kept")
    }
    parts = ", ".join(f"{count} {name}" for name, count in figures.items())
    return f"rules and rates of this version: {parts} (rows you edited are kept)"
