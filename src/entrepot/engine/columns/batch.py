"""What a decision run reads: orders, lines, stock."""

from __future__ import annotations

from entrepot.engine.columns.kinds import DAY, FLAG, I64, TXT
from entrepot.engine.frames import Contract, column

ORDERS = Contract(
    "orders",
    (
        column("order_id", I64),
        column("channel", TXT),
        column("placed_on", DAY),
        column("dest_country", TXT, "ISO 3166-1 alpha-2"),
        column("dest_region", TXT, default=""),
        column("dest_areas", TXT, "lists of remote postcodes the address is on, space separated", default=""),
        column("currency", TXT, "ISO 4217"),
        column("shipping_minor", I64, "minor units of currency, charged to the buyer"),
        column("discount_minor", I64, "minor units of currency, positive lowers the total", default=0),
        column("price_includes_tax", FLAG, default=False),
        column("buyer_kind", TXT, "b2c or b2b", default="b2c"),
        column("buyer_vat_valid", FLAG, default=False),
        column("incoterm", TXT, "DDP or DAP", default="DAP"),
        column(
            "duties_charged",
            FLAG,
            "true: the buyer paid duty and import tax on top at checkout",
            default=False,
        ),
        column("payment_method", TXT, default=""),
        column("priority", I64, "0 normal, higher first", default=0),
        column("customer_key", I64, nullable=True),
        column("content_key", I64, "hash of what was ordered", nullable=True),
        column("duplicate_of", I64, "earlier order of the same content", nullable=True),
        column("billing_country", TXT, default=""),
        column("ip_country", TXT, default=""),
        column("released", TXT, "issue codes a person has released, space separated", default=""),
    ),
    ("order_id",),
)
LINES = Contract(
    "lines",
    (
        column("order_id", I64),
        column("line_no", I64),
        column("sku", TXT),
        column("quantity", I64, "pieces"),
        column("amount_minor", I64, "minor units of the order's currency, whole line, before order discount"),
        column("sent", I64, "pieces that had left before the order came to us", default=0),
    ),
    ("order_id", "line_no"),
)
STOCK = Contract(
    "stock",
    (column("warehouse", TXT), column("sku", TXT), column("available", I64, "pieces")),
    ("warehouse", "sku"),
)
BOOKED = Contract(
    "booked",
    (
        column("warehouse", TXT),
        column("service", TXT),
        column("ship_on", DAY),
        column("orders", I64),
        column("parcels", I64),
        column("weight_g", I64),
    ),
    ("warehouse", "service", "ship_on"),
)
HITS = Contract(
    "hits",
    (
        column("order_id", I64),
        column("list", TXT),
        column("version", DAY, "of the list"),
        column("uid", TXT, "the list's own number of the entry"),
        column("listed", TXT, "its main name on the list"),
        column("alias", TXT, "the other name that was met; '' for the main one", default=""),
        column("programs", TXT, default=""),
        column("score", I64, "likeness, 0 to 100"),
    ),
    ("order_id", "list", "uid"),
)
