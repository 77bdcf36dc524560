"""Forms of the world's tables: one is made for each table from its model."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.dated import Status
from entrepot.core.worldrows import Table

ALL = "all"
# Words the engine knows, for columns that hold one of them
WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("import_rules", "flow"): ("import", "intra", "domestic"),
    ("import_rules", "mode"): ("post", "courier", "freight", "sea"),
    ("import_rules", "buyer_kind"): ("b2c", "b2b", "vat"),
    ("import_rules", "measured"): ("goods", "item", "cif", "retail60"),
    ("import_rules", "cv_basis"): ("GOODS", "FOB", "CIF", "RETAIL60"),
    ("import_rules", "tax_base"): ("PRICE", "GOODS", "CV", "CV+D", "CV+D+T", "INSIDE"),
    ("import_rules", "duty_mode"): ("none", "tariff", "flat", "fixed"),
    ("import_rules", "tax_mode"): ("none", "vat", "fixed"),
    ("import_rules", "tax_place"): ("dest", "origin"),
    ("import_rules", "collector"): ("sale", "border", "none"),
    ("import_rules", "duty_collector"): ("sale", "border"),
    ("import_fees", "base"): ("cv", "cv+d", "line", "kg", "none"),
    ("roundings", "value_rounding"): ("half_up", "half_even", "truncate"),
    ("roundings", "duty_rounding"): ("half_up", "half_even", "truncate"),
    ("roundings", "tax_rounding"): ("half_up", "half_even", "truncate"),
    ("roundings", "tax_per"): ("order", "line", "unit"),
    ("services", "kind"): ("postal", "line", "express", "overseas", "freight"),
    ("services", "mode"): ("post", "courier", "freight", "sea"),
    ("services", "battery"): ("none", "contained", "all"),
    ("services", "weigh_per"): ("parcel", "shipment"),
    ("services", "transport"): ("air", "cargo", "road", "sea"),
    ("weighings", "unit"): ("cm3/kg", "in3/lb"),
    ("weighings", "side_rounding"): ("nearest", "up"),
    ("surcharges", "applies"): ("all", "battery"),
    ("surcharges", "per"): ("parcel", "shipment"),
    ("surcharges", "unit"): ("cm/kg", "in/lb"),
    ("battery_rules", "kind"): ("ion", "metal", "sodium"),
    ("battery_rules", "battery"): ("alone", "packed", "contained"),
    ("battery_rules", "charge"): ("recommended", "mandatory"),
    ("capacities", "unit"): ("orders", "parcels", "g"),
    ("restrictions", "verdict"): ("prohibited", "restricted"),
    ("channels", "kind"): ("marketplace", "own", "wholesale"),
}
# The same words as a reader says them
SPOKEN = {
    "import": pgettext_lazy("rule", "import"),
    "intra": pgettext_lazy("rule", "inside the union"),
    "domestic": pgettext_lazy("rule", "domestic"),
    "post": pgettext_lazy("rule", "post"),
    "courier": pgettext_lazy("rule", "courier"),
    "freight": pgettext_lazy("rule", "freight by air or road"),
    "b2c": pgettext_lazy("rule", "consumer"),
    "b2b": pgettext_lazy("rule", "business"),
    "vat": pgettext_lazy("rule", "by VAT"),
    "goods": pgettext_lazy("rule", "goods"),
    "item": pgettext_lazy("rule", "each item"),
    "cif": pgettext_lazy("rule", "goods with freight and insurance"),
    "retail60": pgettext_lazy("rule", "60 % of the retail price"),
    "none": pgettext_lazy("rule", "none"),
    "tariff": pgettext_lazy("rule", "by tariff"),
    "flat": pgettext_lazy("rule", "flat sum"),
    "fixed": pgettext_lazy("rule", "fixed rate"),
    "dest": pgettext_lazy("rule", "destination"),
    "origin": pgettext_lazy("rule", "place of departure"),
    "sale": pgettext_lazy("rule", "at the sale"),
    "border": pgettext_lazy("rule", "at the border"),
    "half_up": pgettext_lazy("rule", "half up"),
    "half_even": pgettext_lazy("rule", "half to even"),
    "truncate": pgettext_lazy("rule", "cut off"),
    "postal": pgettext_lazy("rule", "postal packet"),
    "line": pgettext_lazy("rule", "dedicated line"),
    "express": pgettext_lazy("rule", "express"),
    "overseas": pgettext_lazy("rule", "overseas warehouse"),
    "contained": pgettext_lazy("rule", "contained in equipment"),
    "all": pgettext_lazy("rule", "all"),
    "battery": pgettext_lazy("rule", "with batteries"),
    "parcel": pgettext_lazy("rule", "parcel"),
    "shipment": pgettext_lazy("rule", "shipment"),
    "air": pgettext_lazy("rule", "passenger aircraft"),
    "cargo": pgettext_lazy("rule", "cargo aircraft"),
    "road": pgettext_lazy("rule", "road"),
    "sea": pgettext_lazy("rule", "sea"),
    "nearest": pgettext_lazy("rule", "nearest"),
    "up": pgettext_lazy("rule", "up"),
    "ion": pgettext_lazy("rule", "lithium ion"),
    "metal": pgettext_lazy("rule", "lithium metal"),
    "sodium": pgettext_lazy("rule", "sodium ion"),
    "alone": pgettext_lazy("rule", "alone"),
    "packed": pgettext_lazy("rule", "packed with equipment"),
    "recommended": pgettext_lazy("rule", "recommended"),
    "mandatory": pgettext_lazy("rule", "mandatory"),
    "marketplace": pgettext_lazy("rule", "marketplace"),
    "own": pgettext_lazy("rule", "own shop"),
    "wholesale": pgettext_lazy("rule", "wholesale"),
    "prohibited": pgettext_lazy("rule", "prohibited"),
    "restricted": pgettext_lazy("rule", "restricted"),
    "orders": pgettext_lazy("rule", "orders"),
    "parcels": pgettext_lazy("rule", "parcels"),
    "g": pgettext_lazy("rule", "grams"),
}
# Where a word means something else in one column than elsewhere
SPOKEN_IN = {
    ("import_rules", "buyer_kind", "vat"): pgettext_lazy("rule", "business with a VAT number"),
    ("roundings", "tax_per", "order"): pgettext_lazy("rule", "the whole order"),
    ("roundings", "tax_per", "line"): pgettext_lazy("rule", "each order line"),
    ("roundings", "tax_per", "unit"): pgettext_lazy("rule", "each piece"),
    ("services", "battery", "none"): pgettext_lazy("rule", "no batteries"),
    ("services", "battery", "all"): pgettext_lazy("rule", "all batteries"),
    ("surcharges", "applies", "all"): pgettext_lazy("rule", "every parcel"),
}
HINTS = {
    "_ppm": _("Parts per million: 10,000 is 1 %."),
    "_minor": _("In the smallest unit of the currency: 1,234 is 12.34 in a currency with two decimals."),
    "schemes": _("Codes with a space between them."),
    "origins": _("Country codes with a space between them; empty means any."),
    "ship_from": _("Country codes with a space between them; empty means any."),
    "fees": _("Codes of import fees with a space between them."),
    "valid_from": _("The first day, included."),
    "valid_to": _("The last day, included; empty means until further notice."),
}


def spoken(table: str, column: str, word: str) -> Any:
    """A word of the engine as a reader says it; codes such as CIF stay as they are."""
    if (table, column) not in WORDS:
        return word
    return SPOKEN_IN.get((table, column, word)) or SPOKEN.get(word, word)


class FilterForm(forms.Form):
    """What a table is narrowed to, as it stands in the address."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    on = forms.CharField(label=_("Valid on"), required=False, max_length=10)
    status = forms.ChoiceField(
        label=_("Certainty"), required=False, choices=[("", _("Any certainty")), *Status.choices]
    )
    edited = forms.BooleanField(label=_("Edited here"), required=False)

    def day(self, *, is_dated: bool) -> date | None:
        """The day asked for; today on tables with periods where none is, no day for `all`."""
        text = str(self.data.get("on", ""))
        try:
            return date.fromisoformat(text)
        except ValueError:
            return timezone.localdate() if is_dated and text != ALL else None


class DayInput(forms.DateInput):
    """A date field of the browser; it wants ISO dates in every language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def row_form(table: Table, *, new_period: bool = False) -> type[forms.ModelForm[Any]]:
    """The form class of a table's rows; with `new_period` the key stands fast and the first day is asked for."""

    class RowForm(forms.ModelForm):  # type: ignore[type-arg]
        """One row. Checked against the table when it is saved, so that both rows of a change are seen."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            for name, field in self.fields.items():
                field.help_text = field.help_text or _hint(name)
                if new_period and name in table.key:
                    field.disabled = True

        def _post_clean(self) -> None:
            """Leaves the checks of the record to `core.worldrows`, which knows about both rows."""

    names = [column.name for column in table.columns if column.editable]
    return forms.modelform_factory(
        table.model,
        form=RowForm,
        fields=names,
        formfield_callback=lambda column: _field(table, column, new_period),
    )


def _field(table: Table, column: models.Field[Any, Any], new_period: bool) -> forms.Field | None:
    words = WORDS.get((table.name, column.name))
    if words:
        empty = [("", "–")] if column.blank else []
        choices = [*empty, *((word, spoken(table.name, column.name, word)) for word in words)]
        return forms.ChoiceField(label=column.verbose_name, choices=choices, required=not column.blank)
    field: forms.Field | None = (
        column.formfield(widget=DayInput()) if isinstance(column, models.DateField) else column.formfield()
    )
    if field and isinstance(column, models.CharField) and column.max_length in (2, 3):
        field.widget.attrs["class"] = "text-uppercase"
    if field and new_period and column.name == "valid_from":
        field.label = _("Valid from (first day of the change)")
    return field


def _hint(name: str) -> Any:
    return next((text for part, text in HINTS.items() if name == part or name.endswith(part)), "")
