"""What a person gives to make a token or a webhook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LIVES = (("30", _("30 days")), ("90", _("90 days")), ("365", _("One year")), ("", _("Until it is revoked")))
MOST_PER_MINUTE = 60_000


class TokenForm(forms.Form):
    """A token: for what, what it may do, how long and how often."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What program uses it?"))
    lives = forms.ChoiceField(label=_("Valid for"), choices=LIVES, required=False, initial="90")
    per_minute = forms.IntegerField(
        label=_("Calls a minute"), min_value=1, max_value=MOST_PER_MINUTE, initial=600
    )
    scopes = forms.MultipleChoiceField(label=_("May do"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, allowed: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, name) for name in sorted(allowed)]

    @property
    def expires_at(self) -> datetime | None:
        """The end of its validity."""
        days = self.cleaned_data["lives"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class EndpointForm(forms.Form):
    """A webhook: where to, and about what."""

    name = forms.CharField(label=_("Name"), max_length=80)
    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("https://…, reachable from the Internet")
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None ticked: all events."),
    )

    def __init__(self, *args: Any, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["events"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, name) for name in names]
