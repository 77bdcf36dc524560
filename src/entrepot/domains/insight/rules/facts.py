"""What the marts hold: the facts, and which of their columns are dimensions and measures of profit."""

from __future__ import annotations

LINES, CUBE, POSTINGS, SHIPMENTS, STOCK = "order_lines", "profit_cube", "postings", "shipments", "stock_daily"
FACTS = (LINES, CUBE, POSTINGS, SHIPMENTS, STOCK)

# coarse after fine: a SKU belongs to one product, a product to one category
GOODS = ("sku", "product", "category")
DIMENSIONS = (
    "month", "market", "channel", "account", *GOODS, "warehouse", "service", "regime", "collector", "buyer_kind",
    "state", "currency",
)  # fmt: skip
COSTS = ("cogs", "freight", "handling", "channel_fee", "payment_fee", "duty", "import_tax")
MONEY = ("total", "tax_sale", "revenue", *COSTS, "profit", "refund")
# counts that belong to a whole order stand on its first line, so that they add up over anything but goods
ORDER_COUNTS = (
    "orders", "kept_orders", "gone_orders", "delivered_orders", "transit_days", "late_orders", "returned_orders",
    "known_buyer_orders", "repeat_orders", "new_buyers",
)  # fmt: skip
LINE_COUNTS = ("lines", "quantity", "sold_quantity", "returned_quantity")
# orders that hold a SKU, product or category, once for each: they add up where that level is told apart
GOODS_COUNTS = ("sku_orders", "product_orders", "category_orders")
SUMS = (*(f"{name}_base_minor" for name in MONEY), *ORDER_COUNTS, *LINE_COUNTS, *GOODS_COUNTS)
