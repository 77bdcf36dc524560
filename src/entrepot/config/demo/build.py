"""Build the demo company into the database: a year of business, month by month, as the program itself would do it.

Goods come in before they are sold, orders are decided by the engine from the stock there is, people review what was
held, parcels leave, arrive, get lost, come back. Killed anywhere, the next start goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import connection
from django.utils import timezone

from entrepot.config.demo import accounts, intake, routine
from entrepot.config.demo.orders import Plan, Trade, draw_trade
from entrepot.config.demo.people import make_people, person
from entrepot.config.demo.stock import purchases
from entrepot.config.demo.tables import DATA
from entrepot.config.demo.world import FIRST_RATE, rates_of
from entrepot.core import audit, outbox, reference
from entrepot.core.company import base_currency
from entrepot.core.models import AuditLog
from entrepot.domains.fulfilment import queries, world
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.ledger import services as ledger
from entrepot.domains.logistics import services as logistics

BEGUN, FINISHED, OBJECT = "demo.begin", "demo.finish", "company:demo"
OPEN_DAYS, PATIENCE_DAYS, RETURN_DAYS = 3, 40, 45

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Wish:
    """What somebody asked for: how many orders, from which seed, up to which moment."""

    orders: int
    seed: int
    until: datetime


def is_built() -> bool:
    """Whether the demo company stands, complete."""
    return AuditLog.objects.filter(action=FINISHED, object_ref=OBJECT).exists()


def build(wish: Wish, tell: Tell) -> None:
    """Build the company, or go on with a build that was cut off (then with the wish it began with).

    `tell(stage, done, total)` hears of progress; orders are the unit of the last and longest stage.
    """
    tell("rules, rates and tariffs", 0, 0)
    reference.load()
    ledger.load_ecb_rates()
    _quotations()
    make_people()
    wish = _begun(wish)
    tell("articles", 0, 0)
    intake.take_catalogue()
    rates = rates_of(world.current(), wish.until.date())
    plan = Plan(wish.orders, wish.seed, wish.until, rates)
    tell("a year of orders", 0, wish.orders)
    trade = draw_trade(plan)
    lots = purchases(trade, plan)
    intake.take_buyers(trade)
    _trade(plan, trade, lots, tell)
    tell("tidying up", wish.orders, wish.orders)
    routine.give_up(wish.until.date() - timedelta(days=PATIENCE_DAYS), person("bo"))
    accounts.open_accounts(wish.until.date(), person("bo"))
    while outbox.deliver(5_000):
        pass
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    audit.record(person("ada"), FINISHED, OBJECT)


def _quotations() -> None:
    """What forwarders ask the company for the first leg: assumptions, and marked as such."""
    file = DATA / "first_legs.csv"
    options = logistics.RateOptions(valid_from=FIRST_RATE)
    logistics.import_rates("first-legs", file.name, file.read_bytes(), options)


def _begun(wish: Wish) -> Wish:
    """The wish this build began with: noted on the first call, read back on later ones."""
    noted = AuditLog.objects.filter(action=BEGUN, object_ref=OBJECT).order_by("id").first()
    if noted is None:
        detail = {"orders": wish.orders, "seed": wish.seed, "until": wish.until.isoformat()}
        audit.record(None, BEGUN, OBJECT, **detail)
        return wish
    detail = noted.detail
    return Wish(detail["orders"], detail["seed"], datetime.fromisoformat(detail["until"]))


def _trade(plan: Plan, trade: Trade, lots: pl.DataFrame, tell: Tell) -> None:
    """Live through the year."""
    for run in queries.find_runs().filter(state="running").order_by("pk"):
        fulfilment.run_inline(run)
    heads = trade.orders.with_columns(month=pl.col("placed_on").dt.truncate("1mo"))
    done = 0
    for (month,), part in heads.group_by("month", maintain_order=True):
        assert isinstance(month, date)
        _month(
            month,
            part,
            trade.lines,
            lots.filter(pl.col("month") == month),
            plan,
            _counter(tell, done, plan.orders),
        )
        done += part.height
        tell("orders decided and booked", done, plan.orders)


def _counter(tell: Tell, before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _all: tell("orders decided and booked", before + done, total)


def _month(
    month: date,
    heads: pl.DataFrame,
    lines: pl.DataFrame,
    lots: pl.DataFrame,
    plan: Plan,
    count: Callable[[int, int], None],
) -> None:
    """One month: goods in, orders in, decide, review, send, deliver, take back."""
    today = plan.until.date()
    end = min((month + timedelta(days=31)).replace(day=1) - timedelta(days=1), today)
    if lots.height:
        intake.take_lots(lots, base_currency())
    intake.take_orders(heads, lines, plan.rates)
    fulfilment.run_inline(fulfilment.start_run(source=intake.SOURCE), count)
    reviewed_to = min(end + timedelta(days=1), today - timedelta(days=OPEN_DAYS))
    # what passes may be held for another reason, so the queue is worked until nothing passes any more
    while routine.review_queue(reviewed_to, plan.seed, person("bo")):
        fulfilment.run_inline(fulfilment.start_run(source=intake.SOURCE))
    routine.send_and_deliver(end, plan.seed)
    routine.take_back(end - timedelta(days=31 + RETURN_DAYS), end, plan.seed)


def moment(until: date | None) -> datetime:
    """The moment the demo's year ends: now, or the end of a given day."""
    now = timezone.now().replace(microsecond=0)
    if until is None or until >= now.date():
        return now
    return datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=now.tzinfo)
