"""The form of the landed-cost lookup: a consignment in words, and its goods in a few lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.pages import in_language
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.payments.queries import channel_names
from entrepot.kernel.money import to_minor

LINES = 4
MODES = (
    ("courier", _("Courier")),
    ("post", _("Post")),
    ("freight", _("Freight by air or road")),
    ("sea", _("Sea freight")),
)
BUYERS = (("b2c", _("Consumer")), ("b2b", _("Business")), ("vat", _("Business with a checked VAT number")))
MOST = Decimal(10) ** 12


def _amount(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_value=MOST, max_digits=16, **more)


class ConsignmentForm(forms.Form):
    """Where from, where to, when, how, and what is paid for the carriage."""

    ship_from = forms.ChoiceField(label=pgettext_lazy("place", "From"))
    dest_country = forms.ChoiceField(label=pgettext_lazy("place", "To"))
    dest_region = forms.CharField(label=_("State or province"), required=False, max_length=8)
    placed_on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    mode = forms.ChoiceField(label=_("Travels by"), choices=MODES)
    buyer = forms.ChoiceField(label=_("Buyer"), choices=BUYERS)
    channel = forms.ChoiceField(label=_("Sold through"), required=False)
    incoterm = forms.ChoiceField(label=_("Terms"))
    currency = forms.ChoiceField(label=_("Currency"))
    freight = _amount(_("Freight"), required=False)
    insurance = _amount(_("Insurance"), required=False)
    onward = _amount(_("Onward carriage"), required=False)
    price_includes_tax = forms.BooleanField(label=_("The price holds the tax"), required=False)

    def __init__(self, *args: Any, terms: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries = sorted((code, f"{code} {in_language(pair)}") for code, pair in country_names().items())
        channels = [(code, in_language(pair)) for code, pair in channel_names().items()]
        choices: dict[str, list[tuple[str, Any]]] = {
            "ship_from": countries,
            "dest_country": countries,
            "channel": [("", _("Directly, no scheme of a channel")), *channels],
            "incoterm": [(term, term) for term in terms],
            "currency": [(code, code) for code in sorted(minor_units_by_currency())],
        }
        for name, values in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = values

    def quote(self) -> dict[str, Any]:
        """The consignment as a row of the engine's QUOTES."""
        given = self.cleaned_data
        digits = minor_units_by_currency()[given["currency"]]
        money = {
            f"{name}_minor": to_minor(given[name] or Decimal(0), digits)
            for name in ("freight", "insurance", "onward")
        }
        same = ("ship_from", "dest_country", "placed_on", "mode", "channel", "incoterm", "currency")
        return {
            "order_id": 1, **{name: given[name] for name in same}, **money, "shipping_minor": money["freight_minor"],
            "dest_region": given["dest_region"].strip().upper(), "price_includes_tax": given["price_includes_tax"],
            "buyer_kind": "b2c" if given["buyer"] == "b2c" else "b2b", "buyer_vat_valid": given["buyer"] == "vat",
        }  # fmt: skip


class GoodsForm(forms.Form):
    """One line of goods."""

    hs_code = forms.RegexField(
        r"^\d{6,10}$", label=_("HS code"), error_messages={"invalid": _("Six to ten digits.")}
    )
    origin = forms.CharField(label=_("Origin"), min_length=2, max_length=2)
    amount = _amount(_("Value of the line"))
    quantity = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=10**9)
    weight_g = forms.IntegerField(label=_("Weight of a piece, g"), min_value=0, max_value=10**9)
    proofs = forms.CharField(label=_("Proofs of origin"), required=False, max_length=60)

    def has_changed(self) -> bool:
        """A line counts when it names a code or a value."""
        return any(self[name].data for name in ("hs_code", "amount"))

    def line(self, number: int, digits: int) -> dict[str, Any]:
        """The goods as a row of the engine's QUOTE_LINES."""
        given = self.cleaned_data
        return {
            "order_id": 1, "line_no": number, "hs_code": given["hs_code"], "origin": given["origin"].upper(),
            "proofs": given["proofs"].upper().strip(), "quantity": given["quantity"], "weight_g": given["weight_g"],
            "amount_minor": to_minor(given["amount"], digits),
        }  # fmt: skip


GoodsFormSet = forms.formset_factory(GoodsForm, extra=LINES - 1, min_num=1, max_num=LINES, absolute_max=LINES)


def goods_rows(lines: forms.BaseFormSet[GoodsForm], digits: int) -> list[dict[str, Any]]:
    """The filled lines, numbered: the first always, empty ones after it do not count."""
    filled = [form for number, form in enumerate(lines.forms) if not number or form.has_changed()]
    return [form.line(number, digits) for number, form in enumerate(filled, 1)]


def first_consignment() -> dict[str, Any]:
    """What the form shows before anything was asked."""
    return {
        "ship_from": "CN", "dest_country": "DE", "placed_on": timezone.localdate(), "mode": "courier", "buyer": "b2c",
        "incoterm": "DAP", "currency": "EUR", "freight": Decimal(0), "insurance": Decimal(0), "onward": Decimal(0),
    }  # fmt: skip
