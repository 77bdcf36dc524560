"""What may happen to an order in which state."""

REVIEWABLE = frozenset({"held"})
DECIDABLE_AGAIN = frozenset({"held", "backordered", "unroutable", "confirmed"})
CANCELLABLE = frozenset({"new", "pending", "held", "backordered", "unroutable", "confirmed"})
HOLDABLE = CANCELLABLE
LEFT = frozenset({"shipped", "delivered", "returned"})
HELD_BY_HAND = "orders.held_by_hand"
BOOKED = frozenset({"confirmed", "shipped", "delivered", "returned"})
RETURNABLE = frozenset({"confirmed", "shipped", "delivered", "returned"})
PRIORITIES = {"normal": 0, "presale": 10, "vip": 20, "urgent": 30}


# released only with a reason: the law asks why
NEEDS_REASON = frozenset({"customs.sanctions", "customs.restricted"})


def can_cancel(state: str) -> bool:
    """Whether an order in this state can still be cancelled: as long as it has not left."""
    return state in CANCELLABLE


def can_decide_again(state: str) -> bool:
    """Whether an order in this state may be put before the engine again."""
    return state in DECIDABLE_AGAIN
