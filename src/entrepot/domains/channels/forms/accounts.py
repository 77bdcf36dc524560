"""Forms of the account pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.domains.channels.models import AccountCase, AccountTrait

MAX_PAPER = 20 * 2**20


class PaperForm(forms.Form):
    """A document of an account."""

    requirement = forms.ChoiceField(label=pgettext_lazy("paper", "Document"))
    number = forms.CharField(label=pgettext_lazy("paper", "Number"), max_length=80, required=False)
    issued_on = forms.DateField(
        label=_("Issued on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    file = forms.FileField(label=_("File"), required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requirement"].choices = choices  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Papers are small; anything larger is refused."""
        file = self.cleaned_data["file"]
        if file and file.size > MAX_PAPER:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        """A paper cannot end before it begins."""
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("issued_on"), values.get("expires_on")
        if first and last and last < first:
            self.add_error("expires_on", _("This is before the day of issue."))
        return values


class TraitForm(forms.Form):
    """Something two accounts must not share."""

    kind = forms.ChoiceField(label=_("What"), choices=AccountTrait.Kind.choices)
    value = forms.CharField(label=pgettext_lazy("cell", "Value"), max_length=300)


class CaseForm(forms.Form):
    """A case to open."""

    kind = forms.ChoiceField(label=_("Kind"), choices=AccountCase.Kind.choices)
    subject = forms.CharField(label=_("Subject"), max_length=200)
    external_order = forms.CharField(label=_("Order at the channel"), max_length=80, required=False)


class AnswerForm(forms.Form):
    """A line of a case's log."""

    text = forms.CharField(label=_("Answer or note"), max_length=2000, required=False)
    close = forms.BooleanField(label=_("Close the case"), required=False)
    lost = forms.BooleanField(label=_("Decided against us"), required=False)


class SkuForm(forms.Form):
    """Which of our articles a channel's code means."""

    channel_sku = forms.CharField(label=_("SKU at the channel"), max_length=500)
    sku = forms.CharField(label=_("Our SKU"), max_length=100)


PAPER_STATES: dict[str, tuple[str, Any]] = {
    "missing": ("bad", _("Missing")),
    "expired": ("bad", _("Expired")),
    "ending": ("warn", _("Ends soon")),
    "there": ("good", _("There")),
}
LEVELS: dict[str, tuple[str, Any]] = {
    "good": ("good", _("Good")),
    "near": ("warn", _("Near the limit")),
    "breach": ("bad", _("Beyond the limit")),
    "none": ("neutral", _("No cases yet")),
}
