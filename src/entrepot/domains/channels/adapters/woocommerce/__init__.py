"""A WooCommerce shop by its REST API v3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.domains.channels.adapters.client import Call, PlainManners, Reply
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
from entrepot.domains.channels.adapters.woocommerce import build, parse


class WooCommerce:
    """The connector; see `port.Connector`."""

    def __init__(self, session: Session) -> None:
        self.session, self.money = session, MoneyReader(session.minor_units)
        secrets = session.credentials
        manners = PlainManners(
            build.sign_in(secrets.get("consumer_key", ""), secrets.get("consumer_secret", ""))
        )
        self.client = session.client(manners)

    def identify(self) -> str:
        """The shop's address as it knows it itself."""
        return parse.parse_shop(self._ask(build.build_status()).data) or self.session.setting("base_url")

    def orders(self, cursor: Cursor) -> Iterator[Page]:
        """Orders by the time of their last change."""
        now = self.session.clock.now()
        reader = Reader(
            self._orders, self._parse, _number, now, self.session.first_day(now), self.session.overlap
        )
        return reader.pages(cursor)

    def order(self, external_id: str) -> Page:
        """One order."""
        return Page(
            *parse_records([self._ask(build.build_order(external_id)).data], self._parse, _number), {}
        )

    def listings(self, cursor: Cursor) -> Iterator[ListingPage]:
        """Products, and after each variable product its variations."""
        page, pages = int(cursor.get("page", 1)), 1
        while page <= max(pages, int(cursor.get("page", 1))):
            reply = self._ask(build.build_products(page))
            pages = int(reply.headers.get("x-wp-totalpages", 1) or 1)
            found = [record for product in reply.data for record in self._with_variations(product)]
            page += 1
            listings = tuple(parse.parse_listing(record, self.money, self._currency) for record in found)
            yield ListingPage(listings, {"page": page} if page <= pages else {})

    def statements(self, cursor: Cursor) -> Iterator[tuple[Statement, Cursor]]:
        """A shop of one's own settles nothing."""
        raise NotOffered("statements")

    def send(self, message: Outgoing) -> Answer:
        """Tracking, stock or prices: absolute values; a note that is there already is not written again."""
        ways = {"tracking": self._tracking, "stock": self._change, "price": self._change}
        if message.kind not in ways:
            raise NotOffered(message.kind)
        return ways[message.kind](message.payload)

    def result(self, message: Outgoing, external_id: str) -> Answer:
        """Everything is answered at once."""
        raise NotOffered("result")

    def _tracking(self, payload: Mapping[str, Any]) -> Answer:
        """Three steps that each may be repeated: the tracking data of the order, the buyer's note, the state."""
        number = payload["external_id"]
        order = self._ask(build.build_order(number)).data
        parcels = parse.parcels_of(order)
        others = [each for each in parcels if each.get("tracking_number") != payload["tracking_no"]]
        is_done = order.get("status") == "completed" or not payload.get("is_last", True)
        if len(others) == len(parcels) or not is_done:
            kept = others if payload.get("lines") is not None else []
            self._ask(build.build_shipped(number, payload, kept, parse.goods_of(order, payload)))
        notes = self._ask(build.build_notes(number)).data
        if not any(payload["tracking_no"] in str(note.get("note", "")) for note in notes):
            self._ask(build.build_note(number, payload))
        return Answer(payload["tracking_no"])

    def _change(self, payload: Mapping[str, Any]) -> Answer:
        rows, unknown = list(payload["rows"]), dict[str, str]()
        known = self._ids([row["sku"] for row in rows])
        for row in rows:
            if row["sku"] not in known:
                unknown[row["sku"]] = "sku.unknown"
        changes = [
            (known[row["sku"]], build.change_of(row, self.money)) for row in rows if row["sku"] in known
        ]
        for call in build.build_changes(changes):
            unknown |= parse.refused_changes(self._ask(call).data, known)
        return Answer(refused=unknown)

    def _ids(self, skus: list[str]) -> dict[str, tuple[int, int]]:
        """(product, variation or 0) of each SKU."""
        found: dict[str, tuple[int, int]] = {}
        for call in build.build_lookups(skus):
            for product in self._ask(call).data:
                found[product["sku"]] = (
                    (product["parent_id"], product["id"]) if product.get("parent_id") else (product["id"], 0)
                )
        return found

    def _with_variations(self, product: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        yield product
        page, pages = 1, 1 if product.get("type") == "variable" else 0
        while page <= pages:
            reply = self._ask(build.build_variations(product["id"], page))
            pages = int(reply.headers.get("x-wp-totalpages", 1) or 1)
            page += 1
            yield from ({**variation, "parent_id": product["id"]} for variation in reply.data)

    @property
    def _currency(self) -> str:
        if not hasattr(self, "_known_currency"):
            self._known_currency = str(self._ask(build.build_currency()).data.get("value", ""))
        return self._known_currency

    def _orders(self, window: Window) -> Slice:
        reply = self._ask(build.build_orders(window))
        page = int(window.token or 1)
        pages = int(reply.headers.get("x-wp-totalpages", page) or page)
        total = reply.headers.get("x-wp-total")
        return Slice(reply.data, str(page + 1) if page < pages else "", int(total) if total else None)

    def _parse(self, order: Mapping[str, Any]) -> Any:
        return parse.parse_order(order, self.money)

    def _ask(self, call: Call) -> Reply:
        return self.client.call(call)


def _number(order: Mapping[str, Any]) -> str:
    return str(order["id"])
