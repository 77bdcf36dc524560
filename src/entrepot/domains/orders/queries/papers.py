"""What the papers of an order need of it: personal data, read for the papers alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entrepot.domains.orders.models import Order

COLUMNS = (
    "pk", "number", "recipient_name", "customer__name", "dest_postcode", "dest_city", "dest_region", "dest_country",
    "buyer_vat_id",
)  # fmt: skip


def addresses_of(order_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Number, recipient, address and VAT number of some orders, by id."""
    return {row["pk"]: row for row in Order.objects.filter(pk__in=order_ids).values(*COLUMNS)}
