"""Listings of an account as the channel tells them: kept, so that stock and prices go to what is really listed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection, transaction

from entrepot.domains.channels.adapters.port import Listing
from entrepot.domains.channels.models import ChannelAccount


@transaction.atomic
def keep_listings(account: ChannelAccount, listings: Sequence[Listing]) -> int:
    """Keep some listings as they stand at the channel now; how many were new."""
    rows = {
        each.external_id: {
            "external_id": each.external_id,
            "sku": each.sku,
            "title": each.title[:500],
            "price_minor": each.price_minor,
            "currency": each.currency,
            "quantity": each.quantity,
            "data": dict(each.data),
        }
        for each in listings
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [account.pk, json.dumps(list(rows.values()))])
        return sum(is_new for (is_new,) in cursor.fetchall())


_KEEP = """
    INSERT INTO channels_channellisting AS known (
        account_id, external_id, sku, title, price_minor, currency, quantity, data, seen_at
    )
    SELECT %s, external_id, sku, title, price_minor, currency, quantity, data, now()
    FROM jsonb_to_recordset(%s::jsonb) AS told (
        external_id text, sku text, title text, price_minor bigint, currency text, quantity bigint, data jsonb
    )
    ON CONFLICT (account_id, external_id) DO UPDATE SET sku = excluded.sku, title = excluded.title,
        price_minor = excluded.price_minor, currency = excluded.currency, quantity = excluded.quantity,
        data = excluded.data, seen_at = excluded.seen_at
    RETURNING (xmax = 0)
"""
