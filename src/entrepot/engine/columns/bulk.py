"""What the price of a first leg is read from: quotations of forwarders, and loads of goods for a warehouse."""

from __future__ import annotations

from entrepot.engine.columns.kinds import DAY, I64, TXT
from entrepot.engine.frames import Contract, column

LEGS = Contract(
    "first_legs",
    (
        column("ship_from", TXT, "ISO 3166-1 alpha-2"),
        column("warehouse", TXT, "where the goods go"),
        column("mode", TXT, "air, sea, rail or road"),
        column("forwarder", TXT, default=""),
        column("weighing", TXT, "of world table weighings"),
        column("currency", TXT, "ISO 4217"),
        column("per_kg_minor", I64, "per chargeable kg", default=0),
        column(
            "per_rt_minor", I64, "per revenue ton: 1 000 chargeable kg, under W/M a tonne or a m³", default=0
        ),
        column("min_minor", I64, "transport costs at least", default=0),
        column("per_shipment_minor", I64, "on top, once", default=0),
        column("min_days", I64),
        column("max_days", I64),
        column("battery", TXT, "none, contained, packed or all", default="all"),
        column("valid_from", DAY),
        column("valid_to", DAY, nullable=True),
    ),
    ("warehouse", "ship_from", "mode", "forwarder", "valid_from"),
)
LOADS = Contract(
    "loads",
    (
        column("load", I64, "number"),
        column("sku", TXT),
        column("ship_from", TXT, "ISO 3166-1 alpha-2"),
        column("warehouse", TXT),
        column("quantity", I64, "pieces that go together"),
        column("placed_on", DAY, "day of the rates"),
    ),
    ("load",),
)
