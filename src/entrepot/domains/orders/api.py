"""Orders over the REST API: list, read, hand in once, stop, release, cancel."""

from datetime import UTC
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query
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
    Line,
    Money,
    Page,
    PageQuery,
    Problem,
    Routes,
    Shown,
    Whole,
    Word,
    caller_of,
    money,
    page_of,
)
from entrepot.core.company import base_currency
from entrepot.domains.orders import services
from entrepot.domains.orders.queries import RELEASABLE, OrderSearch, find_orders, order_with_lines
from entrepot.domains.payments.queries import prices_include_tax
from entrepot.kernel.issue import ISSUES

routes = Routes("orders")
State = Literal[
    "new",
    "pending",
    "held",
    "confirmed",
    "backordered",
    "unroutable",
    "shipped",
    "delivered",
    "cancelled",
    "returned",
]


class OrderQuery(PageQuery):
    """Filters of the list; empty ones filter nothing."""

    state: State | None = None
    channel: Word = ""
    country: CountryCode | None = None
    placed_from: Day | None = None
    placed_to: Day | None = None
    text: Annotated[Word, Field(description="Beginning of a number or SKU, or part of a name.")] = ""


class Address(Shown):
    """Where an order goes. Personal data."""

    name: str
    city: str
    postcode: str
    region: str
    country: str


class OrderShown(Shown):
    """An order as the list shows it; money in the currency the buyer paid, profit in that of the books."""

    id: int
    number: str
    channel: str
    external_id: str
    state: str
    placed_at: Instant
    ship_to: Address
    buyer_kind: str
    goods: Money
    shipping: Money
    discount: Money
    total: Money
    price_includes_tax: bool
    incoterm: str
    payment_method: str
    priority: int
    holds: list[str]
    warehouse: str
    service: str
    ship_on: Day | None
    promise_on: Day | None
    delivered_on: Day | None
    profit: Money | None


class LineShown(Shown):
    """One line of an order."""

    line_no: int
    sku: str
    description: str
    quantity: int
    sent_by_channel: int
    amount: Money


class HoldShown(Shown):
    """Why an order waits, in words, and what to do."""

    code: str
    state: str
    opened_at: Instant
    detail: str
    text: str
    remedy: str
    can_be_released: bool


class OrderWhole(OrderShown):
    """An order with its lines and holds."""

    lines: list[LineShown]
    hold_details: list[HoldShown]


class PlacedShown(OrderWhole):
    """The order handed in; `created` is false where it was known already."""

    created: bool


class LineGiven(Given):
    """What was bought: pieces of a SKU and what the whole line costs, in minor units."""

    sku: Annotated[Word, Field(min_length=1)]
    quantity: Whole
    amount_minor: Amount
    description: Line = ""


class AddressGiven(Given):
    """Where it goes."""

    country: CountryCode
    name: Word = ""
    city: Word = ""
    postcode: Annotated[Word, Field(max_length=20)] = ""
    region: Annotated[Word, Field(max_length=20)] = ""


class BuyerGiven(Given):
    """Who bought; with a customer number of your own the orders of one buyer stand together."""

    number: Word = ""
    name: Word = ""
    email: Word = ""
    phone: Word = ""
    kind: Literal["b2c", "b2b"] = "b2c"
    vat_id: Annotated[Word, Field(max_length=30)] = ""


class OrderGiven(Given):
    """An order of a channel; channel and external_id together name it for ever."""

    channel: Annotated[Word, Field(min_length=1)]
    external_id: Annotated[Word, Field(min_length=1)]
    placed_at: Instant
    currency: CurrencyCode
    ship_to: AddressGiven
    lines: Annotated[list[LineGiven], Field(min_length=1, max_length=500)]
    number: Word = ""
    shipping_minor: Amount = 0
    discount_minor: Amount = 0
    price_includes_tax: Annotated[Flag | None, Field(description="null: as the channel does")] = None
    incoterm: Literal["DAP", "DDP"] = "DAP"
    payment_method: Word = ""
    buyer: BuyerGiven = BuyerGiven()


class NoteGiven(Given):
    """Why, for whoever asks later."""

    note: Line = ""


class ReleaseGiven(NoteGiven):
    """Which holds to release; none named: all of them."""

    codes: Annotated[list[Word], Field(max_length=50)] = []


@routes.read("/orders", scope="orders.view", response=Page[OrderShown], name="list_orders")
def list_orders(request: HttpRequest, wanted: Query[OrderQuery]) -> dict[str, Any]:
    """Orders, the newest id first."""
    search = OrderSearch(
        text=wanted.text,
        states=(wanted.state,) if wanted.state else (),
        channels=(wanted.channel,) if wanted.channel else (),
        countries=(wanted.country,) if wanted.country else (),
        placed_from=wanted.placed_from,
        placed_to=wanted.placed_to,
    )
    return page_of(find_orders(search), wanted, shown(base_currency()))


@routes.read("/orders/{order_id}", scope="orders.view", response=OrderWhole, name="get_order")
def get_order(request: HttpRequest, order_id: Id) -> dict[str, Any]:
    """One order with its lines and holds."""
    return whole(order_id)


@routes.write("/orders", scope="orders.change", response=PlacedShown, name="create_order")
def create_order(request: HttpRequest, given: OrderGiven) -> dict[str, Any]:
    """Hand an order in. The same order of a channel arriving ten times is one order.

    Known already with the same lines it is answered as it stands; with other lines it is refused (409).
    """
    tax = given.price_includes_tax
    head = {
        **given.model_dump(include={"channel", "external_id", "number", "currency", "shipping_minor",
                                    "discount_minor", "incoterm", "payment_method"}),
        "source": "api",
        "placed_at": given.placed_at.astimezone(UTC),
        "price_includes_tax": bool(prices_include_tax(given.channel)) if tax is None else tax,
        "buyer_kind": given.buyer.kind,
        "buyer_vat_id": given.buyer.vat_id,
        "recipient_name": given.ship_to.name,
        **{f"dest_{name}": getattr(given.ship_to, name) for name in ("country", "region", "postcode", "city")},
    }  # fmt: skip
    lines = [
        {"line_no": n, **line.model_dump(include={"sku", "description", "quantity", "amount_minor"})}
        for n, line in enumerate(given.lines, 1)
    ]
    buyer = {"code": given.buyer.number, "country": given.ship_to.country,
             **given.buyer.model_dump(include={"name", "email", "phone"})}  # fmt: skip
    placed = services.place_order(head, lines, buyer)
    if not placed.is_same:
        told = (
            f"Order {given.external_id} of {given.channel} is known with other lines (id {placed.order_id})."
        )
        raise Problem(409, told, code="order_differs")
    return {**whole(placed.order_id), "created": placed.is_new}


@routes.write("/orders/{order_id}/hold", scope="orders.review", response=OrderWhole, name="hold_order")
def hold_order(request: HttpRequest, order_id: Id, given: NoteGiven) -> dict[str, Any]:
    """Stop an order that has not left, until somebody releases it."""
    _known(order_id)
    if not services.hold_orders([order_id], caller_of(request).user, note=given.note):
        raise _too_late(order_id)
    return whole(order_id)


@routes.write("/orders/{order_id}/release", scope="orders.review", response=OrderWhole, name="release_order")
def release_order(request: HttpRequest, order_id: Id, given: ReleaseGiven) -> dict[str, Any]:
    """Let a held order pass. Embargoes and prohibited goods cannot be released; sanctions hits need a note."""
    order = _known(order_id)
    if order.state != "held":
        raise Problem(409, f"The order is {order.state}, not held.", code="order_not_held")
    codes = [code for code in RELEASABLE if not given.codes or code in given.codes]
    try:
        touched = services.release_holds([order_id], caller_of(request).user, codes=codes, note=given.note)
    except services.ReasonMissing:
        raise Problem(409, "One of the holds is released with a note only.", code="note_missing") from None
    if not touched:
        raise Problem(409, "None of its open holds may be released, or has this code.", code="hold_stays")
    return whole(order_id)


@routes.write("/orders/{order_id}/cancel", scope="orders.change", response=OrderWhole, name="cancel_order")
def cancel_order(request: HttpRequest, order_id: Id, given: NoteGiven) -> dict[str, Any]:
    """Cancel an order that has not left; what was booked for it is taken back."""
    order = _known(order_id)
    if order.state != "cancelled" and not services.cancel_orders(
        [order_id], caller_of(request).user, note=given.note
    ):
        raise _too_late(order_id)
    return whole(order_id)


def _known(order_id: int) -> Any:
    order = order_with_lines(order_id)
    if order is None:
        raise Problem(404, f"There is no order {order_id}.")
    return order


def _too_late(order_id: int) -> Problem:
    return Problem(409, f"Order {order_id} is {_known(order_id).state}: it has left, or was cancelled.",
                   code="order_has_left")  # fmt: skip


def shown(base: str) -> Any:
    """How an order becomes a row of the list; `base` is the books' currency."""

    def row(order: Any) -> dict[str, Any]:
        same = ("id", "number", "channel", "external_id", "state", "placed_at", "buyer_kind", "price_includes_tax",
                "incoterm", "payment_method", "priority", "holds", "warehouse", "service", "ship_on", "promise_on",
                "delivered_on")  # fmt: skip
        return {
            **{name: getattr(order, name) for name in same},
            **{
                name: money(getattr(order, f"{name}_minor"), order.currency)
                for name in ("goods", "shipping", "discount", "total")
            },
            "ship_to": {
                "name": order.recipient_name,
                **{
                    name: getattr(order, f"dest_{name}") for name in ("city", "postcode", "region", "country")
                },
            },
            "profit": money(order.profit_base_minor, base),
        }

    return row


def whole(order_id: int) -> dict[str, Any]:
    """An order with everything `OrderWhole` shows. Errors: Problem 404."""
    order = _known(order_id)
    lines = sorted(order.lines.all(), key=lambda line: line.line_no)
    holds = sorted(order.hold_rows.all(), key=lambda hold: hold.pk)
    return {
        **shown(base_currency())(order),
        "lines": [
            {
                "line_no": line.line_no,
                "sku": line.sku_code,
                "description": line.description,
                "quantity": line.quantity,
                "sent_by_channel": line.sent,
                "amount": money(line.amount_minor, order.currency),
            }
            for line in lines
        ],
        "hold_details": [_hold(hold) for hold in holds],
    }


def _hold(hold: Any) -> dict[str, Any]:
    issue = ISSUES.get(hold.code)
    return {
        **{name: getattr(hold, name) for name in ("code", "state", "opened_at", "detail")},
        "text": issue.en if issue else hold.code,
        "remedy": issue.remedy_en if issue else "",
        "can_be_released": hold.code in RELEASABLE and hold.state == "open",
    }
