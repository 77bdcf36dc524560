"""An eBay seller after the documentation of the Sell Fulfillment and Inventory APIs."""

from __future__ import annotations

from typing import Any

import httpx

from tests.peers.mock import Mock, body_of, reply

SECRETS = {"client_id": "app", "client_secret": "cert", "refresh_token": "v^1.1#r"}
F, N = "/sell/fulfillment/v1/order", "/sell/inventory/v1"


def _eur(value: str) -> dict[str, str]:
    return {"value": value, "currency": "EUR"}


def order(
    number: int, *, pieces: int = 2, modified: str = "2026-11-20T10:00:00.000Z", **more: Any
) -> dict[str, Any]:
    """T-shirts at 30 euro, 5.90 freight, 5 euro off."""
    name = f"{number:02d}-12345-{number:05d}"
    address = {"addressLine1": "Am Hof 1", "city": "Bonn", "postalCode": "53113", "countryCode": "DE"}
    ship_to = {"fullName": "Jo Käufer", "contactAddress": address, "email": "x@members.ebay.com",
               "primaryPhone": {"phoneNumber": "02281"}}  # fmt: skip
    return {
        "orderId": name, "legacyOrderId": name, "creationDate": "2026-11-19T10:00:00.000Z",
        "lastModifiedDate": modified, "orderFulfillmentStatus": "NOT_STARTED", "orderPaymentStatus": "PAID",
        "sellerId": "tees-and-mugs", "buyer": {"username": f"jo-buys-{number}", "taxAddress": {"countryCode": "DE"}},
        "pricingSummary": {"priceSubtotal": _eur(f"{30 * pieces}.0"), "priceDiscount": _eur("-5.0"),
                           "deliveryCost": _eur("5.9"), "total": _eur(f"{30 * pieces}.9")},
        "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
        "paymentSummary": {"payments": [{"paymentMethod": "EBAY", "paymentStatus": "PAID"}]},
        "fulfillmentStartInstructions": [{"shippingStep": {"shipTo": ship_to}}],
        "lineItems": [{"lineItemId": f"{number}01", "legacyItemId": "17", "sku": "TEE", "title": "Tee",
                       "lineItemCost": _eur(f"{30 * pieces}.0"), "quantity": pieces, "total": _eur("60.9")}],
        **more,
    }  # fmt: skip


class EbaySeller(Mock):
    """A token an hour, orders by change with offsets, parcels that can be booked twice by the careless."""

    def __init__(self, orders: list[dict[str, Any]]) -> None:
        super().__init__()
        self.orders = {each["orderId"]: each for each in orders}
        self.parcels: dict[str, list[dict[str, Any]]] = {}
        self.token, self.stock, self.prices = 0, dict[str, int](), dict[str, Any]()
        self.route("POST", "/identity/v1/oauth2/token", self.give_token)
        self.route("GET", F, self.list_orders)
        self.route("GET", F + r"/([\w-]+)", lambda _, n: reply(self.orders[n]))
        self.route("GET", F + r"/([\w-]+)/shipping_fulfillment", self.list_parcels)
        self.route("POST", F + r"/([\w-]+)/shipping_fulfillment", self.add_parcel)
        self.route("POST", f"{N}/bulk_update_price_quantity", self.change)
        self.route("GET", f"{N}/inventory_item", self.list_items)

    def give_token(self, request: httpx.Request) -> httpx.Response:
        """For the refresh token, with the app's own name and word."""
        assert request.headers["authorization"].startswith("Basic ")
        assert b"grant_type=refresh_token" in request.content
        self.token += 1
        return reply(
            {"access_token": f"t{self.token}", "expires_in": 7200, "token_type": "User Access Token"}
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        if (
            request.url.path.startswith("/sell/")
            and request.headers.get("authorization") != f"Bearer t{self.token}"
        ):
            return reply({"errors": [{"errorId": 1001, "message": "Invalid access token"}]}, 401)
        return super()._handle(request)

    def list_orders(self, request: httpx.Request) -> httpx.Response:
        """Changed between two instants, with offset and total."""
        params = request.url.params
        told = params.get("filter", "lastmodifieddate:[0..9]").partition("[")[2].rstrip("]").partition("..")
        found = [each for each in self.orders.values() if told[0] <= each["lastModifiedDate"] <= told[2]]
        found.sort(key=lambda each: (each["lastModifiedDate"], each["orderId"]))
        start, size = int(params.get("offset", 0)), int(params["limit"])
        return reply(
            {"total": len(found), "offset": start, "limit": size, "orders": found[start : start + size]}
        )

    def list_parcels(self, _request: httpx.Request, number: str) -> httpx.Response:
        """What was booked."""
        parcels = self.parcels.get(number, [])
        return reply({"fulfillments": parcels, "total": len(parcels)})

    def add_parcel(self, request: httpx.Request, number: str) -> httpx.Response:
        """One more parcel each time."""
        told = body_of(request)
        assert told["trackingNumber"].isalnum()
        parcel = {"fulfillmentId": "91", "shipmentTrackingNumber": told["trackingNumber"],
                  "lineItems": told["lineItems"]}  # fmt: skip
        self.parcels.setdefault(number, []).append(parcel)
        return httpx.Response(
            201, headers={"Location": f"https://api.ebay.com{F}/{number}/shipping_fulfillment/91"}
        )

    def change(self, request: httpx.Request) -> httpx.Response:
        """Absolute quantities; an unknown SKU is refused by itself."""
        answers = []
        for each in body_of(request)["requests"]:
            known = each["sku"] == "TEE"
            if known and "offers" in each:
                self.prices[each["sku"]] = each["offers"][0]["price"]
            elif known:
                self.stock[each["sku"]] = each["shipToLocationAvailability"]["quantity"]
            errors = [] if known else [{"errorId": 25710, "message": "not found"}]
            answers.append({"sku": each["sku"], "statusCode": 200 if known else 404, "errors": errors})
        return reply({"responses": answers}, 207)

    def list_items(self, _request: httpx.Request) -> httpx.Response:
        """One article we have and one we do not."""
        items = [{"sku": sku, "product": {"title": sku},
                  "availability": {"shipToLocationAvailability": {"quantity": 3}}}
                 for sku in ("TEE", "GONE")]  # fmt: skip
        return reply({"total": 2, "size": 2, "inventoryItems": items})
