"""What a quote of landed cost reads."""

from __future__ import annotations

from entrepot.engine.columns.kinds import DAY, FLAG, I64, TXT
from entrepot.engine.frames import Contract, column

QUOTES = Contract(
    "quotes",
    (
        column("order_id", I64, "number of the quote"),
        column("placed_on", DAY),
        column("ship_from", TXT, "ISO 3166-1 alpha-2"),
        column("dest_country", TXT, "ISO 3166-1 alpha-2"),
        column("dest_region", TXT, default=""),
        column("mode", TXT, "post, courier, freight (by air or road) or sea"),
        column("channel", TXT, "of world table channels; '' for a direct sale", default=""),
        column("currency", TXT, "ISO 4217, of every amount"),
        column("freight_minor", I64, "carriage to the border and beyond", default=0),
        column("insurance_minor", I64, default=0),
        column("onward_minor", I64, "carriage inside the destination, where stated apart", default=0),
        column("shipping_minor", I64, "carriage charged to the buyer", default=0),
        column("discount_minor", I64, default=0),
        column("price_includes_tax", FLAG, default=False),
        column("buyer_kind", TXT, "b2c or b2b", default="b2c"),
        column("buyer_vat_valid", FLAG, default=False),
        column("incoterm", TXT, default="DAP"),
        column("duties_charged", FLAG, default=False),
    ),
    ("order_id",),
)
QUOTE_LINES = Contract(
    "quote_lines",
    (
        column("order_id", I64),
        column("line_no", I64),
        column("hs_code", TXT, "6 or more digits"),
        column("origin", TXT, "ISO 3166-1 alpha-2"),
        column("proofs", TXT, "preferences a proof of origin is held for, space separated", default=""),
        column("measures", TXT, "pieces in other units, unit=thousandths, space separated", default=""),
        column("tax_category", TXT, default="standard"),
        column("quantity", I64, "pieces", default=1),
        column("weight_g", I64, "net, of one piece", default=0),
        column("amount_minor", I64, "the whole line"),
    ),
    ("order_id", "line_no"),
)
