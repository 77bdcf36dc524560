"""Forms of connected accounts: a new account, and what its platform asks for; secrets are written, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from entrepot.domains.channels.adapters.platforms import Field, Platform
from entrepot.domains.channels.models import ChannelAccount

Words = dict[str, Any]
CREDENTIALS: Words = {
    "access_token": _("Access token"),
    "webhook_secret": _("Webhook secret"),
    "client_id": _("Client ID"),
    "client_secret": _("Client secret"),
    "refresh_token": _("Refresh token"),
    "consumer_key": _("Consumer key"),
    "consumer_secret": _("Consumer secret"),
    "username": _("User name"),
    "password": _("Password"),
}
SETTINGS: Words = {
    "base_url": _("Address"),
    "token_url": _("Address of the sign-in"),
    "location": _("Stock location"),
    "marketplaces": _("Marketplaces"),
    "marketplace": _("Marketplace"),
    "seller_id": _("Seller ID"),
    "channel_token": _("Channel token"),
    "api_version": _("API version"),
    "addresses": _("Read names and addresses"),
}
HINTS: Words = {
    "base_url": _("Such as https://shop.example.com; empty where the platform has one of its own."),
    "marketplaces": _("Countries or marketplace numbers, such as DE FR or A1PA6795UKMFR9."),
    "marketplace": _("Such as EBAY_DE."),
    "location": _("Where stock is set; empty: the first one."),
    "addresses": _("yes or no; needs the platform's permission for personal data."),
    "start_on": _("What was changed from this day on is read; empty: the last 30 days."),
    "warehouses": _("Codes of the warehouses this account sells from; empty: all open ones."),
}
PROBLEMS: Words = {
    "missing": _("This is needed."),
    "taken": _("There is an account of this name."),
    "unknown": _("This is unknown."),
    "address.private": _("This address belongs to a private network and is not called."),
    "address.scheme": _("Only https addresses are called."),
    "address.unknown": _("This address is not known on the internet."),
    "address.credentials": _("Leave user name and password out of the address."),
}
OF_ORDERS = ("decide", "push_stock", "warehouses")
YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class NewAccountForm(forms.Form):
    """Which account, on which platform, by whose fees."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("How you call this account."))
    platform = forms.ChoiceField(label=_("Platform"))
    market = forms.CharField(
        label=_("Market"), max_length=10, required=False, help_text=_("Country code, such as DE.")
    )
    channel = forms.ChoiceField(label=_("Channel"), help_text=_("Whose fees and rules its orders follow."))

    def __init__(
        self, *args: Any, platforms: Mapping[str, Platform], channels: Mapping[str, Any], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["platform"].choices = [  # type: ignore[attr-defined]
            (code, platform.name) for code, platform in platforms.items() if platform.way != "file"
        ]
        self.fields["channel"].choices = [("", "–"), *channels.items()]  # type: ignore[attr-defined]


class ConnectForm(forms.Form):
    """What the account's platform asks for. A secret that is kept may be left empty."""

    pull_minutes = forms.IntegerField(label=_("Read every (minutes)"), min_value=1, max_value=1_440)
    start_on = forms.DateField(
        label=_("Read from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=HINTS["start_on"],
    )
    decide = forms.ChoiceField(label=_("Decide new orders at once"), choices=YES_NO)
    push_stock = forms.ChoiceField(label=_("Tell the channel our stock"), choices=YES_NO)
    warehouses = forms.CharField(label=_("Warehouses"), required=False, help_text=HINTS["warehouses"])

    def __init__(self, *args: Any, account: ChannelAccount, platform: Platform, **more: Any) -> None:
        self.platform = platform
        settings = account.settings
        usual = {"decide": "yes", "push_stock": "no", "pull_minutes": account.pull_minutes}
        initial = {**usual, **{name: settings[name] for name in self.base_fields if settings.get(name)}}
        super().__init__(*args, **{**more, "initial": initial})
        own: dict[str, forms.Field] = {}
        for each in (*platform.settings, *self._preset()):
            own[f"setting_{each.name}"] = forms.CharField(
                label=SETTINGS.get(each.name, each.name),
                required=each.required and not platform.defaults.get(each.name),
                initial=settings.get(each.name) or platform.defaults.get(each.name, ""),
                help_text=HINTS.get(each.name, ""),
                max_length=400,
            )
        for each in platform.credentials:
            kept = each.name in account.sealed_names
            own[f"secret_{each.name}"] = forms.CharField(
                label=CREDENTIALS.get(each.name, each.name),
                required=each.required and not kept,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
                help_text=_("Kept; leave empty to keep it.") if kept else "",
                max_length=4_000,
            )
        if platform.reads == "statements":
            for name in OF_ORDERS:
                del self.fields[name]
            own["secret_webhook_secret"].label = _("Webhook ID")
        self.fields = {**own, **self.fields}

    def settings(self) -> dict[str, Any]:
        """Settings as filled in; empty ones take a setting away."""
        own = {name.removeprefix("setting_"): value for name, value in self._part("setting_").items()}
        usual = {
            name: str(self.cleaned_data.get(name) or "")
            for name in ("start_on", "decide", "push_stock", "warehouses")
        }
        return {**own, **usual}

    def credentials(self) -> dict[str, str]:
        """Secrets as filled in."""
        return {name.removeprefix("secret_"): value for name, value in self._part("secret_").items()}

    def refuse(self, field: str, code: str) -> None:
        """Show why a field cannot be used."""
        name = next((n for n in (f"setting_{field}", f"secret_{field}", field) if n in self.fields), None)
        self.add_error(name, str(PROBLEMS.get(code, code)))

    def _preset(self) -> list[Field]:
        known = {each.name for each in self.platform.settings}
        return [Field(name, required=False) for name in self.platform.defaults if name not in known]

    def _part(self, prefix: str) -> dict[str, str]:
        return {name: value.strip() for name, value in self.cleaned_data.items() if name.startswith(prefix)}
