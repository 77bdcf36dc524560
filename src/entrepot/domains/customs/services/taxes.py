"""Book the taxes of orders, and take them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from entrepot.core.frames import Frame
from entrepot.domains.customs import frames


@transaction.atomic
def book_taxes(taxes: Frame) -> None:
    """Add tax entries (the engine's frame TAX_ENTRIES)."""
    frames.write_taxes(taxes)


@transaction.atomic
def reverse_taxes(order_ids: Sequence[int], *, on: date) -> int:
    """Bring the tax of some orders to zero by opposite entries; doing it twice changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_REVERSE, [on, list(order_ids)])
        return int(cursor.rowcount)


_REVERSE = """
    INSERT INTO customs_taxentry
        (order_id, kind, code, country, region, collector, currency, taxable_minor, rate_ppm, amount_minor, tax_point)
    SELECT order_id, kind, code, country, region, collector, currency,
        -sum(taxable_minor), rate_ppm, -sum(amount_minor), %s
    FROM customs_taxentry WHERE order_id = ANY(%s)
    GROUP BY order_id, kind, code, country, region, collector, currency, rate_ppm
    HAVING sum(taxable_minor) <> 0 OR sum(amount_minor) <> 0
"""
