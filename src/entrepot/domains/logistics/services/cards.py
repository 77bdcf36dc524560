"""One card of a service: looked at, corrected, followed by a new version, compared with another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.logistics.adapters.cards import Band, Cards, Finding, Offer, minor, number
from entrepot.domains.logistics.adapters.check import check
from entrepot.domains.logistics.models import Rate, Service
from entrepot.domains.logistics.queries import service_on

DAY = timedelta(days=1)
Weights = tuple[int, int]


@dataclass(frozen=True)
class Card:
    """Prices by zone and weight band of a service and tier on a day, with what the checker says of them."""

    service: str
    tier: str
    on: date
    zones: tuple[str, ...]
    bands: tuple[Weights, ...]
    prices: Mapping[tuple[str, Weights], Rate]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Change:
    """One band in two versions; None where a version does not have it."""

    zone: str
    weights: Weights
    before: int | None
    after: int | None


def card_on(service: str, on: date, tier: str = "") -> Card:
    """The card in force on a day."""
    valid = Q(valid_to=None) | Q(valid_to__gte=on)
    found = Rate.objects.filter(valid, service=service, tier=tier, valid_from__lte=on)
    rates = list(found.order_by("zone", "over_g", "to_g"))
    prices = {(rate.zone, (rate.over_g, rate.to_g)): rate for rate in rates}
    return Card(
        service=service,
        tier=tier,
        on=on,
        zones=tuple(dict.fromkeys(rate.zone for rate in rates)),
        bands=tuple(
            sorted({(rate.over_g, rate.to_g) for rate in rates}, key=lambda band: (band[1], band[0]))
        ),
        prices=prices,
        findings=tuple(_findings(rates, service_on(service, on))),
    )


def _findings(rates: list[Rate], service: Service | None) -> list[Finding]:
    """What the checker of imports says of the card; the row is the band's number on it."""
    cards = Cards(rows=len(rates))
    cards.bands = [
        Band(nth, rate.service, rate.zone, rate.over_g, rate.to_g, _dearest(rate), rate.valid_from)
        for nth, rate in enumerate(rates, start=1)
    ]
    for nth, rate in enumerate(rates, start=1):
        if rate.base_minor == 0 and rate.step_minor == 0:
            cards.refuse(nth, "price", "0", "price.zero")
    one_day = [Band(b.row, b.service, b.zone, b.over_g, b.to_g, b.price_minor, date.min) for b in cards.bands]
    cards.bands = one_day
    zones = {nth: rate.zone for nth, rate in enumerate(rates, start=1)}
    if service is not None:
        cards.offers[service.service] = Offer(service.service, "", "", service.currency)
    found = check(cards, {}, minor_units_by_currency()).findings
    return [Finding(f.row, zones.get(f.row, ""), f.value, f.code, f.is_used) for f in found]


def _dearest(rate: Rate) -> int:
    """What the heaviest weight of the band costs."""
    steps = -(-(rate.to_g - rate.over_g) // rate.step_g) if rate.step_g else 0
    return rate.base_minor + steps * rate.step_minor


@transaction.atomic
def save_card(card: Card, prices: Mapping[int, int], valid_from: date, *, user: Actor) -> int:
    """Other prices (by the rate's id) from a day on; on the day the band began it is corrected. How many changed.

    A changed band ends the day before and begins anew; bands that stay the same go on.
    Errors: ValidationError when a price is negative or the day is before the card's.
    """
    changed = 0
    for rate in card.prices.values():
        price = prices.get(rate.pk, rate.base_minor)
        if price == rate.base_minor:
            continue
        if price < 0:
            raise ValidationError(_("A price cannot be negative."))
        if valid_from < rate.valid_from or (rate.valid_to and valid_from > rate.valid_to):
            raise ValidationError(_("The first day must be inside the card's period."))
        _replace(rate, price, valid_from)
        changed += 1
    if changed:
        audit.record(
            user, "logistics.save_card", f"card:{card.service}", valid_from=str(valid_from), bands=changed
        )
    return changed


def _replace(rate: Rate, price: int, valid_from: date) -> None:
    if rate.valid_from == valid_from:
        rate.base_minor, rate.is_edited = price, True
        rate.save()
        return
    end = rate.valid_to
    rate.valid_to, rate.is_edited = valid_from - DAY, True
    rate.save()
    Rate.objects.create(
        service=rate.service, zone=rate.zone, tier=rate.tier, over_g=rate.over_g, to_g=rate.to_g, base_minor=price,
        step_g=rate.step_g, step_minor=rate.step_minor, valid_from=valid_from, valid_to=end, source=rate.source,
        status=rate.status, note=rate.note, is_edited=True,
    )  # fmt: skip


def compare_cards(before: Card, after: Card) -> list[Change]:
    """Bands that differ between two cards, by zone and weight."""
    found = []
    for key in sorted({*before.prices, *after.prices}, key=lambda key: (key[0], key[1][1], key[1][0])):
        old, new = before.prices.get(key), after.prices.get(key)
        if _figures(old) != _figures(new):
            was, now = (rate.base_minor if rate else None for rate in (old, new))
            found.append(Change(key[0], key[1], was, now))
    return found


def _figures(rate: Rate | None) -> tuple[int, int, int] | None:
    return (rate.base_minor, rate.step_g, rate.step_minor) if rate else None


def read_price(text: str, digits: int) -> int | None:
    """A typed price in minor units; None where it is no price of a currency with so many decimals."""
    amount = number(text)
    return minor(amount, digits) if amount is not None else None
