"""Words of the trade on pages: what an issue means, how long something has waited."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from entrepot.core.company import base_currency
from entrepot.kernel.issue import ISSUES
from entrepot.web import formats

register = template.Library()
CHARGES = {
    "tax": gettext_lazy("Tax"),
    "duty": gettext_lazy("Duty"),
    "layer": gettext_lazy("Additional duty"),
    "fee": gettext_lazy("Border fee"),
}
COLLECTORS = {
    "seller": gettext_lazy("Seller"),
    "marketplace": gettext_lazy("Marketplace"),
    "carrier": gettext_lazy("Carrier"),
    "buyer": gettext_lazy("Buyer"),
    "none": gettext_lazy("Nobody"),
}
ACTIONS = {
    "orders.release_hold": gettext_lazy("Hold released"),
    "orders.reject": gettext_lazy("Order refused"),
    "orders.cancel": gettext_lazy("Order cancelled"),
    "orders.change_priority": gettext_lazy("Priority changed"),
    "orders.reopen": gettext_lazy("Sent back to be decided again"),
}
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@register.filter
def issue_name(code: str) -> str:
    """`{{ "orders.duplicate"|issue_name }}`: a word or two for lists, in the reader's language."""
    issue = ISSUES.get(code)
    return issue.name(get_language() or "en") if issue else code


@register.filter
def as_shown(name: object) -> str:
    """`{{ "rate (ppm)"|as_shown }}`: a field's name over shown values, where millionths stand as percent."""
    return str(name).replace(" (ppm)", "").replace("（ppm）", "")


@register.filter
def issue_text(code: str) -> str:
    """`{{ "orders.duplicate"|issue_text }}`: the meaning in the reader's language; an unknown code as it is."""
    return ISSUES[code].text(get_language() or "en") if code in ISSUES else code


@register.filter
def issue_remedy(code: str) -> str:
    """What a person can do about it."""
    return ISSUES[code].remedy(get_language() or "en") if code in ISSUES else ""


@register.filter
def found(detail: str, code: str) -> str:
    """What raised an issue, in its own unit: a margin in percent, an earlier order by its id, else the text itself."""
    if code == "orders.margin_low" and detail.lstrip("-").isdigit():
        return formats.percent(int(detail))
    if code == "orders.duplicate" and detail.isdigit():
        return _("order %(id)s") % {"id": detail}
    return detail


@register.filter
def action_text(action: str) -> str:
    """What a person did, in words; an unknown action as it is logged."""
    return str(ACTIONS.get(action, action))


@register.filter
def charge_kind(kind: str) -> str:
    """What a charge at the border or the till is."""
    return str(CHARGES.get(kind, kind))


@register.filter
def collector(who: str) -> str:
    """Who collects a tax."""
    return str(COLLECTORS.get(who, who))


@register.filter
def waited(since: datetime | None) -> str:
    """How long ago: `35 min`, `7 h`, `3 days`."""
    if since is None:
        return ""
    seconds = _seconds(since)
    if seconds < HOUR:
        return _("%(n)d min") % {"n": seconds // MINUTE}
    if seconds < 2 * DAY:
        return _("%(n)d h") % {"n": seconds // HOUR}
    return _("%(n)d days") % {"n": seconds // DAY}


@register.filter
def waited_tone(since: datetime | None, hours: int = 24) -> str:
    """Colour of a waiting time against its limit in hours: good, then warn in the second half, then bad."""
    spent = _seconds(since) if since else 0
    if spent >= hours * HOUR:
        return "bad"
    return "warn" if spent * 2 >= hours * HOUR else "good"


@register.filter
def short_day(moment: date | datetime | None) -> str:
    """For narrow columns: `9 Mar`, with the year only when it is not this one."""
    if moment is None:
        return formats.NOTHING
    on = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    return _short_day(on, timezone.localdate().year, get_language() or "")


@register.filter
def short_instant(moment: datetime | None) -> str:
    """For narrow columns: `9 Mar 14:05`."""
    if moment is None:
        return formats.NOTHING
    local = timezone.localtime(moment)
    return f"{short_day(local.date())} {local:%H:%M}"


@register.filter
def negated(number: int) -> int:
    """A credit without its minus sign, for a column that says credit."""
    return -number


@register.filter
def price(amount: Decimal) -> str:
    """A unit price with as many decimals as it has, two at least: `0.8500` → `0.85`, `0.0125` stays."""
    whole, _point, decimals = f"{amount:,.4f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


@register.filter
def millionths(rate_e6: int) -> str:
    """An exchange rate: `7823100` → `7.8231`."""
    return price(Decimal(rate_e6).scaleb(-6)) if rate_e6 % 100 == 0 else f"{Decimal(rate_e6).scaleb(-6):,f}"


@register.simple_tag(name="base_currency")
def base_currency_tag() -> str:
    """The currency of the books: `{% base_currency as base %}`."""
    return base_currency()


@lru_cache(maxsize=4_096)
def _short_day(on: date, this_year: int, language: str) -> str:
    """Lists name few days many times; `language` is the active one."""
    if on.year != this_year:
        return formats.day(on)
    return date_format(on, "n月j日" if language.startswith("zh") else "j M")


def _seconds(since: datetime) -> int:
    return max(0, int((timezone.now() - since).total_seconds()))
