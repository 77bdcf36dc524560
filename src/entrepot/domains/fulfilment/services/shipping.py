"""What happens to parcels after the decision, told to the shipments and to the orders at once."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from entrepot.core import outbox
from entrepot.core.frames import Frame
from entrepot.domains.logistics import services as logistics
from entrepot.domains.orders import events
from entrepot.domains.orders import services as orders


@transaction.atomic
def mark_shipped(until: date) -> int:
    """Everything planned to leave up to a day has left; how many orders have left with all their parts."""
    whole, begun = logistics.mark_shipped(until)
    outbox.emit_for(events.PART_SHIPPED, "order_id", begun)
    return orders.mark_shipped(whole)


@transaction.atomic
def record_deliveries(deliveries: Frame) -> int:
    """Shipments arrived, got lost or came back (`order_id`, `part`, `delivered_on`, `state`); how many changed.

    An order is delivered when the last of its parts is.
    """
    changed = logistics.record_deliveries(deliveries)
    for state, day, order_ids in logistics.ended(changed):
        if state == "delivered" and day:
            orders.mark_delivered(order_ids, day)
        elif state == "returned":
            orders.mark_returned(order_ids)
    return len(changed)
