"""An order as every channel's orders look once they are read, from whatever file or API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from entrepot.kernel.money import to_minor


@dataclass(frozen=True, slots=True)
class IncomingLine:
    """One line: what was bought, how many, and what all of it costs.

    Units: `amount_minor` minor units of the order's currency for the whole line before discounts;
    `unit_price_e4` 1/10000 of the major unit. `sku` is the channel's own code of the article: where the seller gave
    none, the channel's number of the article, else its title. `line_id` is the channel's number of the line. `sent`:
    how many pieces the channel has sent already, of an order it calls partly sent; None where it does not say.
    """

    sku: str
    quantity: int
    amount_minor: int
    unit_price_e4: int
    description: str = ""
    line_id: str = ""
    sent: int | None = None

    @property
    def left(self) -> int | None:
        """Pieces still to be sent; None where nobody says."""
        return None if self.sent is None else max(self.quantity - max(self.sent, 0), 0)


@dataclass(frozen=True, slots=True)
class IncomingRefund:
    """Money given back for an order, in minor units, positive; `key` is the channel's number of the refund.

    `is_total`: the amount is all that was given back for the order so far, not one refund.
    """

    key: str
    order_id: str
    amount_minor: int
    currency: str
    refunded_at: datetime
    note: str = ""
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class IncomingOrder:
    """One order of one channel account.

    `external_id` is the number by which the channel's API names it; `number` what people see (else the same).
    `state`: `new` is to be decided, `pending` waits for its payment, `cancelled` is kept and never decided.
    `channel_state`: how the channel sees it: pending, paid, partly_shipped, shipped, delivered, cancelled, refunded
    (nothing was sent) or returned (sent, and given back); see `standing_of`.
    `revised_at`: when the channel last changed it; without it nobody knows which of two versions is newer.
    `refunded_minor`: all that was given back for it so far, the last time at `refunded_at`; 0 where the channel does
    not say.
    Units: minor units of `currency`. `discount_minor` is positive and lowers the total. `tax_minor` is the tax the
    channel says it charged: within the prices if `price_includes_tax`, else on top; it is kept and compared, the
    order's tax is computed by our own engine. `price_includes_tax` None: as is usual at the channel.
    Personal data: recipient, buyer, e-mail, phone, address.
    """

    external_id: str
    placed_at: datetime
    currency: str
    lines: tuple[IncomingLine, ...] = ()
    number: str = ""
    state: str = "new"
    channel_state: str = "paid"
    placed_on: date | None = None
    revised_at: datetime | None = None
    shipping_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    price_includes_tax: bool | None = None
    customer_no: str = ""
    buyer_name: str = ""
    email: str = ""
    phone: str = ""
    recipient: str = ""
    country: str = ""
    region: str = ""
    postcode: str = ""
    city: str = ""
    billing_country: str = ""
    vat_number: str = ""
    is_business: bool = False
    payment_method: str = ""
    priority: int = 0
    refunded_minor: int = 0
    refunded_at: datetime | None = None

    @property
    def goods_minor(self) -> int:
        """Sum of the lines."""
        return sum(line.amount_minor for line in self.lines)

    def refund(self) -> IncomingRefund:
        """All that was given back so far, as the file of any kind tells it."""
        when = self.refunded_at or self.revised_at or self.placed_at
        key, amount = f"{self.external_id}:total", self.refunded_minor
        return IncomingRefund(key, self.external_id, amount, self.currency, when, is_total=True)


GONE = {"shipped": "shipped", "delivered": "delivered", "returned": "returned", "refunded": "cancelled"}
PARTLY = "partly_shipped"


def standing_of(order: IncomingOrder) -> str:
    """The state an order comes in with: what has left already, or was given back, is not to be sent again."""
    if order.state != "new":
        return order.state
    if order.channel_state == PARTLY and order.lines and not any(line.left != 0 for line in order.lines):
        return "shipped"
    return GONE.get(order.channel_state, order.state)


def tells_the_rest(order: IncomingOrder) -> bool:
    """Whether a partly sent order says of every line how much of it is still to be sent."""
    return all(line.sent is not None for line in order.lines) and any(line.sent for line in order.lines)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of orders that were taken in: the order's id and one outcome for each, in the order they came.

    Outcomes: new, same, older, updated, cancelled, too_late (see `orders.services.accept_orders`).
    """

    order_ids: tuple[int, ...] = ()
    outcomes: tuple[str, ...] = field(default=())

    def count(self, outcome: str) -> int:
        """How many came out so."""
        return self.outcomes.count(outcome)


def to_e4(amount: str | Decimal | int) -> int:
    """1/10000 of the major unit, half-up: the exact form of prices finer than their currency."""
    return to_minor(amount, 4)
