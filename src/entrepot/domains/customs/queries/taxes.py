"""What pages and other rooms read of taxes and duties."""

from __future__ import annotations

from entrepot.domains.customs.models import TaxEntry


def taxes_of_order(order_id: int) -> list[TaxEntry]:
    """Taxes, duties and fees booked for an order, in the order they were booked."""
    return list(TaxEntry.objects.filter(order_id=order_id).order_by("pk"))
