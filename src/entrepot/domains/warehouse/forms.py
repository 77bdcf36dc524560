"""Filters of the stock list."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from entrepot.core.pages import in_language
from entrepot.domains.catalog.queries import category_names
from entrepot.domains.warehouse.queries import SORTS, StockSearch, warehouse_names


class StockFilterForm(forms.Form):
    """The stock list's filters, as they stand in the address."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    warehouse = forms.ChoiceField(label=_("Warehouse"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    low = forms.IntegerField(label=_("Sold out within days"), required=False, min_value=0, max_value=999)
    sort = forms.CharField(required=False, max_length=20)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, names in (("warehouse", warehouse_names()), ("category", category_names())):
            first = ("", self.fields[name].label)
            self.fields[name].choices = [first, *((code, in_language(pair)) for code, pair in names.items())]  # type: ignore[attr-defined]

    def search(self, sold_since: date, sold_days: int) -> StockSearch:
        """The filters as the query takes them; one that makes no sense is left out."""
        self.is_valid()
        data = self.cleaned_data
        sort = data.get("sort") or "sku"
        return StockSearch(
            text=data.get("q", ""),
            warehouse=data.get("warehouse", ""),
            category=data.get("category", ""),
            low_days=data.get("low"),
            sold_since=sold_since,
            sold_days=sold_days,
            sort=sort if sort.lstrip("-") in SORTS else "sku",
        )
