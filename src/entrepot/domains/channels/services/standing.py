"""Care of accounts: papers, separation, health measured every day, cases with a clock."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.channels.models import (
    AccountCase,
    AccountDocument,
    AccountTrait,
    CaseEntry,
    ChannelAccount,
    HealthFigure,
)
from entrepot.domains.channels.queries import standing as queries
from entrepot.domains.channels.rules import AccountMetric
from entrepot.domains.channels.rules import standing as rules
from entrepot.domains.channels.services.files import keep_content

ANSWER_HOURS = 24


@transaction.atomic
def add_document(
    account: ChannelAccount,
    requirement: str,
    values: dict[str, object],
    content: bytes | None,
    user: Actor = None,
) -> AccountDocument:
    """Keep a paper of an account with its number, dates and file; an earlier one of the same kind stays on record."""
    document = AccountDocument(
        account=account, requirement=requirement, added_by_id=getattr(user, "pk", None)
    )
    for name in ("number", "issued_on", "expires_on", "file_name"):
        if values.get(name):
            setattr(document, name, values[name])
    if content:
        document.file_sha256 = hashlib.sha256(content).hexdigest()
        keep_content(document.file_sha256, content)
    document.save()
    audit.record(user, "channels.add_document", f"account:{account.pk}", requirement=requirement)
    return document


@transaction.atomic
def add_trait(account: ChannelAccount, kind: str, value: str, user: Actor = None) -> AccountTrait:
    """Note something a platform could link accounts by; only its keyed hash and last characters are kept."""
    key = settings.SECRET_KEYS[-1]
    digest = rules.digest_of(kind, value, key if isinstance(key, bytes) else str(key).encode())
    trait, _new = AccountTrait.objects.get_or_create(
        account=account, kind=kind, digest=digest, defaults={"hint": rules.plain_trait(kind, value)[-2:]}
    )
    audit.record(user, "channels.add_trait", f"account:{account.pk}", kind=kind)
    return trait


@transaction.atomic
def forget_trait(account: ChannelAccount, trait_id: int, user: Actor = None) -> None:
    """Take a trait away."""
    if AccountTrait.objects.filter(account=account, pk=trait_id).delete()[0]:
        audit.record(user, "channels.forget_trait", f"account:{account.pk}")


def metrics_of(account: ChannelAccount, on: date) -> list[AccountMetric]:
    """The rules of the account's platform and market in force on a day."""
    found = queries.account_metrics(on)
    return [row for row in found if rules.is_of(row.marketplace, account.platform, account.market)]


@transaction.atomic
def measure_health(account: ChannelAccount, on: date | None = None) -> list[HealthFigure]:
    """Compute each metric of an account as its platform defines it, and keep it for the day; twice is once."""
    today = on or timezone.localdate()
    figures = []
    for metric in metrics_of(account, today):
        short = rules.short_window(metric)
        many = queries.transactions(account, today - timedelta(days=short), today) if short else 0
        days = rules.window_days(metric, many)
        count, among = queries.counts(account, metric.metric, today - timedelta(days=days), today)
        figures.append(
            HealthFigure(
                account=account, metric=key_of(metric), measured_on=today, count=count, among=among,
                level=rules.level_of(metric, count, among),
            )
        )  # fmt: skip
    HealthFigure.objects.bulk_create(
        figures,
        update_conflicts=True,
        unique_fields=["account", "metric", "measured_on"],
        update_fields=["count", "among", "level"],
    )
    return figures


def key_of(metric: AccountMetric) -> str:
    """How a metric is named in the records."""
    return f"{metric.marketplace}:{metric.metric}:{metric.level}"


def measure_all(on: date | None = None) -> int:
    """Measure every account that is not closed; how many figures."""
    accounts: Sequence[ChannelAccount] = list(ChannelAccount.objects.exclude(state="closed").order_by("pk"))
    return sum(len(measure_health(account, on)) for account in accounts)


@transaction.atomic
def open_case(
    account: ChannelAccount, kind: str, subject: str, order: str = "", user: Actor = None
) -> AccountCase:
    """Note something that wants an answer; the clock of 24 hours begins."""
    now = timezone.now()
    case = AccountCase.objects.create(
        account=account, kind=kind, subject=subject[:200], external_order=order[:80], opened_at=now,
        answer_by=now + timedelta(hours=ANSWER_HOURS),
    )  # fmt: skip
    audit.record(user, "channels.open_case", f"account:{account.pk}", case=case.pk)
    return case


@transaction.atomic
def write_in_case(
    case: AccountCase, text: str, user: Actor = None, *, close: bool = False, lost: bool = False
) -> None:
    """Log an answer; the first one stops the clock. `close` ends the case, `lost` when the platform decided it."""
    if text.strip():
        CaseEntry.objects.create(case=case, text=text.strip()[:2000], by_id=getattr(user, "pk", None))
        case.answered_at = case.answered_at or timezone.now()
    if close:
        case.closed_at, case.is_lost = timezone.now(), lost
    case.save()
    audit.record(user, "channels.write_in_case", f"account:{case.account_id}", case=case.pk, closed=close)
