"""A Shopify shop after the documentation of its Admin API: orders in GraphQL, the same ones as messages, costs told."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.peers.mock import Mock, body_of, reply

TOKEN = {"access_token": "shpat_test", "webhook_secret": "hush"}


def _set(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


def order(
    number: int, *, pieces: int = 2, updated: str = "2026-11-20T10:00:00Z", **more: Any
) -> dict[str, Any]:
    """T-shirts at 30 euro with VAT, 5.90 freight, 5 euro off, in the form of the GraphQL API."""
    address = {
        "name": "Jo Käufer", "company": None, "city": "Bonn", "province": None, "provinceCode": None,
        "zip": "53113", "countryCodeV2": "DE", "phone": None,
    }  # fmt: skip
    line = {
        "id": f"gid://shopify/LineItem/{number}1", "sku": "TEE", "name": "Tee", "quantity": pieces,
        "variant": {"id": "gid://shopify/ProductVariant/7"}, "originalUnitPriceSet": _set("30.00"),
        "originalTotalSet": _set(f"{30 * pieces}.0"),
    }  # fmt: skip
    return {
        "id": f"gid://shopify/Order/{number}", "name": f"#{number}", "createdAt": "2026-11-19T10:00:00Z",
        "updatedAt": updated, "cancelledAt": None, "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED", "currencyCode": "EUR", "taxesIncluded": True,
        "email": f"jo{number}@example.com", "phone": None, "paymentGatewayNames": ["shopify_payments"],
        "totalPriceSet": _set(f"{30 * pieces}.90"), "totalShippingPriceSet": _set("5.90"),
        "totalTaxSet": _set("9.72"), "totalTipReceivedSet": _set("0.0"), "originalTotalDutiesSet": None,
        "customer": {"id": f"gid://shopify/Customer/{number}", "displayName": "Jo Käufer",
                     "defaultEmailAddress": {"emailAddress": f"jo{number}@example.com"}},
        "shippingAddress": address, "billingAddress": address,
        "lineItems": {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": [line]}, **more,
    }  # fmt: skip


def message(number: int, *, pieces: int = 2, updated: str = "2026-11-20T10:00:00Z") -> dict[str, Any]:
    """The same order as a message tells it."""
    address = {
        "name": "Jo Käufer",
        "city": "Bonn",
        "province_code": None,
        "zip": "53113",
        "country_code": "DE",
    }
    shipping = {"shop_money": {"amount": "5.90", "currency_code": "EUR"}}
    return {
        "id": number, "admin_graphql_api_id": f"gid://shopify/Order/{number}", "name": f"#{number}",
        "created_at": "2026-11-19T11:00:00+01:00", "updated_at": updated, "cancelled_at": None,
        "financial_status": "paid", "fulfillment_status": None, "currency": "EUR", "taxes_included": True,
        "email": f"jo{number}@example.com", "total_price": f"{30 * pieces}.90", "total_tax": "9.72",
        "total_shipping_price_set": shipping, "total_tip_received": "0.00", "original_total_duties_set": None,
        "payment_gateway_names": ["shopify_payments"], "shipping_address": address, "billing_address": address,
        "customer": {"id": number, "first_name": "Jo", "last_name": "Käufer"},
        "line_items": [{"id": int(f"{number}1"), "sku": "TEE", "title": "Tee", "name": "Tee", "quantity": pieces,
                        "price": "30.00", "variant_id": 7}],
    }  # fmt: skip


class ShopifyShop(Mock):
    """One endpoint; a bucket of points that empties and fills; fulfilments that can be made twice by the careless."""

    def __init__(self, orders: list[dict[str, Any]], version: str = "2026-10") -> None:
        super().__init__()
        self.orders = {each["id"]: each for each in orders}
        self.fulfilments: dict[str, list[dict[str, Any]]] = {}
        self.stock: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.throttled = 0
        self.route("POST", f"/admin/api/{version}/graphql.json", self.ask)

    def ask(self, request: httpx.Request) -> httpx.Response:
        """A question, answered by what it names."""
        if request.headers.get("x-shopify-access-token") != "shpat_test":
            return reply({"errors": "[API] Invalid API key or access token"}, 401)
        body = body_of(request)
        query, variables = body["query"], body["variables"]
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": 50, "restoreRate": 100.0}
        cost = {"requestedQueryCost": 252, "actualQueryCost": 32, "throttleStatus": status}
        if self.throttled:
            self.throttled -= 1
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return reply({"errors": [error], "extensions": {"cost": {**cost, "actualQueryCost": None}}})
        names = (
            "fulfillmentCreate inventorySetQuantities productVariantsBulkUpdate fulfillmentOrders productVariants "
            "locations orders( order("
        )
        for name in (*names.split(), "shop {"):
            if name in query:
                data = getattr(self, "on_" + re.sub(r"\W", "", name))(query, variables)
                return reply({"data": data, "extensions": {"cost": cost}})
        return reply({"errors": [{"message": "unknown question"}]})

    def on_shop(self, _query: str, _variables: dict[str, Any]) -> Any:
        """The shop."""
        return {
            "shop": {"name": "Tea & Tees", "myshopifyDomain": "tees.myshopify.com", "currencyCode": "EUR"}
        }

    def on_orders(self, _query: str, variables: dict[str, Any]) -> Any:
        """Orders by change; a cursor names the last one seen."""
        since, until = re.findall(r"'([^']+)'", variables["query"])
        found = sorted(
            (each for each in self.orders.values() if since <= each["updatedAt"] <= until),
            key=lambda each: (each["updatedAt"], each["id"]),
        )
        if variables["after"]:
            found = [e for e in found if f"{e['updatedAt']}|{e['id']}" > variables["after"]]
        page = found[: variables["first"]]
        end = f"{page[-1]['updatedAt']}|{page[-1]['id']}" if page else None
        more = len(found) > len(page)
        return {"orders": {"pageInfo": {"hasNextPage": more, "endCursor": end}, "nodes": page}}

    def on_order(self, _query: str, variables: dict[str, Any]) -> Any:
        """One order."""
        return {"order": self.orders.get(variables["id"])}

    def on_fulfillmentOrders(self, _query: str, variables: dict[str, Any]) -> Any:  # noqa: N802
        """What is left to be shipped."""
        made = self.fulfilments.get(variables["id"], [])
        lines = []
        for line in self.orders[variables["id"]]["lineItems"]["nodes"]:
            gone = sum(
                each["quantity"] for one in made for each in one["fulfillmentLineItems"]["nodes"]
                if each["lineItem"]["id"] == line["id"]
            )  # fmt: skip
            lines.append({"id": line["id"].replace("LineItem", "FulfillmentOrderLineItem"), "sku": line["sku"],
                          "remainingQuantity": line["quantity"] - gone, "lineItem": {"id": line["id"]}})  # fmt: skip
        state = "IN_PROGRESS" if any(line["remainingQuantity"] for line in lines) else "CLOSED"
        open_order = {"id": variables["id"].replace("Order", "FulfillmentOrder"), "status": state,
                      "assignedLocation": {"location": {"id": "gid://shopify/Location/1"}},
                      "lineItems": {"nodes": lines}}  # fmt: skip
        return {"order": {"fulfillments": made, "fulfillmentOrders": {"nodes": [open_order]}}}

    def on_fulfillmentCreate(self, _query: str, variables: dict[str, Any]) -> Any:  # noqa: N802
        """A fulfilment for each call."""
        given = variables["fulfillment"]
        for each in given["lineItemsByFulfillmentOrder"]:
            gid = each["fulfillmentOrderId"].replace("FulfillmentOrder", "Order")
            goods = each.get("fulfillmentOrderLineItems") or [
                {
                    "id": line["id"].replace("LineItem", "FulfillmentOrderLineItem"),
                    "quantity": line["quantity"],
                }
                for line in self.orders[gid]["lineItems"]["nodes"]
            ]
            told = [{"quantity": line["quantity"], "lineItem": {"id": line["id"].replace("FulfillmentOrder", "")}}
                    for line in goods]  # fmt: skip
            number = {"id": "gid://shopify/Fulfillment/9", "status": "SUCCESS",
                      "trackingInfo": [{"number": given["trackingInfo"]["number"]}],
                      "fulfillmentLineItems": {"nodes": told}}  # fmt: skip
            self.fulfilments.setdefault(gid, []).append(number)
        return {"fulfillmentCreate": {"fulfillment": {"id": "gid://shopify/Fulfillment/9"}, "userErrors": []}}

    def on_productVariants(self, _query: str, variables: dict[str, Any]) -> Any:  # noqa: N802
        """One article."""
        node = {"id": "gid://shopify/ProductVariant/7", "sku": "TEE", "displayName": "Tee", "price": "30.00",
                "inventoryQuantity": 3, "product": {"id": "gid://shopify/Product/6"},
                "inventoryItem": {"id": "gid://shopify/InventoryItem/8"}}  # fmt: skip
        wanted = variables.get("query")
        nodes = [node] if not wanted or "'TEE'" in wanted else []
        return {"productVariants": {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}}

    def on_locations(self, _query: str, _variables: dict[str, Any]) -> Any:
        """One place."""
        return {"locations": {"nodes": [{"id": "gid://shopify/Location/1"}]}}

    def on_inventorySetQuantities(self, query: str, variables: dict[str, Any]) -> Any:  # noqa: N802
        """Quantities; the same key again changes nothing."""
        assert "@idempotent(key: $key)" in query
        assert all(row["changeFromQuantity"] is None for row in variables["input"]["quantities"])
        if variables["key"] not in self.keys:
            self.keys.add(variables["key"])
            self.stock += variables["input"]["quantities"]
        return {"inventorySetQuantities": {"inventoryAdjustmentGroup": {"id": "1"}, "userErrors": []}}
