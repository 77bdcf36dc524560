"""Forms of the rate pages, and the words for everything the checker of rate cards may say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from entrepot.domains.logistics.adapters.generic import FIELDS, NEEDED
from entrepot.domains.logistics.services import KINDS

Words = dict[str, str | Promise]
MAX_BYTES = 20 * 2**20
KIND_NAMES: Words = {
    "royal-mail": _("Royal Mail price tables"),
    "karrio": _("Karrio rate sheet"),
    "generic": _("Any rate table"),
}
REASONS: Words = {
    "date.unreadable": _("This is no date."),
    "weight.unreadable": _("The weight is missing or cannot be read."),
    "weight.order": _("The band ends before it begins."),
    "price.missing": _("The price is missing."),
    "price.unreadable": _("This is no price in the currency."),
    "price.zero": _("The price is nought."),
    "price.falls": _("A heavier band costs less than a lighter one; this price does not fit the others."),
    "band.repeated": _("The same weight stands twice in this zone."),
    "band.start": _("The first band does not begin at nought."),
    "band.gap": _("No band covers these weights."),
    "band.overlap": _("Two bands cover these weights."),
    "currency.missing": _("The currency is missing."),
    "currency.unknown": _("This currency is unknown."),
    "currency.mixed": _("The service has another currency on its other rows."),
    "service.missing": _("The service is missing."),
    "country.unknown": _("This country is unknown."),
    "country.repeated": _("The country stands in two zones."),
    "country.missing": _("No country is named; the prices are kept, but lead nowhere."),
    "origin.unknown": _("The country it ships from is unknown; the prices are kept, but lead nowhere."),
    "days.unreadable": _("The days cannot be read; those usual for the kind of service are taken."),
    "zone.swapped": _("Two countries stand crosswise in each other's zones."),
    "zone.stranger": _("The country stands alone among those of a customs union, or the other way round."),
}
REMEDIES: Words = {
    "date.unreadable": _("Write it as 2026-12-31."),
    "weight.unreadable": _("Write the weight in digits, with the unit in its own column."),
    "weight.order": _("Exchange the two weights."),
    "price.missing": _("Ask the carrier for the price, or leave the row out."),
    "price.unreadable": _("Write the price in digits, with no more decimals than the currency has."),
    "price.zero": _("Enter the price of your contract; the row is left out until then."),
    "price.falls": _("Compare it with the carrier's list; until then the next heavier price is taken."),
    "band.repeated": _("Keep the right one of the two; the first is used."),
    "band.start": _("Nothing to do if the service has a least weight."),
    "band.gap": _("Add the missing band; until then nothing of this weight can be sent."),
    "band.overlap": _("Let one band begin where the other ends; the lighter one is used."),
    "currency.missing": _("Fill in the three-letter code."),
    "currency.unknown": _("Write the three-letter code, such as EUR."),
    "currency.mixed": _("Give the service one currency, or two names."),
    "service.missing": _("Fill in the service, or name one for the whole file."),
    "country.unknown": _("Write the two-letter ISO code, such as GB."),
    "country.repeated": _("Keep the right zone; the first is used."),
    "country.missing": _("Add lanes to this service under World."),
    "origin.unknown": _("Say where the file ships from and import it again."),
    "days.unreadable": _("Write 3 or 3-5."),
    "zone.swapped": _("Exchange the two in the file; both are left out until then."),
    "zone.stranger": _("Look the zone up in the carrier's list; the country is left out until then."),
}
FILE_PROBLEMS: Words = {
    "file.empty": _("The file is empty."),
    "file.workbook": _("The workbook cannot be opened; save it again as .xlsx."),
    "file.no_header": _("No row with column names was found."),
    "file.columns": _("Columns that are missing:"),
}
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


def word(words: Words, code: str) -> str:
    """The words for a code; an unknown code as it is."""
    return str(words.get(code, code))


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
    value = forms.DecimalField(label=_("Value"), min_value=0, max_digits=12, decimal_places=2, initial=30)
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
