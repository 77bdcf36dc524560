"""Listings in, prices out, payouts in: every platform whose API has them."""

from typing import Any

import pytest
from django.utils import timezone

from entrepot.domains.channels import services
from entrepot.domains.channels.models import ChannelListing, DeadLetter, ImportRun, Push, Settlement
from entrepot.domains.channels.services import connecting
from tests.domains.channels.peers import account_of, hasty, pull
from tests.domains.channels.test_connectors import MAKERS, START, connected
from tests.peers.mock import reply

pytestmark = pytest.mark.django_db
LISTED = {  # platform → external id, price, currency, pieces
    "shopify": ("7", 3_000, "EUR", 3),
    "woocommerce": ("93", 3_000, "EUR", 3),
    "ebay": ("TEE", None, "", 3),
    "amazon": ("B00TEE", 3_000, "EUR", 3),
}


def prepared(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, list[Any]]:
    """An account, its peer that also lists and prices, and what was priced there."""
    account, mock = connected(name, monkeypatch, [])
    prices: list[Any] = []
    if name == "shopify":

        def bulk(_query: str, variables: dict[str, Any]) -> Any:
            prices.extend((row["id"], row["price"]) for row in variables["variants"])
            return {"productVariantsBulkUpdate": {"productVariants": [], "userErrors": []}}

        mock.on_productVariantsBulkUpdate = bulk
    if name == "ebay":
        offer = {"offers": [{"offerId": "5", "sku": "TEE"}]}
        mock.route(
            "GET", "/sell/inventory/v1/offer", lambda r: reply(offer if r.url.params["sku"] == "TEE" else {})
        )
    if name == "amazon":
        item = {
            "sku": "TEE", "summaries": [{"marketplaceId": "A1PA6795UKMFR9", "asin": "B00TEE", "itemName": "Tee"}],
            "offers": [{"marketplaceId": "A1PA6795UKMFR9", "offerType": "B2C",
                        "price": {"currencyCode": "EUR", "amount": "30.00"}}],
            "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": 3}],
        }  # fmt: skip
        pages = {"": {"items": [item], "pagination": {"nextToken": "p2"}}, "p2": {"items": []}}
        mock.route(
            "GET",
            "/listings/2021-08-01/items/A1SELLER",
            lambda r: reply(pages[r.url.params.get("pageToken", "")]),
        )
        mock.routes.insert(0, mock.routes.pop())
    return account, mock, prices


@pytest.mark.parametrize("name", list(LISTED))
def test_what_is_listed_is_kept_with_price_and_pieces(name: str, monkeypatch: pytest.MonkeyPatch):
    account, _mock, _prices = prepared(name, monkeypatch)

    first, second = pull(account, "listings"), pull(account, "listings")

    assert (first.error, first.added, second.added) == ("", 2 if name == "ebay" else 1, 0)
    found = ChannelListing.objects.get(sku="TEE")
    number, price, currency, pieces = LISTED[name]
    assert (found.external_id, found.sku, found.price_minor, found.currency, found.quantity) == (
        number, "TEE", price, currency, pieces,
    )  # fmt: skip


@pytest.mark.parametrize("name", list(LISTED))
def test_prices_go_out_exact_and_an_unknown_article_is_a_dead_letter(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    account, mock, prices = prepared(name, monkeypatch)
    assert services.record_prices(account, {"TEE": (2_990, "EUR"), "ZZZ": (990, "EUR")}) == 2
    for _ in range(3):
        services.send_waiting(account, clock=hasty())
        Push.objects.exclude(state="done").update(next_at=timezone.now())

    assert Push.objects.get().state == "done"
    assert (DeadLetter.objects.get().external_id, DeadLetter.objects.get().stream) == ("ZZZ", "push:price")
    told = {
        "shopify": lambda: prices,
        "woocommerce": lambda: mock.products[93]["regular_price"],
        "ebay": lambda: mock.prices["TEE"],
        "amazon": lambda: mock.feeds[0]["messages"][0]["patches"][0]["value"][0]["our_price"],
    }[name]()
    assert (
        told
        == {
            "shopify": [("gid://shopify/ProductVariant/7", "29.90")],
            "woocommerce": "29.90",
            "ebay": {"value": "29.90", "currency": "EUR"},
            "amazon": [{"schedule": [{"value_with_tax": 29.9}]}],
        }[name]
    )


def test_shopifys_payouts_come_in_as_settlements_once(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any, company: None
):
    _maker, mock_of, own, secrets = MAKERS["shopify"]
    mock = mock_of([])
    monkeypatch.setattr(connecting, "TRANSPORT", mock.transport)
    monkeypatch.setattr("entrepot.core.outbound.check_address", lambda url: url)
    account = account_of("shopify", {**own, **START}, secrets)
    api = "/admin/api/2026-10/shopify_payments"
    payout = {"id": 623721858, "status": "paid", "date": "2026-11-12", "currency": "EUR", "amount": "57.49"}
    usual = {"payout_id": 623721858, "payout_status": "paid", "currency": "EUR", "source_order_id": 1,
             "processed_at": "2026-11-11T10:00:00Z"}  # fmt: skip
    moved = [
        {"id": 1, "type": "payout", "amount": "-57.49", "fee": "0.00", "net": "-57.49", **usual},
        {"id": 2, "type": "charge", "amount": "60.90", "fee": "3.41", "net": "57.49", **usual},
    ]
    mock.route("GET", f"{api}/payouts.json", lambda _: reply({"payouts": [payout]}))

    def page(request: Any) -> Any:
        """One movement a page; the next one is named by the Link header, and asked for by its name alone."""
        params = request.url.params
        assert ("payout_id" in params) != ("page_info" in params)
        if "page_info" in params:
            return reply({"transactions": moved[1:]})
        return reply({"transactions": moved[:1]}, Link=f'<{request.url}&page_info=p2>; rel="next"')

    mock.route("GET", f"{api}/balance/transactions.json", page)

    first, second = pull(account, "statements"), pull(account, "statements")
    for number in services.statements_to_import(account):
        services.import_file(ImportRun.objects.get(pk=number))

    assert (first.error, first.added, second.added) == ("", 1, 0)
    settled = Settlement.objects.get()
    assert (settled.external_id, settled.state, settled.total_minor, settled.lines_minor) == (
        "623721858", "booked", 5_749, 5_749,
    )  # fmt: skip
