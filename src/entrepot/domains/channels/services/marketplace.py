"""Import of any marketplace's file: its kind found by its content, its account chosen, every line accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import OperationalError, transaction

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.frames import Frame
from entrepot.core.uncollected import uncollected
from entrepot.domains.catalog import queries as catalog
from entrepot.domains.channels.adapters.marketplace import ParsedFile, Surroundings, parse_file
from entrepot.domains.channels.adapters.marketplace.parsed import FileLine, Problem
from entrepot.domains.channels.adapters.tables import FileRefused, table
from entrepot.domains.channels.frames import marketplace as frames
from entrepot.domains.channels.frames.source import keep_rejects
from entrepot.domains.channels.models import ChannelAccount, ImportRun
from entrepot.domains.channels.rules import IncomingOrder
from entrepot.domains.channels.services import refunding, settling
from entrepot.domains.channels.services.accepting import accept, account_ref, ensure_account
from entrepot.domains.channels.services.common import decide_orders
from entrepot.domains.channels.services.runs import Stage, Work
from entrepot.domains.fulfilment import queries as fulfilment
from entrepot.domains.fulfilment import services as fulfilment_services
from entrepot.domains.ledger import queries as ledger
from entrepot.domains.orders.queries import imports
from entrepot.domains.payments import queries as payments

KIND = "file"
CHUNK = 5_000  # orders of one transaction; a step of progress, and what is done again after a stop
ATTEMPTS = 5


@transaction.atomic
def choose_account(run: ImportRun, account: ChannelAccount | None, user: Actor = None) -> None:
    """Say to which account a file belongs; without one it is found by the file's platform and currency."""
    run.options = {**run.options, "account": account.pk if account else None}
    ImportRun.objects.filter(pk=run.pk).update(options=run.options)
    audit.record(user, "channels.choose_account", f"import:{run.pk}", account=run.options["account"])


@uncollected()
def recognise_file(content: bytes, account: ChannelAccount | None = None) -> ParsedFile:
    """What a file is and says, without booking anything. Errors: FileRefused when its kind is not known."""
    return parse_file(content, _around(account))


def account_of(parsed: ParsedFile) -> ChannelAccount:
    """The account a file belongs to by platform, market and currency; one is opened for its files if none fits.

    Errors: FileRefused (file.account) when several accounts fit and somebody must choose; file.channel for a market of
    which there is no channel.
    """
    channel = parsed.sales_channel or _channel(parsed.platform, parsed.currency)
    open_ones = ChannelAccount.objects.filter(platform=parsed.platform).exclude(state="closed").order_by("pk")
    knowing = [account for account in open_ones if _has_orders_of(account, parsed)]
    if len(knowing) == 1:  # lines belong where their orders are
        return knowing[0]
    fitting = list(open_ones.filter(channel=channel))
    if len(fitting) > 1:
        raise FileRefused("file.account", ", ".join(account.name for account in fitting))
    others = list(open_ones[:2])
    if fitting or len(others) == 1:
        return (fitting or others)[0]
    if payments.prices_include_tax(channel) is None:
        raise FileRefused("file.channel", channel)
    name = f"{dict(payments.channel_names())[channel][0]} (files)"
    return ensure_account(name, parsed.platform, channel)[0]


def _has_orders_of(account: ChannelAccount, parsed: ParsedFile) -> bool:
    """Whether the orders are known there that a file's lines are of."""
    numbers = [order.external_id for order in parsed.items]
    return bool(numbers and imports.known_orders(account_ref(account), numbers))


def _channel(platform: str, currency: str) -> str:
    rows = dict(
        table("platform_channels").filter(platform=platform).select("currency", "channel").iter_rows()
    )
    return str(rows.get(currency) or rows.get("") or "")


def _around(account: ChannelAccount | None) -> Surroundings:
    currency = payments.channel_currency(account.channel) if account else ""
    return Surroundings(ledger.minor_units_by_currency(), frozenset(catalog.country_names()), currency)


def _read(job: Work) -> None:
    number = job.run.options.get("account")
    account = ChannelAccount.objects.filter(pk=number).first() if number else None
    parsed = recognise_file(job.content, account)
    if account and account.platform != parsed.platform:
        raise FileRefused("file.platform", f"{parsed.kind} · {account.name}")
    if account is None:
        account = account_of(parsed)
        parsed = recognise_file(job.content, account)
        # lines dropped before their orders are refused, and look for them anew the next time
        if not parsed.items or _has_orders_of(account, parsed):
            job.save(options={**job.run.options, "account": account.pk})
    job.content = b""
    job.facts.update(parsed=parsed, account=account)
    job.save(total_rows=len(parsed.lines))


def _orders(job: Work) -> None:
    """Orders in pieces, each committed; a piece that met another worker at the same orders is tried again."""
    parsed, account = _facts(job)
    wanted = [*parsed.orders, *_with_heads(job)]
    counts: dict[str, int] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        for outcome in _accept(part, account, parsed.kind):
            counts[outcome] = counts.get(outcome, 0) + 1
        done = min(start + CHUNK, len(wanted))
        job.save(done_rows=job.run.total_rows * done // len(wanted))
        job.tick(done, len(wanted))
    if "arrivals" not in job.run.options or counts.get("new"):
        job.save(options={**job.run.options, "arrivals": counts})


def _accept(part: Sequence[IncomingOrder], account: ChannelAccount, kind: str) -> Sequence[str]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return accept(part, account, source=f"file:{kind}").outcomes
        except OperationalError:
            if attempt == ATTEMPTS:
                raise
    return ()


def _with_heads(job: Work) -> list[IncomingOrder]:
    """Lines whose orders came in another file, with the heads that are known; lines of unknown orders are refused."""
    parsed, account = _facts(job)
    known = imports.known_orders(account_ref(account), [order.external_id for order in parsed.items])
    missing = {order.external_id for order in parsed.items if order.external_id not in known}
    if missing and not known:
        raise FileRefused("file.orders_first", ", ".join(sorted(missing)[:3]))
    if missing and not job.facts.get("refused"):
        job.facts["refused"] = True
        _refuse(parsed, missing)
    return [
        replace(
            order, placed_at=head.placed_at, placed_on=None, revised_at=head.revised_at, currency=head.currency,
            state="pending" if head.state == "pending" else "new", channel_state="",
            price_includes_tax=head.price_includes_tax, number="",
        )
        for order in parsed.items
        if (head := known.get(order.external_id)) is not None
    ]  # fmt: skip


def _refuse(parsed: ParsedFile, missing: set[str]) -> None:
    for place, line in enumerate(parsed.lines):
        if line.order_id in missing:
            parsed.lines[place] = FileLine(
                line.row_no, "rejected", "order.unknown", line.currency, line.amount_e4, line.quantity
            )
            parsed.problems.append(Problem(line.row_no, "order_id", line.order_id, "order.unknown"))
            for measure in ("goods",):
                parsed.add(line.currency, measure, "orders", -line.amount_e4)
                parsed.add(line.currency, measure, "rejected", line.amount_e4)


def _money(job: Work) -> None:
    parsed, account = _facts(job)
    refunding.keep_refunds(account, parsed.refunds)
    settling.keep_settlements(account, parsed.settlements, job.run)
    settling.tie_lines(account)


def _lines(job: Work) -> None:
    parsed, _account = _facts(job)
    keep_rejects(job.run.pk, frames.problems(parsed))
    job.save(done_rows=frames.keep_lines(job.run.pk, parsed, _known(job)))


def _decide(job: Work) -> None:
    decide_orders(job, _known(job))


def _afterwards(job: Work) -> None:
    """What had left before it came here gets its figures; refunds of orders that stand in the books are booked."""
    _parsed, account = _facts(job)
    fulfilment_services.book_past(imports.left_unbooked(account_ref(account)))
    refunding.book_refunds(account)


def _report(job: Work) -> None:
    parsed, account = _facts(job)
    known = _known(job)
    numbers = sorted({order.external_id for order in (*parsed.orders, *parsed.items)})
    decisions = fulfilment.decided_figures(known["order_id"].to_list())
    sums = imports.sums_of(account_ref(account), numbers)
    units = dict(ledger.minor_units_by_currency())
    job.save(
        report={
            **frames.report(parsed, job.run.pk, known, decisions),
            "records": frames.in_the_records(parsed, sums, units),
            "arrivals": job.run.options.get("arrivals", {}),
            "settlements": [_settlement(row, units) for row in job.run.settlements.order_by("pk")],
            "account": {"id": account.pk, "name": account.name},
            "file": job.run.file_name,
            "sha256": job.run.file_sha256,
            "seconds": job.seconds,
        }
    )


def _settlement(row: settling.Settlement, units: dict[str, int]) -> dict[str, object]:
    lines = row.lines.exclude(kind="transfer")
    return {
        "id": row.pk, "number": row.external_id, "currency": row.currency, "state": row.state,
        "total_minor": row.total_minor, "lines_minor": row.lines_minor, "difference_minor": row.difference_minor,
        "lines": lines.count(), "untied": lines.filter(order_id=None).exclude(external_order="").count(),
    }  # fmt: skip


def _known(job: Work) -> Frame:
    parsed, account = _facts(job)
    numbers = sorted(
        {order.external_id for order in (*parsed.orders, *parsed.items)}
        | {line.order_id for line in parsed.lines if line.order_id}
    )
    return imports.orders_by_number(account.channel, numbers, account_ref(account))


def _facts(job: Work) -> tuple[ParsedFile, ChannelAccount]:
    return job.facts["parsed"], job.facts["account"]


STAGES = (
    Stage("read", _read, always=True),
    Stage("orders", _orders, whole=False),
    Stage("money", _money),
    Stage("lines", _lines),
    Stage("preview", _report),
    Stage("decide", _decide, whole=False, deciding=True),
    Stage("afterwards", _afterwards, deciding=True),
    Stage("report", _report, deciding=True),
)
