"""What the filters of the orders list offer: names of channels, countries, warehouses, services, reasons."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.translation import get_language

from entrepot.core.pages import in_language
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.logistics.queries import service_names
from entrepot.domains.orders.models import Order
from entrepot.domains.payments.queries import channel_names
from entrepot.domains.warehouse.queries import warehouse_names
from entrepot.kernel.issue import ISSUES

Names = dict[str, tuple[str, str]]
KEY, SECONDS = "orders.filter_names", 60


def filter_choices() -> dict[str, list[tuple[str, str]]]:
    """Code and name in the reader's language, by filter; names are read anew once a minute."""
    names: dict[str, Names] = cache.get_or_set(KEY, _names, SECONDS) or {}
    choices = {
        field: [(code, in_language(pair)) for code, pair in table.items()] for field, table in names.items()
    }
    choices["state"] = [(str(value), str(label)) for value, label in Order.State.choices]
    choices["hold"] = [(code, issue.text(get_language() or "en")) for code, issue in ISSUES.items()]
    return choices


def _in_use(names: Names, column: str) -> Names:
    """Only the codes that some order has: a filter for anything else finds nothing."""
    used = set(Order.objects.order_by().values_list(column, flat=True).distinct())
    return {code: pair for code, pair in names.items() if code in used}


def _names() -> dict[str, Names]:
    return {
        "channel": channel_names(),
        "country": _in_use(country_names(), "dest_country"),
        "warehouse": warehouse_names(),
        "service": service_names(),
    }
