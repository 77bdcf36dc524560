"""A Shopify shop by its Admin API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from entrepot.domains.channels.adapters.client import (
    Call,
    NotAllowed,
    Pace,
    PlainManners,
    Refused,
    Verdict,
    documented_paces,
)
from entrepot.domains.channels.adapters.graphql import codes_of, refusal_of, user_errors
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
from entrepot.domains.channels.adapters.shopify import build, parse
from entrepot.domains.channels.adapters.windows import Reader, Slice
from entrepot.kernel.money import to_major

DENIED = frozenset({"ACCESS_DENIED", "UNAUTHORIZED"})


class ShopifyManners(PlainManners):
    """Points instead of calls: each answer says what it cost, what is left and how fast it comes back."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__(headers)
        self.limits = documented_paces("shopify")

    def pace(self, call: Call, headers: Mapping[str, str], data: Any) -> Pace | None:
        """The points of GraphQL, the calls of REST."""
        cost = ((data or {}).get("extensions") or {}).get("cost") or {} if isinstance(data, dict) else {}
        status = cost.get("throttleStatus")
        if status:
            return Pace(
                float(status["restoreRate"]), float(status["maximumAvailable"]), float(status["currentlyAvailable"]),
                each=float(cost.get("requestedQueryCost") or 1),
            )  # fmt: skip
        used, _, most = headers.get("x-shopify-shop-api-call-limit", "").partition("/")
        if used.isdigit() and most.isdigit():
            usual = self.limits["rest"]
            return Pace(float(most) * usual.per_second / usual.burst, float(most), float(most) - float(used))
        return None

    def judge(self, call: Call, data: Any) -> Verdict | None:
        """Throttled answers are good ones with an error inside: the wait is what the points need to come back."""
        if call.bucket != "graphql":
            return None
        codes = codes_of(data)
        if "THROTTLED" in codes:
            cost = (data.get("extensions") or {}).get("cost") or {}
            status = cost.get("throttleStatus") or {}
            lacking = float(cost.get("requestedQueryCost") or 0) - float(
                status.get("currentlyAvailable") or 0
            )
            back = float(status.get("restoreRate") or self.limits["graphql"].per_second)
            return Verdict(wait=max(0.0, lacking / back))
        refusal = refusal_of(data)
        if refusal and codes & DENIED:
            return Verdict(refusal=NotAllowed(refusal.code, refusal.detail, 403))
        return Verdict(refusal=refusal) if refusal else None

    def words(self, status: int, data: Any) -> tuple[str, str]:
        """Errors of REST stand under `errors`."""
        errors = data.get("errors") if isinstance(data, dict) else None
        return "", json.dumps(errors, ensure_ascii=False)[:300] if errors else ""


class Shopify:
    """The connector; see `port.Connector`."""

    def __init__(self, session: Session) -> None:
        self.session, self.money = session, MoneyReader(session.minor_units)
        self.version = session.setting("api_version")
        token = session.credentials.get("access_token", "")
        self.client = session.client(ShopifyManners({"X-Shopify-Access-Token": token}))

    def identify(self) -> str:
        """The shop's name."""
        return str(self._ask(build.build_shop(self.version))["shop"]["name"])

    def orders(self, cursor: Cursor) -> Iterator[Page]:
        """Orders by the time of their last change."""
        now = self.session.clock.now()
        first, overlap = self.session.first_day(now), self.session.overlap
        return Reader(self._orders, self._parse, _number, now, first, overlap).pages(cursor)

    def order(self, external_id: str) -> Page:
        """One order."""
        found = self._ask(build.build_order(self.version, build.gid("Order", external_id)))["order"]
        records = [self._whole(found)] if found else []
        return Page(*parse_records(records, self._parse, _number), {})

    def listings(self, cursor: Cursor) -> Iterator[ListingPage]:
        """All variants."""
        currency = str(self._ask(build.build_shop(self.version))["shop"]["currencyCode"])
        after, more = str(cursor.get("after", "")), True
        while more:
            found = self._ask(build.build_variants(self.version, after))["productVariants"]
            after, more = found["pageInfo"]["endCursor"] or "", found["pageInfo"]["hasNextPage"]
            page = tuple(parse.parse_listing(variant, currency, self.money) for variant in found["nodes"])
            yield ListingPage(page, {"after": after} if more else {})

    def statements(self, cursor: Cursor) -> Iterator[tuple[Statement, Cursor]]:
        """Paid payouts with their transactions, the oldest first."""
        since = str(
            cursor.get("since") or self.session.first_day(self.session.clock.now()).date().isoformat()
        )
        seen = set(cursor.get("seen", ()))
        payouts = self._all("payouts", partial(build.build_payouts, self.version, since))
        for payout in sorted(payouts, key=lambda each: (each["date"], each["id"])):
            number = str(payout["id"])
            if number in seen:
                continue
            moved = self._all("transactions", partial(build.build_transactions, self.version, number))
            content = json.dumps({"transactions": moved}, ensure_ascii=False).encode()
            seen = {number} if payout["date"] > since else seen | {number}
            since = max(since, payout["date"])
            cursor = {"since": since, "seen": sorted(seen)}
            yield Statement(f"payout-{number}.json", "shopify-payouts", payout["date"], content), cursor

    def send(self, message: Outgoing) -> Answer:
        """Tracking, stock or prices."""
        if message.kind == "tracking":
            return self._tracking(message.payload)
        if message.kind == "stock":
            return self._stock(message)
        if message.kind == "price":
            return self._price(message.payload)
        raise NotOffered(message.kind)

    def result(self, message: Outgoing, external_id: str) -> Answer:
        """Everything is answered at once."""
        raise NotOffered("result")

    def _tracking(self, payload: Mapping[str, Any]) -> Answer:
        """Fulfils what is still open, place by place; what has the number already is not fulfilled again."""
        gid = build.gid("Order", payload["external_id"])
        order = self._ask(build.build_shipping(self.version, gid))["order"]
        if order is None:
            return Answer(refused={payload["external_id"]: "order.unknown"})
        told = [
            fulfilment
            for fulfilment in order["fulfillments"]
            if any(info.get("number") == payload["tracking_no"] for info in fulfilment["trackingInfo"] or ())
        ]
        made = [fulfilment["id"] for fulfilment in told]
        places = parse.to_fulfil(order["fulfillmentOrders"]["nodes"], told, payload)
        if not places and not made:
            return Answer(refused={payload["external_id"]: "order.nothing_open"})
        for orders in places.values():
            result = self._ask(build.build_fulfilment(self.version, orders, payload))["fulfillmentCreate"]
            if problem := user_errors(result):
                raise Refused("shopify.fulfilment", problem)
            made.append(result["fulfillment"]["id"])
        return Answer(parse.number_of(made[-1]))

    def _stock(self, message: Outgoing) -> Answer:
        rows = {row["sku"]: int(row["quantity"]) for row in message.payload["rows"]}
        known = self._variants(list(rows))
        location = build.gid("Location", self.session.setting("location") or self._location())
        items = [
            (known[sku]["inventoryItem"]["id"], quantity) for sku, quantity in rows.items() if sku in known
        ]
        for start in range(0, len(items), build.QUANTITIES):
            key = str(uuid5(NAMESPACE_URL, f"{message.key}/{start}"))
            part = items[start : start + build.QUANTITIES]
            result = self._ask(build.build_stock(self.version, location, part, key))["inventorySetQuantities"]
            if problem := user_errors(result):
                raise Refused("shopify.stock", problem)
        return Answer(refused={sku: "sku.unknown" for sku in rows if sku not in known})

    def _price(self, payload: Mapping[str, Any]) -> Answer:
        rows = {row["sku"]: row for row in payload["rows"]}
        known = self._variants(list(rows))
        products: dict[str, list[tuple[str, str]]] = {}
        for sku, variant in known.items():
            price = to_major(rows[sku]["price_minor"], self.money.decimals(rows[sku]["currency"]))
            products.setdefault(variant["product"]["id"], []).append((variant["id"], str(price)))
        for product, prices in products.items():
            result = self._ask(build.build_prices(self.version, product, prices))["productVariantsBulkUpdate"]
            if problem := user_errors(result):
                raise Refused("shopify.price", problem)
        return Answer(refused={sku: "sku.unknown" for sku in rows if sku not in known})

    def _variants(self, skus: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for start in range(0, len(skus), build.LINES):
            part = skus[start : start + build.LINES]
            nodes = self._ask(build.build_variants_by_sku(self.version, part))["productVariants"]["nodes"]
            found |= {node["sku"]: node for node in nodes if node["sku"] in part}
        return found

    def _location(self) -> str:
        nodes = self._ask(build.build_location(self.version))["locations"]["nodes"]
        if not nodes:
            raise Refused("shopify.no_location")
        return str(nodes[0]["id"])

    def _orders(self, window: Window) -> Slice:
        found = self._ask(build.build_orders(self.version, window))["orders"]
        more = found["pageInfo"]["hasNextPage"]
        return Slice(
            [self._whole(order) for order in found["nodes"]], found["pageInfo"]["endCursor"] if more else ""
        )

    def _whole(self, order: dict[str, Any]) -> dict[str, Any]:
        """The order with all its lines."""
        lines = order["lineItems"]
        while (lines.get("pageInfo") or {}).get("hasNextPage"):
            call = build.build_lines(self.version, order["id"], lines["pageInfo"]["endCursor"])
            more = self._ask(call)["order"]["lineItems"]
            lines = {"nodes": [*lines["nodes"], *more["nodes"]], "pageInfo": more["pageInfo"]}
        return {**order, "lineItems": lines}

    def _all(self, name: str, ask: Callable[[str], Call]) -> list[Any]:
        """Every page of a REST list; the header `Link` names the next one."""
        found, page = list[Any](), ""
        while True:
            reply = self.client.call(ask(page))
            found += reply.data[name]
            page = parse.next_page(reply.headers.get("link", ""))
            if not page:
                return found

    def _parse(self, order: Mapping[str, Any]) -> Any:
        return parse.parse_order(order, self.money)

    def _ask(self, call: Call) -> Any:
        return self.client.call(call).data["data"]


def _number(order: Mapping[str, Any]) -> str:
    return parse.number_of(order["id"])
