"""Questions to a Shopify shop's Admin API: GraphQL, and REST for the payouts' transactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from entrepot.domains.channels.adapters.client import Call
from entrepot.domains.channels.adapters.graphql import build_query
from entrepot.domains.channels.adapters.port import Window

PAGE, LINES, VARIANTS, QUANTITIES, REST = 10, 50, 100, 250, 250
SET_BY_COMPARISON = "2026-04"  # from this version on quantities are set with what they change from, and a key

MONEY = "{ shopMoney { amount currencyCode } }"
LINE = f"""
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ id sku name quantity currentQuantity unfulfilledQuantity variant {{ id }}
        originalUnitPriceSet {MONEY} originalTotalSet {MONEY} }}
"""
ORDER = f"""
    id name createdAt updatedAt cancelledAt displayFinancialStatus displayFulfillmentStatus
    currencyCode taxesIncluded email phone paymentGatewayNames
    totalPriceSet {MONEY} totalShippingPriceSet {MONEY} totalTaxSet {MONEY}
    totalTipReceivedSet {MONEY} originalTotalDutiesSet {MONEY}
    refunds(first: 100) {{ createdAt totalRefundedSet {MONEY} }}
    customer {{ id displayName defaultEmailAddress {{ emailAddress }} }}
    shippingAddress {{ name company city province provinceCode zip countryCodeV2 phone }}
    billingAddress {{ name company city province provinceCode zip countryCodeV2 }}
    lineItems(first: {LINES}) {{ {LINE} }}
"""
VARIANT = "id sku displayName price inventoryQuantity product { id } inventoryItem { id }"


def path(version: str) -> str:
    """Where questions of an API version go."""
    return f"/admin/api/{version}/graphql.json"


def build_shop(version: str) -> Call:
    """The shop itself."""
    return build_query(path(version), "query { shop { name myshopifyDomain currencyCode } }", {})


def build_orders(version: str, window: Window) -> Call:
    """Orders changed within a window, the oldest change first; the token is the place after which to go on."""
    query = f"""query ($first: Int!, $after: String, $query: String) {{
        orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
            pageInfo {{ hasNextPage endCursor }} nodes {{ {ORDER} }}
        }}
    }}"""
    search = f"updated_at:>='{utc_text(window.since)}' AND updated_at:<='{utc_text(window.until)}'"
    variables = {"first": PAGE, "after": window.token or None, "query": search}
    return build_query(path(version), query, variables)


def build_order(version: str, gid: str) -> Call:
    """One order."""
    query = f"query ($id: ID!) {{ order(id: $id) {{ {ORDER} }} }}"
    return build_query(path(version), query, {"id": gid})


def build_lines(version: str, gid: str, after: str) -> Call:
    """Further lines of an order that has many."""
    query = f"""query ($id: ID!, $first: Int!, $after: String) {{
        order(id: $id) {{ lineItems(first: $first, after: $after) {{ {LINE} }} }}
    }}"""
    return build_query(path(version), query, {"id": gid, "first": LINES, "after": after})


def build_variants(version: str, after: str) -> Call:
    """Articles, page by page."""
    query = f"""query ($first: Int!, $after: String) {{
        productVariants(first: $first, after: $after) {{
            pageInfo {{ hasNextPage endCursor }} nodes {{ {VARIANT} }}
        }}
    }}"""
    return build_query(path(version), query, {"first": VARIANTS, "after": after or None})


def build_variants_by_sku(version: str, skus: Sequence[str]) -> Call:
    """Articles of some SKUs."""
    query = f"""query ($first: Int!, $query: String) {{
        productVariants(first: $first, query: $query) {{ nodes {{ {VARIANT} }} }}
    }}"""
    search = " OR ".join("sku:'{}'".format(sku.replace("\\", "\\\\").replace("'", "\\'")) for sku in skus)
    return build_query(path(version), query, {"first": VARIANTS, "query": search})


def build_location(version: str) -> Call:
    """The place stock is set at, where the account names none."""
    return build_query(path(version), "query { locations(first: 1) { nodes { id } } }", {})


def build_shipping(version: str, gid: str) -> Call:
    """What of an order is still to be fulfilled, and the tracking numbers it has."""
    query = """query ($id: ID!) { order(id: $id) {
        fulfillments(first: 50) { id status trackingInfo { number }
            fulfillmentLineItems(first: 100) { nodes { quantity lineItem { id } } } }
        fulfillmentOrders(first: 50) { nodes { id status assignedLocation { location { id } }
            lineItems(first: 100) { nodes { id remainingQuantity sku lineItem { id } } } } }
    } }"""
    return build_query(path(version), query, {"id": gid})


def build_fulfilment(
    version: str, orders: Mapping[str, Sequence[Mapping[str, Any]]], payload: Mapping[str, Any]
) -> Call:
    """Say that fulfilment orders of one place have left: whole, or the pieces of their lines that are named."""
    query = """mutation ($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
        fulfillment { id status } userErrors { field message }
    } }"""
    tracking = {"number": payload["tracking_no"], "company": payload["carrier"]}
    if payload.get("tracking_url"):
        tracking["url"] = payload["tracking_url"]
    fulfilment = {
        "lineItemsByFulfillmentOrder": [
            {
                "fulfillmentOrderId": order,
                **({"fulfillmentOrderLineItems": [dict(each) for each in lines]} if lines else {}),
            }
            for order, lines in orders.items()
        ],
        "trackingInfo": tracking,
        "notifyCustomer": bool(payload.get("notify", True)),
    }
    return build_query(path(version), query, {"fulfillment": fulfilment}, again=False)


def build_stock(version: str, location: str, rows: Sequence[tuple[str, int]], key: str) -> Call:
    """Absolute quantities of inventory items at one place."""
    newer = version >= SET_BY_COMPARISON
    compared: dict[str, Any] = {"changeFromQuantity": None} if newer else {}
    quantities = [
        {"inventoryItemId": item, "locationId": location, "quantity": quantity, **compared}
        for item, quantity in rows
    ]
    given: dict[str, Any] = {"name": "available", "reason": "correction", "quantities": quantities}
    if not newer:
        given["ignoreCompareQuantity"] = True
    keyed, directive = ("$input: InventorySetQuantitiesInput!, $key: String!", "@idempotent(key: $key)")
    if not newer:
        keyed, directive = "$input: InventorySetQuantitiesInput!", ""
    query = f"""mutation ({keyed}) {{ inventorySetQuantities(input: $input) {directive} {{
        inventoryAdjustmentGroup {{ id }} userErrors {{ code field message }}
    }} }}"""
    return build_query(path(version), query, {"input": given, **({"key": key} if newer else {})})


def build_prices(version: str, product: str, rows: Sequence[tuple[str, str]]) -> Call:
    """Prices of some variants of one product."""
    query = """mutation ($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {
        productVariantsBulkUpdate(productId: $productId, variants: $variants) {
            productVariants { id } userErrors { field message }
        }
    }"""
    variants = [{"id": variant, "price": price} for variant, price in rows]
    return build_query(path(version), query, {"productId": product, "variants": variants})


def build_payouts(version: str, since: str, page: str = "") -> Call:
    """Payouts from a day on; further pages by their name alone."""
    params = {"page_info": page} if page else {"date_min": since, "status": "paid"}
    path = f"/admin/api/{version}/shopify_payments/payouts.json"
    return Call("GET", path, params={**params, "limit": REST}, bucket="rest")


def build_transactions(version: str, payout: str, page: str = "") -> Call:
    """What one payout consists of; further pages by their name alone."""
    params = {"page_info": page} if page else {"payout_id": payout}
    path = f"/admin/api/{version}/shopify_payments/balance/transactions.json"
    return Call("GET", path, params={**params, "limit": REST}, bucket="rest")


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def gid(kind: str, number: str) -> str:
    """The global id of a number; a global id stays as it is."""
    return number if number.startswith("gid://") else f"gid://shopify/{kind}/{number}"
