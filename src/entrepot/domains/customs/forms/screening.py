"""Forms of screening: a list coming in, a name to look up."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 60 * 1024 * 1024


class ListForm(forms.Form):
    """A version of the SDN list."""

    sdn = forms.FileField(label=_("SDN.CSV (also .gz)"))
    alt = forms.FileField(label=_("ALT.CSV: other names"), required=False)
    version = forms.DateField(
        label=_("day of the list"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, object]:
        """Files that no list has ever been as large as are refused."""
        cleaned = super().clean() or {}
        for name in ("sdn", "alt"):
            file = cleaned.get(name)
            if file is not None and file.size > MOST_BYTES:
                self.add_error(name, _("The file is larger than 60 MB."))
        return cleaned


class NameForm(forms.Form):
    """A name in any script."""

    name = forms.CharField(max_length=200, required=False, strip=True)
