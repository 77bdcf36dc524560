"""An Amazon seller by the Selling Partner API.

Since 2023 calls carry a token and no signature, so the client of this room does them as all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from entrepot.domains.channels.adapters.amazon import build, parse
from entrepot.domains.channels.adapters.client import Call, NotAllowed, Pace, Refused, Reply, documented_paces
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
from entrepot.domains.channels.adapters.tables import table
from entrepot.domains.channels.adapters.windows import Reader, Slice
from entrepot.kernel.money import to_major

LATEST = timedelta(minutes=2)  # what Amazon wants between the end of a window and now
WORKING = frozenset({"IN_QUEUE", "IN_PROGRESS"})


class AmazonManners(TokenManners):
    """Calls a second, told in a header; how many may be saved up is documented."""

    def __init__(self, ask: Call) -> None:
        super().__init__(ask, lambda token: {"x-amz-access-token": token})
        self.limits = documented_paces("amazon")

    def pace(self, call: Call, headers: Mapping[str, str], data: Any) -> Pace | None:
        """The rate that was applied to this call."""
        try:
            told = float(headers.get("x-amzn-ratelimit-limit", ""))
        except ValueError:
            return None
        documented = self.limits.get(call.bucket)
        return Pace(told, documented.burst if documented else 1.0)


class Amazon:
    """The connector; see `port.Connector`."""

    def __init__(self, session: Session) -> None:
        self.session, self.money = session, MoneyReader(session.minor_units)
        known = {row["id"]: row for row in table("amazon_marketplaces").iter_rows(named=True)}
        self.currencies = {number: row["currency"] for number, row in known.items()}
        by_country = {row["country"]: number for number, row in known.items()} | {"UK": "A1F83G8C2ARO7P"}
        named = session.setting("marketplaces").replace(",", " ").split()
        self.marketplaces = [by_country.get(name.upper(), name) for name in named]
        endpoint = known.get(self.marketplaces[0], {}).get("endpoint", "") if self.marketplaces else ""
        self.manners = AmazonManners(build.build_token(session.setting("token_url"), session.credentials))
        self.client = session.client(self.manners, session.setting("base_url") or endpoint)
        self.manners.client = self.client
        for bucket, pace in self.manners.limits.items():
            self.client.expect(bucket, pace)
        self._restricted: dict[str, str] = {}

    def identify(self) -> str:
        """The seller's marketplaces by name."""
        found = self._ask(build.build_participations()).data.get("payload") or []
        return ", ".join(str(each["marketplace"].get("name", each["marketplace"]["id"])) for each in found)

    def orders(self, cursor: Cursor) -> Iterator[Page]:
        """Orders by the time of their last change, each with its lines, up to two minutes ago."""
        now = self.session.clock.now() - LATEST
        first, overlap = self.session.first_day(now), self.session.overlap
        return Reader(self._orders, self._parse, _number, now, first, overlap).pages(cursor)

    def order(self, external_id: str) -> Page:
        """One order."""
        order = self._ask_personal(build.build_order(external_id)).data["payload"]
        return Page(*parse_records([self._with_items(order)], self._parse, _number), {})

    def listings(self, cursor: Cursor) -> Iterator[ListingPage]:
        """All listings of the seller."""
        token, more = str(cursor.get("token", "")), True
        while more:
            data = self._ask(build.build_listings(self._seller, self.marketplaces, token)).data
            token = str((data.get("pagination") or {}).get("nextToken") or "")
            more = bool(token)
            items = data.get("items") or []
            listings = tuple(parse.parse_listing(item, self.money, self.marketplaces) for item in items)
            yield ListingPage(listings, {"token": token} if more else {})

    def statements(self, cursor: Cursor) -> Iterator[tuple[Statement, Cursor]]:
        """Settlement reports, the oldest first; Amazon makes them by itself."""
        now = self.session.clock.now()
        since = str(cursor.get("since") or build.utc_text(self.session.first_day(now)))
        seen, found, token = set(cursor.get("seen", ())), list[Mapping[str, Any]](), ""
        while True:
            data = self._ask(build.build_reports(since, token)).data
            found += data.get("reports") or []
            token = str(data.get("nextToken") or "")
            if not token:
                break
        for report in sorted(found, key=lambda each: (each["createdTime"], each["reportId"])):
            if report["reportId"] in seen or not report.get("reportDocumentId"):
                continue
            content = self._document(build.build_report_document(report["reportDocumentId"]))
            seen = {report["reportId"]} if report["createdTime"] > since else seen | {report["reportId"]}
            since = max(since, report["createdTime"])
            name = f"settlement-{report['reportId']}.txt"
            statement = Statement(name, "amazon-settlement", report["createdTime"], content)
            yield statement, {"since": since, "seen": sorted(seen)}

    def send(self, message: Outgoing) -> Answer:
        """Tracking at once; stock and prices as a feed, which Amazon works on later."""
        if message.kind == "tracking":
            return self._tracking(message.payload)
        if message.kind not in ("stock", "price"):
            raise NotOffered(message.kind)
        changes = [self._change(message.kind, row) for row in message.payload["rows"]]
        place = self._ask(build.build_feed_document()).data
        self.client.call(build.build_upload(place["url"], build.feed_of(self._seller, changes)))
        feed = self._ask(build.build_feed(place["feedDocumentId"], self.marketplaces)).data
        return Answer(str(feed["feedId"]), pending=True)

    def result(self, message: Outgoing, external_id: str) -> Answer:
        """What became of a feed."""
        feed = self._ask(build.build_feed_state(external_id)).data
        state = str(feed.get("processingStatus", ""))
        if state in WORKING:
            return Answer(external_id, pending=True)
        if state != "DONE":
            raise Refused("amazon.feed", state)
        document = feed.get("resultFeedDocumentId")
        if not document:
            return Answer(external_id)
        report = self._document(build.build_feed_result(document))
        skus = [row["sku"] for row in message.payload["rows"]]
        return Answer(external_id, refused=parse.refused_changes(report, skus))

    def _tracking(self, payload: Mapping[str, Any]) -> Answer:
        number = payload["external_id"]
        order = self._ask(build.build_order(number)).data["payload"]
        known = self._items(number)
        ordered = [(i["OrderItemId"], str(i.get("SellerSKU") or ""), i["QuantityOrdered"]) for i in known]
        left = [
            (name, sku, pieces - (parse.sent_of(item) or 0))
            for (name, sku, pieces), item in zip(ordered, known, strict=True)
        ]
        # all of it where nothing is open any more: the same parcel, told again, changes nothing there
        is_open = payload.get("lines") is None and any(pieces for _name, _sku, pieces in left)
        told = in_parcel(payload, left if is_open else ordered)
        items = [{"orderItemId": name, "quantity": pieces} for name, pieces in told.items()]
        market = order.get("MarketplaceId") or self.marketplaces[0]
        self._ask(build.build_shipped(number, items, payload, market))
        return Answer(payload["tracking_no"])

    def _change(self, kind: str, row: Mapping[str, Any]) -> tuple[str, str, list[dict[str, Any]]]:
        if kind == "stock":
            return row["sku"], "fulfillment_availability", build.stock_value(int(row["quantity"]))
        price = str(to_major(row["price_minor"], self.money.decimals(row["currency"])))
        return row["sku"], "purchasable_offer", build.price_value(price, row["currency"], self.marketplaces)

    def _orders(self, window: Window) -> Slice:
        payload = self._ask_personal(build.build_orders(window, self.marketplaces)).data["payload"]
        orders = [self._with_items(order) for order in payload.get("Orders") or ()]
        return Slice(orders, str(payload.get("NextToken") or ""))

    def _with_items(self, order: Mapping[str, Any]) -> dict[str, Any]:
        return {**order, "OrderItems": self._items(order["AmazonOrderId"])}

    def _items(self, number: str) -> list[Mapping[str, Any]]:
        found, token, more = list[Mapping[str, Any]](), "", True
        while more:
            payload = self._ask(build.build_items(number, token)).data["payload"]
            found += payload.get("OrderItems") or []
            token = str(payload.get("NextToken") or "")
            more = bool(token)
        return found

    def _ask_personal(self, call: Call) -> Reply:
        """A call that shows names and addresses, with a token made for its path, which lives an hour."""
        if self.session.setting("addresses") != "yes":
            return self._ask(call)
        for fresh in (False, True):
            if fresh or call.path not in self._restricted:
                data = self._ask(build.build_restricted_token(call.path)).data
                self._restricted[call.path] = str(data["restrictedDataToken"])
            token = {"x-amz-access-token": self._restricted[call.path]}
            try:
                return self._ask(
                    Call(call.method, call.path, params=call.params, headers=token, bucket=call.bucket)
                )
            except NotAllowed:
                if fresh:
                    raise
        raise AssertionError("unreachable")

    def _document(self, where: Call) -> bytes:
        data = self._ask(where).data
        reply = self.client.call(build.build_download(data["url"]))
        return parse.document_of(reply.content, str(data.get("compressionAlgorithm") or ""))

    @property
    def _seller(self) -> str:
        seller = self.session.setting("seller_id")
        if not seller:
            raise Refused("amazon.no_seller_id")
        return seller

    def _parse(self, order: Mapping[str, Any]) -> Any:
        return parse.parse_order(order, self.money, self.currencies)

    def _ask(self, call: Call) -> Reply:
        return self.client.call(call)


def _number(order: Mapping[str, Any]) -> str:
    return str(order["AmazonOrderId"])
