"""Import of the Online Retail file: catalogue, stock, orders, returns, fees, decisions, settlement, report."""

from __future__ import annotations

from entrepot.core.company import base_currency
from entrepot.core.frames import Frame
from entrepot.domains.catalog import queries as catalog_queries
from entrepot.domains.catalog import services as catalog
from entrepot.domains.channels.adapters import online_retail as adapter
from entrepot.domains.channels.frames import retail as frames
from entrepot.domains.channels.frames import retail_report
from entrepot.domains.channels.frames.source import Source, keep_lines, keep_rejects
from entrepot.domains.channels.services.common import (
    decide_orders,
    insert_in_chunks,
    known_orders,
    source_for,
)
from entrepot.domains.channels.services.runs import Stage, Work
from entrepot.domains.fulfilment import queries as fulfilment
from entrepot.domains.fulfilment.services import record_deliveries
from entrepot.domains.ledger import queries as ledger_queries
from entrepot.domains.ledger import services as ledger
from entrepot.domains.orders import services as orders
from entrepot.domains.warehouse import queries as warehouse_queries
from entrepot.domains.warehouse import services as warehouse

KIND = "online-retail"


def _read(job: Work) -> None:
    records = adapter.build_records(adapter.classify(adapter.parse_lines(job.content)))
    job.content = b""
    job.facts["records"] = records
    job.facts["source"] = source_for(KIND)
    job.save(total_rows=records.lines.height)


def _catalogue(job: Work) -> None:
    records, source = _facts(job)
    catalog.ensure_categories(frames.categories(retail_report.first_day(records)))
    catalog.ensure_skus(frames.skus(records, source))


def _stock(job: Work) -> None:
    records, source = _facts(job)
    opened = warehouse_queries.pieces_under(f"{source.name}:", "opening")
    warehouse.book_moves(frames.moves(records, source, _file_id(job), opened))


def _customers(job: Work) -> None:
    records, source = _facts(job)
    orders.insert_customers(frames.customers(records, source))


def _orders(job: Work) -> None:
    records, source = _facts(job)
    insert_in_chunks(job, *frames.orders(records, source))


def _returns(job: Work) -> None:
    records, source = _facts(job)
    orders.record_returns(frames.returns(records, _known(job), source))


def _entries(job: Work) -> None:
    records, source = _facts(job)
    ledger.book_legs(frames.fee_legs(records, source), base=base_currency())
    ledger.book_legs(_stock_legs(job), base=base_currency())


def _lines(job: Work) -> None:
    records, _source = _facts(job)
    count = keep_lines(job.run.pk, frames.source_lines(records), _known(job))
    keep_rejects(job.run.pk, frames.rejects(records))
    job.save(done_rows=count)


def _first_report(job: Work) -> None:
    """What is known before any decision, for those who stop here."""
    _report(job)


def _decide(job: Work) -> None:
    decide_orders(job, _known(job))


def _settle(job: Work) -> None:
    """Money and goods of the returns, once it is known which tax their orders were sold with."""
    records, source = _facts(job)
    known = _known(job)
    booked = retail_report.booked_orders(known, fulfilment.decided_figures(known["order_id"].to_list()))
    ledger.book_legs(frames.return_legs(records, booked, _costs(job), source), base=base_currency())
    orders.mark_returned(orders.fully_returned(known["order_id"].to_list()))


def _deliver(job: Work) -> None:
    """The file is history and says nothing of parcels: they are taken to have arrived on the promised day."""
    known = _known(job)
    decided = fulfilment.decided_figures(known["order_id"].to_list())
    record_deliveries(retail_report.assumed_deliveries(known, decided))


def _report(job: Work) -> None:
    records, source = _facts(job)
    known = known_orders(source.channel, records.orders["invoice"].to_list())
    ids = known["order_id"].to_list()
    report = retail_report.build(
        records,
        retail_report.Booked(
            run_id=job.run.pk,
            digest=job.run.file_sha256,
            orders=known,
            decisions=fulfilment.decided_figures(ids),
            order_sums=ledger_queries.sums_of_refs("order", ids),
            own_sums=ledger_queries.sums_of_keys(_keys(job)),
            receivable=ledger_queries.account_of_leg("sale_goods", "debit"),
            accounts=tuple(
                ledger_queries.account_of_leg(leg, "credit") for leg in ("channel_fee", "payment_fee")
            ),
            facts=_costs(job),
            base=base_currency(),
            source=source,
        ),
    )
    job.save(
        report={**report, "file": job.run.file_name, "sha256": job.run.file_sha256, "seconds": job.seconds}
    )


def _keys(job: Work) -> list[str]:
    """Keys of every entry that the file may have booked besides its orders."""
    records, source = _facts(job)
    legs = [frames.fee_legs(records, source), _stock_legs(job)]
    keys = [key for frame in legs for key in frame["idempotency_key"].to_list()]
    returned = records.returns.select("invoice", "line_no").rows()
    return keys + [f"{source.name}:return:{invoice}:{line}" for invoice, line in returned]


def _stock_legs(job: Work) -> Frame:
    records, source = _facts(job)
    opened = warehouse_queries.pieces_under(frames.opening_key(source, _file_id(job)), "opening")
    return frames.stock_legs(records, _costs(job), source, _file_id(job), opened)


def _known(job: Work) -> Frame:
    records, source = _facts(job)
    return known_orders(source.channel, records.orders["invoice"].to_list())


def _costs(job: Work) -> Frame:
    records, _source = _facts(job)
    if "costs" not in job.facts:
        job.facts["costs"] = catalog_queries.sku_facts(retail_report.first_day(records))
    return job.facts["costs"]


def _facts(job: Work) -> tuple[adapter.RetailRecords, Source]:
    return job.facts["records"], job.facts["source"]


def _file_id(job: Work) -> str:
    return job.run.file_sha256[:12]


STAGES = (
    Stage("read", _read, always=True),
    Stage("catalogue", _catalogue),
    Stage("stock", _stock),
    Stage("customers", _customers),
    Stage("orders", _orders, whole=False),
    Stage("returns", _returns),
    Stage("entries", _entries),
    Stage("lines", _lines),
    Stage("preview", _first_report),
    Stage("decide", _decide, whole=False, deciding=True),
    Stage("deliver", _deliver, deciding=True),
    Stage("settle", _settle, deciding=True),
    Stage("report", _report, deciding=True),
)
