"""Forwarders' quotations brought in from a file: dated rows; a later quotation ends the one before it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from entrepot.core.worldtables import get_table
from entrepot.domains.logistics.adapters.legs import Known, Quotation, parse
from entrepot.domains.logistics.models import FirstLeg, Weighing

DAY = timedelta(days=1)
# by which rule each way weighs where a quotation does not say: rows of the table of weighing rules
USUAL = {"air": "air-cargo", "sea": "sea-lcl", "rail": "rail-lcl", "road": "road-ltl"}


def write_legs(
    content: bytes,
    known: tuple[frozenset[str], dict[str, int]],
    *,
    ship_from: str,
    currency: str,
    valid_from: date,
) -> dict[str, Any]:
    """Write the good rows of a table of quotations; the report lists every row that was left out.

    `known`: countries, and decimals of each currency. Rows edited here stay as they are. Errors: FileRefused.
    """
    rules = Weighing.objects.filter(Q(valid_to=None) | Q(valid_to__gte=valid_from))
    warehouses = frozenset(get_table("warehouses").frame(valid_from)["warehouse"].to_list())
    names = Known(warehouses, known[0], frozenset(rules.values_list("weighing", flat=True)), known[1], USUAL)
    made = parse(content, names, ship_from=ship_from, currency=currency, valid_from=valid_from)
    figures = {
        "added": 0,
        "unchanged": 0,
        "replaced": 0,
        "ended": 0,
        "kept": 0,
        "lanes": 0,
        "new_services": 0,
    }
    by_key: dict[tuple[str, str, str, str], list[Quotation]] = defaultdict(list)
    for one in made.found:
        by_key[one.key].append(one)
    for rows in by_key.values():
        for one in sorted(rows, key=lambda row: row.valid_from):
            _write(one, figures)
    return {
        "rows": made.rows,
        "used": len(made.found),
        "services": len(by_key),
        "zones": len({one.warehouse for one in made.found}),
        "versions": sorted({one.valid_from.isoformat() for one in made.found}),
        **figures,
        "findings": [asdict(finding) for finding in made.findings],
    }


def _write(one: Quotation, figures: dict[str, int]) -> None:
    """One quotation from its first day: the one before ends, the next one limits it."""
    values = asdict(one)
    del values["row"]
    own = FirstLeg.objects.filter(
        warehouse=one.warehouse, ship_from=one.ship_from, mode=one.mode, forwarder=one.forwarder
    )
    later = own.filter(valid_from__gt=one.valid_from).order_by("valid_from").first()
    ends = [day for day in (one.valid_to, later.valid_from - DAY if later else None) if day]
    values |= {
        "valid_to": min(ends, default=None),
        "source": one.source or "imported quotation",
    }
    same = own.filter(valid_from=one.valid_from).first()
    if same is None:
        before = own.filter(Q(valid_to=None) | Q(valid_to__gte=one.valid_from), valid_from__lt=one.valid_from)
        figures["ended"] += before.update(valid_to=one.valid_from - DAY)
        FirstLeg.objects.create(**values)
        figures["added"] += 1
    elif same.is_edited:
        figures["kept"] += 1
    elif all(getattr(same, name) == value for name, value in values.items()):
        figures["unchanged"] += 1
    else:
        for name, value in values.items():
            setattr(same, name, value)
        same.save()
        figures["replaced"] += 1
