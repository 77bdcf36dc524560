"""What account pages read: papers wanted, traits shared, health with its trend, cases with their clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from entrepot.domains.channels.adapters.tables import country_named, table
from entrepot.domains.channels.models import (
    AccountCase,
    AccountDocument,
    AccountTrait,
    ChannelAccount,
    HealthFigure,
    MarketplaceMetric,
    SkuMapping,
)
from entrepot.domains.channels.rules import AccountMetric
from entrepot.domains.channels.rules import standing as rules
from entrepot.domains.customs import queries as customs
from entrepot.domains.orders.queries.imports import UnknownSku, unknown_skus

TREND = 8
Territories = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Paper:
    """One document a platform wants, and the newest one there is."""

    code: str
    names: tuple[str, str]
    expires: bool
    source: str
    document: AccountDocument | None
    state: str


@dataclass(frozen=True)
class Shared:
    """A trait that two accounts of one platform have in common."""

    kind: str
    other: ChannelAccount


@dataclass(frozen=True)
class Standing:
    """One account in the list: worst health level, papers to do, cases that wait, accounts it is linked to."""

    account: ChannelAccount
    level: str
    papers: int
    waiting: int
    overdue: int
    shared: int


def wanted(account: ChannelAccount, territories: Territories | None = None) -> list[dict[str, str]]:
    """Documents the account's platform wants in its market, or in the customs territory of it (data/onboarding.csv)."""
    if territories is None:
        territories = customs.territory_by_country(timezone.localdate())
    market = market_code(account.market)
    places = ("", market, *territories.get(market, ()))
    rows = table("onboarding").iter_rows(named=True)
    return [row for row in rows if row["platform"] in ("*", account.platform) and row["market"] in places]


def market_code(written: str) -> str:
    """A market as its code: `UK` and `Germany` are what people write for GB and DE; a territory (EU) stays as it is."""
    return country_named(written) or written.strip().upper()


def account_metrics(on: date) -> list[AccountMetric]:
    """The marketplaces' limits in force on a day."""
    found = MarketplaceMetric.objects.filter(customs.in_force(on)).order_by("marketplace", "metric", "level")
    names = [field.name for field in fields(AccountMetric)]
    return [AccountMetric(*row) for row in found.values_list(*names)]


def papers(
    account: ChannelAccount,
    documents: Sequence[AccountDocument],
    today: date,
    territories: Territories | None = None,
) -> list[Paper]:
    """The checklist of an account: each document with its state. `territories`: where they were read already."""
    if territories is None:
        territories = customs.territory_by_country(today)
    newest = {document.requirement: document for document in sorted(documents, key=lambda each: each.pk)}
    return [
        Paper(
            row["code"], (row["name_en"], row["name_zh"]), row["expires"] == "yes", row["source"],
            found := newest.get(row["code"]),
            rules.paper_state(found.expires_on if found else None, found is not None, today),
        )
        for row in wanted(account, territories)
    ]  # fmt: skip


def documents_of(account: ChannelAccount) -> list[AccountDocument]:
    """Papers of an account."""
    return list(AccountDocument.objects.filter(account=account).order_by("pk"))


def get_document(account_id: int, document_id: int) -> AccountDocument | None:
    """One paper of an account."""
    return AccountDocument.objects.filter(account_id=account_id, pk=document_id).first()


def get_account(account_id: int) -> ChannelAccount | None:
    """One account."""
    return ChannelAccount.objects.filter(pk=account_id).first()


def shared_traits(account: ChannelAccount) -> list[Shared]:
    """Other accounts of the same platform with the same payment, phone, login, address or network data."""
    mine = AccountTrait.objects.filter(account=account)
    others = AccountTrait.objects.filter(
        account__platform=account.platform, digest__in=mine.values("digest")
    ).exclude(account=account)
    return [
        Shared(row.get_kind_display(), row.account)
        for row in others.select_related("account").order_by("kind")
    ]


def traits_of(account: ChannelAccount) -> QuerySet[AccountTrait]:
    """What is noted of an account."""
    return AccountTrait.objects.filter(account=account).order_by("kind", "pk")


def health_of(account: ChannelAccount) -> dict[str, list[HealthFigure]]:
    """Figures by metric, the newest last."""
    found: dict[str, list[HealthFigure]] = {}
    for figure in HealthFigure.objects.filter(account=account).order_by("metric", "measured_on"):
        found.setdefault(figure.metric, []).append(figure)
    return {metric: figures[-TREND:] for metric, figures in found.items()}


def cases_of(account: ChannelAccount) -> QuerySet[AccountCase]:
    """Cases with their logs, open ones first."""
    cases = AccountCase.objects.filter(account=account).prefetch_related("entries__by")
    return cases.order_by(F("closed_at").desc(nulls_first=True), "-opened_at")


def get_case(account_id: int, case_id: int) -> AccountCase | None:
    """One case of an account."""
    return AccountCase.objects.filter(account_id=account_id, pk=case_id).first()


def mappings_of(account: ChannelAccount) -> QuerySet[SkuMapping]:
    """The account's codes that have another name with us."""
    return SkuMapping.objects.filter(account=account).order_by("channel_sku")


def unknown_articles(account: ChannelAccount) -> list[UnknownSku]:
    """The account's codes that nobody knows, with the orders that wait for them."""
    return unknown_skus(str(account.pk))


def standings() -> list[Standing]:
    """All accounts with what needs attention: six queries and one of territories, whatever their number."""
    accounts = list(ChannelAccount.objects.order_by("platform", "name"))
    today, now = timezone.localdate(), timezone.now()
    documents: dict[int, list[AccountDocument]] = {}
    for document in AccountDocument.objects.all():
        documents.setdefault(document.account_id, []).append(document)
    levels: dict[int, dict[str, str]] = {}
    for figure in HealthFigure.objects.order_by("measured_on"):
        levels.setdefault(figure.account_id, {})[figure.metric] = figure.level
    open_cases = AccountCase.objects.filter(answered_at=None, closed_at=None).values("account")
    cases = {
        row["account"]: (row["n"], row["late"])
        for row in open_cases.annotate(n=Count("pk"), late=Count("pk", filter=Q(answer_by__lt=now)))
    }
    linked, territories = _linked(accounts), customs.territory_by_country(today)
    return [
        Standing(
            account,
            _worst(levels.get(account.pk, {}).values()),
            _to_do(papers(account, documents.get(account.pk, []), today, territories)),
            *cases.get(account.pk, (0, 0)),
            linked.get(account.pk, 0),
        )
        for account in accounts
    ]


def _to_do(checklist: Sequence[Paper]) -> int:
    return sum(paper.state != "there" for paper in checklist)


def _worst(levels: object) -> str:
    found = set(levels)  # type: ignore[call-overload]
    return next((level for level in ("breach", "near", "good") if level in found), "none")


def _linked(accounts: Sequence[ChannelAccount]) -> dict[int, int]:
    """How many other accounts of its platform each is linked to."""
    platform = {account.pk: account.platform for account in accounts}
    holders: dict[tuple[str, str], set[int]] = {}
    for account_id, digest in AccountTrait.objects.values_list("account_id", "digest"):
        holders.setdefault((platform[account_id], digest), set()).add(account_id)
    linked: dict[int, set[int]] = {}
    for group in holders.values():
        for account_id in group:
            linked.setdefault(account_id, set()).update(group - {account_id})
    return {account_id: len(others) for account_id, others in linked.items() if others}


def transactions(account: ChannelAccount, since: date, until: date) -> int:
    """Orders of an account in a period."""
    return counts(account, "orders", since, until)[0]


def counts(account: ChannelAccount, metric: str, since: date, until: date) -> tuple[int, int]:
    """How many of how many, for a metric of data/account_metrics.csv, from the account's own records.

    Orders are those placed in the period, parcels those that were to leave in it, cases those opened in it. Orders
    without an account count for the only account of their channel. docs/methods/account_health.md says each figure.
    """
    count, among = MEASURES.get(metric, ("0", "0"))
    alone = not ChannelAccount.objects.filter(channel=account.channel).exclude(pk=account.pk).exists()
    values: dict[str, str | int | date] = {
        "account": str(account.pk), "number": account.pk, "channel": account.channel, "alone": alone,
        "since": since, "until": until,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(count=count, among=among), values)
        found = cursor.fetchone()
    return int(found[0] or 0), int(found[1] or 0)


_ORDERS = "(SELECT count(*) FROM own)"
_SENT = "(SELECT count(*) FROM parcel WHERE shipped_at IS NOT NULL)"
_DUE = "(SELECT count(*) FROM parcel)"
_BAD = (
    "(SELECT count(DISTINCT coalesce(nullif(external_order, ''), pk::text)) FROM filed WHERE kind IN {kinds})"
)
_CASES = "(SELECT count(*) FROM filed WHERE kind IN ('claim', 'chargeback') AND is_lost)"
_CANCELLED = (
    "(SELECT count(*) FROM own WHERE state = 'cancelled' AND channel_state NOT IN ('cancelled', 'refunded'))"
)
_GIVEN_BACK = """(
    SELECT count(*) FROM own WHERE EXISTS (SELECT FROM orders_returnline AS r WHERE r.order_id = own.id)
        OR EXISTS (SELECT FROM channels_channelrefund AS r WHERE r.order_id = own.id)
)"""
MEASURES: dict[str, tuple[str, str]] = {
    "orders": (_ORDERS, _ORDERS),
    "defects": (_BAD.format(kinds="('claim', 'chargeback', 'negative')"), _ORDERS),
    "cancelled": (_CANCELLED, _ORDERS),
    "late": ("(SELECT count(*) FROM parcel WHERE coalesce(shipped_at::date, %(until)s) > ship_on)", _DUE),
    "tracked": ("(SELECT count(*) FROM parcel WHERE shipped_at IS NOT NULL AND tracking_no <> '')", _SENT),
    "on_time": (
        "(SELECT count(*) FROM parcel WHERE delivered_on <= promise_on)",
        "(SELECT count(*) FROM parcel WHERE delivered_on IS NOT NULL OR promise_on < %(until)s)",
    ),
    "refunds": (_GIVEN_BACK, _ORDERS),
    "answered": (
        "(SELECT count(*) FROM filed WHERE kind = 'message' AND answered_at <= answer_by)",
        "(SELECT count(*) FROM filed WHERE kind = 'message')",
    ),
    "cases": (_CASES, _ORDERS),
    "negative": (_BAD.format(kinds="('negative')"), "(SELECT count(*) FROM own WHERE state = 'delivered')"),
}  # fmt: skip
_COUNTS = """
    WITH own AS MATERIALIZED (
        SELECT id, state, channel_state FROM orders_order
        WHERE (account = %(account)s OR (account = '' AND channel = %(channel)s AND %(alone)s))
            AND placed_on > %(since)s AND placed_on <= %(until)s AND state <> 'pending'
    ), parcel AS MATERIALIZED (
        SELECT s.ship_on, s.shipped_at, s.tracking_no, s.delivered_on, s.promise_on
        FROM logistics_shipment AS s JOIN orders_order AS o ON o.id = s.order_id
        WHERE (o.account = %(account)s OR (o.account = '' AND o.channel = %(channel)s AND %(alone)s))
            AND s.state <> 'cancelled' AND s.ship_on > %(since)s AND s.ship_on < %(until)s
    ), filed AS MATERIALIZED (
        SELECT id AS pk, kind, external_order, answered_at, answer_by, is_lost FROM channels_accountcase
        WHERE account_id = %(number)s AND opened_at::date > %(since)s AND opened_at::date <= %(until)s
    )
    SELECT {count}, {among}
"""
