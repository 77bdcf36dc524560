"""Orders from channels in the shapes the orders room takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.channels.rules import Accepted, IncomingOrder
from entrepot.domains.channels.rules.incoming import PARTLY, standing_of, tells_the_rest

TEXT, WHOLE, MOMENT = pl.String(), pl.Int64(), pl.Datetime("us", "UTC")
HEADS: dict[str, pl.DataType] = {
    "ref": WHOLE, "channel": TEXT, "account": TEXT, "external_id": TEXT, "number": TEXT, "source": TEXT,
    "state": TEXT, "channel_state": TEXT, "revised_at": MOMENT, "placed_at": MOMENT, "placed_on": pl.Date(),
    "customer_code": TEXT, "dest_country": TEXT, "dest_region": TEXT, "dest_postcode": TEXT, "dest_city": TEXT,
    "recipient_name": TEXT, "currency": TEXT, "shipping_minor": WHOLE, "discount_minor": WHOLE,
    "tax_charged_minor": WHOLE, "price_includes_tax": pl.Boolean(), "buyer_kind": TEXT, "buyer_vat_id": TEXT,
    "payment_method": TEXT, "priority": WHOLE, "billing_country": TEXT,
}  # fmt: skip
LINES: dict[str, pl.DataType] = {
    "ref": WHOLE, "line_no": WHOLE, "sku": TEXT, "description": TEXT, "quantity": WHOLE, "unit_price_e4": WHOLE,
    "amount_minor": WHOLE, "channel_sku": TEXT, "channel_line_id": TEXT, "sent": WHOLE,
}  # fmt: skip
CUSTOMERS: dict[str, pl.DataType] = {
    "code": TEXT, "name": TEXT, "email": TEXT, "phone": TEXT, "country": TEXT
}  # fmt: skip


def heads(orders: Sequence[IncomingOrder], *, channel: str, account: str, source: str, taxed: bool) -> Frame:
    """Orders as `orders.frames.NEW_ORDERS`; `ref` is the place in the sequence."""
    rows = [
        (
            ref, channel, account, o.external_id, o.number, source, standing_of(o), o.channel_state, utc(o.revised_at),
            utc(o.placed_at), o.placed_on, customer_code(o, channel), o.country, o.region, o.postcode, o.city,
            o.recipient or o.buyer_name, o.currency, o.shipping_minor, o.discount_minor, o.tax_minor,
            taxed if o.price_includes_tax is None else o.price_includes_tax,
            "b2b" if o.is_business or o.vat_number else "b2c", o.vat_number, o.payment_method, o.priority,
            o.billing_country,
        )
        for ref, o in enumerate(orders)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=HEADS, orient="row")


def lines(orders: Sequence[IncomingOrder], skus: Mapping[str, str]) -> Frame:
    """Lines as `orders.frames.NEW_LINES`; `skus`: the account's codes that have another name with us."""
    rows = [
        (
            ref, number, skus.get(line.sku, line.sku), line.description, line.quantity, line.unit_price_e4,
            line.amount_minor, line.sku, line.line_id, line.sent if order.channel_state == PARTLY else 0,
        )
        for ref, order in enumerate(orders)
        for number, line in enumerate(order.lines, start=1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=LINES, orient="row")


def customers(orders: Sequence[IncomingOrder], channel: str) -> Frame:
    """Buyers that the channel names by a number or an e-mail address, each once."""
    rows = {
        code: (code, o.buyer_name or o.recipient, o.email, o.phone, o.billing_country or o.country)
        for o in orders
        if (code := customer_code(o, channel))
    }
    return pl.DataFrame(list(rows.values()), schema=CUSTOMERS, orient="row")


def customer_code(order: IncomingOrder, channel: str) -> str:
    """Our number of the buyer: the channel's before theirs, or their e-mail address; '' where neither is known."""
    own = order.customer_no or order.email.lower()
    return f"{channel}:{own}" if own else ""


def accepted(answer: Frame) -> Accepted:
    """The orders room's answer, in the order of the call."""
    rows = answer.sort("ref")
    return Accepted(tuple(rows["order_id"].to_list()), tuple(rows["outcome"].to_list()))


def left_open(orders: Sequence[IncomingOrder], accepted: Accepted) -> list[int]:
    """Orders taken in or changed of which a part has left, nobody says which: a person has to."""
    told = zip(orders, accepted.order_ids, accepted.outcomes, strict=True)
    return [
        number
        for order, number, outcome in told
        if outcome in ("new", "updated") and order.channel_state == PARTLY and not tells_the_rest(order)
    ]


def utc(moment: datetime | None) -> datetime | None:
    """The instant in UTC; one without an offset is taken as UTC."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
