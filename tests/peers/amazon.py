"""An Amazon seller after the documentation of the Selling Partner API."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx

from tests.peers.mock import Mock, body_of, reply

SECRETS = {"client_id": "amzn1.application", "client_secret": "s", "refresh_token": "Atzr|r"}
SETTINGS = {"marketplaces": "DE", "seller_id": "A1SELLER", "base_url": "https://spapi.test",
            "token_url": "https://lwa.test/auth/o2/token"}  # fmt: skip
O = "/orders/v0/orders"  # noqa: E741
SETTLEMENT = b"settlement-id\tsettlement-start-date\ttotal-amount\r\n11\t2026-11-01\t60.90\r\n"


def _eur(amount: str) -> dict[str, str]:
    return {"CurrencyCode": "EUR", "Amount": amount}


def order(
    number: int, *, pieces: int = 2, updated: str = "2026-11-20T10:00:00Z", **more: Any
) -> dict[str, Any]:
    """T-shirts at 30 euro, 5.90 freight, 5 euro off; its lines under `items`, which the mock keeps apart."""
    item = {
        "ASIN": "B00TEE", "OrderItemId": f"{number}1", "SellerSKU": "TEE", "Title": "Tee", "QuantityOrdered": pieces,
        "QuantityShipped": 0, "ItemPrice": _eur(f"{30 * pieces}.00"), "ShippingPrice": _eur("5.90"),
        "ItemTax": _eur("8.78"), "ShippingTax": _eur("0.94"), "PromotionDiscount": _eur("5.00"),
    }  # fmt: skip
    return {
        "AmazonOrderId": f"302-{number:07d}-0000001", "PurchaseDate": "2026-11-19T10:00:00Z",
        "LastUpdateDate": updated, "OrderStatus": "Unshipped", "FulfillmentChannel": "MFN",
        "OrderTotal": _eur(f"{30 * pieces}.90"), "MarketplaceId": "A1PA6795UKMFR9", "PaymentMethod": "Other",
        "IsBusinessOrder": False, "items": [item],
        "ShippingAddress": {"Name": "Jo Käufer", "City": "Bonn", "PostalCode": "53113", "CountryCode": "DE"},
        "BuyerInfo": {"BuyerEmail": f"x{number}@marketplace.amazon.de"}, **more,
    }  # fmt: skip


class AmazonSeller(Mock):
    """Tokens and restricted tokens, orders and their items, feeds worked on later, reports at another address."""

    busy = (
        429,
        {"x-amzn-RateLimit-Limit": "0.5"},
        {"errors": [{"code": "QuotaExceeded", "message": "slow"}]},
    )

    def __init__(self, orders: list[dict[str, Any]]) -> None:
        super().__init__()
        self.orders = {each["AmazonOrderId"]: each for each in orders}
        self.shipped: dict[str, dict[str, Any]] = {}
        self.feeds: list[Any] = []
        self.feed_states = ["IN_QUEUE", "DONE"]
        route = self.route
        route("POST", "/auth/o2/token", lambda _: reply({"access_token": "Atza|t", "expires_in": 3600}))
        route("POST", "/tokens/2021-03-01/restrictedDataToken", self.restricted)
        route("GET", "/sellers/v1/marketplaceParticipations", self.participations)
        route("GET", O, self.list_orders)
        route("GET", O + r"/([\d-]+)", lambda _, n: reply({"payload": self._bare(self.orders[n])}))
        route("GET", O + r"/([\d-]+)/orderItems", self.list_items)
        route("POST", O + r"/([\d-]+)/shipmentConfirmation", self.confirm)
        route("POST", "/feeds/2021-06-30/documents", self.feed_place)
        route("PUT", "/put/d1", self.put)
        route("POST", "/feeds/2021-06-30/feeds", lambda _: reply({"feedId": "f1"}, 202))
        route("GET", "/feeds/2021-06-30/feeds/f1", self.feed_state)
        route("GET", "/feeds/2021-06-30/documents/r1", lambda _: self.place("r1"))
        route("GET", "/get/r1", self.feed_report)
        route("GET", "/reports/2021-06-30/reports", self.reports)
        route("GET", "/reports/2021-06-30/documents/s1", lambda _: self.place("s1"))
        route("GET", "/get/s1", lambda _: httpx.Response(200, content=gzip.compress(SETTLEMENT)))

    def _handle(self, request: httpx.Request) -> httpx.Response:
        token, path = request.headers.get("x-amz-access-token"), request.url.path
        if request.url.host == "spapi.test":
            wanted = "Atz.sprdt|r" if path.startswith(O) and path.count("/") < 5 else "Atza|t"
            if token != wanted and not (wanted == "Atz.sprdt|r" and token == "Atza|t" and path != O):
                error = {"code": "Unauthorized", "message": "Access to requested resource is denied."}
                return reply({"errors": [error]}, 403)
        else:
            assert token is None, "a token went to a foreign address"
        return super()._handle(request)

    def restricted(self, request: httpx.Request) -> httpx.Response:
        """Opens names and addresses."""
        resource = body_of(request)["restrictedResources"][0]
        assert resource["dataElements"] == ["buyerInfo", "shippingAddress"]
        return reply({"restrictedDataToken": "Atz.sprdt|r", "expiresIn": 3600})

    def participations(self, _request: httpx.Request) -> httpx.Response:
        """One marketplace."""
        return reply({"payload": [{"marketplace": {"id": "A1PA6795UKMFR9", "name": "Amazon.de"}}]})

    def list_orders(self, request: httpx.Request) -> httpx.Response:
        """Changed between two instants, two a page; the next page has a token and nothing else."""
        params = request.url.params
        if "NextToken" in params:
            since, until, start = params["NextToken"].split("|")
        else:
            since, until, start = params["LastUpdatedAfter"], params["LastUpdatedBefore"], "0"
        found = [each for each in self.orders.values() if since <= each["LastUpdateDate"] <= until]
        found.sort(key=lambda each: (each["LastUpdateDate"], each["AmazonOrderId"]))
        at = int(start)
        more = {"NextToken": f"{since}|{until}|{at + 2}"} if at + 2 < len(found) else {}
        payload = {"Orders": [self._bare(each) for each in found[at : at + 2]], **more}
        return reply({"payload": payload}, x_amzn_RateLimit_Limit="0.0167")

    def list_items(self, _request: httpx.Request, number: str) -> httpx.Response:
        """The lines."""
        payload = {"AmazonOrderId": number, "OrderItems": self.orders[number]["items"]}
        return reply({"payload": payload}, x_amzn_RateLimit_Limit="0.5")

    def confirm(self, request: httpx.Request, number: str) -> httpx.Response:
        """The same parcel number again corrects it."""
        parcel = body_of(request)["packageDetail"]
        self.shipped[number + "/" + parcel["packageReferenceId"]] = parcel
        return httpx.Response(204)

    def feed_place(self, _request: httpx.Request) -> httpx.Response:
        """An address at a foreign machine."""
        return reply({"feedDocumentId": "d1", "url": "https://files.test/put/d1?sign=x"}, 201)

    def put(self, request: httpx.Request) -> httpx.Response:
        """The feed itself."""
        self.feeds.append(json.loads(request.content))
        return httpx.Response(200)

    def feed_state(self, _request: httpx.Request) -> httpx.Response:
        """First at it, then done."""
        state = self.feed_states.pop(0) if len(self.feed_states) > 1 else self.feed_states[0]
        done = {"resultFeedDocumentId": "r1"} if state == "DONE" else {}
        return reply({"feedId": "f1", "processingStatus": state, **done})

    def feed_report(self, _request: httpx.Request) -> httpx.Response:
        """The second message was refused."""
        issues = [{"messageId": 2, "code": "13013", "severity": "ERROR", "message": "no such SKU"}]
        return httpx.Response(200, content=gzip.compress(json.dumps({"issues": issues}).encode()))

    def reports(self, request: httpx.Request) -> httpx.Response:
        """One settlement."""
        created = "2026-11-15T00:00:00+00:00"
        report = {
            "reportId": "77",
            "reportDocumentId": "s1",
            "createdTime": created,
            "processingStatus": "DONE",
        }
        return reply({"reports": [report] if request.url.params.get("createdSince", "") <= created else []})

    def place(self, document: str) -> httpx.Response:
        """Where a packed document lies."""
        return reply({"url": f"https://files.test/get/{document}?sign=x", "compressionAlgorithm": "GZIP"})

    @staticmethod
    def _bare(order: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in order.items() if name != "items"}
