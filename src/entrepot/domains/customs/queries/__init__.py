"""What pages and other rooms read of the border."""

from entrepot.domains.customs.queries.changes import Change, RowChange, periods_of, rule_changes, rule_tables
from entrepot.domains.customs.queries.goods import (
    CodeState,
    Suggestion,
    choices,
    chosen_skus,
    code_state,
    descriptions,
    find_codes,
    hs_children,
    hs_index,
    hs_path,
    in_force,
    national_lines,
    sections,
    suggestions,
    tariff_countries,
)
from entrepot.domains.customs.queries.rates import (
    Claim,
    Rates,
    destinations,
    ordinary_rates,
    places,
    rates_of,
    tariff_period,
    territory_by_country,
)
from entrepot.domains.customs.queries.runs import find_problems, find_runs, get_run
from entrepot.domains.customs.queries.screening import sanction_lists
from entrepot.domains.customs.queries.taxes import taxes_of_order

__all__ = [
    "Change",
    "Claim",
    "CodeState",
    "Rates",
    "RowChange",
    "Suggestion",
    "choices",
    "chosen_skus",
    "code_state",
    "descriptions",
    "destinations",
    "find_codes",
    "find_problems",
    "find_runs",
    "get_run",
    "hs_children",
    "hs_index",
    "hs_path",
    "in_force",
    "national_lines",
    "ordinary_rates",
    "periods_of",
    "places",
    "rates_of",
    "rule_changes",
    "rule_tables",
    "sanction_lists",
    "sections",
    "suggestions",
    "tariff_countries",
    "tariff_period",
    "taxes_of_order",
    "territory_by_country",
]
