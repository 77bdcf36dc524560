"""A Vendure shop by its admin API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from entrepot.domains.channels.adapters.client import Call, Client, NotAllowed, PlainManners, Verdict
from entrepot.domains.channels.adapters.graphql import codes_of, refusal_of
from entrepot.domains.channels.adapters.parcels import in_parcel
from entrepot.domains.channels.adapters.port import (
    Answer,
    Cursor,
    Listing,
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
from entrepot.domains.channels.adapters.vendure import build, parse
from entrepot.domains.channels.adapters.windows import Reader, Slice

OVER = "FORBIDDEN"


class VendureManners(PlainManners):
    """Signs in when it has to; errors come inside good answers."""

    def __init__(self, session: Session) -> None:
        super().__init__({"vendure-token": token} if (token := session.setting("channel_token")) else {})
        self.session, self.token = session, ""
        self.signed_in = False
        self.client: Client | None = None

    def headers(self, fresh: bool) -> Mapping[str, str]:
        """The session's token, if the shop gives it as a header; otherwise its cookie goes along by itself."""
        if fresh or not self.signed_in:
            self._sign_in()
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**super().headers(fresh), **bearer}

    def judge(self, call: Call, data: Any) -> Verdict | None:
        """No session any more means signing in again."""
        refusal = refusal_of(data)
        if refusal is None:
            return None
        if OVER in codes_of(data):
            return Verdict(renew=True, refusal=NotAllowed(OVER, refusal.detail, 403))
        return Verdict(refusal=refusal)

    def _sign_in(self) -> None:
        assert self.client is not None
        secrets = self.session.credentials
        reply = self.client.call(build.build_login(secrets.get("username", ""), secrets.get("password", "")))
        result = (reply.data or {}).get("data", {}).get("login") or {}
        if result.get("errorCode"):
            raise NotAllowed(str(result["errorCode"]), str(result.get("message", "")), 401)
        self.token, self.signed_in = reply.headers.get("vendure-auth-token", ""), True


class Vendure:
    """The connector; see `port.Connector`."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.manners = VendureManners(session)
        self.client = session.client(self.manners)
        self.manners.client = self.client

    @cached_property
    def shop(self) -> parse.Shop:
        """What holds for all its answers; asked once an exchange."""
        return parse.parse_shop(self._ask(build.build_shop()), MoneyReader(self.session.minor_units))

    def identify(self) -> str:
        """The shop's channel."""
        return self.shop.name

    def orders(self, cursor: Cursor) -> Iterator[Page]:
        """Placed orders by the time of their last change."""
        shop, now = self.shop, self.session.clock.now()
        reader = Reader(
            fetch=self._orders,
            parse=lambda order: parse.parse_order(order, shop),
            name=lambda order: str(order["id"]),
            now=now,
            first=self.session.first_day(now),
            overlap=self.session.overlap,
        )
        return reader.pages(cursor)

    def order(self, external_id: str) -> Page:
        """One order; a number the shop does not know gives an empty page."""
        found = self._ask(build.build_order(external_id))["data"]["order"]
        records = [found] if found else []
        return Page(
            *parse_records(records, lambda o: parse.parse_order(o, self.shop), lambda o: str(o["id"])), {}
        )

    def listings(self, cursor: Cursor) -> Iterator[ListingPage]:
        """All articles."""
        skip, total = int(cursor.get("skip", 0)), 1
        while skip < total:
            found = self._ask(build.build_variants(skip))["data"]["productVariants"]
            skip, total = skip + len(found["items"]), found["totalItems"] if found["items"] else 0
            page = tuple(parse.parse_listing(item, self.shop) for item in found["items"])
            yield ListingPage(page, {"skip": skip} if skip < total else {})

    def statements(self, cursor: Cursor) -> Iterator[tuple[Statement, Cursor]]:
        """A shop of one's own settles nothing."""
        raise NotOffered("statements")

    def send(self, message: Outgoing) -> Answer:
        """Tracking, stock or prices; tracking looks first what the shop has, for it knows no idempotency key."""
        ways = {"tracking": self._tracking, "stock": self._stock, "price": self._price}
        if message.kind not in ways:
            raise NotOffered(message.kind)
        return ways[message.kind](message.payload)

    def result(self, message: Outgoing, external_id: str) -> Answer:
        """Everything is answered at once."""
        raise NotOffered("result")

    def _tracking(self, payload: Mapping[str, Any]) -> Answer:
        order = self._ask(build.build_order(payload["external_id"]))["data"]["order"]
        if order is None:
            return Answer(refused={payload["external_id"]: "order.unknown"})
        known = [f for f in order["fulfillments"] or () if f["trackingCode"] == payload["tracking_no"]]
        if known:
            fulfilment = known[0]
        else:
            skus = {str(line["id"]): str(line["productVariant"]["sku"]) for line in order.get("lines") or ()}
            left = parse.left_of(order)
            taken = in_parcel(payload, ((name, skus.get(name, ""), pieces) for name, pieces in left.items()))
            lines = [{"orderLineId": name, "quantity": pieces} for name, pieces in taken.items()]
            if not lines:
                return Answer(refused={payload["external_id"]: "order.nothing_open"})
            call = build.build_fulfilment(lines, payload["carrier"], payload["tracking_no"])
            fulfilment = parse.made_or_refused(self._ask(call)["data"]["addFulfillmentToOrder"])
        if fulfilment["state"] in ("Created", "Pending"):
            call = build.build_transition(fulfilment["id"], "Shipped")
            parse.made_or_refused(self._ask(call)["data"]["transitionFulfillmentToState"])
        return Answer(str(fulfilment["id"]))

    def _stock(self, payload: Mapping[str, Any]) -> Answer:
        """What may be sold is what lies there less what the shop has promised: its promises are put on top."""
        wanted = {row["sku"]: int(row["quantity"]) for row in payload["rows"]}
        changes = []
        for listing in self._listed(wanted):
            location = self.session.setting("location") or next(iter(listing.data["locations"]), "")
            promised = listing.data["locations"].get(location, [0, 0])[1]
            level = {"stockLocationId": location, "stockOnHand": wanted[listing.sku] + promised}
            changes.append((listing, {"id": listing.external_id, "stockLevels": [level]}))
        return self._change(wanted, changes)

    def _price(self, payload: Mapping[str, Any]) -> Answer:
        wanted = {row["sku"]: row for row in payload["rows"]}
        changes = []
        for listing in self._listed(wanted):
            row = wanted[listing.sku]
            amount = parse.to_shop_amount(row["price_minor"], row["currency"], self.shop)
            changes.append((listing, {"id": listing.external_id, "price": amount}))
        return self._change(wanted, changes)

    def _listed(self, skus: Mapping[str, Any]) -> Iterator[Listing]:
        asked = list(skus)
        for start in range(0, len(asked), build.PAGE):
            call = build.build_variants(0, asked[start : start + build.PAGE])
            for item in self._ask(call)["data"]["productVariants"]["items"]:
                yield parse.parse_listing(item, self.shop)

    def _change(self, wanted: Mapping[str, Any], changes: list[tuple[Listing, dict[str, Any]]]) -> Answer:
        if changes:
            self._ask(build.build_update([change for _listing, change in changes]))
        found = {listing.sku for listing, _change in changes}
        return Answer(refused={sku: "sku.unknown" for sku in wanted if sku not in found})

    def _orders(self, window: Window) -> Slice:
        found = self._ask(build.build_orders(window))["data"]["orders"]
        done = int(window.token or 0) + len(found["items"])
        more = found["items"] and done < found["totalItems"]
        return Slice(found["items"], str(done) if more else "", found["totalItems"])

    def _ask(self, call: Call) -> Any:
        return self.client.call(call).data
