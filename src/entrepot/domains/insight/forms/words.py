"""Names of dimensions, measures and steps, and of the values a dimension has, in the reader's language."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from entrepot.core.pages import in_language
from entrepot.domains.catalog.queries import category_names, country_names, sku_names
from entrepot.domains.logistics.queries import service_names
from entrepot.domains.orders.queries import filter_choices
from entrepot.domains.payments.queries import channel_names
from entrepot.domains.warehouse.queries import warehouse_names

DIMENSIONS = {
    "month": _("Month"), "market": _("Market"), "channel": _("Channel"), "account": pgettext_lazy("channel", "Account"),
    "sku": _("SKU"),
    "product": _("Product"), "category": _("Category"), "warehouse": _("Warehouse"), "service": _("Service"),
    "regime": _("Import rule"), "collector": _("Collects the tax"), "buyer_kind": _("Kind of buyer"),
    "state": _("State"), "currency": _("Currency"),
}  # fmt: skip
MEASURES = {
    "total": _("Charged to buyers"), "tax_sale": _("Tax at the sale"), "revenue": _("Net sales"),
    "cogs": _("Cost of goods"), "freight": _("Freight"), "handling": _("Handling"), "channel_fee": _("Channel fees"),
    "payment_fee": _("Payment fees"), "duty": _("Duty"), "import_tax": _("Import tax"), "profit": _("Profit"),
    "refund": _("Given back"), "orders": _("Orders"), "lines": _("Order lines"), "quantity": _("Pieces"),
    "returned_quantity": _("Pieces sent back"), "margin": _("Margin"), "basket": _("Net sales an order"),
    "profit_per_order": _("Profit an order"), "return_rate": _("Return rate"),
}  # fmt: skip
STEPS = {**MEASURES, "price": _("Sales with tax")}
COLLECTORS = {
    "seller": _("Seller"), "marketplace": _("Marketplace"), "carrier": _("Carrier"), "buyer": _("Buyer"),
    "none": _("Nobody"),
}  # fmt: skip
BUYERS = {"b2c": pgettext_lazy("buyer", "Consumer"), "b2b": pgettext_lazy("buyer", "Business")}


def month_words(month: str) -> str:
    """`2026-03-01` → `Mar 2026`, in Chinese `2026年3月`."""
    is_chinese = (get_language() or "").startswith("zh")
    return date_format(date.fromisoformat(month), "Y年n月" if is_chinese else "M Y")


class Names:
    """The words for values, looked up once for a page."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, str]] = {}

    def load(self, dimension: str, values: Collection[str]) -> None:
        """Look up the words for some values of a dimension."""
        self.known[dimension] = {**self.known.get(dimension, {}), **_names(dimension, values)}

    def of(self, dimension: str, value: str) -> str:
        """The word for a value; the value itself where there is none."""
        if value == "":
            return str(_("without"))
        if dimension == "month":
            return month_words(value)
        return self.known.get(dimension, {}).get(value, value)


def _names(dimension: str, values: Collection[str]) -> dict[str, str]:
    if dimension == "collector":
        return {code: str(words) for code, words in COLLECTORS.items()}
    if dimension == "buyer_kind":
        return {code: str(words) for code, words in BUYERS.items()}
    if dimension == "state":
        return dict(filter_choices()["state"])
    tables = {
        "market": country_names, "channel": channel_names, "category": category_names, "warehouse": warehouse_names,
        "service": service_names,
    }  # fmt: skip
    if dimension == "sku":
        pairs = sku_names(values)
    else:
        pairs = tables[dimension]() if dimension in tables else {}
    return {code: in_language(pair) for code, pair in pairs.items()}
