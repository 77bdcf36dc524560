"""What happens to orders; payload of each: `{"order_id": 17}`."""

RECEIVED = "orders.received"
CHANGED = "orders.changed"
CONFIRMED = "orders.confirmed"
HELD = "orders.held"
BACKORDERED = "orders.backordered"
UNROUTABLE = "orders.unroutable"
RELEASED = "orders.released"
SHIPPED = "orders.shipped"
PART_SHIPPED = "orders.part_shipped"
DELIVERED = "orders.delivered"
CANCELLED = "orders.cancelled"
RETURNED = "orders.returned"
RETURN_BOOKED = "orders.return_booked"

OF_STATUS = {"confirmed": CONFIRMED, "held": HELD, "backordered": BACKORDERED, "unroutable": UNROUTABLE}
