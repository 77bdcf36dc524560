"""Scenarios in words: the form of each kind of edit, what an edit says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from entrepot.core.pages import in_language
from entrepot.core.worldtables import all_tables
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.fulfilment import queries, services
from entrepot.domains.fulfilment.models import ReplayRun
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.logistics.queries import service_names
from entrepot.domains.payments.queries import channel_names
from entrepot.domains.warehouse.queries import warehouse_names
from entrepot.engine.scenario import KINDS, Edit, EditError, Field, known_codes
from entrepot.engine.world import World

PERCENT, CENTS = 10_000, 2
MANY = 400  # more codes than these are typed, with suggestions, not chosen

KIND_NAMES = {
    "duty_layer": gettext_lazy("Additional duty"),
    "layer_ends": gettext_lazy("Additional duty ends"),
    "duty_rate": gettext_lazy("Tariff rate"),
    "threshold": gettext_lazy("Low-value limit or flat duty"),
    "rule_ends": gettext_lazy("Import rule ends"),
    "tax_rate": gettext_lazy("VAT, GST or sales tax"),
    "reading": gettext_lazy("Reading of a disputed rule"),
    "shock": gettext_lazy("What rules changed on a day"),
    "fx_shift": gettext_lazy("Exchange rate"),
    "rate_card": gettext_lazy("Carrier's prices"),
    "surcharge": gettext_lazy("Surcharge"),
    "closed": gettext_lazy("Closed lane, service or country"),
    "warehouse_closed": gettext_lazy("Closed warehouse"),
    "channel_fee": gettext_lazy("Marketplace fee"),
    "payment_fee": gettext_lazy("Payment fee"),
    "product_cost": gettext_lazy("Cost of goods"),
    "origin": gettext_lazy("Country of origin"),
    "new_warehouse": gettext_lazy("New warehouse"),
    "price": gettext_lazy("Selling price"),
    "incoterm": gettext_lazy("Terms of delivery"),
}
FIELD_NAMES = {
    "dest": gettext_lazy("Destination"),
    "dest_country": gettext_lazy("Destination"),
    "rate_ppm": gettext_lazy("Rate, %"),
    "points_ppm": gettext_lazy("Change, percentage points"),
    "change_ppm": gettext_lazy("Change, %"),
    "to_ppm": gettext_lazy("Change on the last day, %"),
    "origin": gettext_lazy("Country of origin"),
    "origins_except": gettext_lazy("Not for origins"),
    "hs_prefix": gettext_lazy("Goods codes beginning with"),
    "layer": gettext_lazy("Name of the duty"),
    "displaces": gettext_lazy("Takes the place of"),
    "figure": gettext_lazy("Figure"),
    "value": gettext_lazy("New value"),
    "rule": gettext_lazy("Import rule"),
    "country": gettext_lazy("Country"),
    "tax_category": gettext_lazy("Tax category"),
    "region": gettext_lazy("State or province"),
    "reading": gettext_lazy("Reading"),
    "table": gettext_lazy("Table"),
    "on": gettext_lazy("Day of the change"),
    "direction": gettext_lazy("Direction"),
    "column": gettext_lazy("Column"),
    "values": gettext_lazy("Values"),
    "currency": gettext_lazy("Currency"),
    "service": gettext_lazy("Service"),
    "zone": gettext_lazy("Zone"),
    "fixed_minor": gettext_lazy("Amount a parcel"),
    "per_kg_minor": gettext_lazy("Amount a kilogram"),
    "name": gettext_lazy("Name"),
    "ship_from": gettext_lazy("Ships from"),
    "warehouse": gettext_lazy("Warehouse"),
    "channel": gettext_lazy("Channel"),
    "fee_category": gettext_lazy("Fee category"),
    "method": gettext_lazy("Payment method"),
    "sku": gettext_lazy("Article"),
    "category": gettext_lazy("Category"),
    "like": gettext_lazy("Fees and cartons like"),
    "order_fee_minor": gettext_lazy("Fee an order"),
    "piece_fee_minor": gettext_lazy("Fee a piece"),
    "handling_days": gettext_lazy("Handling days"),
    "incoterm": gettext_lazy("Terms"),
    "since": gettext_lazy("From (first day)"),
    "until": gettext_lazy("To (last day)"),
}
WORDS = {
    "max_minor": gettext_lazy("low-value limit"),
    "flat_duty_minor": gettext_lazy("flat duty a tariff line"),
    "duty_ppm": gettext_lazy("fixed duty rate"),
    "tax_ppm": gettext_lazy("fixed tax rate"),
    "held": gettext_lazy("as if it had held all along"),
    "undone": gettext_lazy("as if it had never come"),
}
PROBLEMS = {
    "scenario.kind_unknown": gettext_lazy("There is no such kind of edit."),
    "scenario.unreadable": gettext_lazy("The edit cannot be read; remove it and enter it again."),
    "scenario.days_crossed": gettext_lazy("The last day lies before the first; exchange them."),
    "scenario.no_days": gettext_lazy("This edit holds for the whole time; leave the days empty."),
    "scenario.field_unknown": gettext_lazy("This edit has no such value; remove it."),
    "scenario.one_needed": gettext_lazy("At least one of these is needed; fill one in."),
    "scenario.required": gettext_lazy("This is needed; fill it in."),
    "scenario.no_number": gettext_lazy("This is no whole number; enter figures only."),
    "scenario.too_low": gettext_lazy("This is too low; enter a larger number."),
    "scenario.no_day": gettext_lazy("This is no day; write it as 2026-07-01."),
    "scenario.no_choice": gettext_lazy("This is none of the choices; choose one of the list."),
    "scenario.not_in_world": gettext_lazy("The world does not know this; choose a code that stands in its tables."),
    "scenario.name_taken": gettext_lazy("This name is in use; choose another one."),
    "scenario.nothing_meant": gettext_lazy("No rule of the world is met by this; check the codes and days."),
    "scenario.shock_late": gettext_lazy("The first day must lie before the day of the change."),
    "scenario.path_needs_days": gettext_lazy("A course of the rate needs its first and last day; enter both."),
    "scenario.no_lanes": gettext_lazy("No lane leaves that country; add lanes under World first."),
    "scenario.needs_free": gettext_lazy(
        "A new warehouse has no past stock: choose the reading with ways chosen again and goods everywhere."
    ),
}  # fmt: skip


def problem_text(error: EditError) -> str:
    """What is wrong with an edit and what to do, in the reader's language."""
    text = PROBLEMS.get(error.code, error.code)
    name = FIELD_NAMES.get(error.field)
    return f"{name}: {text}" if name else str(text)


class EditForm(forms.Form):
    """The fields of one kind of edit, made from what the engine says the kind takes."""

    since = forms.DateField(
        label=FIELD_NAMES["since"], required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=FIELD_NAMES["until"], required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, kind: str, world: World, data: Any = None) -> None:
        super().__init__(data)
        self.kind, self.world = KINDS[kind], world
        if not self.kind.is_dated:
            del self.fields["since"], self.fields["until"]
        own = {one.name: _form_field(one, world) for one in self.kind.fields}
        self.fields = {**own, **self.fields}

    def edit(self) -> Edit:
        """The edit as the engine takes it; only after `is_valid`."""
        values = {}
        for one in self.kind.fields:
            given = self.cleaned_data.get(one.name)
            if given not in (None, ""):
                values[one.name] = self._value(one, given)
        return Edit(self.kind.name, values, self.cleaned_data.get("since"), self.cleaned_data.get("until"))

    def _value(self, one: Field, given: Any) -> Any:
        if one.sort == "ppm":
            return int(given * PERCENT)
        if one.sort == "minor":
            return int(given * 10**CENTS)
        if one.sort == "day":
            return given.isoformat()
        if self.kind.name == "threshold" and one.name == "value":
            if str(self.cleaned_data.get("figure", "")).endswith("_ppm"):
                return int(given * PERCENT)
            return int(given * 10 ** self._digits())
        return int(given) if one.sort == "whole" else str(given).strip()

    def _digits(self) -> int:
        rules = self.world["import_rules"]
        found = rules.filter(rules["dest"] == self.cleaned_data.get("dest", ""))["currency"].to_list()
        return minor_units_by_currency().get(found[0], CENTS) if found else CENTS


def _form_field(one: Field, world: World) -> forms.Field:
    label = FIELD_NAMES.get(one.name, one.name)
    shared: dict[str, Any] = {"label": label, "required": one.required}
    if one.sort in ("ppm", "minor") or one.name == "value":
        low = None if one.low is None else Decimal(one.low) / PERCENT
        return forms.DecimalField(**shared, max_digits=14, decimal_places=4, min_value=low)
    if one.sort == "whole":
        return forms.IntegerField(**shared, min_value=one.low)
    if one.sort == "day":
        return forms.DateField(**shared, widget=forms.DateInput(attrs={"type": "date"}))
    codes = list(one.choices) or (known_codes(one.source, world) if one.source else [])
    if codes and len(codes) <= MANY:
        anything = [] if one.required else [("", _("any"))]
        return forms.ChoiceField(
            **shared, choices=[*anything, *zip(codes, codes_words(one.name, codes), strict=True)]
        )
    return forms.CharField(**shared, max_length=120)


def code_words(name: str, code: str) -> str:
    """A code with its name in the reader's language."""
    return codes_words(name, [code])[0]


def codes_words(name: str, codes: Sequence[str]) -> list[str]:
    """Codes with their names in the reader's language; names are read once."""
    names: dict[str, Any] = {
        "dest": country_names, "dest_country": country_names, "origin": country_names, "country": country_names,
        "ship_from": country_names, "service": service_names, "channel": channel_names, "warehouse": warehouse_names,
        "like": warehouse_names,
    }  # fmt: skip
    known = names[name]() if name in names else {}
    shown = [f"{code} {in_language(known[code])}" if code in known else code for code in codes]
    return [str(WORDS.get(code, words)) for code, words in zip(codes, shown, strict=True)]


def edit_words(edit: Edit) -> dict[str, str]:
    """An edit in words: what it is, its values, its days."""
    kind = KINDS.get(edit.kind)
    shock = queries.shock_of(edit.values) if edit.kind == "shock" else None
    if shock:
        return _shock_words(edit, shock)
    parts = []
    for one in kind.fields if kind else ():
        value = edit.values.get(one.name)
        if value in (None, ""):
            continue
        if one.name == "value":
            shown = _threshold_words(edit, int(value))
        elif one.sort == "ppm":
            shown = f"{Decimal(value) / PERCENT:f}".rstrip("0").rstrip(".") if value else "0"
        elif one.sort == "minor":
            shown = f"{Decimal(value).scaleb(-CENTS):f}"
        else:
            shown = code_words(one.name, str(value))
        parts.append(f"{FIELD_NAMES.get(one.name, one.name)}: {shown}")
    days = ""
    if edit.since or edit.until:
        days = f"{edit.since.isoformat() if edit.since else '…'} – {edit.until.isoformat() if edit.until else '…'}"
    kind_name = str(KIND_NAMES.get(edit.kind, edit.kind))
    return {"kind": kind_name, "values": " · ".join(parts), "days": days, "note": ""}


def _shock_words(edit: Edit, shock: queries.Shock) -> dict[str, str]:
    """A step of a shock of the gallery: its name, which rules it changed on which day, and the direction."""
    table = all_tables().get(edit.text("table"))
    rules = str(table.title) if table else edit.text("table")
    values = f"{rules} · {code_words('direction', edit.text('direction'))}"
    return {
        "kind": in_language(shock.name), "values": values, "days": edit.text("on"), "note": in_language(shock.note),
    }  # fmt: skip


def shock_name(shock: queries.Shock, direction: str) -> str:
    """The name of the scenario a shock of the gallery makes, in the reader's language."""
    words = _("as if it had never come") if direction == "undone" else _("as if it had held all along")
    return _("%(shock)s: %(words)s") % {"shock": in_language(shock.name), "words": words}


def shown_name(name: str) -> str:
    """A name as the reader shall see it: one the gallery gave in the reader's language, any other as it was written."""
    found = _given_names().get(name)
    return (shock_name(*found) if found[1] else in_language(found[0].name)) if found else name


@cache
def _given_names() -> dict[str, tuple[queries.Shock, str]]:
    """Every name the gallery gives, in every language, with its shock and direction (none for a back-test)."""
    found: dict[str, tuple[queries.Shock, str]] = {}
    for code, _language in settings.LANGUAGES:
        with override(code):
            for shock in queries.gallery().values():
                found[in_language(shock.name)] = shock, ""
                for direction in ("held", "undone"):
                    found[shock_name(shock, direction)] = shock, direction
    return found


def _threshold_words(edit: Edit, value: int) -> str:
    if edit.text("figure").endswith("_ppm"):
        return f"{Decimal(value) / PERCENT:f} %"
    return f"{Decimal(value).scaleb(-CENTS):f}"


class ScenarioForm(forms.Form):
    """Name, note, and who may see it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)
    is_shared = forms.BooleanField(label=gettext_lazy("Everybody in the company may see it"), required=False)


class ReplayForm(forms.Form):
    """Which past orders, read how."""

    reading = forms.ChoiceField(label=gettext_lazy("How ways are taken"), choices=ReplayRun.Reading.choices)
    first = forms.DateField(
        label=gettext_lazy("Orders from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("Orders to"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    market = forms.ChoiceField(label=gettext_lazy("Market"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    sku = forms.CharField(label=gettext_lazy("Article"), required=False, max_length=80)

    def __init__(self, *args: Any, markets: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        market, channel = self.fields["market"], self.fields["channel"]
        assert isinstance(market, forms.ChoiceField)
        assert isinstance(channel, forms.ChoiceField)
        market.choices = [("", _("all")), *zip(markets, codes_words("country", markets), strict=True)]
        names = channel_names().items()
        channel.choices = [("", _("all")), *((code, in_language(pair)) for code, pair in names)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("first") and cleaned.get("last") and cleaned["first"] > cleaned["last"]:
            self.add_error("last", _("The last day lies before the first; exchange them."))
        return cleaned

    def which(self) -> services.Filter:
        """The filter as the services take it."""
        data = self.cleaned_data
        return services.Filter(
            data["first"], data["last"], data["market"], data["channel"], data["sku"].strip()
        )
