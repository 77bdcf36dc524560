"""Rates as a trader reads them."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from entrepot.domains.customs.models import DutyLayer, DutyRate
from entrepot.domains.ledger.queries import minor_units_by_currency

PPM_PER_PERCENT = Decimal(10_000)
E4 = 4


def percent(ppm: int) -> str:
    """165000 as 16.5%."""
    return f"{(Decimal(ppm) / PPM_PER_PERCENT).normalize():f}%"


def major(minor: int, currency: str) -> str:
    """An amount in the currency's major unit."""
    units = minor_units_by_currency().get(currency, 2)
    return f"{Decimal(minor).scaleb(-units):,f} {currency}".strip()


def per_unit(amount_e4: int, unit: str, currency: str) -> str:
    """An amount per unit in the currency's major unit."""
    units = minor_units_by_currency().get(currency, 2)
    number = Decimal(amount_e4).scaleb(-E4 - units).normalize()
    return f"{number:f} {currency}/{unit.replace('_', ' ')}"


def rate_text(rate: DutyRate | DutyLayer) -> str:
    """The whole rate in one line: `12% + 0.35 EUR/kg, at least 2%`."""
    parts = []
    if rate.rate_ppm or not rate.specific_e4:
        parts.append(percent(rate.rate_ppm) if rate.rate_ppm else pgettext("duty", "free"))
    if rate.specific_e4:
        parts.append(per_unit(rate.specific_e4, rate.unit, rate.currency))
    if isinstance(rate, DutyLayer) or len(parts) < 2:  # a share and an amount
        text = " + ".join(parts)
    else:
        ways = {"greater": _("the greater of {parts}"), "lesser": _("the lesser of {parts}")}
        pattern = ways.get(rate.combine)
        text = pattern.format(parts=", ".join(parts)) if pattern else " + ".join(parts)
    if isinstance(rate, DutyRate):
        if rate.floor_ppm or rate.floor_e4:
            text += ", " + _("at least {bound}").format(bound=_bound(rate, "floor"))
        if rate.ceiling_ppm or rate.ceiling_e4:
            text += ", " + _("at most {bound}").format(bound=_bound(rate, "ceiling"))
    return text


def _bound(rate: DutyRate, name: str) -> str:
    amount = getattr(rate, f"{name}_e4")
    return (
        per_unit(amount, rate.unit, rate.currency) if amount else percent(getattr(rate, f"{name}_ppm") or 0)
    )
