"""Filters of the ledger's pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from entrepot.domains.ledger.models import Entry
from entrepot.domains.ledger.queries import Period

MONTH = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")


class MonthField(forms.DateField):
    """A month as browsers write it, `2026-03`; its first day."""

    widget = MONTH
    input_formats = ("%Y-%m",)


class PeriodForm(forms.Form):
    """Whole months."""

    first = MonthField(label=_("From month"), required=False)
    last = MonthField(label=_("To month"), required=False)

    def period(self) -> Period:
        """The months asked for; a month that is none is left out."""
        self.is_valid()
        return Period(self.cleaned_data.get("first"), self.cleaned_data.get("last"))


class PostingFilterForm(forms.Form):
    """Which postings of an account are shown."""

    currency = forms.CharField(required=False, max_length=3)
    first = forms.DateField(
        label=_("From day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("To day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def filters(self) -> dict[str, Any]:
        """The filters as the query takes them."""
        self.is_valid()
        days: dict[str, date | None] = {name: self.cleaned_data.get(name) for name in ("first", "last")}
        return {"currency": self.cleaned_data.get("currency", ""), **days}


class EntryFilterForm(PostingFilterForm):
    """Which entries the journal shows."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Any kind")), *Entry.Kind.choices]
    )
    q = forms.CharField(label=_("Search"), required=False, max_length=100)

    def filters(self) -> dict[str, Any]:
        found = super().filters()
        found.pop("currency")
        return {**found, "kind": self.cleaned_data.get("kind", ""), "text": self.cleaned_data.get("q", "")}
