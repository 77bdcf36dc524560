"""What pages read of insight: the figures of the home page, the marts, the profit explorer."""

from entrepot.domains.insight.queries.home import (
    SPAN,
    Period,
    ProfitFigures,
    Today,
    profit_groups,
    profit_series,
    reference_day,
    today_figures,
)
from entrepot.domains.insight.queries.marts import (
    FactState,
    MartProof,
    mart_proofs,
    mart_runs,
    mart_states,
    marts_as_of,
)

__all__ = [
    "SPAN",
    "FactState",
    "MartProof",
    "Period",
    "ProfitFigures",
    "Today",
    "mart_proofs",
    "mart_runs",
    "mart_states",
    "marts_as_of",
    "profit_groups",
    "profit_series",
    "reference_day",
    "today_figures",
]
