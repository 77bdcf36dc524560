"""The form of a back-test: which shock, how many days on each side of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entrepot.core.pages import in_language
from entrepot.domains.fulfilment import queries, services
from entrepot.domains.fulfilment.models import ReplayRun

DAYS = (14, 30, 60, 90, 120)


class BackTestForm(forms.Form):
    """A shock of the gallery that lies within one's own orders, and the days to compare."""

    shock = forms.ChoiceField(label=gettext_lazy("Shock"))
    days = forms.TypedChoiceField(
        label=gettext_lazy("Days before and after"),
        coerce=int,
        choices=[(n, str(n)) for n in DAYS],
        initial=60,
    )

    reading = forms.ChoiceField(
        label=gettext_lazy("How ways are taken"),
        choices=[choice for choice in ReplayRun.Reading.choices if choice[0] != ReplayRun.Reading.FREE],
        initial=ReplayRun.Reading.STOCKED,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["shock"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (code, f"{shock.on} · {in_language(shock.name)}") for code, shock in queries.gallery().items()
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("shock") and cleaned.get("days"):
            try:
                services.testable(cleaned["shock"], cleaned["days"])
            except services.NotTestable as error:
                self.add_error("shock", refusal(error))
        return cleaned


def refusal(error: services.NotTestable) -> str:
    """Why a shock cannot be tested, and what to do."""
    texts = {
        "outside": _(
            "No orders lie on both sides of %(value)s; take a shock within the time of your orders."
        ),
        "short": _("Only %(value)s days lie on one side of it; at least seven are needed."),
        "few": _("Fewer than %(value)s orders lie on one side of it; take more days."),
    }
    return texts.get(error.code, _("There is no such shock.")) % {"value": error.value}
