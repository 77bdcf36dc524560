"""A tariff file as rows of the room's tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
from django.db.models import Q

from entrepot.core.frames import Frame, write
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.customs.adapters import nomenclature, own_tables, uk_eu, us_hts, us_layers
from entrepot.domains.customs.adapters.reading import (
    CODES,
    HS_CODES,
    LAYERS,
    PROBLEMS,
    RATES,
    Edition,
    Programme,
    Tariff,
    frame_of,
)
from entrepot.domains.customs.frames import DUTY_LAYER_KEY, DUTY_RATE_KEY
from entrepot.domains.customs.frames.periods import Laid, lay
from entrepot.domains.customs.models import (
    DutyLayer,
    DutyRate,
    HsCode,
    NationalCode,
    Preference,
    TariffProblem,
    Territory,
)

Reader = Callable[[bytes, Edition], Tariff]


def read_file(kind: str, content: bytes, edition: Edition) -> Tariff:
    """A file of one of the known kinds, read; KeyError for another kind."""
    return _READERS[kind](content, edition)


def lay_hs_codes(tariff: Tariff, owner: str) -> Laid:
    """The codes of the nomenclature."""
    return lay(HsCode, ("code",), frame_of(HS_CODES, tariff.hs_codes), owner=owner)


def lay_codes(tariff: Tariff, owner: str) -> Laid:
    """The lines of national tariffs."""
    return lay(NationalCode, ("country", "code"), frame_of(CODES, tariff.codes), owner=owner)


def lay_rates(tariff: Tariff, owner: str) -> Laid:
    """Ordinary and preferential duty rates."""
    return lay(DutyRate, DUTY_RATE_KEY, frame_of(RATES, tariff.rates), owner=owner)


def lay_layers(tariff: Tariff, owner: str) -> Laid:
    """Additional duties."""
    return lay(DutyLayer, DUTY_LAYER_KEY, frame_of(LAYERS, tariff.layers), owner=owner)


def write_problems(run_id: int, tariff: Tariff) -> None:
    """The lines that gave no rate, in place of those of an earlier attempt."""
    TariffProblem.objects.filter(run_id=run_id).delete()
    write(TariffProblem._meta.db_table, problems_frame(run_id, tariff))


def problems_frame(run_id: int, tariff: Tariff) -> Frame:
    """The problems with the run they belong to."""
    frame = frame_of(PROBLEMS, tariff.problems)
    return frame.with_columns(run_id=pl.lit(run_id, dtype=pl.Int64))


def programmes(dest: str) -> list[Programme]:
    """The preferences of a destination with their signs."""
    return [
        Programme(row.scheme, row.code, tuple(row.countries.split()), row.valid_from, row.valid_to)
        for row in Preference.objects.filter(dest=dest).exclude(code="").order_by("valid_from")
    ]


def origins_by_name(on: date) -> dict[str, list[str]]:
    """Countries by their English name in small letters, and unions of countries by theirs."""
    names = {en.lower(): [code] for code, (en, _zh) in country_names().items()}
    found: dict[str, list[str]] = {}
    in_force = Territory.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)
    for country, territory in in_force.values_list("country", "territory"):
        found.setdefault(territory, []).append(country)
    for union, name in _UNIONS.items():
        names[name] = sorted(found.get(union, []))
    return names


def _us_hts(content: bytes, edition: Edition) -> Tariff:
    return us_hts.read(content, edition, programmes(us_hts.DEST))


def _us_rates(content: bytes, edition: Edition) -> Tariff:
    return us_layers.read_countries(content, edition, origins_by_name(edition.valid_from))


_UNIONS = {"EU": "european union"}
_READERS: dict[str, Reader] = {
    "us-hts": _us_hts,
    "uk-eu": uk_eu.read,
    "section-301": us_layers.read_list,
    "exclusions": us_layers.read_exclusions,
    "us-rates": _us_rates,
    "hs": nomenclature.read,
    "duty-rates": own_tables.read_rates,
    "duty-layers": own_tables.read_layers,
    "national-codes": own_tables.read_codes,
}
