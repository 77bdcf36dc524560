"""The world's tables of ways: services, how they weigh, lanes, rate cards, surcharges, cartons, battery rules.

Units beside those of `columns`: `*_e3` thousandths of the unit the row names (kg and cm, or lb and in).
"""

from __future__ import annotations

from entrepot.engine.columns.kinds import FLAG, I64, TXT, dated
from entrepot.engine.frames import Contract, column

SERVICES = Contract(
    "services",
    dated(
        column("service", TXT),
        column("carrier", TXT),
        column("kind", TXT, "postal, line, express, overseas or freight"),
        column("mode", TXT, "post, courier, freight (by air or road) or sea"),
        column("weighing", TXT, "weighing rule; '': divisor and round_g of this row", default=""),
        column("divisor", I64, "cm3 per kg; 0: actual weight only", default=0),
        column("round_g", I64, "chargeable weight rounds up to", default=1),
        column("weigh_per", TXT, "parcel, or shipment: added up, then rounded", default="parcel"),
        column("max_g", I64, "heaviest parcel"),
        column("max_side_mm", I64, "longest side", default=0),
        column("max_girth_mm", I64, "longest side and girth; 0: any", default=0),
        column("max_sum_mm", I64, "length, width and height together; 0: any", default=0),
        column("multi_parcel", FLAG, default=False),
        column("battery", TXT, "none, contained or all", default="all"),
        column(
            "transport", TXT, "'' (rules not asked), air (passenger aircraft), cargo, road or sea", default=""
        ),
        column("max_value_minor", I64, "goods' value in currency; 0: any", default=0),
        column("currency", TXT),
        column("tracked", FLAG, default=True),
        column("loss_ppm", I64, default=0),
    ),
    ("service", "valid_from"),
)
WEIGHINGS = Contract(
    "weighings",
    dated(
        column("weighing", TXT),
        column("unit", TXT, "cm3/kg or in3/lb"),
        column("divisor", I64, "cubic units per weight unit; 0: actual weight only", default=0),
        column("over_volume", I64, "volume counts above this many cubic units", default=0),
        column("over_side_e3", I64, "volume counts where the longest side is above this", default=0),
        column("side_rounding", TXT, "'', nearest or up: each side to a whole cm or in", default=""),
        column("step_e3", I64, "chargeable weight rounds up to; 0: to the gram", default=0),
        column("change_e3", I64, "above this weight the step is then_e3; 0: never", default=0),
        column("then_e3", I64, default=0),
        column("min_e3", I64, "least chargeable weight", default=0),
    ),
    ("weighing", "valid_from"),
)
LANES = Contract(
    "lanes",
    dated(
        column("service", TXT),
        column("ship_from", TXT, "country of the warehouse"),
        column("dest_country", TXT),
        column("zone", TXT),
        column("min_days", I64),
        column("max_days", I64),
        column("is_open", FLAG, default=True),
    ),
    ("service", "ship_from", "dest_country", "valid_from"),
)
RATES = Contract(
    "rates",
    dated(
        column("service", TXT),
        column("zone", TXT),
        column("tier", TXT, "contract tier; '': every seller's", default=""),
        column("over_g", I64, "band begins above this weight"),
        column("to_g", I64, "band ends with this weight"),
        column("base_minor", I64),
        column("step_g", I64, "0: flat for the band", default=0),
        column("step_minor", I64, "per started step above over_g", default=0),
    ),
    ("service", "zone", "tier", "over_g", "valid_from"),
)
CONTRACTS = Contract(
    "contracts",
    dated(
        column("service", TXT),
        column("tier", TXT, "the tier of rates in force for us"),
        column("over_g", I64, "weight a month it asks for, above", default=0),
        column("to_g", I64, "and up to; 0: any", default=0),
    ),
    ("service", "valid_from"),
)
SURCHARGES = Contract(
    "surcharges",
    dated(
        column("surcharge", TXT, "fuel, battery, remote, peak, oversize …"),
        column("service", TXT),
        column("zone", TXT, "'' for all zones", default=""),
        column("applies", TXT, "all or battery", default="all"),
        column("area", TXT, "list of remote postcodes; '': everywhere", default=""),
        column("stage", I64, "order of computation, lowest first", default=1),
        column(
            "base", TXT, "what the rate is of: transport and surcharges, space separated", default="transport"
        ),
        column("rate_ppm", I64, "of the base", default=0),
        column("fixed_minor", I64, "per parcel or shipment", default=0),
        column("per_kg_minor", I64, "per started kg of chargeable weight", default=0),
        column("min_minor", I64, "at least, per parcel or shipment", nullable=True),
        column("max_minor", I64, "at most, per parcel or shipment", nullable=True),
        column("per", TXT, "parcel or shipment", default="parcel"),
        column("one_of", TXT, "of surcharges with the same word only the dearest is levied", default=""),
        column("unit", TXT, "of the tests: cm/kg or in/lb", default="cm/kg"),
        column("over_side_e3", I64, "longest side above; 0: not asked", default=0),
        column("over_second_e3", I64, "second longest side above", default=0),
        column("over_girth_e3", I64, "length and girth (L + 2W + 2H) above", default=0),
        column("over_volume", I64, "cubic cm or in above", default=0),
        column("over_weight_e3", I64, "actual weight above", default=0),
        column("min_billed_e3", I64, "least weight billed where it applies", default=0),
    ),
    ("surcharge", "service", "zone", "valid_from"),
)
AREAS = Contract(
    "areas",
    dated(
        column("area", TXT, "name of the list"),
        column("country", TXT),
        column("from_postcode", TXT, "without spaces; its length says how many characters count"),
        column("to_postcode", TXT, "the same length"),
    ),
    ("area", "country", "from_postcode", "valid_from"),
)
CARTONS = Contract(
    "cartons",
    dated(
        column("warehouse", TXT),
        column("carton", TXT),
        column("length_mm", I64, "inside"),
        column("width_mm", I64, "inside"),
        column("height_mm", I64, "inside"),
        column("wall_mm", I64, "what a wall adds on each of two sides", default=0),
        column("tare_g", I64, "carton and filling"),
        column("max_g", I64, "heaviest contents"),
        column("cost_minor", I64, "currency of the warehouse", default=0),
    ),
    ("warehouse", "carton", "valid_from"),
)
BATTERY_RULES = Contract(
    "battery_rules",
    dated(
        column("kind", TXT, "ion, metal or sodium"),
        column("battery", TXT, "alone, packed or contained"),
        column(
            "to_wh_e3", I64, "Wh × 1000 of a battery up to (metal: mg of lithium); 0: above all", default=0
        ),
        column("un", TXT),
        column("instruction", TXT, "packing instruction and section"),
        column("passenger", FLAG, "may fly on passenger aircraft"),
        column("passenger_g", I64, "net weight of batteries a package; 0: none", default=0),
        column("cargo_g", I64, "the same on cargo aircraft", default=0),
        column("charge", TXT, "'', recommended or mandatory: state of charge at most charge_ppm", default=""),
        column("charge_ppm", I64, default=0),
        column("charge_over_wh_e3", I64, "mandatory above this only", default=0),
    ),
    ("kind", "battery", "to_wh_e3", "valid_from"),
)
WAYS = (SERVICES, WEIGHINGS, LANES, RATES, CONTRACTS, SURCHARGES, AREAS, CARTONS, BATTERY_RULES)
