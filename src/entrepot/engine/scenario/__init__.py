"""Scenarios: named edits, carried out one after the other on a world and its orders."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.engine.batch import Batch
from entrepot.engine.scenario import border, orders, trade
from entrepot.engine.scenario.edit import Edit, EditError, Field, Kind, check, known_codes
from entrepot.engine.world import World

__all__ = [
    "KINDS",
    "Edit",
    "EditError",
    "Field",
    "Kind",
    "changed_batch",
    "changed_world",
    "changes_orders",
    "fx_only",
    "known_codes",
    "problems",
]  # fmt: skip

_ORDERS = {kind.name: kind for kind in orders.KINDS}
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *border.KINDS,
        *trade.KINDS,
        *(Kind(kind.name, kind.fields, orders.unchanged) for kind in orders.KINDS),
    )
}


def changed_world(edits: Sequence[Edit], world: World) -> World:
    """The world with every edit made, in their order.

    Shapes: the tables' contracts hold. Units: as in the contracts.
    Errors: EditError for the first edit that cannot be made. Holds: without edits the very same world.
    """
    for edit in edits:
        world = _made(edit, world)
    return world


def problems(edits: Sequence[Edit], world: World) -> list[tuple[int, EditError]]:
    """What is wrong with each edit that cannot be made, by its place; the others are made before the next is tried.

    Shapes: at most one problem an edit.
    """
    found = []
    for place, edit in enumerate(edits):
        try:
            world = _made(edit, world)
        except EditError as error:
            found.append((place, error))
    return found


def changed_batch(edits: Sequence[Edit], batch: Batch) -> Batch:
    """The orders with the edits that change orders made.

    Shapes: as many orders and lines as before.
    """
    for edit in edits:
        if edit.kind in _ORDERS:
            batch = _ORDERS[edit.kind].change(edit, batch)
    return batch


def changes_orders(edits: Sequence[Edit]) -> bool:
    """Whether some edit changes the orders themselves."""
    return any(edit.kind in _ORDERS for edit in edits)


def fx_only(world: World, changed: World) -> World:
    """The world with nothing but the exchange rates of another one.

    Shapes: as the world's.
    """
    if changed["fx"] is world["fx"] or changed["fx"].equals(world["fx"]):
        return world
    return world.replace(fx=changed["fx"])


def _made(edit: Edit, world: World) -> World:
    kind = KINDS.get(edit.kind)
    if kind is None:
        raise EditError("scenario.kind_unknown", "kind", edit.kind)
    check(edit, kind, world)
    return kind.compile(edit, world)
