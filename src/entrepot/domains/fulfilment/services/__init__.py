"""Commands of the spine: start, work, stop and resume runs; explain; quote; ship, deliver, take back."""

from entrepot.domains.fulfilment.services.explaining import NotDecided, check_explanation, explain_order
from entrepot.domains.fulfilment.services.papers import (
    NoPapers,
    PapersDiffer,
    carry_out_papers,
    fail_papers,
    papers_of,
    papers_of_order,
    start_papers,
)
from entrepot.domains.fulfilment.services.quoting import Landed, landed_cost, quote_cost
from entrepot.domains.fulfilment.services.returns import book_returns
from entrepot.domains.fulfilment.services.runs import (
    abandoned_runs,
    decide_again,
    decide_pending,
    resume_run,
    run_inline,
    start_run,
    stop_run,
    work,
)
from entrepot.domains.fulfilment.services.shipping import mark_shipped, record_deliveries

__all__ = [
    "Landed",
    "NoPapers",
    "NotDecided",
    "PapersDiffer",
    "abandoned_runs",
    "book_returns",
    "carry_out_papers",
    "check_explanation",
    "decide_again",
    "decide_pending",
    "explain_order",
    "fail_papers",
    "landed_cost",
    "mark_shipped",
    "papers_of",
    "papers_of_order",
    "quote_cost",
    "record_deliveries",
    "resume_run",
    "run_inline",
    "start_papers",
    "start_run",
    "stop_run",
    "work",
]
