"""Questions to a WooCommerce shop's REST API (`/wp-json/wc/v3`)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from entrepot.domains.channels.adapters.client import Call
from entrepot.domains.channels.adapters.port import Window
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.kernel.money import to_major

ROOT = "/wp-json/wc/v3"
PAGE, BATCH = 100, 100
META = "_wc_shipment_tracking_items"


def sign_in(key: str, secret: str) -> Mapping[str, str]:
    """Basic authentication, as the API wants it over HTTPS."""
    return {"Authorization": "Basic " + b64encode(f"{key}:{secret}".encode()).decode("ascii")}


def build_status() -> Call:
    """The shop's own description."""
    return Call("GET", f"{ROOT}/system_status", params={"_fields": "environment,settings"})


def build_currency() -> Call:
    """The shop's currency."""
    return Call("GET", f"{ROOT}/data/currencies/current")


def build_orders(window: Window) -> Call:
    """Orders changed within a window, the oldest change first. Both ends are exclusive there, so a second is added."""
    second = timedelta(seconds=1)
    params = {
        "modified_after": gmt(window.since - second),
        "modified_before": gmt(window.until + second),
        "dates_are_gmt": "true",
        "orderby": "modified",
        "order": "asc",
        "per_page": PAGE,
        "page": int(window.token or 1),
        "status": "any",
    }
    return Call("GET", f"{ROOT}/orders", params=params)


def build_order(number: str) -> Call:
    """One order."""
    return Call("GET", f"{ROOT}/orders/{number}")


def build_products(page: int) -> Call:
    """Products, by number."""
    return Call(
        "GET", f"{ROOT}/products", params={"per_page": PAGE, "page": page, "orderby": "id", "order": "asc"}
    )


def build_variations(product: int, page: int) -> Call:
    """Variations of a product."""
    return Call("GET", f"{ROOT}/products/{product}/variations", params={"per_page": PAGE, "page": page})


def build_lookups(skus: Sequence[str]) -> Iterator[Call]:
    """Products and variations by their SKUs, some at a time."""
    for start in range(0, len(skus), BATCH):
        wanted = ",".join(skus[start : start + BATCH])
        yield Call("GET", f"{ROOT}/products", params={"sku": wanted, "per_page": PAGE})


def build_shipped(
    number: str,
    payload: Mapping[str, Any],
    parcels: Sequence[Mapping[str, Any]] = (),
    goods: Sequence[Any] = (),
) -> Call:
    """Say that an order, or a part, has left: its tracking where the shipment-tracking plugins keep it, and its state.

    `parcels`: those the order has already, kept; `goods`: what is in this one (a part's `products_list`).
    """
    item: dict[str, Any] = {
        "tracking_provider": payload["carrier"],
        "custom_tracking_provider": payload["carrier"],
        "custom_tracking_link": payload.get("tracking_url", ""),
        "tracking_number": payload["tracking_no"],
        "tracking_id": payload["tracking_no"],
        "date_shipped": str(int(datetime.fromisoformat(payload["shipped_at"]).timestamp())),
    }
    if goods:
        item["products_list"] = [dict(each) for each in goods]
    body: dict[str, Any] = {"meta_data": [{"key": META, "value": [*map(dict, parcels), item]}]}
    if payload.get("is_last", True):
        body["status"] = "completed"
    return Call("PUT", f"{ROOT}/orders/{number}", json=body)


def build_notes(number: str) -> Call:
    """Notes the buyer sees."""
    return Call("GET", f"{ROOT}/orders/{number}/notes", params={"type": "customer"})


def build_note(number: str, payload: Mapping[str, Any]) -> Call:
    """A note to the buyer with the tracking number; it is looked for before it is written."""
    text = " ".join(
        filter(None, (payload["carrier"], payload["tracking_no"], payload.get("tracking_url", "")))
    )
    return Call(
        "POST", f"{ROOT}/orders/{number}/notes", json={"note": text, "customer_note": True}, again=False
    )


def change_of(row: Mapping[str, Any], money: MoneyReader) -> dict[str, Any]:
    """One article's new stock or price."""
    if "quantity" in row:
        return {"manage_stock": True, "stock_quantity": int(row["quantity"])}
    return {"regular_price": str(to_major(row["price_minor"], money.decimals(row["currency"])))}


def build_changes(changes: Sequence[tuple[tuple[int, int], dict[str, Any]]]) -> Iterator[Call]:
    """Many articles at once, a hundred a call; variations are changed below their product."""
    by_parent: dict[int, list[dict[str, Any]]] = {}
    for (product, variation), change in changes:
        by_parent.setdefault(product if variation else 0, []).append({"id": variation or product, **change})
    for parent, found in by_parent.items():
        path = f"{ROOT}/products/{parent}/variations/batch" if parent else f"{ROOT}/products/batch"
        for start in range(0, len(found), BATCH):
            yield Call("POST", path, json={"update": found[start : start + BATCH]})


def gmt(moment: datetime) -> str:
    """ISO 8601 without a zone, in GMT, as the API takes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
