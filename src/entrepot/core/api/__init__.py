"""What every room's REST routers are made of: who calls, what went wrong, pages of a list, calls that count once."""

from entrepot.core.api.access import Call, caller_of
from entrepot.core.api.paging import Page, PageQuery, page_of
from entrepot.core.api.problems import Problem
from entrepot.core.api.routers import Routes
from entrepot.core.api.words import (
    Amount,
    CountryCode,
    CurrencyCode,
    Day,
    Flag,
    Given,
    Id,
    Instant,
    Line,
    Money,
    Shown,
    Whole,
    Word,
    money,
)

__all__ = [
    "Amount",
    "Call",
    "CountryCode",
    "CurrencyCode",
    "Day",
    "Flag",
    "Given",
    "Id",
    "Instant",
    "Line",
    "Money",
    "Page",
    "PageQuery",
    "Problem",
    "Routes",
    "Shown",
    "Whole",
    "Word",
    "caller_of",
    "money",
    "page_of",
]
