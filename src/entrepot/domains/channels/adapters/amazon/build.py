"""Questions to Amazon's Selling Partner API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from entrepot.domains.channels.adapters.client import Call
from entrepot.domains.channels.adapters.port import Window

ORDERS, FEEDS, REPORTS = "/orders/v0/orders", "/feeds/2021-06-30", "/reports/2021-06-30"
PAGE, LISTINGS = 50, 20
LISTINGS_FEED, SETTLEMENTS = "JSON_LISTINGS_FEED", "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
JSON_TYPE = "application/json; charset=UTF-8"
PERSONAL = ("buyerInfo", "shippingAddress")


def build_token(url: str, secrets: Mapping[str, str]) -> Call:
    """A token for the seller who allowed us in (Login with Amazon)."""
    form = {"grant_type": "refresh_token"} | {
        name: secrets.get(name, "") for name in ("refresh_token", "client_id", "client_secret")
    }
    return Call("POST", url, form=form, bare=True)


def build_restricted_token(path: str) -> Call:
    """A token that also opens names and addresses on one path."""
    resource = {"method": "GET", "path": path, "dataElements": list(PERSONAL)}
    body = {"restrictedResources": [resource]}
    return Call("POST", "/tokens/2021-03-01/restrictedDataToken", json=body, bucket="tokens")


def build_participations() -> Call:
    """The marketplaces the seller sells on."""
    return Call("GET", "/sellers/v1/marketplaceParticipations", bucket="sellers")


def build_orders(window: Window, marketplaces: Sequence[str]) -> Call:
    """Orders changed within a window; the token is Amazon's own."""
    params: dict[str, Any] = {"MarketplaceIds": ",".join(marketplaces), "MaxResultsPerPage": PAGE}
    if window.token:
        params["NextToken"] = window.token
    else:
        params |= {"LastUpdatedAfter": utc_text(window.since), "LastUpdatedBefore": utc_text(window.until)}
    return Call("GET", ORDERS, params=params, bucket="orders")


def build_order(number: str) -> Call:
    """One order."""
    return Call("GET", f"{ORDERS}/{quote(number, safe='')}", bucket="order")


def build_items(number: str, token: str = "") -> Call:
    """The lines of an order."""
    params = {"NextToken": token} if token else {}
    return Call("GET", f"{ORDERS}/{quote(number, safe='')}/orderItems", params=params, bucket="items")


def build_shipped(
    number: str, items: Sequence[Mapping[str, Any]], payload: Mapping[str, Any], market: str
) -> Call:
    """Say that an order has left. The same parcel number again only corrects it, so sending it twice does no harm."""
    parcel = {
        "packageReferenceId": str(payload.get("part", 1)),
        "carrierCode": payload["carrier"],
        "carrierName": payload["carrier"],
        "shippingMethod": payload.get("service", ""),
        "trackingNumber": payload["tracking_no"],
        "shipDate": utc_text(datetime.fromisoformat(payload["shipped_at"])),
        "orderItems": [dict(item) for item in items],
    }
    path = f"{ORDERS}/{quote(number, safe='')}/shipmentConfirmation"
    return Call("POST", path, json={"marketplaceId": market, "packageDetail": parcel}, bucket="confirm")


def build_feed_document() -> Call:
    """A place to put a feed."""
    return Call("POST", f"{FEEDS}/documents", json={"contentType": JSON_TYPE}, bucket="feed_documents")


def build_upload(url: str, content: bytes) -> Call:
    """Put it there; the address carries its own right."""
    return Call("PUT", url, content=content, headers={"Content-Type": JSON_TYPE}, bare=True)


def build_feed(document: str, marketplaces: Sequence[str]) -> Call:
    """Let Amazon work on it. Values are absolute, so the same feed twice does no harm."""
    body = {"feedType": LISTINGS_FEED, "marketplaceIds": list(marketplaces), "inputFeedDocumentId": document}
    return Call("POST", f"{FEEDS}/feeds", json=body, bucket="feeds")


def build_feed_state(feed: str) -> Call:
    """How far Amazon is with a feed."""
    return Call("GET", f"{FEEDS}/feeds/{quote(feed, safe='')}", bucket="feed")


def build_feed_result(document: str) -> Call:
    """Where the report on a feed lies."""
    return Call("GET", f"{FEEDS}/documents/{quote(document, safe='')}", bucket="feed_results")


def build_download(url: str) -> Call:
    """The document itself; the address carries its own right."""
    return Call("GET", url, bare=True)


def build_reports(since: str, token: str = "") -> Call:
    """Settlement reports that Amazon made since a day."""
    params = {"nextToken": token} if token else {
        "reportTypes": SETTLEMENTS, "createdSince": since, "processingStatuses": "DONE", "pageSize": 100,
    }  # fmt: skip
    return Call("GET", f"{REPORTS}/reports", params=params, bucket="reports")


def build_report_document(document: str) -> Call:
    """Where a report lies."""
    return Call("GET", f"{REPORTS}/documents/{quote(document, safe='')}", bucket="report_documents")


def build_listings(seller: str, marketplaces: Sequence[str], token: str) -> Call:
    """What the seller lists, page by page."""
    params = {
        "marketplaceIds": ",".join(marketplaces),
        "includedData": "summaries,offers,fulfillmentAvailability",
        "pageSize": LISTINGS,
        **({"pageToken": token} if token else {}),
    }
    return Call(
        "GET", f"/listings/2021-08-01/items/{quote(seller, safe='')}", params=params, bucket="listings"
    )


def feed_of(seller: str, changes: Sequence[tuple[str, str, list[dict[str, Any]]]]) -> bytes:
    """A listings feed: for each SKU one attribute with its new value."""
    messages = [
        {
            "messageId": number,
            "sku": sku,
            "operationType": "PATCH",
            "productType": "PRODUCT",
            "patches": [{"op": "replace", "path": f"/attributes/{attribute}", "value": value}],
        }
        for number, (sku, attribute, value) in enumerate(changes, start=1)
    ]
    header = {"sellerId": seller, "version": "2.0", "issueLocale": "en_US"}
    return json.dumps({"header": header, "messages": messages}).encode()


def stock_value(quantity: int) -> list[dict[str, Any]]:
    """Pieces for sale, sent by the seller."""
    return [{"fulfillment_channel_code": "DEFAULT", "quantity": quantity}]


def price_value(price: str, currency: str, marketplaces: Sequence[str]) -> list[dict[str, Any]]:
    """The price with tax on each marketplace of the account."""
    schedule = [{"schedule": [{"value_with_tax": float(price)}]}]  # JSON has no other number
    return [
        {"marketplace_id": market, "currency": currency, "our_price": schedule} for market in marketplaces
    ]


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
