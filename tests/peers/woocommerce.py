"""A WooCommerce shop after its REST API v3 documentation."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import httpx

from tests.peers.mock import Mock, body_of, reply

API = "/wp-json/wc/v3"
KEYS = {"consumer_key": "ck_test", "consumer_secret": "cs_test"}


def order(
    number: int, *, pieces: int = 2, modified: str = "2026-11-20T10:00:00", **more: Any
) -> dict[str, Any]:
    """An order like the documentation's: T-shirts at 30 euro with VAT, 5.90 freight, a coupon of 5 euro."""
    goods, tax = 25.21 * pieces, 4.79 * pieces
    address = {
        "first_name": "Jo", "last_name": "Käufer", "company": "", "address_1": "Am Hof 1", "city": "Bonn",
        "state": "", "postcode": "53113", "country": "DE", "phone": "+49 228 1",
    }  # fmt: skip
    return {
        "id": number, "parent_id": 0, "number": str(number), "status": "processing", "currency": "EUR",
        "date_created": "2026-11-19T11:00:00", "date_created_gmt": "2026-11-19T10:00:00",
        "date_modified": modified, "date_modified_gmt": modified, "prices_include_tax": True,
        "discount_total": "4.20", "discount_tax": "0.80", "shipping_total": "4.96", "shipping_tax": "0.94",
        "total": f"{goods + tax - 5 + 5.9:.2f}", "total_tax": f"{tax - 0.8 + 0.94:.2f}", "customer_id": number,
        "billing": {**address, "email": f"jo{number}@example.com"}, "shipping": address, "payment_method": "paypal",
        "line_items": [{
            "id": number * 10, "name": "Tee", "product_id": 93, "variation_id": 0, "quantity": pieces, "sku": "TEE",
            "subtotal": f"{goods:.2f}", "subtotal_tax": f"{tax:.2f}", "total": f"{goods - 4.2:.2f}",
            "total_tax": f"{tax - 0.8:.2f}", "price": 23.11,
        }],
        "shipping_lines": [{"id": 1, "method_title": "Parcel", "total": "4.96", "total_tax": "0.94"}],
        "fee_lines": [], "coupon_lines": [{"code": "FIVE", "discount": "4.20"}], "refunds": [], "meta_data": [],
        **more,
    }  # fmt: skip


class WooShop(Mock):
    """Orders by change, pages counted, totals in headers; notes and batches as documented."""

    def __init__(self, orders: list[dict[str, Any]]) -> None:
        super().__init__()
        self.orders, self.notes = {each["id"]: each for each in orders}, dict[int, list[dict[str, Any]]]()
        self.products = {93: {"id": 93, "sku": "TEE", "name": "Tee", "type": "simple", "regular_price": "30.00",
                              "stock_quantity": 3, "parent_id": 0}}  # fmt: skip
        self.route(
            "GET", f"{API}/system_status", lambda _: reply({"environment": {"site_url": "https://woo.test"}})
        )
        self.route("GET", f"{API}/data/currencies/current", lambda _: reply({"code": "EUR", "value": "EUR"}))
        self.route("GET", f"{API}/orders", self.list_orders)
        self.route("GET", f"{API}/orders/(\\d+)", lambda _, n: reply(self.orders[int(n)]))
        self.route("PUT", f"{API}/orders/(\\d+)", self.change_order)
        self.route("GET", f"{API}/orders/(\\d+)/notes", lambda _, n: reply(self.notes.get(int(n), [])))
        self.route("POST", f"{API}/orders/(\\d+)/notes", self.add_note)
        self.route("GET", f"{API}/products", self.list_products)
        self.route("POST", f"{API}/products/batch", self.change_products)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Only those with the key and its secret come in."""
        told = request.headers.get("authorization", "").removeprefix("Basic ")
        if b64decode(told).decode() != "ck_test:cs_test":
            return reply(
                {"code": "woocommerce_rest_cannot_view", "message": "Sorry", "data": {"status": 401}}, 401
            )
        return super().answer(request)

    def list_orders(self, request: httpx.Request) -> httpx.Response:
        """Changed strictly between two instants, the oldest change first."""
        params = request.url.params
        found = [
            each for each in self.orders.values()
            if params["modified_after"] < each["date_modified_gmt"] < params["modified_before"]
        ]  # fmt: skip
        found.sort(key=lambda each: (each["date_modified_gmt"], each["id"]))
        size, page = int(params["per_page"]), int(params["page"])
        pages = max(1, -(-len(found) // size))
        shown = found[(page - 1) * size : page * size]
        return reply(shown, X_WP_Total=str(len(found)), X_WP_TotalPages=str(pages))

    def change_order(self, request: httpx.Request, number: str) -> httpx.Response:
        """State and meta data."""
        self.orders[int(number)] |= body_of(request)
        return reply(self.orders[int(number)])

    def add_note(self, request: httpx.Request, number: str) -> httpx.Response:
        """A note is added each time."""
        self.notes.setdefault(int(number), []).append(body_of(request))
        return reply({"id": 1}, 201)

    def list_products(self, request: httpx.Request) -> httpx.Response:
        """All, or those of some SKUs."""
        skus = request.url.params.get("sku")
        found = [p for p in self.products.values() if skus is None or p["sku"] in skus.split(",")]
        return reply(found, X_WP_Total=str(len(found)), X_WP_TotalPages="1")

    def change_products(self, request: httpx.Request) -> httpx.Response:
        """Absolute values."""
        for change in body_of(request)["update"]:
            self.products[change["id"]] |= change
        return reply({"update": [self.products[c["id"]] for c in body_of(request)["update"]]})
