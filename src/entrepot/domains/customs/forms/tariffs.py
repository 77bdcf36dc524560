"""Forms of the tariff pages, and the words for what the importers find."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LARGEST = 50 * 1024 * 1024
Words = Mapping[str, "str | Promise"]
KINDS: dict[str, tuple[str | Promise, str | Promise, str]] = {
    "us-hts": (_("US tariff schedule"), _("USITC, CSV: every rate column of every line"), "flag"),
    "section-301": (_("Section 301 list"), _("Additional duty on goods of China, CSV"), "list-numbers"),
    "exclusions": (_("Section 301 exclusions"), _("Exclusions in force, JSON"), "list-check"),
    "us-rates": (
        _("Published US rates"),
        _("By country of origin, JSON; ranges become two readings"),
        "world-dollar",
    ),
    "uk-eu": (_("UK and EU tariff"), _("Both side by side, CSV"), "arrows-diff"),
    "hs": (_("HS nomenclature"), _("Chapters, headings, subheadings, CSV"), "binary-tree"),
    "duty-rates": (_("Own duty rates"), _("CSV: dest, hs_prefix, rate; origin, scheme"), "percentage"),
    "duty-layers": (
        _("Own additional duties"),
        _("CSV: layer, dest, hs_prefix, rate; origin, displaces"),
        "stack-2",
    ),
    "national-codes": (_("Own national codes"), _("CSV: country, code, description; units"), "barcode"),
}
STAGES: Words = {
    "": _("Not begun"),
    "reading": _("Reading the file"),
    "nomenclature": _("Writing the nomenclature"),
    "codes": _("Writing national codes"),
    "rates": _("Writing duty rates"),
    "layers": _("Writing additional duties"),
}
OUTCOMES: Words = {
    "rates": _("Rates read"),
    "codes": _("Codes read"),
    "heading": _("Headings without a rate of their own"),
    "inherits": _("Rate of the line above"),
    "not_computable": _("No duty can be computed"),
    "damaged": _("Damaged lines"),
    "duplicate": _("Repeated lines"),
    "expired": _("No longer in force"),
    "no_goods": _("No goods"),
}
REASONS: Words = {
    "see_note": _("the rate stands in a note"),
    "other_line": _("the rate of another article applies"),
    "on_top": _("comes on top of another heading's rate"),
    "no_change": _("leaves the other heading's rate as it is"),
    "parts": _("on the value of parts of the goods"),
    "formula": _("a formula by degrees"),
    "two_amounts": _("two amounts for different units"),
    "own_base": _("on a base of its own, not the customs value"),
    "conditional": _("free on conditions only"),
    "agricultural": _("an agricultural component by recipe"),
    "entry_price": _("entry-price system"),
    "seasonal": _("changes with the season"),
    "compound_bound": _("a bound made of a share and an amount"),
    "sign_missing": _("a number without sign or unit"),
    "unit": _("an unknown unit"),
    "precision": _("more decimals than are kept"),
    "unknown": _("a text without a known form"),
    "empty": _("empty"),
    "no_rate": _("no rate stands there or above"),
    "general_empty": _("only special rates are given"),
    "above_not_computable": _("takes a rate that cannot be computed"),
    "safeguard": _("a safeguard duty by value or quota"),
    "without_programme": _("a special text without a programme"),
    "programme_unknown": _("an unknown programme sign"),
    "code_length": _("a code of an odd number of digits: a leading zero was lost"),
    "code_dots": _("a code without its dots (it was used all the same)"),
    "code_characters": _("a code with other characters than digits"),
    "code_missing": _("a rate without a code"),
    "indent": _("no number of indents"),
    "duplicate": _("the code stands there already"),
    "conflict": _("two different rates for one code"),
    "share": _("no share of the value"),
    "country": _("no country we know"),
    "expired": _("no longer in force on that day"),
    "statistical": _("a code of statistics, no goods"),
    "parent": _("does not stand under its heading"),
}
SPECIAL = pgettext_lazy("tariff", "special column")
COLUMN_2 = pgettext_lazy("tariff", "column 2")
FLAGS: Words = {
    "trade_remedy_applies": _("lines with a trade remedy besides"),
    "cet_applies_until_trade_remedy_transition_reviews_concluded": _(
        "lines under the EU rate until UK reviews ended"
    ),
    "suspension_applies": _("lines whose rate may be suspended"),
    "atq_applies": _("lines with an autonomous tariff quota"),
    "codes with two rates": _("codes with two rates"),
}
FILE_PROBLEMS: Words = {
    "columns_missing": _("The file lacks the columns"),
    "damaged_archive": _("The packed file is damaged:"),
    "not_utf8": _("The file is no UTF-8 text:"),
    "damaged_table": _("The table is damaged:"),
    "empty": _("The file has no rows."),
    "not_json": _("The file is no JSON:"),
    "not_a_list": _("The file is no list of records."),
}
CODE_PROBLEMS: Words = {
    "damaged": _("This is no code: it needs 6, 8 or 10 digits."),
    "short": _("A chapter or heading is too wide: choose at least six digits."),
    "unknown": _("There is no such code in the edition in force."),
    "expired": _("This code is no longer in force."),
}


def word(words: Words, code: str) -> str:
    """The text of a code; an unknown code is shown as it is."""
    return str(words.get(code, code))


def fact_text(fact: str) -> str:
    """What else was noted: a programme that had lapsed, a flag of the file."""
    kind, _space, rest = fact.partition(" ")
    if kind == "lapsed":
        return str(_("rates of programme {sign}, which had lapsed")).format(sign=rest)
    if kind == "not_computable":
        return f"{word(OUTCOMES, kind)}: {rest}"
    return word(FLAGS, fact)


def reason_text(code: str) -> str:
    """Why a line gives no rate; the column it stands in is said first."""
    for prefix, column in (("special_", SPECIAL), ("column_2_", COLUMN_2)):
        if code.startswith(prefix):
            return f"{column}: {word(REASONS, code.removeprefix(prefix))}"
    return word(REASONS, code)


class TariffUploadForm(forms.Form):
    """A tariff file, what it is, and from which day it holds."""

    kind = forms.ChoiceField(
        choices=[(kind, words[0]) for kind, words in KINDS.items()], widget=forms.RadioSelect
    )
    file = forms.FileField(label=_("File"), max_length=200)
    valid_from = forms.DateField(
        label=_("Holds from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_file(self) -> Any:
        """Nothing larger than a tariff ever is."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 50 MB."))
        return file


class ChangesForm(forms.Form):
    """What to see of the history: one table, some days, one person."""

    table = forms.CharField(required=False, max_length=40)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def asked(self) -> dict[str, Any]:
        """The filters that fit; what does not fit is left out."""
        self.is_valid()
        return {
            name: self.cleaned_data.get(name) or ("" if name == "table" else None) for name in self.fields
        }


class LookupForm(forms.Form):
    """What to look up in the tariff: words or a code, the destination, the origin, the day."""

    q = forms.CharField(required=False, max_length=200)
    dest = forms.CharField(required=False, max_length=3)
    origin = forms.CharField(required=False, max_length=2)
    on = forms.DateField(required=False)

    def text(self, name: str) -> str:
        """A text as it was asked, '' where it does not fit."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or "").strip()

    def day(self, today: date) -> date:
        """The day asked, or today."""
        self.is_valid()
        day: date = self.cleaned_data.get("on") or today
        return day
