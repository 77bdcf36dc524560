"""What a decision run answers."""

from __future__ import annotations

from entrepot.engine.columns.kinds import DAY, I64, TXT
from entrepot.engine.frames import Contract, column

ISSUES = Contract(
    "issues",
    (
        column("order_id", I64),
        column("line_no", I64, nullable=True),
        column("code", TXT, "dotted issue code"),
        column("severity", TXT, "hold or note"),
        column("detail", TXT, "the value that raised it", default=""),
    ),
    (),
)
REJECTIONS = Contract(
    "rejections",
    (
        column("order_id", I64),
        column("warehouse", TXT),
        column("service", TXT),
        column("code", TXT, "dotted issue code: why this way is impossible"),
    ),
    (),
)
DECISIONS = Contract(
    "decisions",
    (
        column("order_id", I64),
        column("status", TXT, "confirmed, held, backordered or unroutable"),
        column("warehouse", TXT, nullable=True),
        column("service", TXT, nullable=True),
        column("import_rule", TXT, nullable=True),
        column("collector", TXT, "seller, marketplace, carrier, buyer or none", nullable=True),
        column("ship_on", DAY, nullable=True),
        column("promise_on", DAY, nullable=True),
        column("parcels", I64, nullable=True),
        column("weight_g", I64, "all parcels, with packaging", nullable=True),
        column("chargeable_g", I64, nullable=True),
        column("currency", TXT, "of the order", nullable=True),
        column("revenue_minor", I64, "order currency, without the tax we hand on", nullable=True),
        column("tax_sale_minor", I64, "order currency, collected at the sale", nullable=True),
        column("base_currency", TXT, "of the company's books", nullable=True),
        column("revenue_base_minor", I64, nullable=True),
        column("cogs_base_minor", I64, nullable=True),
        column("freight_base_minor", I64, nullable=True),
        column("handling_base_minor", I64, nullable=True),
        column("channel_fee_base_minor", I64, nullable=True),
        column("payment_fee_base_minor", I64, nullable=True),
        column("duty_base_minor", I64, "borne by the seller", nullable=True),
        column("import_tax_base_minor", I64, "borne by the seller", nullable=True),
        column("profit_base_minor", I64, nullable=True),
        column("landed_minor", I64, "at the buyer's door, declaration currency", nullable=True),
        column("landed_currency", TXT, nullable=True),
        column("chosen_by", TXT, "cheapest, optimum, solver, heuristic or remainder", nullable=True),
        column("waits", I64, "days it waits for a free capacity", nullable=True),
        column("parts", TXT, "of an order in parts: way and goods of each, as JSON", nullable=True),
    ),
    ("order_id",),
)
SHIPMENTS = Contract(
    "shipments",
    (
        column("order_id", I64),
        column("part", I64, "1 where the order goes in one piece"),
        column("warehouse", TXT),
        column("service", TXT),
        column("ship_on", DAY),
        column("promise_on", DAY),
        column("parcels", I64),
        column("weight_g", I64, "all parcels, with packaging"),
        column("chargeable_g", I64),
        column("freight_base_minor", I64, "borne by the seller"),
    ),
    ("order_id", "part"),
)
STOCK_MOVES = Contract(
    "stock_moves",
    (
        column("order_id", I64),
        column("warehouse", TXT),
        column("sku", TXT),
        column("quantity", I64, "negative: goes out"),
        column("moved_on", DAY),
    ),
    ("order_id", "warehouse", "sku"),
)
POSTINGS = Contract(
    "postings",
    (
        column("order_id", I64),
        column("account", TXT),
        column("currency", TXT),
        column("amount_minor", I64, "debit positive, credit negative"),
        column("base_minor", I64, "the same in the books' currency"),
    ),
    ("order_id", "account", "currency"),
)
TAX_ENTRIES = Contract(
    "tax_entries",
    (
        column("order_id", I64),
        column("kind", TXT, "tax, duty, layer or fee"),
        column("code", TXT, "rule, layer or fee code"),
        column("country", TXT),
        column("region", TXT, default=""),
        column("collector", TXT),
        column("currency", TXT),
        column("taxable_minor", I64),
        column("rate_ppm", I64, nullable=True),
        column("amount_minor", I64),
        column("tax_point", DAY),
    ),
    (),
)
