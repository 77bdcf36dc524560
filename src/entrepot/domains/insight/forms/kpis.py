"""Goals and entered values as people type them: in money, per cent or days, and which months."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.roles import ROLES
from entrepot.domains.insight.models import Kpi
from entrepot.domains.insight.rules.pivot import months_on

FACTORS = {"ppm": Decimal(10_000), "days_e1": Decimal(10), "count": Decimal(1)}
LARGEST = 10**15


class MonthField(forms.CharField):
    """A month as browsers send it: `2026-03`; its first day."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-03"})

    def to_python(self, value: Any) -> Any:
        """The first day of the month."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return date.fromisoformat(f"{text[:7]}-01")
        except ValueError:
            raise forms.ValidationError(_("Type a month like 2026-03.")) from None


def members() -> Any:
    """People of the company with a role."""
    return User.objects.filter(is_active=True, groups__name__in=list(ROLES)).distinct().order_by("username")


class ValueForm(forms.Form):
    """A value in the KPI's own unit."""

    value = forms.DecimalField(label=pgettext_lazy("kpi", "Value"), max_digits=18, decimal_places=4)

    def __init__(self, data: Any = None, *, kpi: Kpi, digits: int, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.factor = FACTORS.get(kpi.unit, Decimal(10) ** digits)
        unit = {
            "ppm": _("Value, per cent"),
            "days_e1": _("Value, days"),
            "money": _("Value, books’ currency"),
        }
        self.fields["value"].label = unit.get(kpi.unit, pgettext_lazy("kpi", "Value"))

    def clean_value(self) -> int:
        """Whole in the unit the KPI is kept in."""
        exact = self.cleaned_data["value"] * self.factor
        if exact != int(exact) or abs(exact) > LARGEST:
            raise forms.ValidationError(_("That is finer or larger than this figure is kept."))
        return int(exact)


class GoalForm(ValueForm):
    """A goal for each month of a period, and who answers for it."""

    first_month = MonthField(label=_("From month"))
    last_month = MonthField(label=_("To month"), required=False)
    owner = forms.ModelChoiceField(
        label=pgettext_lazy("kpi", "Owner"), queryset=User.objects.none(), required=False
    )
    field_order = ("first_month", "last_month", "value", "owner")

    def __init__(self, data: Any = None, *, kpi: Kpi, digits: int, **kwargs: Any) -> None:
        super().__init__(data, kpi=kpi, digits=digits, **kwargs)
        self.fields["owner"].queryset = members()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Without an end a goal is for a year."""
        values = super().clean() or {}
        first = values.get("first_month")
        if first:
            values["last_month"] = values.get("last_month") or months_on(first, 11)
            if values["last_month"] < first:
                self.add_error("last_month", _("The period ends before it begins."))
        return values


class ReadingForm(ValueForm):
    """A month's value and where it comes from."""

    month = MonthField(label=_("Month"))
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("study, survey or account it was read from")
    )
    field_order = ("month", "value", "source")
