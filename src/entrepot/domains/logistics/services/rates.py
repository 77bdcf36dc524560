"""Rate files brought in: read, checked, written as dated cards; the same file again changes nothing."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.worldtables import get_table
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.logistics.adapters import generic, karrio, royal_mail
from entrepot.domains.logistics.adapters.cards import Band, Cards, Offer, Reach
from entrepot.domains.logistics.adapters.check import check
from entrepot.domains.logistics.adapters.files import rows_of
from entrepot.domains.logistics.models import Carrier, Lane, Rate, RateFile, Service
from entrepot.domains.logistics.services.legs import write_legs

LEGS = "first-legs"
KINDS = ("royal-mail", "karrio", "generic", LEGS)
DAY = timedelta(days=1)
CHUNK = 2_000
NO_LIMIT_G = 30_000


class ReferenceMissing(LookupError):
    """Countries or currencies are not loaded yet."""


@dataclass(frozen=True)
class RateOptions:
    """What is said of a file: its first day, the country it ships from, names where rows have none, its columns.

    `zones`: a second file of countries and zones. `is_open`: orders may travel by what the file brings.
    """

    valid_from: date
    ship_from: str = ""
    carrier: str = ""
    service: str = ""
    currency: str = ""
    unit: str = "kg"
    mapping: dict[str, str] = field(default_factory=dict)
    zones: bytes = b""
    is_open: bool = False


def columns_of(content: bytes) -> tuple[list[str], dict[str, str]]:
    """The columns of a table and the guess which is what.

    Errors: FileRefused when it is no table.
    """
    rows = rows_of(content)
    headers = [name for name in rows[0][1] if name] if rows else []
    return headers, generic.guess(headers)


@transaction.atomic
def import_rates(
    kind: str, file_name: str, content: bytes, options: RateOptions, *, user: Actor = None
) -> RateFile:
    """Read a rate file and write its good rows: a card per service and day; a later card ends the one before it.

    Rows that a user has edited stay, and with them the card they are on. The report lists every row that is doubted.
    Errors: FileRefused when the file is no such table; ReferenceMissing when countries are not loaded.
    """
    countries, digits = frozenset(country_names()), minor_units_by_currency()
    if not countries:
        raise ReferenceMissing("countries")
    if kind == LEGS:
        told = {
            "ship_from": options.ship_from,
            "currency": options.currency,
            "valid_from": options.valid_from,
        }
        report = write_legs(content, (countries, digits), **told)  # type: ignore[arg-type]
    else:
        parsed = _parsed(kind, content, options, countries, digits)
        cards = check(parsed, _territories(options.valid_from), digits)
        report = _reported(cards, _write(cards, options))
    digest = hashlib.sha256(content + options.zones).hexdigest()
    rate_file, _is_new = RateFile.objects.update_or_create(
        kind=kind,
        file_sha256=digest,
        defaults={
            "file_name": Path(file_name).name[:200],
            "report": report,
            "imported_by_id": getattr(user, "pk", None),
        },
    )
    figures = {name: value for name, value in report.items() if isinstance(value, int)}
    audit.record(user, "logistics.import_rates", f"rates:{rate_file.pk}", file=rate_file.file_name, **figures)
    return rate_file


def _reported(cards: Cards, figures: dict[str, int]) -> dict[str, Any]:
    return {
        "rows": cards.rows,
        "used": len({band.row for band in cards.bands}),
        "services": len(cards.offers),
        "zones": len({(band.service, band.zone) for band in cards.bands}),
        "versions": sorted({band.valid_from.isoformat() for band in cards.bands}),
        **figures,
        "findings": [asdict(finding) for finding in cards.findings],
    }


def _parsed(
    kind: str, content: bytes, options: RateOptions, countries: frozenset[str], digits: dict[str, int]
) -> Cards:
    if kind == "royal-mail":
        return royal_mail.parse(content, options.zones, countries=countries)
    if kind == "karrio":
        return karrio.parse(
            content,
            valid_from=options.valid_from,
            ship_from=options.ship_from,
            countries=countries,
            digits=digits,
        )
    reading = generic.Reading(
        options.service,
        options.carrier,
        options.currency,
        options.ship_from,
        options.valid_from,
        options.unit,
    )
    mapping = options.mapping or columns_of(content)[1]
    names = {name.lower(): code for code, pair in country_names().items() for name in pair if name}
    return generic.parse(content, mapping, reading, countries=countries, digits=digits, names=names)


def _territories(on: date) -> dict[str, str]:
    rows = get_table("territories").frame(on).sort("valid_from").select("country", "territory")
    return {str(country): str(territory) for country, territory in rows.iter_rows()}


def _write(cards: Cards, options: RateOptions) -> dict[str, int]:
    by_service: dict[str, list[Band]] = defaultdict(list)
    for band in cards.bands:
        by_service[band.service].append(band)
    reaches: dict[str, list[Reach]] = defaultdict(list)
    for reach in cards.reaches:
        reaches[reach.service].append(reach)
    figures = {
        "added": 0,
        "unchanged": 0,
        "replaced": 0,
        "ended": 0,
        "kept": 0,
        "lanes": 0,
        "new_services": 0,
    }
    carriers = {offer.carrier for offer in cards.offers.values()}
    Carrier.objects.bulk_create([Carrier(code=c, name=c) for c in sorted(carriers)], ignore_conflicts=True)
    for service, bands in sorted(by_service.items()):
        first = min(band.valid_from for band in bands)
        figures["new_services"] += _service(cards.offers[service], first, cards.source)
        _card_versions(service, bands, cards, figures)
        figures["lanes"] += _lanes(reaches[service], cards.offers[service], first, options, cards.source)
    return figures


def _service(offer: Offer, first: date, source: str) -> int:
    """A service we do not know yet; one that exists stays as it is."""
    if Service.objects.filter(service=offer.service).exists():
        return 0
    Service.objects.create(
        service=offer.service, name_en=offer.name, name_zh=offer.name, carrier=offer.carrier, kind=offer.kind,
        mode=offer.mode, max_g=offer.max_g or NO_LIMIT_G, max_side_mm=offer.max_side_mm, battery="none",
        currency=offer.currency, tracked=offer.tracked, valid_from=first, source=source, status="P",
    )  # fmt: skip
    return 1


def _card_versions(service: str, bands: list[Band], cards: Cards, figures: dict[str, int]) -> None:
    """Write each version of a service's card; what was in force before a version ends the day before it."""
    old: dict[date, list[Rate]] = defaultdict(list)
    for rate in Rate.objects.filter(service=service, tier=""):
        old[rate.valid_from].append(rate)
    new: dict[date, list[Band]] = defaultdict(list)
    for band in bands:
        new[band.valid_from].append(band)
    days = sorted({*old, *new, *cards.ends.get(service, [])})
    for day in sorted(new):
        later = [other for other in days if other > day]
        end = later[0] - DAY if later else None
        wanted = {(b.zone, b.over_g or 0, b.to_g, b.price_minor, end) for b in new[day]}
        there = {(r.zone, r.over_g, r.to_g, r.base_minor, r.valid_to) for r in old[day]}
        if any(rate.is_edited for rate in old[day]):
            figures["kept"] += len(old[day])
            continue
        if wanted == there:
            figures["unchanged"] += len(there)
            continue
        figures["replaced" if old[day] else "added"] += len(wanted)
        Rate.objects.filter(pk__in=[rate.pk for rate in old[day]]).delete()
        open_before = Q(valid_to=None) | Q(valid_to__gte=day)
        before = Rate.objects.filter(open_before, service=service, tier="", valid_from__lt=day)
        figures["ended"] += before.update(valid_to=day - DAY)
        rows = [
            Rate(
                service=service, zone=zone, over_g=over, to_g=to, base_minor=price, valid_from=day, valid_to=last,
                source=cards.source, status="P",
            )
            for zone, over, to, price, last in sorted(wanted, key=str)
        ]  # fmt: skip
        Rate.objects.bulk_create(rows, batch_size=CHUNK)


def _lanes(reaches: list[Reach], offer: Offer, first: date, options: RateOptions, source: str) -> int:
    """Lanes that are new; days that the file does not say are those usual for the kind of service, and marked so."""
    known = set(Lane.objects.filter(service=offer.service).values_list("ship_from", "dest_country"))
    usual = _usual_days()[offer.kind]
    wanted: dict[tuple[str, str], Lane] = {}
    for reach in reaches:
        key = (reach.ship_from, reach.dest_country)
        if key in known or key in wanted:
            continue
        least, most = reach.days or usual
        wanted[key] = Lane(
            service=offer.service, ship_from=reach.ship_from, dest_country=reach.dest_country, zone=reach.zone,
            min_days=least, max_days=most, is_open=options.is_open, valid_from=first, source=source,
            status="P" if reach.days else "U", note="" if reach.days else "days: usual for this kind of service",
        )  # fmt: skip
    Lane.objects.bulk_create(wanted.values(), batch_size=CHUNK)
    return len(wanted)


@cache
def _usual_days() -> dict[str, tuple[int, int]]:
    text = (files("entrepot.domains.logistics") / "data" / "travel_days.csv").read_text(encoding="utf-8")
    return {
        row["kind"]: (int(row["min_days"]), int(row["max_days"])) for row in csv.DictReader(text.splitlines())
    }
