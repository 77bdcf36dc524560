"""Import of the Olist tables: catalogue with real sizes, orders, decisions, real deliveries, and the comparison."""

from __future__ import annotations

from entrepot.core.company import base_currency
from entrepot.core.frames import Frame
from entrepot.domains.catalog import queries as catalog_queries
from entrepot.domains.catalog import services as catalog
from entrepot.domains.channels.adapters import olist as adapter
from entrepot.domains.channels.frames import olist as frames
from entrepot.domains.channels.frames import olist_report
from entrepot.domains.channels.frames.source import Source, keep_lines, keep_rejects
from entrepot.domains.channels.services.common import (
    decide_orders,
    insert_in_chunks,
    known_orders,
    source_for,
)
from entrepot.domains.channels.services.runs import Stage, Work
from entrepot.domains.fulfilment import queries as fulfilment_queries
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.ledger import services as ledger
from entrepot.domains.orders import services as orders
from entrepot.domains.warehouse import services as warehouse

KIND = "olist"


def _read(job: Work) -> None:
    records = adapter.parse_tables(adapter.tables_of(job.content))
    job.content = b""
    job.facts.update(records=records, source=source_for(KIND))
    job.save(total_rows=records.lines.height)


def _catalogue(job: Work) -> None:
    records, source = _facts(job)
    catalog.ensure_categories(frames.categories(records))
    catalog.ensure_skus(frames.skus(records, source))


def _stock(job: Work) -> None:
    """Goods and their worth; the tables say nothing of stock, so what was sold is taken to have been there."""
    records, source = _facts(job)
    warehouse.book_moves(frames.moves(records, source))
    ledger.book_legs(frames.stock_legs(records, _goods(job), source), base=base_currency())


def _orders(job: Work) -> None:
    records, source = _facts(job)
    orders.insert_customers(frames.customers(records, source))
    insert_in_chunks(job, *frames.orders(records, source))


def _lines(job: Work) -> None:
    records, _source = _facts(job)
    keep_rejects(job.run.pk, frames.rejects(records))
    job.save(done_rows=keep_lines(job.run.pk, frames.source_lines(records), _known(job)))


def _decide(job: Work) -> None:
    decide_orders(job, _known(job))


def _deliver(job: Work) -> None:
    records, _source = _facts(job)
    fulfilment.record_deliveries(frames.deliveries(records, _known(job)))


def _report(job: Work) -> None:
    records, source = _facts(job)
    known = _known(job)
    decisions = fulfilment_queries.decided_figures(known["order_id"].to_list())
    report = olist_report.build(
        records,
        olist_report.Booked(job.run.pk, known, decisions, _goods(job), base_currency(), source),
    )
    job.save(
        report={**report, "file": job.run.file_name, "sha256": job.run.file_sha256, "seconds": job.seconds}
    )


def _known(job: Work) -> Frame:
    records, source = _facts(job)
    return known_orders(source.channel, records.orders["invoice"].to_list())


def _goods(job: Work) -> Frame:
    records, _source = _facts(job)
    return catalog_queries.sku_facts(frames.first_day(records))


def _facts(job: Work) -> tuple[adapter.OlistRecords, Source]:
    return job.facts["records"], job.facts["source"]


STAGES = (
    Stage("read", _read, always=True),
    Stage("catalogue", _catalogue),
    Stage("stock", _stock),
    Stage("orders", _orders, whole=False),
    Stage("lines", _lines),
    Stage("preview", _report),
    Stage("decide", _decide, whole=False, deciding=True),
    Stage("deliver", _deliver, deciding=True),
    Stage("report", _report, deciding=True),
)
