"""The ledger's tables as frames: currencies, exchange rates, posting rules; and the shape of bookings."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from django.utils.translation import gettext_lazy as _

from entrepot.core.frames import Frame, read, stage, take_ids, write
from entrepot.core.worldtables import WorldTable
from entrepot.domains.ledger.models import Currency, FxRate, PostingRule
from entrepot.engine.columns import CURRENCIES, FX, POSTINGS
from entrepot.engine.frames import Contract, column
from entrepot.engine.fx import Rates, convert
from entrepot.engine.world import World

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

LEGS = Contract(
    "legs",
    (
        column("idempotency_key", pl.String, "of the entry; legs of one key are one entry"),
        column("kind", pl.String),
        column("entry_date", pl.Date),
        column("leg", pl.String, "names the posting rule"),
        column("currency", pl.String),
        column("amount_minor", pl.Int64, "debit of the rule's debit account; negative turns the leg round"),
        column("in_base", pl.Boolean, "book it in the books' currency instead", default=False),
        column("ref_kind", pl.String, default=""),
        column("ref_id", pl.Int64, nullable=True),
        column("memo", pl.String, default=""),
    ),
    (),
)


class UnknownLeg(ValueError):
    """A leg has no posting rule, or its currency no exchange rate on that day."""


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


def legs_to_entries(legs: Frame, base: str) -> tuple[Frame, Frame]:
    """Entries and postings of legs: each leg debits one account and credits another, in its currency and in base.

    Shapes: `LEGS` n rows in; `ENTRIES` one row per key, `ENTRY_POSTINGS` one per key, account and currency.
    Units: minor units, converted at the day's reference rate, half-up, once per leg. Legs of nothing are left out.
    Errors: UnknownLeg without a posting rule or exchange rate.
    """
    legs = LEGS.check(legs).filter(pl.col("amount_minor") != 0).with_columns(base=pl.lit(base))
    if legs.is_empty():
        return ENTRIES.empty(), ENTRY_POSTINGS.empty()
    rules = read(
        "SELECT leg, debit, credit FROM ledger_postingrule", {"leg": TXT, "debit": TXT, "credit": TXT}
    )
    legs = legs.join(rules, on="leg", how="left", maintain_order="left")
    if legs["debit"].null_count():
        raise UnknownLeg(", ".join(legs.filter(pl.col("debit").is_null())["leg"].unique().sort()))
    rates = Rates.of(_rates_world(legs, base))
    legs = rates.attach(rates.attach(legs, "currency", "entry_date", "w"), "base", "entry_date", "w_base")
    if legs["w"].null_count() or legs["w_base"].null_count():
        raise UnknownLeg(
            f"no exchange rate: {legs.filter(pl.col('w').is_null() | pl.col('w_base').is_null())[0]}"
        )
    legs = legs.with_columns(base_minor=convert(pl.col("amount_minor"), "w", "w_base")).with_columns(
        amount_minor=pl.when("in_base").then("base_minor").otherwise("amount_minor"),
        currency=pl.when("in_base").then("base").otherwise("currency"),
    )
    sides = pl.concat(
        [
            legs.select(*SIDE, account="debit", amount_minor="amount_minor", base_minor="base_minor"),
            legs.select(
                *SIDE,
                account="credit",
                amount_minor=-pl.col("amount_minor"),
                base_minor=-pl.col("base_minor"),
            ),
        ]
    )
    postings = (
        sides.group_by(*SIDE, "account", maintain_order=True)
        .agg(pl.col("amount_minor").sum(), pl.col("base_minor").sum())
        .filter((pl.col("amount_minor") != 0) | (pl.col("base_minor") != 0))
    )
    heads = legs.unique("idempotency_key", keep="first", maintain_order=True)
    heads = heads.join(postings, on="idempotency_key", how="semi", maintain_order="left").with_row_index(
        "ref"
    )
    return ENTRIES.check(heads), ENTRY_POSTINGS.check(
        postings.join(heads.select("idempotency_key", "ref"), on="idempotency_key")
    )


def _rates_world(legs: Frame, base: str) -> World:
    """The exchange rates of the currencies and days at hand, with the last one before the first day."""
    wanted = [base, *legs["currency"].unique().sort()]
    first, last = legs["entry_date"].min(), legs["entry_date"].max()
    currencies = read(
        "SELECT code, minor_units FROM ledger_currency WHERE code = ANY(%s)", CURRENCIES.schema, [wanted]
    )
    fx = read(_RATES_BETWEEN, FX.schema, [first, wanted, last])
    return World.of({"currencies": currencies, "fx": fx})


_RATES_BETWEEN = """
    SELECT rate.currency, rate."on", rate.rate_e6
    FROM (
        SELECT currency, max("on") FILTER (WHERE "on" <= %s) AS known
        FROM ledger_fxrate WHERE currency = ANY(%s) GROUP BY 1
    ) AS before
    JOIN ledger_fxrate AS rate USING (currency)
    WHERE rate."on" BETWEEN coalesce(before.known, '-infinity') AND %s
"""
TXT = pl.String()
SIDE = ("idempotency_key", "currency")


def postings_of_keys(keys: Sequence[str]) -> Frame:
    """Postings of entries by their keys: rows of the engine's POSTINGS, `order_id` the object the entry is of."""
    query = (
        "SELECT entry.ref_id, account.code, posting.currency, posting.amount_minor, posting.base_minor "
        "FROM ledger_entry AS entry JOIN ledger_posting AS posting ON posting.entry_id = entry.id "
        "JOIN ledger_account AS account ON account.id = posting.account_id WHERE entry.idempotency_key = ANY(%s)"
    )
    return read(query, POSTINGS.schema, [list(keys)])
