"""The ledger's tables as frames: currencies, exchange rates, posting rules; and the shape of bookings."""

from __future__ import annotations

import polars as pl
from django.utils.translation import gettext_lazy as _

from entrepot.core.frames import Frame, read, stage, take_ids, write
from entrepot.core.worldtables import WorldTable
from entrepot.domains.ledger.models import Currency, FxRate, PostingRule
from entrepot.engine.frames import Contract, column

TABLES = (
    WorldTable("currencies", Currency, ("code",), _("Currencies"), "books", {"currency": "code"}),
    WorldTable("fx", FxRate, ("currency", "on"), _("Exchange rates"), "books"),
    WorldTable("posting_rules", PostingRule, ("leg",), _("Posting rules"), "books"),
)

ENTRIES = Contract(
    "entries",
    (
        column("ref", pl.Int64, "number of the entry within the call"),
        column("kind", pl.String),
        column("entry_date", pl.Date),
        column("ref_kind", pl.String, default=""),
        column("ref_id", pl.Int64, nullable=True),
        column("memo", pl.String, default=""),
        column("idempotency_key", pl.String),
    ),
    ("ref",),
)
ENTRY_POSTINGS = Contract(
    "entry_postings",
    (
        column("ref", pl.Int64, "the entry's ref"),
        column("account", pl.String, "account code"),
        column("currency", pl.String),
        column("amount_minor", pl.Int64, "debit positive, credit negative"),
        column("base_minor", pl.Int64, "the same in the books' currency"),
    ),
    (),
)


class UnknownAccount(ValueError):
    """A posting names an account that the books do not have."""


def write_entries(entries: Frame, postings: Frame) -> int:
    """Book entries with their postings; those whose key is booked already are left out. How many were new.

    Shapes: `ENTRIES` n rows, `ENTRY_POSTINGS` m rows, joined by `ref`.
    Errors: UnknownAccount; the database refuses entries that do not balance or have no postings.
    """
    entries, postings = ENTRIES.check(entries), ENTRY_POSTINGS.check(postings)
    if entries.is_empty():
        return 0
    accounts = read("SELECT code, id FROM ledger_account", {"account": pl.String(), "account_id": pl.Int64()})
    postings = postings.join(accounts, on="account", how="left", maintain_order="left")
    if postings["account_id"].null_count():
        unknown = postings.filter(pl.col("account_id").is_null())["account"].unique().sort()
        raise UnknownAccount(", ".join(unknown))
    numbered = entries.with_columns(take_ids("ledger_entry", entries.height).alias("id"))
    table = stage("entry", numbered.drop("ref"))
    new = read(_INSERT.format(table=table), {"entry_id": pl.Int64()})
    kept = numbered.select("ref", pl.col("id").alias("entry_id")).join(new, on="entry_id", how="semi")
    rows = postings.join(kept, on="ref", maintain_order="left")
    write("ledger_posting", rows.select("entry_id", "account_id", "currency", "amount_minor", "base_minor"))
    return kept.height


_INSERT = """
    INSERT INTO ledger_entry (id, kind, entry_date, ref_kind, ref_id, memo, idempotency_key, booked_at)
    SELECT id, kind, entry_date, ref_kind, ref_id, memo, idempotency_key, now() FROM {table} ORDER BY id
    ON CONFLICT (idempotency_key) DO NOTHING RETURNING id
"""
