"""Forms of the import pages: a file, its columns, the name of a profile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from entrepot.domains.channels.forms.columns import ColumnsForm, columns_form, example_of
from entrepot.domains.channels.forms.words import (
    FIELD_LABELS,
    FILE_PROBLEMS,
    KINDS,
    MEASURES,
    ORDER_STATES,
    OUTCOMES,
    REASONS,
    REMEDIES,
    STAGES,
    Words,
    word,
)

__all__ = [
    "FIELD_LABELS",
    "FILE_PROBLEMS",
    "KINDS",
    "MEASURES",
    "ORDER_STATES",
    "OUTCOMES",
    "REASONS",
    "REMEDIES",
    "STAGES",
    "ColumnsForm",
    "ProfileForm",
    "UploadForm",
    "Words",
    "columns_form",
    "example_of",
    "word",
]
MAX_BYTES = 200 * 2**20


class UploadForm(forms.Form):
    """Which file, and what kind it is of."""

    kind = forms.ChoiceField(
        label=_("Kind of file"), choices=[(kind, words[0]) for kind, words in KINDS.items()]
    )
    account: Any = forms.ModelChoiceField(None, label=_("Account"), required=False, empty_label=_("Find out"))
    profile: Any = forms.ModelChoiceField(
        None, label=_("Saved profile"), required=False, empty_label=_("None: choose columns")
    )
    file = forms.FileField(label=_("File"), allow_empty_file=False)

    def __init__(self, *args: Any, profiles: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        self.fields["profile"].queryset = profiles  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refuse what is too large to be an order file."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 200 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        """A profile belongs to one kind of file."""
        values: dict[str, Any] = super().clean() or {}
        profile = values.get("profile")
        if profile and profile.kind != values.get("kind"):
            self.add_error("profile", _("This profile is for another kind of file."))
        return values


class ProfileForm(forms.Form):
    """A name under which the columns are kept."""

    name = forms.CharField(label=_("Profile name"), max_length=60)
