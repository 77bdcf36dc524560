"""Postings of the ledger and shipments, month by month."""

from __future__ import annotations

from datetime import date

import polars as pl

from entrepot.core.frames import Frame, read

I64, TXT, DAY, FLAG = pl.Int64(), pl.String(), pl.Date(), pl.Boolean()

POSTINGS_QUERY = """
    SELECT p.id AS posting_id, e.id AS entry_id, e.entry_date, date_trunc('month', e.entry_date)::date AS month,
        e.kind, a.code AS account, a.kind AS account_kind, p.currency, p.amount_minor, p.base_minor,
        CASE WHEN e.ref_kind IN ('order', 'return') THEN e.ref_id END AS order_id
    FROM ledger_posting AS p JOIN ledger_entry AS e ON e.id = p.entry_id JOIN ledger_account AS a ON a.id = p.account_id
"""
_POSTINGS: dict[str, pl.DataType] = {
    "posting_id": I64, "entry_id": I64, "entry_date": DAY, "month": DAY, "kind": TXT, "account": TXT,
    "account_kind": TXT, "currency": TXT, "amount_minor": I64, "base_minor": I64, "order_id": I64,
}  # fmt: skip

SHIPMENTS_QUERY = """
    SELECT s.id AS shipment_id, s.order_id, s.ship_on, date_trunc('month', s.ship_on)::date AS month, s.warehouse,
        s.service, o.dest_country AS market, o.channel, s.state, s.promise_on, s.delivered_on, s.parcels, s.weight_g,
        s.chargeable_g, s.freight_base_minor, (s.delivered_on - s.ship_on)::bigint AS days,
        coalesce(s.delivered_on > s.promise_on, false) AS late
    FROM logistics_shipment AS s JOIN orders_order AS o ON o.id = s.order_id
"""
_SHIPMENTS: dict[str, pl.DataType] = {
    "shipment_id": I64, "order_id": I64, "ship_on": DAY, "month": DAY, "warehouse": TXT, "service": TXT,
    "market": TXT, "channel": TXT, "state": TXT, "promise_on": DAY, "delivered_on": DAY, "parcels": I64,
    "weight_g": I64, "chargeable_g": I64, "freight_base_minor": I64, "days": I64, "late": FLAG,
}  # fmt: skip


def read_postings(first: date, until: date) -> Frame:
    """The postings of a month, by number; texts of entries stay out of the marts."""
    return _month(POSTINGS_QUERY, _POSTINGS, "entry_date", (first, until))


def read_shipments(first: date, until: date) -> Frame:
    """The shipments that leave in a month, by number; tracking numbers stay out of the marts."""
    return _month(SHIPMENTS_QUERY, _SHIPMENTS, "ship_on", (first, until))


def _month(query: str, schema: dict[str, pl.DataType], day: str, between: tuple[date, date]) -> Frame:
    names = ", ".join(f"fact.{name}" for name in schema)
    found = read(
        f"SELECT {names} FROM ({query}) AS fact WHERE fact.{day} >= %s AND fact.{day} < %s", schema, between
    )
    return found.sort(next(iter(schema)))
