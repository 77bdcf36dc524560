"""What a person may ask of the orders: filters of the list, bulk actions, notes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from entrepot.domains.orders import rules

SELECT = {"class": "form-select form-select-sm"}
INPUT = {"class": "form-control form-control-sm"}
PROFITS = [("", _("Any")), ("gain", _("Profit")), ("loss", _("Loss")), ("none", _("Not decided"))]
PRIORITY_NAMES = {"normal": _("Normal"), "presale": _("Presale"), "vip": _("VIP"), "urgent": _("Urgent")}
PRIORITIES = [(number, PRIORITY_NAMES[name]) for name, number in rules.PRIORITIES.items()]
Choices = list[tuple[str, Any]]


class ManyField(forms.MultipleChoiceField):
    """Any number of codes; a code that no list knows filters to nothing instead of being an error."""

    widget = forms.SelectMultiple(attrs={**SELECT, "size": 6})

    def valid_value(self, value: Any) -> bool:
        return len(str(value)) <= 64


class OrderFilterForm(forms.Form):
    """The list's filters, as they stand in the address."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, strip=True)
    state = ManyField(label=_("State"), required=False)
    channel = ManyField(label=_("Channel"), required=False)
    country = ManyField(label=_("Country"), required=False)
    warehouse = ManyField(label=_("Warehouse"), required=False)
    service = ManyField(label=_("Service"), required=False)
    hold = ManyField(label=_("Reason of hold"), required=False)
    placed_from = forms.DateField(
        label=_("Placed from"),
        required=False,
        widget=forms.DateInput(attrs={**INPUT, "type": "date"}, format="%Y-%m-%d"),
    )
    placed_to = forms.DateField(
        label=_("Placed to"),
        required=False,
        widget=forms.DateInput(attrs={**INPUT, "type": "date"}, format="%Y-%m-%d"),
    )
    profit = forms.ChoiceField(
        label=_("Result"), required=False, choices=PROFITS, widget=forms.Select(attrs=SELECT)
    )
    late = forms.BooleanField(label=_("Past its promise"), required=False)
    sort = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, choices: dict[str, Choices] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, options in (choices or {}).items():
            self.fields[name].choices = options  # type: ignore[attr-defined]


class BulkForm(forms.Form):
    """A bulk action: on the ticked orders, or on everything the list's filters find."""

    action = forms.ChoiceField(choices=[(name, name) for name in ("release", "priority", "cancel")])
    scope = forms.ChoiceField(choices=[("ticked", "ticked"), ("all", "all")], required=False)
    ids = forms.TypedMultipleChoiceField(coerce=int, required=False)
    priority = forms.TypedChoiceField(
        coerce=int,
        choices=PRIORITIES,
        required=False,
        empty_value=0,  # type: ignore[arg-type]
    )
    note = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ids"].valid_value = lambda value: str(value).isdigit()  # type: ignore[attr-defined]


class HoldForm(forms.Form):
    """Release or refuse holds, with a note for whoever asks later; `one` is the button of a single row."""

    verdict = forms.ChoiceField(choices=[("release", _("Release")), ("reject", _("Reject"))], required=False)
    hold = forms.TypedMultipleChoiceField(coerce=int, required=False)
    one = forms.RegexField(r"^(release|reject):\d{1,18}$", required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hold"].valid_value = lambda value: str(value).isdigit()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("one"):
            data["verdict"], _colon, hold = data["one"].partition(":")
            data["hold"] = [int(hold)]
        if not data.get("verdict") or not data.get("hold"):
            raise forms.ValidationError(_("Choose at least one hold and a verdict."))
        return data


class SaveViewForm(forms.Form):
    """A name for the filters as they stand."""

    name = forms.CharField(label=_("Name"), max_length=60)
    query = forms.CharField(required=False, max_length=2_000, widget=forms.HiddenInput)
