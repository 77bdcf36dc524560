"""An eBay seller by the Sell APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.domains.channels.adapters.client import Call, Reply
from entrepot.domains.channels.adapters.ebay import build, parse
from entrepot.domains.channels.adapters.oauth import TokenManners
from entrepot.domains.channels.adapters.parcels import in_parcel
from entrepot.domains.channels.adapters.port import (
    Answer,
    Cursor,
    ListingPage,
    NotOffered,
    Outgoing,
    Page,
    Statement,
    Window,
    parse_records,
)
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.domains.channels.adapters.session import Session
from entrepot.domains.channels.adapters.windows import Reader, Slice
from entrepot.kernel.money import to_major


class Ebay:
    """The connector; see `port.Connector`."""

    def __init__(self, session: Session) -> None:
        self.session, self.money = session, MoneyReader(session.minor_units)
        self.marketplace = session.setting("marketplace")
        token = build.build_token(session.setting("token_url"), session.credentials)
        manners = TokenManners(token, self._headers)
        self.client = session.client(manners)
        manners.client = self.client

    def identify(self) -> str:
        """The seller, as the newest order names it; the marketplace where there is none yet."""
        orders = self._ask(build.build_first_order()).data.get("orders") or []
        return str(orders[0].get("sellerId") if orders else "") or self.marketplace

    def orders(self, cursor: Cursor) -> Iterator[Page]:
        """Orders by the time of their last change."""
        now = self.session.clock.now()
        first, overlap = self.session.first_day(now), self.session.overlap
        return Reader(self._orders, self._parse, _number, now, first, overlap).pages(cursor)

    def order(self, external_id: str) -> Page:
        """One order."""
        return Page(
            *parse_records([self._ask(build.build_order(external_id)).data], self._parse, _number), {}
        )

    def listings(self, cursor: Cursor) -> Iterator[ListingPage]:
        """All inventory items."""
        offset, total = int(cursor.get("offset", 0)), 1
        while offset < total:
            data = self._ask(build.build_listings(offset)).data
            items = data.get("inventoryItems") or []
            offset, total = offset + len(items), int(data.get("total") or 0) if items else 0
            yield ListingPage(
                tuple(map(parse.parse_listing, items)), {"offset": offset} if offset < total else {}
            )

    def statements(self, cursor: Cursor) -> Iterator[tuple[Statement, Cursor]]:
        """Payouts come by file: the Finances API wants signatures of its own."""
        raise NotOffered("statements")

    def send(self, message: Outgoing) -> Answer:
        """Tracking, stock or prices."""
        ways = {"tracking": self._tracking, "stock": self._stock, "price": self._price}
        if message.kind not in ways:
            raise NotOffered(message.kind)
        return ways[message.kind](message.payload)

    def result(self, message: Outgoing, external_id: str) -> Answer:
        """Everything is answered at once."""
        raise NotOffered("result")

    def _tracking(self, payload: Mapping[str, Any]) -> Answer:
        """Looks first whether the parcel is there: eBay would book it twice."""
        number, wanted = payload["external_id"], build.plain(payload["tracking_no"])
        parcels = self._ask(build.build_fulfilments(number)).data.get("fulfillments") or []
        for parcel in parcels:
            if build.plain(str(parcel.get("shipmentTrackingNumber") or "")) == wanted:
                return Answer(str(parcel["fulfillmentId"]))
        order = self._ask(build.build_order(number)).data
        left = parse.left_of(order, parcels)
        skus = {str(line["lineItemId"]): str(line.get("sku") or "") for line in order["lineItems"]}
        taken = in_parcel(payload, ((name, skus.get(name, ""), pieces) for name, pieces in left.items()))
        if not taken:
            return Answer(refused={number: "order.nothing_open"})
        lines = [{"lineItemId": name, "quantity": pieces} for name, pieces in taken.items()]
        reply = self._ask(build.build_fulfilment(number, lines, payload))
        made = reply.headers.get("location", "").rstrip("/").rsplit("/", 1)[-1]
        return Answer(made or str((reply.data or {}).get("fulfillmentId", "")))

    def _stock(self, payload: Mapping[str, Any]) -> Answer:
        return self._change([
            {"sku": row["sku"], "shipToLocationAvailability": {"quantity": int(row["quantity"])}}
            for row in payload["rows"]
        ])  # fmt: skip

    def _price(self, payload: Mapping[str, Any]) -> Answer:
        requests, unknown = [], dict[str, str]()
        for row in payload["rows"]:
            offers = self._ask(build.build_offers(row["sku"], self.marketplace)).data.get("offers") or []
            value = str(to_major(row["price_minor"], self.money.decimals(row["currency"])))
            price = {"value": value, "currency": row["currency"]}
            if offers:
                requests.append(
                    {"sku": row["sku"], "offers": [{"offerId": o["offerId"], "price": price} for o in offers]}
                )
            else:
                unknown[row["sku"]] = "sku.unknown"
        answer = self._change(requests)
        return Answer(refused={**answer.refused, **unknown})

    def _change(self, requests: list[dict[str, Any]]) -> Answer:
        refused: dict[str, str] = {}
        for call in build.build_changes(requests):
            refused |= parse.refused_changes(self._ask(call).data)
        return Answer(refused=refused)

    def _orders(self, window: Window) -> Slice:
        data = self._ask(build.build_orders(window)).data
        orders, total = data.get("orders") or [], int(data.get("total") or 0)
        done = int(window.token or 0) + len(orders)
        return Slice(orders, str(done) if orders and done < total else "", total)

    def _parse(self, order: Mapping[str, Any]) -> Any:
        return parse.parse_order(order, self.money)

    def _headers(self, token: str) -> Mapping[str, str]:
        marketplace = {"X-EBAY-C-MARKETPLACE-ID": self.marketplace} if self.marketplace else {}
        return {"Authorization": f"Bearer {token}", **marketplace}

    def _ask(self, call: Call) -> Reply:
        return self.client.call(call)


def _number(order: Mapping[str, Any]) -> str:
    return str(order["orderId"])
