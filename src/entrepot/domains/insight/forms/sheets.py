"""Tables of insight in words: what a file or a mail holds of a pivot and of the KPI tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from entrepot.core.pages import in_language
from entrepot.domains.insight.forms.figures import cell
from entrepot.domains.insight.forms.profit import State
from entrepot.domains.insight.forms.words import DIMENSIONS, MEASURES, Names, month_words
from entrepot.domains.insight.models import Kpi
from entrepot.domains.insight.queries import kpis, pivot
from entrepot.domains.insight.rules.pivot import MEASURES as UNITS
from entrepot.domains.insight.rules.pivot import Sums
from entrepot.domains.ledger.queries import minor_units_by_currency


def table(state: State) -> Iterator[list[Any]]:
    """Head and rows of the pivot for a file: codes, names, all chosen measures; amounts in major units."""
    asked = replace(state.question, rows=state.question.dims, column="")
    found = pivot.pivot(asked)
    flat = replace(state, question=asked)
    names, digits = names_of(flat, found.rows), minor_units_by_currency().get(pivot.books_currency(), 2)
    heads = [text for name in asked.rows for text in (str(DIMENSIONS[name]), _("Name"))]
    yield [*heads, *(str(MEASURES[name]) for name in state.measures), _("Books’ currency")]
    for key, sums in ranked_rows(found, flat):
        codes = [
            text for name, code in zip(asked.rows, key, strict=True) for text in (code, names.of(name, code))
        ]
        figures = [cell(UNITS[name][0], sums.measure(name), digits) for name in state.measures]
        yield [*codes, *figures, pivot.books_currency()]


def ranked_rows(found: pivot.Pivot, state: State) -> list[tuple[tuple[str, ...], Sums]]:
    """Rows in the order asked for; months run on by themselves."""
    rows = sorted(found.rows.items())
    name = state.sort.lstrip("-")
    if name == "key" or (state.question.rows[0] == "month" and name not in state.measures[1:]):
        return rows
    sign = -1 if state.sort.startswith("-") else 1
    return sorted(rows, key=lambda row: (row[1].measure(name) is None, sign * (row[1].measure(name) or 0)))


def names_of(state: State, keys: Any) -> Names:
    """The words for all values at hand."""
    names = Names()
    for place, name in enumerate(state.question.rows):
        names.load(name, {key[place] for key in keys})
    for name, values in state.question.filters.items():
        names.load(name, values)
    if state.question.column:
        names.load(state.question.column, ())
    return names


def period_words(view: kpis.View) -> str:
    """The months of a view in words."""
    first, last = month_words(view.months[0].isoformat()), month_words(view.last.isoformat())
    return first if view.count == 1 else f"{first} – {last}"


def name_of(kpi: Kpi) -> str:
    """A KPI's name in the reader's language."""
    return in_language((kpi.name_en, kpi.name_zh or kpi.name_en))


def formula_of(kpi: Kpi) -> str:
    """How a KPI is worked out, in the reader's language."""
    return in_language((kpi.formula_en, kpi.formula_zh or kpi.formula_en))


def kpi_table(view: kpis.View) -> Iterator[list[Any]]:
    """Head and rows of the KPI tree for a file: value, period before, goal, status; amounts in major units."""
    currency = pivot.books_currency()
    digits = minor_units_by_currency().get(currency, 2)
    units = {"money": currency, "ppm": "1", "days_e1": _("days"), "count": ""}
    yield [
        _("Code"),
        _("KPI"),
        pgettext("kpi", "Value"),
        _("Period before"),
        _("Goal"),
        _("Status"),
        _("Unit"),
        pgettext("kpi", "Owner"),
        _("Formula"),
    ]
    for one in kpis.kpi_tree(view):
        kpi = one.kpi
        figures = [cell(kpi.unit, value, digits) for value in (one.value, one.before, one.goal)]
        words = [one.status, units.get(kpi.unit, ""), ", ".join(one.owners), formula_of(kpi)]
        yield [kpi.code, name_of(kpi), *figures, *words]
