"""The demo company's accounts with its channels: papers with dates, traits, a few cases, health measured."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from entrepot.config.demo.tables import table
from entrepot.core.audit import Actor
from entrepot.domains.channels import services as channels
from entrepot.domains.channels.services import standing

EXPIRING = ("licence", "utility_bill", "epr", "card", "representative_id")
TERM_DAYS = (400, 25, 700, 180)
CASES = (
    ("Amazon EU", "message", "Where is my parcel?"),
    ("eBay UK", "claim", "Item not as described"),
    ("Amazon US", "policy", "Listing needs a safety document"),
)


def open_accounts(today: date, user: Actor) -> int:
    """Open the accounts that are not there yet; how many were opened."""
    opened: dict[str, Any] = {}
    for row in table("accounts").iter_rows(named=True):
        account, is_new = channels.ensure_account(
            row["name"], row["platform"], row["channel"], row["market"] or ""
        )
        if not is_new:
            continue
        opened[row["name"]] = account
        for place, code in enumerate(row["papers"].split()):
            ends = today + timedelta(days=TERM_DAYS[place % len(TERM_DAYS)]) if code in EXPIRING else None
            standing.add_document(
                account, code, {"number": f"DEMO-{place + 1:03}", "expires_on": ends}, None, user
            )
        for kind in ("phone", "payment"):
            standing.add_trait(account, kind, row[kind], user)
        standing.measure_health(account, today - timedelta(days=7))
        standing.measure_health(account, today)
    for name, kind, subject in CASES:
        if name in opened:
            standing.open_case(opened[name], kind, subject, user=user)
    return len(opened)
