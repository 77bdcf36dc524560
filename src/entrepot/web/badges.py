"""One colour and one wording for every state that a page may show."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Badge = tuple[str, str | Promise]

ORDER_STATES: dict[str, Badge] = {
    "new": ("info", _("New")),
    "pending": ("neutral", _("Awaiting payment")),
    "held": ("warn", _("Held")),
    "confirmed": ("good", _("Confirmed")),
    "backordered": ("warn", _("Back-ordered")),
    "unroutable": ("bad", _("No route")),
    "shipped": ("info", _("Shipped")),
    "delivered": ("good", _("Delivered")),
    "cancelled": ("neutral", _("Cancelled")),
    "returned": ("neutral", _("Returned")),
}
SHIPMENT_STATES: dict[str, Badge] = {
    "planned": ("neutral", _("Planned")),
    "shipped": ("info", _("Shipped")),
    "delivered": ("good", _("Delivered")),
    "lost": ("bad", _("Lost")),
    "returned": ("neutral", _("Returned")),
    "late": ("bad", _("Late")),
}
RUN_STATES: dict[str, Badge] = {
    "uploaded": ("neutral", _("Uploaded")),
    "waiting": ("neutral", _("Waiting")),
    "open": ("neutral", _("Waiting")),
    "claimed": ("info", _("Running")),
    "running": ("info", _("Running")),
    "done": ("good", _("Done")),
    "stopped": ("warn", _("Stopped")),
    "failed": ("bad", _("Failed")),
}
SETTLEMENT_STATES: dict[str, Badge] = {
    "booked": ("good", _("Booked")),
    "differs": ("bad", _("Differs")),
    "open": ("neutral", _("Not paid out yet")),
}
HOLD_STATES: dict[str, Badge] = {
    "open": ("warn", _("Open")),
    "released": ("good", _("Released")),
    "rejected": ("bad", _("Rejected")),
}
RULE_STATUSES: dict[str, Badge] = {
    "C": ("good", _("Confirmed")),
    "P": ("info", pgettext_lazy("source", "Printed")),
    "D": ("info", pgettext_lazy("source", "Derived")),
    "G": ("neutral", pgettext_lazy("source", "General")),
    "U": ("warn", _("Unconfirmed")),
}
JOB_STATES: dict[str, Badge] = {
    "todo": ("neutral", _("Waiting")),
    "doing": ("info", _("Running")),
    "succeeded": ("good", _("Done")),
    "failed": ("bad", _("Failed")),
    "cancelled": ("neutral", pgettext_lazy("job", "Cancelled")),
    "aborted": ("warn", _("Stopped")),
    "aborting": ("warn", _("Stopping")),
}
DELIVERY_STATES: dict[str, Badge] = {
    "waiting": ("info", _("Waiting")),
    "sent": ("good", pgettext_lazy("webhook", "Sent")),
    "failed": ("bad", pgettext_lazy("webhook", "Given up")),
}
KEY_STATES: dict[str, Badge] = {
    "active": ("good", pgettext_lazy("key", "Active")),
    "expired": ("warn", _("Expired")),
    "revoked": ("neutral", _("Revoked")),
    "off": ("bad", _("Switched off")),
}
CONNECTION_STATES: dict[str, Badge] = {
    "draft": ("neutral", _("Being set up")),
    "active": ("good", _("Active")),
    "paused": ("warn", _("Paused")),
    "closed": ("neutral", _("Closed")),
    "waiting": ("neutral", _("Waiting")),
    "sending": ("info", _("Being sent")),
    "unsure": ("warn", _("No answer yet")),
    "done": ("good", _("Done")),
    "failed": ("bad", _("Failed")),
}
KINDS = {
    "connection": CONNECTION_STATES,
    "job": JOB_STATES,
    "delivery": DELIVERY_STATES,
    "key": KEY_STATES,
    "order": ORDER_STATES,
    "shipment": SHIPMENT_STATES,
    "run": RUN_STATES,
    "hold": HOLD_STATES,
    "settlement": SETTLEMENT_STATES,
    "rule": RULE_STATUSES,
}


def badge_of(code: str, kind: str) -> Badge:
    """Tone and wording of a state; an unknown one is shown as it is, in grey."""
    return KINDS[kind].get(code, ("neutral", code))
