"""Forms of the rate pages, and the words for everything the checker of rate cards may say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.domains.logistics.adapters.generic import FIELDS, NEEDED
from entrepot.domains.logistics.services import KINDS
from entrepot.domains.logistics.services.words import KIND_NAMES, Words

MAX_BYTES = 20 * 2**20
FIELD_LABELS: Words = {
    "service": _("Service"),
    "carrier": _("Carrier"),
    "zone": _("Zone"),
    "country": _("Countries"),
    "from_weight": _("Weight above"),
    "to_weight": _("Weight up to"),
    "price": _("Price"),
    "currency": _("Currency"),
    "days": _("Days"),
    "valid_from": _("Valid from"),
}
UNITS = (("kg", "kg"), ("g", "g"), ("lb", "lb"), ("oz", "oz"))


class DayInput(forms.DateInput):
    """A date field of the browser; it wants ISO dates in every language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class UploadForm(forms.Form):
    """Which file, and what holds for all of it."""

    kind = forms.ChoiceField(label=_("Kind of file"), choices=[(kind, KIND_NAMES[kind]) for kind in KINDS])
    file = forms.FileField(label=_("File"))
    zones = forms.FileField(
        label=_("Zones"), required=False, help_text=_("Royal Mail: the table of countries and zones.")
    )
    valid_from = forms.DateField(
        label=_("Valid from"), widget=DayInput(), help_text=_("Where rows have no date of their own.")
    )
    ship_from = forms.CharField(
        label=_("Ships from"), max_length=2, required=False, help_text=_("Country code, such as CN.")
    )
    service = forms.CharField(
        label=_("Service"), max_length=60, required=False, help_text=_("Where the rows name none.")
    )
    currency = forms.CharField(
        label=_("Currency"), max_length=3, required=False, help_text=_("Where the rows name none.")
    )
    unit = forms.ChoiceField(label=_("Unit of weight"), choices=UNITS)
    is_open = forms.BooleanField(
        label=_("Orders may travel by it at once"),
        required=False,
        help_text=_("Otherwise its lanes are brought in closed, to be looked at first."),
    )

    def __init__(self, *args: Any, headers: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = timezone.localdate()
        columns = [("", _("– none –")), *((name, name) for name in headers or ())]
        for name in FIELDS if headers else ():
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=FIELD_LABELS[name],  # type: ignore[arg-type]
                choices=columns,
                required=name in NEEDED,
            )

    def clean_file(self) -> Any:
        """Refuse what is too large to be a rate table."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return file

    def clean_ship_from(self) -> str:
        """Country codes are written in capitals."""
        return str(self.cleaned_data["ship_from"]).upper()

    def mapping(self) -> dict[str, str]:
        """Field to column, chosen ones only."""
        values = {name: self.cleaned_data.get(f"column_{name}", "") for name in FIELDS}
        return {name: column for name, column in values.items() if column}


class CompareForm(forms.Form):
    """A parcel whose ways are compared: from, to, size, weight, value, battery, day."""

    ship_from = forms.ChoiceField(label=_("From"))
    dest = forms.ChoiceField(label=_("To"))
    postcode = forms.CharField(label=_("Postcode"), max_length=12, required=False)
    weight_g = forms.IntegerField(label=_("Weight (g)"), min_value=1, max_value=2_000_000, initial=500)
    length_mm = forms.IntegerField(label=_("Length (mm)"), min_value=1, max_value=16_000, initial=250)
    width_mm = forms.IntegerField(label=_("Width (mm)"), min_value=1, max_value=16_000, initial=180)
    height_mm = forms.IntegerField(label=_("Height (mm)"), min_value=1, max_value=16_000, initial=80)
    value = forms.DecimalField(
        label=pgettext_lazy("goods", "Value"), min_value=0, max_digits=12, decimal_places=2, initial=30
    )
    currency = forms.ChoiceField(label=_("Currency"))
    battery = forms.ChoiceField(
        label=_("Battery"),
        required=False,
        choices=[
            ("", _("No battery")),
            ("contained", _("Contained in equipment")),
            ("packed", _("Packed with equipment")),
            ("alone", _("Alone")),
        ],
    )
    battery_wh = forms.DecimalField(
        label=_("Wh of a battery"), min_value=0, max_digits=8, decimal_places=3, required=False
    )
    on = forms.DateField(label=_("Day"), widget=DayInput())

    def __init__(
        self,
        *args: Any,
        origins: list[tuple[str, str]],
        countries: list[tuple[str, str]],
        currencies: list[str],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.fields["ship_from"].choices = origins  # type: ignore[attr-defined]
        self.fields["dest"].choices = countries  # type: ignore[attr-defined]
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]


class LegForm(forms.Form):
    """A load whose first legs are compared: from where, to which warehouse, weight and volume."""

    ship_from = forms.ChoiceField(label=_("From"))
    warehouse = forms.ChoiceField(label=_("To warehouse"))
    weight_kg = forms.DecimalField(
        label=_("Weight (kg)"),
        min_value=Decimal("0.1"),
        max_value=100_000,
        max_digits=9,
        decimal_places=1,
        initial=500,
    )
    volume_m3 = forms.DecimalField(
        label=_("Volume (m³)"),
        min_value=Decimal("0.001"),
        max_value=1_000,
        max_digits=8,
        decimal_places=3,
        initial=2,
    )

    def __init__(
        self, *args: Any, origins: list[tuple[str, str]], warehouses: list[tuple[str, str]], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["ship_from"].choices = origins  # type: ignore[attr-defined]
        self.fields["warehouse"].choices = warehouses  # type: ignore[attr-defined]
