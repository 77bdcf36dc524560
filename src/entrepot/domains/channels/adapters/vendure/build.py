"""Questions to a Vendure shop's admin API (GraphQL, `/admin-api`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from entrepot.domains.channels.adapters.client import Call
from entrepot.domains.channels.adapters.graphql import build_query
from entrepot.domains.channels.adapters.port import Window

PATH = "/admin-api"
PAGE = 50
HANDLER = "manual-fulfillment"

ORDER = """
    id code state active createdAt updatedAt orderPlacedAt currencyCode totalQuantity
    total totalWithTax shipping shippingWithTax
    surcharges { price priceWithTax }
    customer { id firstName lastName emailAddress phoneNumber }
    shippingAddress { fullName company city province postalCode countryCode phoneNumber }
    billingAddress { countryCode }
    lines { id quantity unitPrice unitPriceWithTax linePrice linePriceWithTax productVariant { sku name } }
    payments { method state }
    fulfillments { id state trackingCode lines { orderLineId quantity } }
"""
ERROR = "... on ErrorResult { errorCode message }"


def build_login(username: str, password: str) -> Call:
    """Sign in; the session comes as a header or a cookie."""
    query = f"mutation ($u: String!, $p: String!) {{ login(username: $u, password: $p) {{ __typename {ERROR} }} }}"
    call = build_query(PATH, query, {"u": username, "p": password})
    return Call(call.method, call.path, json=call.json, bare=True)


def build_shop() -> Call:
    """Which shop this is, how it writes amounts, and whether its prices contain the tax."""
    query = """query {
        activeChannel { code token pricesIncludeTax defaultCurrencyCode }
        globalSettings { serverConfig { moneyStrategyPrecision } }
    }"""
    return build_query(PATH, query, {})


def build_orders(window: Window) -> Call:
    """Placed orders that changed within a window, the oldest change first; the token is how many to skip."""
    query = f"""query ($options: OrderListOptions) {{
        orders(options: $options) {{ totalItems items {{ {ORDER} }} }}
    }}"""
    between = {"start": utc_text(window.since), "end": utc_text(window.until)}
    options = {
        "skip": int(window.token or 0),
        "take": PAGE,
        "sort": {"updatedAt": "ASC", "id": "ASC"},
        "filter": {"updatedAt": {"between": between}, "orderPlacedAt": {"isNull": False}},
    }
    return build_query(PATH, query, {"options": options})


def build_order(order_id: str) -> Call:
    """One order by the shop's number."""
    return build_query(PATH, f"query ($id: ID!) {{ order(id: $id) {{ {ORDER} }} }}", {"id": order_id})


def build_variants(skip: int, skus: Sequence[str] | None = None) -> Call:
    """Articles of the shop with their stock, all or those of some SKUs."""
    query = """query ($options: ProductVariantListOptions) {
        productVariants(options: $options) { totalItems items {
            id sku name price priceWithTax currencyCode enabled
            stockLevels { stockLocationId stockOnHand stockAllocated }
        } }
    }"""
    options: dict[str, Any] = {"skip": skip, "take": PAGE, "sort": {"id": "ASC"}}
    if skus is not None:
        options["filter"] = {"sku": {"in": list(skus)}}
    return build_query(PATH, query, {"options": options})


def build_fulfilment(lines: Sequence[Mapping[str, Any]], method: str, tracking_no: str) -> Call:
    """Say that lines have left, with their tracking number."""
    query = f"""mutation ($input: FulfillOrderInput!) {{
        addFulfillmentToOrder(input: $input) {{ __typename ... on Fulfillment {{ id state }} {ERROR} }}
    }}"""
    arguments = [{"name": "method", "value": method}, {"name": "trackingCode", "value": tracking_no}]
    handler = {"code": HANDLER, "arguments": arguments}
    return build_query(PATH, query, {"input": {"lines": list(lines), "handler": handler}}, again=False)


def build_transition(fulfilment_id: str, state: str) -> Call:
    """Move a fulfilment on; one that is there already is refused, so that sending it twice does no harm."""
    query = f"""mutation ($id: ID!, $state: String!) {{
        transitionFulfillmentToState(id: $id, state: $state) {{
            __typename ... on Fulfillment {{ id state }} {ERROR}
            ... on FulfillmentStateTransitionError {{ transitionError fromState toState }}
        }}
    }}"""
    return build_query(PATH, query, {"id": fulfilment_id, "state": state})


def build_update(variants: Sequence[Mapping[str, Any]]) -> Call:
    """Absolute stock or prices of some articles."""
    query = """mutation ($input: [UpdateProductVariantInput!]!) {
        updateProductVariants(input: $input) { id sku }
    }"""
    return build_query(PATH, query, {"input": [dict(variant) for variant in variants]})


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
