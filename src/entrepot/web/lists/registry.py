"""The lists that can be taken away: name, who may, columns, and how an address narrows them.

A list's filters have the names they have on its page, so that the page's address gives the same rows as a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core import jobboard, tokens, webhooks, worldrows
from entrepot.core.models import AuditLog, OutboxEvent
from entrepot.domains.catalog import queries as catalog
from entrepot.domains.channels import queries as channels
from entrepot.domains.customs import queries as customs
from entrepot.domains.fulfilment import queries as fulfilment
from entrepot.domains.insight.queries import reports
from entrepot.domains.ledger import queries as ledger
from entrepot.domains.logistics import queries as logistics
from entrepot.domains.orders import queries as orders
from entrepot.domains.warehouse import queries as warehouse
from entrepot.web.lists.channels import CHANNEL_LISTS
from entrepot.web.lists.columns import List, books, joined, money, text

WORLD = "world-"
NUMBER = pgettext_lazy("list", "Number")


def _day(query: QueryDict, name: str) -> date | None:
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None


def _month(query: QueryDict, name: str) -> date | None:
    try:
        return date.fromisoformat(f"{query.get(name, '')}-01")
    except ValueError:
        return None


def _entries(query: QueryDict) -> QuerySet[Any]:
    return ledger.find_entries(
        kind=query.get("kind", ""),
        text=query.get("q", ""),
        first=_day(query, "first"),
        last=_day(query, "last"),
    )


def _stock_search(query: QueryDict) -> warehouse.StockSearch:
    """The filters of the stock page."""
    days, low = warehouse.SOLD_DAYS, query.get("low", "")
    return warehouse.StockSearch(
        text=query.get("q", ""),
        warehouse=query.get("warehouse", ""),
        category=query.get("category", ""),
        low_days=int(low) if low.isdecimal() and len(low) < 4 else None,
        sold_since=timezone.localdate() - timedelta(days=days),
        sold_days=days,
    )


LISTS = (
    List("order-lines", _("Order lines"), "orders.export", (
        (_("Order"), "order.number"), (_("Channel"), "order.channel"), (_("Placed"), "order.placed_at"),
        (_("State"), "order.state"), (_("Line"), "line_no"), (_("SKU"), "sku_code"),
        (_("Description"), "description"), (_("Quantity"), "quantity"), (_("Unit price"), "unit_price"),
        (_("Amount"), money("amount_minor", "order.currency")), (_("Currency"), "order.currency"),
    ), lambda query: orders.line_records(orders.read_search(query))),
    List("decisions", _("Decisions"), "fulfilment.view", (
        (_("Order"), "order_id"), (_("Status"), "status"), (_("Decided"), "decided_at"),
        (_("Warehouse"), "warehouse"), (_("Service"), "service"), (_("Import rule"), "import_rule"),
        (_("Collector"), "collector"), (_("Ships on"), "ship_on"), (_("Promised for"), "promise_on"),
        (_("Weight (g)"), "weight_g"), (_("Books’ currency"), "base_currency"),
        *((label, books(f"{name}_base_minor")) for name, label in (
            ("revenue", _("Revenue")), ("cogs", _("Cost of goods")), ("freight", _("Freight")),
            ("handling", _("Handling")), ("channel_fee", _("Channel fee")), ("payment_fee", _("Payment fee")),
            ("duty", _("Duty")), ("import_tax", _("Import tax")), ("profit", _("Profit")))),
    ), lambda query: fulfilment.decision_records().order_by("order_id")),
    List("products", _("Products"), "catalog.view", (
        (_("Code"), "code"), (_("English name"), "name_en"), (_("Chinese name"), "name_zh"),
        (_("Category"), "category.code"), (_("Brand"), "brand"),
    ), lambda query: catalog.product_records(query.get("q", ""), query.get("category", "")).order_by("code")),
    List("skus", _("SKUs"), "catalog.view", (
        (_("SKU"), "code"), (_("Product"), "product.code"), (_("English name"), "name_en"),
        (_("Chinese name"), "name_zh"), (_("Category"), "product.category.code"), (_("HS code"), "hs_code"),
        (_("Origin"), "origin"), (_("Weight (g)"), "weight_g"), (_("Length (mm)"), "length_mm"),
        (_("Width (mm)"), "width_mm"), (_("Height (mm)"), "height_mm"), (_("Battery"), "battery"),
        (_("Cost"), money("cost_minor", "cost_currency")), (_("Cost currency"), "cost_currency"),
        (_("List price"), money("list_price_minor", "list_currency")), (_("List currency"), "list_currency"),
        (_("Tax category"), "tax_category"), (pgettext_lazy("key", "Active"), "is_active"),
    ), lambda query: catalog.sku_records(query.get("q", ""), query.get("category", "")).order_by("code")),
    List("stock", _("Stock"), "warehouse.view", (
        (_("SKU"), "sku.code"), (_("English name"), "sku.name_en"), (_("Warehouse"), "warehouse.code"),
        (_("On hand"), "on_hand"),
    ), lambda query: warehouse.found_levels(_stock_search(query)).order_by("sku__code", "warehouse__code")),
    List("stock-moves", _("Stock moves"), "warehouse.view", (
        (NUMBER, "pk"), (_("Date"), "moved_on"), (_("SKU"), "sku.code"), (_("Warehouse"), "warehouse.code"),
        (_("Quantity"), "quantity"), (_("Kind"), "kind"), (_("Lot"), text("lot")),
        (_("Cause"), "ref_kind"), (_("Number of the cause"), "ref_id"), (_("Note"), "note"),
    ), lambda query: warehouse.move_records(
        query.get("warehouse", ""), query.get("sku", ""), query.get("kind", "")).order_by("pk")),
    List("shipments", _("Shipments"), "logistics.view", (
        (NUMBER, "number"), (_("Order"), "order_id"), (_("State"), "state"), (_("Warehouse"), "warehouse"),
        (_("Service"), "service"), (_("Tracking number"), "tracking_no"), (_("Ships on"), "ship_on"),
        (_("Promised for"), "promise_on"), (_("Shipped at"), "shipped_at"), (_("Delivered on"), "delivered_on"),
        (_("Parcels"), "parcels"), (_("Weight (g)"), "weight_g"), (_("Freight"), books("freight_base_minor")),
    ), lambda query: logistics.shipment_records(
        query.get("state", ""), query.get("warehouse", ""), query.get("service", "")).order_by("pk")),
    List("entries", _("Ledger entries"), "ledger.view", (
        (_("Entry"), "pk"), (_("Date"), "entry_date"), (_("Kind"), "kind"), (_("Cause"), "ref_kind"),
        (_("Number of the cause"), "ref_id"), (_("Memo"), "memo"), (_("Key"), "idempotency_key"),
        (pgettext_lazy("list", "Booked"), "booked_at"),
    ), lambda query: _entries(query).order_by("pk")),
    List("postings", _("Ledger postings"), "ledger.view", (
        (_("Entry"), "entry_id"), (_("Date"), "entry.entry_date"), (_("Kind"), "entry.kind"),
        (_("Account"), "account.code"), (_("Name"), "account.name_en"),
        (_("Amount"), money("amount_minor", "currency")), (_("Currency"), "currency"),
        (_("In the books’ currency"), books("base_minor")), (_("Memo"), "entry.memo"),
    ), lambda query: ledger.posting_records(_entries(query)).order_by("entry_id", "pk")),
    List("balances", _("Balances by month"), "ledger.view", (
        (_("Account"), "account.code"), (_("Name"), "account.name_en"), (_("Chinese name"), "account.name_zh"),
        (_("Kind"), "account.kind"), (_("Month"), "month"), (_("Debit"), money("debit_minor", "currency")),
        (_("Credit"), money("credit_minor", "currency")), (_("Currency"), "currency"),
        (_("In the books’ currency"), books("base_minor")),
    ), lambda query: ledger.balance_records(_month(query, "first"), _month(query, "last"))),
    List("runs", _("Runs"), "fulfilment.view", (
        (_("Run"), "pk"), (_("State"), "state"), (_("Orders"), "total"), (_("Decided"), "done"),
        (_("Started"), "started_at"), (pgettext_lazy("list", "Finished"), "finished_at"), (_("Error"), "error"),
    ), lambda query: fulfilment.find_runs()),
    List("imports", _("Imports"), "channels.view", (
        (NUMBER, "pk"), (_("Kind"), "kind"), (_("File"), "file_name"), (_("State"), "state"),
        (_("Rows"), "total_rows"), (_("Rows done"), "done_rows"), (_("Started"), "started_at"),
        (pgettext_lazy("list", "Finished"), "finished_at"), (_("Error"), "error"),
    ), lambda query: channels.find_runs()),
    *CHANNEL_LISTS,
    List("returns", _("Returns"), "orders.view", (
        (NUMBER, "external_id"), (_("Order"), "order.number"), (_("Date"), "received_on"), (_("Kind"), "kind"),
        (_("SKU"), "sku_code"), (_("Quantity"), "quantity"), (_("Amount"), money("amount_minor", "currency")),
        (_("Currency"), "currency"), (_("Note"), "note"),
    ), lambda query: orders.return_records()),
    List("holds", _("Holds"), "orders.review", (
        (_("Order"), "order.number"), (_("Channel"), "order.channel"), (_("Reason"), "code"), (_("Detail"), "detail"),
        (pgettext_lazy("hold", "Opened"), "opened_at"),
    ), lambda query: orders.open_holds(query.get("code", "")).select_related("order").order_by("pk")),
    List("tariff-files", _("Tariff files"), "customs.view", (
        (NUMBER, "pk"), (_("Kind"), "kind"), (_("File"), "file_name"), (_("State"), "state"), (_("Error"), "error"),
    ), lambda query: customs.find_runs()),
    List("goods-codes", _("Goods codes"), "customs.view", (
        (_("SKU"), "sku"), (_("Country"), "country"), (_("HS code"), "code"), (_("Edition"), "version"),
        (_("Reason"), "reason"), (_("Binding ruling"), "ruling"), (_("Person"), text("chosen_by")),
        (_("Chosen at"), "chosen_at"), (_("Replaced at"), "replaced_at"),
    ), lambda query: customs.choice_records()),
    List("scenarios", _("Shared scenarios"), "insight.view", (
        (NUMBER, "pk"), (_("Name"), "name"), (_("Note"), "note"), (_("Person"), text("owner")),
        (_("Changed"), "changed_at"), (_("Content"), text("edits")),
    ), lambda query: fulfilment.shared_scenarios()),
    List("replays", _("Shared replays and back-tests"), "insight.view", (
        (NUMBER, "pk"), (_("Name"), "name"), (_("Shock"), "shock"), (_("How ways are taken"), "reading"),
        (_("State"), "state"), (_("Orders"), "total"), (_("Person"), text("created_by")), (_("Begun"), "started_at"),
        (_("Finished"), "finished_at"), (_("Error"), "error"),
    ), lambda query: fulfilment.shared_replays()),
    List("webhooks", _("Webhooks"), "integration.view", (
        (_("Name"), "name"), (_("Address"), "url"), (_("Events"), joined("events")),
        (pgettext_lazy("key", "Active"), "is_active"), (_("Failing since"), "failing_since"),
    ), lambda query: webhooks.list_endpoints()),
    List("rate-files", _("Rate files"), "logistics.view", (
        (NUMBER, "pk"), (_("Imported"), "imported_at"), (_("File"), text("file_name")),
    ), lambda query: logistics.rate_files()),
    List("reports", _("Reports"), "insight.view", (
        (_("Name"), "name"), (_("Content"), "what"), (_("Every"), "every"), (_("Language"), "language"),
        (_("File"), "attachment"), (pgettext_lazy("key", "Active"), "is_active"),
    ), lambda query: reports.report_records()),
    List("report-mails", _("Reports sent"), "insight.view", (
        (NUMBER, "pk"), (_("Name"), "subscription.name"), (_("Person"), text("member")), (_("Period"), "period"),
        (_("State"), "state"), (_("Attempts"), "attempts"), (_("Sent"), "sent_at"), (_("Error"), "error"),
    ), lambda query: reports.send_records()),
    List("events", _("Events"), "integration.view", (
        (NUMBER, "pk"), (_("Event"), "name"), (_("At"), "created_at"), (_("Content"), text("payload")),
        (_("Delivered"), "delivered_at"), (_("Attempts"), "attempts"), (_("Error"), "error"),
    ), lambda query: OutboxEvent.objects.order_by("pk")),
    List("actions", _("Actions"), "team.view", (
        (NUMBER, "pk"), (_("At"), "at"), (_("Person"), text("actor")), (_("Action"), "action"),
        (_("About"), "object_ref"), (_("Content"), text("detail")),
    ), lambda query: AuditLog.objects.select_related("actor").order_by("pk")),
    List("jobs", _("Jobs"), "jobs.view", (
        (_("Job"), "pk"), (_("Task"), "task_name"), (_("State"), "status"), (_("Queue"), "queue_name"),
        (_("Attempts"), "attempts"), (_("Arguments"), text("args")), (_("Asked for"), "asked_at"),
        (_("Begun"), "begun_at"), (pgettext_lazy("job", "Ended"), "ended_at"),
    ), lambda query: jobboard.find_jobs(query.get("state", ""), query.get("task", ""))),
    List("deliveries", pgettext_lazy("webhook", "Deliveries"), "integration.view", (
        (_("Message"), "message_id"), (_("Event"), "event"), (_("Webhook"), "endpoint.name"),
        (_("State"), "state"), (_("Attempts"), "attempts"), (_("Answer"), "last_status"), (_("Made"), "created_at"),
        (_("Error"), "last_error"),
    ), lambda query: webhooks.list_deliveries(state=query.get("state", ""))),
    List("tokens", _("Tokens"), "integration.view", (
        (_("Name"), "name"), (_("Begins with"), "prefix"), (_("State"), "state"), (_("Person"), text("user")),
        (_("May do"), joined("scopes")), (_("Made"), "created_at"), (pgettext_lazy("key", "Expires"), "expires_at"),
    ), lambda query: tokens.list_tokens()),
)  # fmt: skip
BY_NAME = {one.name: one for one in LISTS}


def find_list(name: str) -> List | None:
    """A list by its name; those of the world are `world-` and the table's name."""
    if name in BY_NAME:
        return BY_NAME[name]
    return world_lists().get(name)


@lru_cache(maxsize=1)
def world_lists() -> dict[str, List]:
    """The tables of the world, all columns."""
    return {one.name: one for one in map(_of_world, worldrows.tables().values())}


def _of_world(table: worldrows.Table) -> List:
    def rows(query: QueryDict) -> QuerySet[Any]:
        found = worldrows.rows(table, text=query.get("q", ""), on=_day(query, "on"), status=query.get("status", ""),
                               edited=bool(query.get("edited")))  # fmt: skip
        return worldrows.ordered(table, found, query.get("sort", ""))

    columns = tuple((column.name, column.attname) for column in table.columns)
    return List(f"{WORLD}{table.name}", table.title, "world.view", columns, rows)


def lists_for(permissions: Iterable[str]) -> list[List]:
    """What somebody may take away."""
    allowed = set(permissions)
    return [one for one in (*LISTS, *world_lists().values()) if one.permission in allowed]
