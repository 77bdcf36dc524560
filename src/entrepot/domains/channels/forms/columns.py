"""Which column of a table is what, and what holds for the whole file: one form a kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from entrepot.core.pages import in_language
from entrepot.domains.channels.adapters import generic
from entrepot.domains.channels.adapters.sheets import SHEETS
from entrepot.domains.channels.adapters.tabular import DATE_FORMATS
from entrepot.domains.channels.forms.words import FIELD_LABELS, SIZES, UNITS

FIND_OUT = ("", _("Find out"))
Choices = list[tuple[str, Any]]
Names = Mapping[str, tuple[str, str]]


class ColumnsForm(forms.Form):
    """Columns of the file for our fields. Subclasses say which fields, and what is asked for the whole file."""

    NEEDED: tuple[str, ...] = ()
    WANTED: tuple[str, ...] = ()

    decimal = forms.ChoiceField(
        label=_("Decimal mark"),
        required=False,
        choices=[FIND_OUT, (".", _("Point: 1,234.50")), (",", _("Comma: 1.234,50"))],
    )

    def __init__(self, *args: Any, headers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._said = list(self.fields)
        columns = [("", _("– none –")), *((name, name) for name in headers)]
        for name in (*self.NEEDED, *self.WANTED):
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=FIELD_LABELS[name],  # type: ignore[arg-type]
                choices=columns,
                required=False,
            )

    def clean_currency(self) -> str:
        """Currencies are written in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    @property
    def needed(self) -> list[forms.BoundField]:
        """Columns without which there is no row."""
        return [self[f"column_{name}"] for name in self.NEEDED]

    @property
    def wanted(self) -> list[forms.BoundField]:
        """Columns that may be missing."""
        return [self[f"column_{name}"] for name in self.WANTED]

    @property
    def said(self) -> list[forms.BoundField]:
        """What is asked for the whole file."""
        return [self[name] for name in self._said]

    def mapping(self) -> dict[str, str]:
        """Field to column, chosen ones only."""
        names = (*self.NEEDED, *self.WANTED)
        values = {name: self.cleaned_data.get(f"column_{name}", "") for name in names}
        return {name: column for name, column in values.items() if column}

    def options(self) -> dict[str, str]:
        """What holds for the whole file."""
        return {name: self.cleaned_data.get(name, "") for name in self._said}

    def _choose(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]


class OrderColumns(ColumnsForm):
    """An order table."""

    NEEDED = tuple(name for name in generic.FIELDS if name not in generic.OPTIONAL)
    WANTED = generic.OPTIONAL
    field_order = ("channel", "decimal", "date_format", "currency", "country")

    channel = forms.ChoiceField(label=_("Channel"), help_text=_("Where these orders come from."))
    date_format = forms.ChoiceField(label=_("Date format"), required=False)
    currency = forms.CharField(
        label=_("Currency of all orders"),
        required=False,
        max_length=3,
        help_text=_("Where a row names none."),
    )
    country = forms.CharField(
        label=_("Destination of all orders"),
        required=False,
        max_length=60,
        help_text=_("Where a row names none."),
    )

    def __init__(self, *args: Any, channels: Names, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("channel", [("", _("Choose …")), *_named(channels)])
        self._choose("date_format", [FIND_OUT, *((fmt, example_of(fmt)) for fmt in DATE_FORMATS)])


class GoodsColumns(ColumnsForm):
    """A table of products and SKUs."""

    NEEDED = tuple(SHEETS["products"].needed)
    WANTED = SHEETS["products"].wanted
    field_order = ("category", "currency", "weight_unit", "size_unit", "decimal")

    category = forms.ChoiceField(
        label=_("Category of new SKUs"), required=False, help_text=_("Where a row names none.")
    )
    currency = forms.CharField(
        label=_("Currency of all prices"),
        required=False,
        max_length=3,
        help_text=_("Where a row names none."),
    )
    weight_unit = forms.ChoiceField(
        label=_("Weights are in"), required=False, choices=[FIND_OUT, *UNITS.items()]
    )
    size_unit = forms.ChoiceField(label=_("Sizes are in"), required=False, choices=[FIND_OUT, *SIZES.items()])

    def __init__(self, *args: Any, categories: Names, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("category", [("", _("– none –")), *_named(categories)])


class StockColumns(ColumnsForm):
    """A table of counts, or of changes."""

    NEEDED = tuple(SHEETS["stock"].needed)
    WANTED = SHEETS["stock"].wanted
    field_order = ("mode", "warehouse", "note", "decimal")

    mode = forms.ChoiceField(
        label=_("The figures are"),
        required=False,
        choices=[("count", _("counts: so much is there")), ("change", _("changes: so many more or fewer"))],
    )
    warehouse = forms.ChoiceField(
        label=_("Warehouse of all rows"), required=False, help_text=_("Where a row names none.")
    )
    note = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=200,
        help_text=_("Kept with every move whose row gives none."),
    )

    def __init__(self, *args: Any, warehouses: Names, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("warehouse", [("", _("– none –")), *_named(warehouses)])


FORMS: dict[str, type[ColumnsForm]] = {
    "generic": OrderColumns,
    "products": GoodsColumns,
    "stock": StockColumns,
}


def columns_form(
    kind: str, data: Any, *, headers: list[str], initial: dict[str, Any], names: Names
) -> ColumnsForm:
    """The form of a kind; `names`: the channels, categories or warehouses there are."""
    chosen = {"generic": "channels", "products": "categories", "stock": "warehouses"}[kind]
    return FORMS[kind](data, initial=initial, headers=headers, **{chosen: names})


def said_by(kind: str, data: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Columns and options as a form posted them; unknown names are passed over."""
    form = FORMS[kind]
    names = (*form.NEEDED, *form.WANTED)
    mapping = {name: data[f"column_{name}"] for name in names if data.get(f"column_{name}")}
    return mapping, {name: data.get(name, "") for name in form.base_fields}


def _named(names: Names) -> Choices:
    return [(code, in_language(pair)) for code, pair in names.items()]


def example_of(fmt: str) -> str:
    """The last day of 2026, some minutes past eight, in a date format."""
    parts = {
        "%Y": "2026", "%y": "26", "%m": "12", "%d": "31", "%b": "Dec", "%H": "20", "%M": "05", "%S": "30",
        "%:z": "+08:00", "%z": "+0800", "%.f": "",
    }  # fmt: skip
    for mark, text in parts.items():
        fmt = fmt.replace(mark, text)
    return fmt
