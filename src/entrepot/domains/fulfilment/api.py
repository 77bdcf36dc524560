"""Decisions over the REST API: quotes of landed cost, runs, and why an order was decided as it was."""

from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from pydantic import Field

from entrepot.core.api import (
    Amount,
    CountryCode,
    CurrencyCode,
    Day,
    Flag,
    Given,
    Id,
    Instant,
    Money,
    Problem,
    Routes,
    Shown,
    Whole,
    Word,
    caller_of,
    money,
)
from entrepot.domains.fulfilment import jobs, queries, services
from entrepot.domains.fulfilment.world import UnknownWorld

routes = Routes("decisions")
Row = dict[str, Any]
FIGURES = (
    "revenue",
    "cogs",
    "freight",
    "handling",
    "channel_fee",
    "payment_fee",
    "duty",
    "import_tax",
    "profit",
)
PARTS = {
    "goods": "goods_dc", "freight": "freight_dc", "insurance": "insurance_dc", "onward": "onward_dc",
    "customs_value": "cv_minor", "duty": "duty_minor", "additional_duties": "layers_minor", "fees": "fees_minor",
    "tax": "tax_minor", "landed": "landed_minor",
}  # fmt: skip


class GoodsGiven(Given):
    """One line of goods; the amount is that of the whole line."""

    hs_code: Annotated[str, Field(pattern=r"^[0-9]{6,10}$", max_length=10)]
    origin: CountryCode
    amount_minor: Amount
    quantity: Whole = 1
    weight_g: Annotated[Amount, Field(description="net, of one piece")] = 0
    proofs: Annotated[Word, Field(max_length=60, description="preferences a proof of origin is held for")] = (
        ""
    )


class QuoteGiven(Given):
    """A consignment; every amount in minor units of its currency."""

    ship_from: CountryCode
    dest_country: CountryCode
    dest_region: Annotated[Word, Field(max_length=8)] = ""
    on: Annotated[Day | None, Field(description="null: today")] = None
    mode: Literal["courier", "post", "freight", "sea"] = "courier"
    channel: Word = ""
    incoterm: Literal["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"] = "DAP"
    buyer: Literal["b2c", "b2b", "b2b_vat"] = "b2c"
    currency: CurrencyCode
    freight_minor: Amount = 0
    insurance_minor: Amount = 0
    onward_minor: Amount = 0
    price_includes_tax: Flag = False
    lines: Annotated[list[GoodsGiven], Field(min_length=1, max_length=100)]


class QuoteShown(Shown):
    """What it costs at the buyer's door. Amounts null where no rule or rate is known; `rules` are those it follows."""

    on: Day
    import_rule: str | None
    collector: str | None
    goods: Money | None
    freight: Money | None
    insurance: Money | None
    onward: Money | None
    customs_value: Money | None
    duty: Money | None
    additional_duties: Money | None
    fees: Money | None
    tax: Money | None
    landed: Money | None
    charges: list[Row]
    rules: list[Row]
    world: str


class DecisionShown(Shown):
    """What was decided about an order; figures in the currency of the books."""

    order_id: int
    version: int
    status: str
    decided_at: Instant
    warehouse: str | None
    service: str | None
    import_rule: str | None
    collector: str | None
    ship_on: Day | None
    promise_on: Day | None
    parcels: int | None
    weight_g: int | None
    chargeable_g: int | None
    landed: Money | None
    revenue: Money | None
    cogs: Money | None
    freight: Money | None
    handling: Money | None
    channel_fee: Money | None
    payment_fee: Money | None
    duty: Money | None
    import_tax: Money | None
    profit: Money | None
    world: str
    engine: str


class DifferenceShown(Shown):
    """A figure that comes out differently from what is booked."""

    column: str
    booked: Any
    found: Any


class ExplanationShown(Shown):
    """The decision derived again: every way priced, the ways that lost and why, each rule with source and status."""

    order_id: int
    engine: str
    world: str
    is_identical: bool
    differences: list[DifferenceShown]
    decision: Row
    issues: list[Row]
    ways: list[Row]
    rejected: list[Row]
    waterfall: list[Row]
    charges: list[Row]
    rules: list[Row]
    lines: list[Row]
    stock_moves: list[Row]
    postings: list[Row]
    tax_entries: list[Row]


class RunGiven(Given):
    """Which waiting orders to decide; none named: all of them."""

    order_ids: Annotated[
        list[Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]], Field(max_length=10_000)
    ] = []


class RunShown(Shown):
    """A run and how far it has come."""

    id: int
    state: str
    total: int
    done: int
    started_at: Instant
    finished_at: Instant | None
    error: str


@routes.write("/quotes", scope="world.view", response=QuoteShown, name="create_quote")
def create_quote(request: HttpRequest, given: QuoteGiven) -> Row:
    """Landed cost of a consignment, by the rules orders are decided by."""
    same = ("ship_from", "dest_country", "dest_region", "mode", "channel", "incoterm", "currency", "freight_minor",
            "insurance_minor", "onward_minor", "price_includes_tax")  # fmt: skip
    on = given.on or timezone.localdate()
    ask = {
        "order_id": 1, "placed_on": on, **{name: getattr(given, name) for name in same},
        "shipping_minor": given.freight_minor, "buyer_kind": given.buyer[:3],
        "buyer_vat_valid": given.buyer == "b2b_vat",
    }  # fmt: skip
    lines = [{"order_id": 1, "line_no": n, **line.model_dump()} for n, line in enumerate(given.lines, 1)]
    told = services.quote_cost(ask, lines)
    currency = told.way["decl_currency"]
    return {
        "on": on,
        "import_rule": told.way["rule"],
        "collector": told.way["collector"],
        **{name: money(told.way[column], currency) for name, column in PARTS.items()},
        "charges": told.charges,
        "rules": told.rules,
        "world": told.world_hash,
    }


@routes.read(
    "/orders/{order_id}/decision", scope="fulfilment.view", response=DecisionShown, name="get_decision"
)
def get_decision(request: HttpRequest, order_id: Id) -> Row:
    """The decision in force."""
    found = queries.decision_of(order_id)
    if found is None:
        raise _undecided(order_id)
    same = ("order_id", "version", "status", "decided_at", "warehouse", "service", "import_rule", "collector",
            "ship_on", "promise_on", "parcels", "weight_g", "chargeable_g")  # fmt: skip
    return {
        **{name: getattr(found, name) for name in same},
        **{name: money(getattr(found, f"{name}_base_minor"), found.base_currency) for name in FIGURES},
        "landed": money(found.landed_minor, found.landed_currency),
        "world": found.world_hash,
        "engine": found.engine_version,
    }


@routes.read(
    "/orders/{order_id}/explanation",
    scope="fulfilment.view",
    response=ExplanationShown,
    name="get_explanation",
)
def get_explanation(request: HttpRequest, order_id: Id) -> Row:
    """Decide the order again by the world it was decided in, and hold the result against the books."""
    try:
        told = services.explain_order(order_id)
    except (services.NotDecided, UnknownWorld):
        raise _undecided(order_id) from None
    differences = services.check_explanation(told)
    same = ("decision", "issues", "ways", "rejected", "waterfall", "charges", "rules", "lines", "stock_moves",
            "postings", "tax_entries")  # fmt: skip
    return {
        "order_id": order_id,
        "engine": told.engine_version,
        "world": told.world_hash,
        "is_identical": not differences,
        "differences": differences,
        **{name: getattr(told, name) for name in same},
    }


@routes.write("/runs", scope="fulfilment.run", response=RunShown, name="start_run", status=202)
def start_run(request: HttpRequest, given: RunGiven) -> Row:
    """Let the engine decide orders that wait. Workers do it; the run tells how far they are."""
    run = services.start_run(given.order_ids or None, actor=caller_of(request).user)
    transaction.on_commit(lambda: jobs.work_run.defer(run_id=run.pk))
    return run_shown(run)


@routes.read("/runs/{run_id}", scope="fulfilment.view", response=RunShown, name="get_run")
def get_run(request: HttpRequest, run_id: Id) -> Row:
    """How far a run has come."""
    progress = queries.run_progress(run_id)
    if progress is None:
        raise Problem(404, f"There is no run {run_id}.")
    return run_shown(progress.run)


def run_shown(run: Any) -> Row:
    """A run as `RunShown`."""
    return {name: getattr(run, name) for name in RunShown.model_fields}


def _undecided(order_id: int) -> Problem:
    return Problem(404, f"Order {order_id} has no decision.", code="not_decided")
