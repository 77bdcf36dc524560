"""A real Vendure shop beside the tests: installed by npm on first use, started, stocked, ordered in, stopped."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

FOLDER = Path(__file__).parent / "vendure"
CORE = FOLDER / "node_modules" / "@vendure" / "core" / "package.json"
SECONDS_TO_INSTALL, SECONDS_TO_START = 400, 90
LOGIN = {"username": "superadmin", "password": "superadmin"}


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def install() -> None:
    """Fetch the shop by its lock file, once; skips the test plainly where that is not possible."""
    if CORE.exists():
        return
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no real shop to test with: node and npm are not installed")
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(
            command, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS_TO_INSTALL, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"no real shop to test with: npm took more than {SECONDS_TO_INSTALL} s")
    if done.returncode:
        pytest.skip(f"no real shop to test with: npm ci failed: {done.stderr.strip()[-300:]}")


class Shop:
    """One shop with its records in a file; `start` and `stop` as often as wanted."""

    def __init__(self, folder: Path) -> None:
        self.port, self.file = free_port(), folder / "shop.sqlite"
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=60)
        self.admin_token = self.last_token = self.shopper_token = ""

    def start(self) -> None:
        """Run the shop until it answers."""
        env = os.environ | {"VENDURE_DISABLE_TELEMETRY": "true"}
        log = self.file.with_suffix(".log").open("a")
        self.process = subprocess.Popen(
            ["node", "shop.js", str(self.port), str(self.file)],
            cwd=FOLDER,
            env=env,
            stdout=log,
            stderr=log,
            text=True,
        )
        log.close()
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.http.get("/health").status_code < 500:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        text = self.file.with_suffix(".log").read_text()[-400:]
        self.stop()
        raise RuntimeError(f"the shop did not start: {text}")

    def stop(self) -> None:
        """End the shop; its records stay."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def close(self) -> None:
        """End it for good."""
        self.stop()
        self.http.close()

    def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, *, token: str = "", api: str = "shop"
    ) -> Any:
        """One GraphQL question; its data. A token goes along, a new one is kept in `last_token`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": dict(variables or {})}
        self.http.cookies.clear()
        reply = self.http.post(f"/{api}-api", json=body, headers=headers)
        answer = reply.json()
        assert "errors" not in answer, answer["errors"]
        self.last_token = reply.headers.get("vendure-auth-token", token)
        return answer["data"]

    def admin(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The same as the shop's owner."""
        if not self.admin_token:
            login = "mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }"
            self.ask(login, {"u": LOGIN["username"], "p": LOGIN["password"]}, api="admin")
            self.admin_token = self.last_token
        return self.ask(query, variables, token=self.admin_token, api="admin")

    def open_for_trade(self, articles: Mapping[str, int], *, stock: int = 500) -> None:
        """A country, a tax, a way to ship, a way to pay, and articles (SKU → price with tax) to buy."""
        german = self.admin(
            'mutation { createCountry(input: {code: "DE", enabled: true,'
            ' translations: [{languageCode: en, name: "Germany"}]}) { id } }'
        )["createCountry"]["id"]
        zone = self.admin(
            'mutation ($m: [ID!]) { createZone(input: {name: "Europe", memberIds: $m}) { id } }',
            {"m": [german]},
        )["createZone"]["id"]
        tax = self.admin('mutation { createTaxCategory(input: {name: "Standard", isDefault: true}) { id } }')
        self.admin(
            'mutation ($c: ID!, $z: ID!) { createTaxRate(input: {name: "19", enabled: true, value: 19,'
            " categoryId: $c, zoneId: $z}) { id } }",
            {"c": tax["createTaxCategory"]["id"], "z": zone},
        )
        self.admin(
            "mutation ($z: ID!) { updateChannel(input: {id: 1, defaultTaxZoneId: $z, defaultShippingZoneId: $z,"
            " pricesIncludeTax: true, defaultCurrencyCode: EUR, availableCurrencyCodes: [EUR]}) { __typename } }",
            {"z": zone},
        )
        self.admin(_WAY_TO_SHIP)
        self.admin(_WAY_TO_PAY)
        for sku, price in articles.items():
            product = self.admin(_PRODUCT, {"name": sku, "slug": sku.lower()})["createProduct"]["id"]
            self.admin(_VARIANT, {"product": product, "sku": sku, "price": price, "stock": stock})

    def buy(self, lines: Mapping[str, int], *, name: str = "Jo Käufer", email: str = "jo@example.com") -> Any:
        """Order as a shopper does, and pay; the order's id and code."""
        variants = self.admin("{ productVariants(options: {take: 100}) { items { id sku } } }")[
            "productVariants"
        ]
        ids = {item["sku"]: item["id"] for item in variants["items"]}
        token = ""
        for sku, quantity in lines.items():
            self.ask(_ADD, {"id": ids[sku], "n": quantity}, token=token)
            token = self.last_token
        first, _, last = name.partition(" ")
        self.ask(_WHO, {"first": first, "last": last, "email": email}, token=token)
        self.ask(_WHERE, {"name": name}, token=token)
        ways = self.ask("{ eligibleShippingMethods { id } }", token=token)["eligibleShippingMethods"]
        self.ask(_HOW, {"id": [ways[0]["id"]]}, token=token)
        self.ask('mutation { transitionOrderToState(state: "ArrangingPayment") { __typename } }', token=token)
        paid = self.ask(_PAY, token=token)["addPaymentToOrder"]
        assert paid["__typename"] == "Order", paid
        self.shopper_token = token
        return paid

    def order(self, order_id: str) -> Any:
        """An order as the shop's owner sees it."""
        query = (
            "query ($id: ID!) { order(id: $id) { id code state"
            " fulfillments { state method trackingCode lines { quantity } } } }"
        )
        return self.admin(query, {"id": order_id})["order"]

    def tracking_as_shopper(self, code: str) -> list[str]:
        """Tracking numbers on the shopper's own order page, open for a while after the order was placed."""
        query = "query ($c: String!) { orderByCode(code: $c) { fulfillments { trackingCode } } }"
        found = self.ask(query, {"c": code}, token=self.shopper_token)["orderByCode"]
        return [each["trackingCode"] for each in found["fulfillments"] or ()]

    def stock_of(self, sku: str) -> tuple[int, int]:
        """Pieces on hand and promised."""
        query = (
            "query ($s: String!) { productVariants(options: {filter: {sku: {eq: $s}}})"
            " { items { stockLevels { stockOnHand stockAllocated } } } }"
        )
        level = self.admin(query, {"s": sku})["productVariants"]["items"][0]["stockLevels"][0]
        return level["stockOnHand"], level["stockAllocated"]


_WAY_TO_SHIP = """mutation { createShippingMethod(input: {
    code: "parcel", fulfillmentHandler: "manual-fulfillment",
    checker: {code: "default-shipping-eligibility-checker", arguments: [{name: "orderMinimum", value: "0"}]},
    calculator: {code: "default-shipping-calculator", arguments: [
        {name: "rate", value: "590"}, {name: "includesTax", value: "include"}, {name: "taxRate", value: "19"}]},
    translations: [{languageCode: en, name: "Parcel", description: ""}]
}) { id } }"""
_WAY_TO_PAY = """mutation { createPaymentMethod(input: {
    code: "card", enabled: true,
    handler: {code: "dummy-payment-handler", arguments: [{name: "automaticSettle", value: "true"}]},
    translations: [{languageCode: en, name: "Card", description: ""}]
}) { id } }"""
_PRODUCT = """mutation ($name: String!, $slug: String!) { createProduct(input: {
    enabled: true, translations: [{languageCode: en, name: $name, slug: $slug, description: ""}]
}) { id } }"""
_VARIANT = """mutation ($product: ID!, $sku: String!, $price: Money!, $stock: Int!) {
    createProductVariants(input: [{
        productId: $product, sku: $sku, price: $price, stockOnHand: $stock, trackInventory: TRUE,
        translations: [{languageCode: en, name: $sku}]
    }]) { id } }"""
_ADD = """mutation ($id: ID!, $n: Int!) {
    addItemToOrder(productVariantId: $id, quantity: $n) { __typename ... on ErrorResult { message } } }"""
_WHO = """mutation ($first: String!, $last: String!, $email: String!) {
    setCustomerForOrder(input: {firstName: $first, lastName: $last, emailAddress: $email}) { __typename } }"""
_WHERE = """mutation ($name: String!) { setOrderShippingAddress(input: {
    fullName: $name, streetLine1: "Am Hof 1", city: "Bonn", postalCode: "53113", countryCode: "DE"
}) { __typename } }"""
_HOW = "mutation ($id: [ID!]!) { setOrderShippingMethod(shippingMethodId: $id) { __typename } }"
_PAY = """mutation { addPaymentToOrder(input: {method: "card", metadata: {}}) {
    __typename ... on Order { id code totalWithTax } ... on ErrorResult { message } } }"""
