"""What pages and other rooms read of the border."""

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
from entrepot.domains.customs.queries.screening import sanction_lists
from entrepot.domains.customs.queries.taxes import taxes_of_order

__all__ = [
    "CodeState",
    "Suggestion",
    "choices",
    "chosen_skus",
    "code_state",
    "descriptions",
    "find_codes",
    "hs_children",
    "hs_index",
    "hs_path",
    "in_force",
    "national_lines",
    "sanction_lists",
    "sections",
    "suggestions",
    "tariff_countries",
    "taxes_of_order",
]
