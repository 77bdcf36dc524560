"""Questions to eBay's Sell APIs: Fulfillment for orders and parcels, Inventory for stock and prices."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from entrepot.domains.channels.adapters.client import Call
from entrepot.domains.channels.adapters.port import Window

FULFILLMENT, INVENTORY = "/sell/fulfillment/v1", "/sell/inventory/v1"
SCOPES = ("sell.fulfillment", "sell.inventory")
SCOPE = "https://api.ebay.com/oauth/api_scope/"
PAGE, LISTINGS, CHANGES = 200, 100, 25


def build_token(url: str, secrets: Mapping[str, str]) -> Call:
    """A token for the seller who allowed us in."""
    basic = b64encode(f"{secrets.get('client_id', '')}:{secrets.get('client_secret', '')}".encode()).decode(
        "ascii"
    )
    form = {
        "grant_type": "refresh_token",
        "refresh_token": secrets.get("refresh_token", ""),
        "scope": " ".join(SCOPE + scope for scope in SCOPES),
    }
    return Call("POST", url, form=form, headers={"Authorization": f"Basic {basic}"}, bare=True)


def build_orders(window: Window) -> Call:
    """Orders changed within a window; the token is the offset."""
    params = {
        "filter": f"lastmodifieddate:[{utc_text(window.since)}..{utc_text(window.until)}]",
        "fieldGroups": "TAX_BREAKDOWN",
        "limit": PAGE,
        "offset": int(window.token or 0),
    }
    return Call("GET", f"{FULFILLMENT}/order", params=params, bucket="orders")


def build_order(number: str) -> Call:
    """One order, with its cancellation requests."""
    params = {"fieldGroups": "TAX_BREAKDOWN"}
    return Call("GET", f"{FULFILLMENT}/order/{quote(number, safe='')}", params=params, bucket="orders")


def build_first_order() -> Call:
    """Any order: it names the seller."""
    return Call("GET", f"{FULFILLMENT}/order", params={"limit": 1}, bucket="orders")


def build_fulfilments(number: str) -> Call:
    """The parcels of an order."""
    path = f"{FULFILLMENT}/order/{quote(number, safe='')}/shipping_fulfillment"
    return Call("GET", path, bucket="orders")


def build_fulfilment(number: str, lines: Sequence[Mapping[str, Any]], payload: Mapping[str, Any]) -> Call:
    """Say that lines have left. Tracking numbers are letters and digits only there."""
    body = {
        "lineItems": [dict(line) for line in lines],
        "shippedDate": utc_text(datetime.fromisoformat(payload["shipped_at"])),
        "shippingCarrierCode": payload["carrier"],
        "trackingNumber": plain(payload["tracking_no"]),
    }
    path = f"{FULFILLMENT}/order/{quote(number, safe='')}/shipping_fulfillment"
    return Call("POST", path, json=body, again=False, bucket="orders")


def build_listings(offset: int) -> Call:
    """Inventory items, page by page."""
    params = {"limit": LISTINGS, "offset": offset}
    return Call("GET", f"{INVENTORY}/inventory_item", params=params, bucket="inventory")


def build_offers(sku: str, marketplace: str) -> Call:
    """The offers of a SKU on a marketplace: prices belong to offers."""
    params = {"sku": sku, "marketplace_id": marketplace}
    return Call("GET", f"{INVENTORY}/offer", params=params, bucket="inventory")


def build_changes(requests: Sequence[Mapping[str, Any]]) -> Iterator[Call]:
    """Absolute quantities and prices, twenty-five a call."""
    for start in range(0, len(requests), CHANGES):
        body = {"requests": [dict(each) for each in requests[start : start + CHANGES]]}
        yield Call("POST", f"{INVENTORY}/bulk_update_price_quantity", json=body, bucket="inventory")


def plain(tracking_no: str) -> str:
    """Letters and digits of a tracking number."""
    return "".join(letter for letter in tracking_no if letter.isalnum())


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
