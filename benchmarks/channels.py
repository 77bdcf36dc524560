"""Files of orders: reading a Shopify export and taking its orders in, the same file again, and both together.

The file is made here: one to three lines an order, some thousand articles, blanks in the lines after the first, as
Shopify writes them. Measured is what an import does before the engine decides: recognise, parse, accept in pieces.
"""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, datetime, timedelta
from time import perf_counter

from benchmarks.cluster import scratch_database

HEADER = (
    "Name", "Email", "Financial Status", "Fulfillment Status", "Currency", "Subtotal", "Shipping", "Taxes", "Total",
    "Discount Amount", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku",
    "Billing Name", "Billing Country", "Shipping Name", "Shipping City", "Shipping Zip", "Shipping Country",
    "Payment Method", "Refunded Amount", "Id", "Lineitem discount",
)  # fmt: skip


def run(orders: int = 100_000) -> dict[str, float]:
    """Orders per second of parsing, of accepting new orders, of both, and of accepting them all again."""
    content = shopify_file(orders)
    with scratch_database():
        from entrepot.core import reference
        from entrepot.domains.channels import services
        from entrepot.domains.channels.models import ChannelAccount
        from entrepot.domains.channels.services.marketplace import CHUNK

        reference.load()
        account = ChannelAccount.objects.create(name="Bench", platform="shopify", channel="shopify")
        begun = perf_counter()
        parsed = services.recognise_file(content, account)
        parsed_s = perf_counter() - begun
        assert len(parsed.orders) == orders
        times = []
        for _again in range(2):
            begun = perf_counter()
            for start in range(0, orders, CHUNK):
                services.accept(parsed.orders[start : start + CHUNK], account, source="bench")
            times.append(perf_counter() - begun)
    return {
        "channels.file_orders": float(orders),
        "channels.parse_orders_per_s": orders / parsed_s,
        "channels.accept_orders_per_s": orders / times[0],
        "channels.parse_and_accept_orders_per_s": orders / (parsed_s + times[0]),
        "channels.again_orders_per_s": orders / times[1],
    }


def shopify_file(orders: int, seed: int = 7) -> bytes:
    """A Shopify order export of so many orders."""
    chance, buffer = random.Random(seed), io.StringIO()
    rows = csv.DictWriter(buffer, HEADER)
    rows.writeheader()
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(1, orders + 1):
        goods = [
            (chance.randint(1, 3), chance.randint(500, 9_000)) for _ in range(chance.choice((1, 1, 2, 3)))
        ]
        subtotal, shipping = sum(n * price for n, price in goods), chance.choice((0, 490, 990))
        placed = (first + timedelta(seconds=number * 200)).strftime("%Y-%m-%d %H:%M:%S +0000")
        country = chance.choice(("US", "GB", "DE", "FR", "AU", "CA"))
        head = {
            "Email": f"buyer{number % 40_000}@example.com", "Financial Status": "paid",
            "Fulfillment Status": "unfulfilled", "Currency": "USD", "Subtotal": money(subtotal),
            "Shipping": money(shipping), "Taxes": "0.00", "Total": money(subtotal + shipping),
            "Discount Amount": "0.00", "Created at": placed, "Billing Name": f"Buyer {number}",
            "Billing Country": country, "Shipping Name": f"Buyer {number}", "Shipping City": "Town",
            "Shipping Zip": f"{number % 100_000:05}", "Shipping Country": country, "Payment Method": "card",
            "Refunded Amount": "0.00", "Id": str(5_000_000_000 + number),
        }  # fmt: skip
        for place, (pieces, price) in enumerate(goods):
            sku = f"SKU-{chance.randint(1, 5_000):05}"
            line = {
                "Name": f"#{number}", "Lineitem quantity": pieces, "Lineitem name": f"Article {sku}",
                "Lineitem price": money(price), "Lineitem sku": sku, "Lineitem discount": "0.00",
            }  # fmt: skip
            rows.writerow({**line, **(head if place == 0 else {})})
    return buffer.getvalue().encode()


def money(minor: int) -> str:
    """Cents as the file writes them."""
    return f"{minor // 100}.{minor % 100:02}"
