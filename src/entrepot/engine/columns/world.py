"""The world's tables."""

from __future__ import annotations

from entrepot.engine.columns.kinds import DAY, FLAG, I64, TXT, dated
from entrepot.engine.columns.ways import WAYS
from entrepot.engine.frames import Contract, column

READING = column("reading", TXT, "'' undisputed; else one of several readings of a disputed rule", default="")
SKUS = Contract(
    "skus",
    (
        column("sku", TXT),
        column("category", TXT),
        column("hs_code", TXT, "6 or more digits", default=""),
        column("origin", TXT, "ISO 3166-1 alpha-2", default=""),
        column("weight_g", I64),
        column("length_mm", I64),
        column("width_mm", I64),
        column("height_mm", I64),
        column("battery", TXT, "'', contained, packed or alone", default=""),
        column("battery_kind", TXT, "'' (unknown), ion, metal or sodium", default=""),
        column("battery_wh_e3", I64, "Wh × 1000 (metal: mg of lithium) of one battery", nullable=True),
        column("battery_g", I64, "net weight of the batteries of a piece", nullable=True),
        column("upright", FLAG, "true: this side up, turned round its vertical axis only", default=False),
        column("cost_minor", I64, "per piece"),
        column("cost_currency", TXT),
        column("tax_category", TXT, default="standard"),
        column("fee_category", TXT, default=""),
        column("assumed", TXT, "facts taken from the category's assumptions, space separated", default=""),
        column("proofs", TXT, "preferences a proof of origin is held for, space separated", default=""),
        column("measures", TXT, "pieces in other units, unit=thousandths, space separated", default=""),
    ),
    ("sku",),
)
CURRENCIES = Contract("currencies", (column("currency", TXT), column("minor_units", I64)), ("currency",))
FX = Contract(
    "fx",
    (
        column("currency", TXT),
        column("on", DAY),
        column("rate_e6", I64, "units of currency for 1 EUR, times 1e6"),
    ),
    ("currency", "on"),
)
COUNTRIES = Contract(
    "countries", (column("country", TXT), column("name_en", TXT), column("name_zh", TXT)), ("country",)
)
TERRITORIES = Contract(
    "territories",
    dated(column("country", TXT), column("territory", TXT, "customs territory")),
    ("country", "valid_from"),
)
EMBARGOES = Contract(
    "embargoes",
    dated(column("country", TXT), column("region", TXT, default=""), column("reason", TXT)),
    ("country", "region", "valid_from"),
)
RESTRICTIONS = Contract(
    "restrictions",
    dated(
        column("dest", TXT, "country or customs territory"),
        column("hs_prefix", TXT, "'' for goods of the category", default=""),
        column("category", TXT, "'' for goods of the HS code", default=""),
        column("verdict", TXT, "prohibited or restricted"),
        column("reason", TXT),
    ),
    ("dest", "hs_prefix", "category", "valid_from"),
)
SANCTION_LISTS = Contract(
    "sanction_lists",
    (column("list", TXT), column("version", DAY), column("digest", TXT, "of the files it was read from")),
    ("list",),
)
VAT_RATES = Contract(
    "vat_rates",
    dated(
        column("country", TXT),
        column("region", TXT, default=""),
        column("tax_category", TXT),
        column("rate_ppm", I64),
        READING,
    ),
    ("country", "region", "tax_category", "reading", "valid_from"),
)
IMPORT_RULES = Contract(
    "import_rules",
    dated(
        column("rule", TXT),
        column("dest", TXT, "customs territory or country"),
        column("region", TXT, default=""),
        column("flow", TXT, "import, intra or domestic"),
        column("priority", I64, "lowest number that applies wins"),
        column("mode", TXT, "'', post, courier, freight (by air or road) or sea", default=""),
        column("buyer_kind", TXT, default=""),
        column("ship_from", TXT, "countries, space separated", default=""),
        column("origins", TXT, "all goods must be of these origins", default=""),
        column("origins_except", TXT, "no goods may be of these origins", default=""),
        column("requires", TXT, "registration of the seller or scheme of the channel", default=""),
        column("measured", TXT, "goods, item, cif or retail60", default="goods"),
        column("min_minor", I64, "value must be over this", nullable=True),
        column("max_minor", I64, "value must not exceed this", nullable=True),
        column("max_excluded", FLAG, "true: value must be under max", default=False),
        column("currency", TXT, "currency of the limits and of the declaration"),
        column("limit_currency", TXT, "currency of the limits where it differs", default=""),
        column("cv_basis", TXT, "GOODS, CIF, FOB or RETAIL60"),
        column("tax_base", TXT, "PRICE, GOODS, CV, CV+D, CV+D+T or INSIDE"),
        column("duty_mode", TXT, "none, tariff, flat or fixed"),
        column("duty_ppm", I64, "for fixed", default=0),
        column("flat_duty_minor", I64, "for flat: per tariff line", default=0),
        column("duty_less_minor", I64, "taken off the duty", default=0),
        column("tax_mode", TXT, "none, vat or fixed"),
        column("tax_ppm", I64, "for fixed", default=0),
        column("tax_waived_minor", I64, "tax up to this is not levied", nullable=True),
        column("tax_place", TXT, "dest or origin", default="dest"),
        column("collector", TXT, "of the tax: sale, border or none"),
        column("duty_collector", TXT, "sale or border", default="border"),
        column("fees", TXT, "codes of import fees, space separated", default=""),
        column("rounding", TXT, "rounding profile", default="half_up"),
        READING,
    ),
    ("rule", "dest", "region", "reading", "valid_from"),
)
DUTY_RATES = Contract(
    "duty_rates",
    dated(
        column("dest", TXT),
        column("hs_prefix", TXT, "'' for all goods"),
        column("origin", TXT, "'' for all origins", default=""),
        column("rate_ppm", I64),
        column("specific_e4", I64, "ten-thousandths of a minor unit of currency, per unit", default=0),
        column("unit", TXT, "kg, no, l … of the specific part", default=""),
        column("currency", TXT, "of the specific part", default=""),
        column("combine", TXT, "sum, greater or lesser of both parts", default="sum"),
        column("floor_ppm", I64, "duty is at least this share of the customs value", nullable=True),
        column("ceiling_ppm", I64, "duty is at most this share of the customs value", nullable=True),
        column("floor_e4", I64, "duty is at least this per unit", nullable=True),
        column("ceiling_e4", I64, "duty is at most this per unit", nullable=True),
        column("scheme", TXT, "'' ordinary; else the preference to be claimed with proof", default=""),
        READING,
    ),
    ("dest", "hs_prefix", "origin", "scheme", "reading", "valid_from"),
)
PREFERENCES = Contract(
    "preferences",
    dated(
        column("dest", TXT),
        column("scheme", TXT, "name the proofs of a SKU use"),
        column("code", TXT, "the programme's sign in the tariff", default=""),
        column("name", TXT, default=""),
        column("countries", TXT, "countries of origin, space separated"),
        column("proof", TXT, "the paper that proves the origin", default=""),
    ),
    ("dest", "scheme", "code", "valid_from"),
)
DUTY_LAYERS = Contract(
    "duty_layers",
    dated(
        column("layer", TXT),
        column("dest", TXT),
        column("hs_prefix", TXT),
        column("origin", TXT, default=""),
        column("origins_except", TXT, default=""),
        column("rate_ppm", I64),
        column("specific_e4", I64, "ten-thousandths of a minor unit of currency, per unit", default=0),
        column("unit", TXT, "kg, no, l … of the specific part", default=""),
        column("currency", TXT, "of the specific part", default=""),
        column("displaces", TXT, "layers not levied where this one is, space separated", default=""),
        READING,
    ),
    ("layer", "dest", "hs_prefix", "origin", "reading", "valid_from"),
)
ROUNDINGS = Contract(
    "roundings",
    (
        column("rounding", TXT, "name of the profile"),
        column("value_step", I64, "customs value is cut to multiples of this, in minor units", default=1),
        column("value_rounding", TXT, "half_up, half_even or truncate", default="half_up"),
        column("duty_base_step", I64, "value the duty is computed on", default=1),
        column("duty_step", I64, default=1),
        column("duty_rounding", TXT, default="half_up"),
        column("tax_base_step", I64, default=1),
        column("tax_step", I64, default=1),
        column("tax_rounding", TXT, default="half_up"),
        column("local_num", I64, "local part of the tax rate as num/den of the whole", default=0),
        column("local_den", I64, default=1),
        column("tax_per", TXT, "the tax is rounded once per order, line or unit", default="order"),
        column("source", TXT, default=""),
    ),
    ("rounding",),
)
IMPORT_FEES = Contract(
    "import_fees",
    dated(
        column("fee", TXT),
        column("base", TXT, "cv, cv+d, line, kg or none"),
        column("rate_ppm", I64, default=0),
        column("fixed_minor", I64, default=0),
        column("min_minor", I64, nullable=True),
        column("max_minor", I64, nullable=True),
        column("currency", TXT),
        READING,
    ),
    ("fee", "reading", "valid_from"),
)
NEXUS = Contract(
    "nexus",
    dated(
        column("state", TXT, "of the United States"),
        column("sales_minor", I64, "sales of a year from which tax is to be collected", nullable=True),
        column("transactions", I64, "number of sales of a year", nullable=True),
        column("joined", FLAG, "true: both must be passed; else one of them", default=False),
        column("currency", TXT, default="USD"),
    ),
    ("state", "valid_from"),
)
_BEARER = (
    "export_packaging", "load_at_seller", "pre_carriage", "export_clearance", "origin_terminal", "load_main_carrier",
    "main_carriage", "insurance", "destination_terminal", "carry_to_destination", "unload", "import_clearance",
    "import_duty_tax",
)  # fmt: skip
INCOTERMS = Contract(
    "incoterms",
    dated(
        column("term", TXT),
        column("name", TXT),
        column("letter_group", TXT, "E, F, C or D"),
        column("mode", TXT, "any or sea"),
        column("risk_passes", TXT),
        *(column(name, TXT, "S seller, B buyer, N nobody is bound") for name in _BEARER),
        column("min_cover", TXT, "insurance the seller owes", default=""),
        column("price_incl_freight", FLAG),
        column("price_incl_insurance", FLAG),
        column("to_cif_value", TXT, "what turns the price into a CIF value", default=""),
        column("to_fob_value", TXT, "what turns the price into a FOB value", default=""),
    ),
    ("term", "valid_from"),
)
WAREHOUSES = Contract(
    "warehouses",
    (
        column("warehouse", TXT),
        column("country", TXT),
        column("currency", TXT),
        column("order_fee_minor", I64, "handling per order", default=0),
        column("piece_fee_minor", I64, "handling per piece", default=0),
        column("handling_days", I64, default=1),
        column("tare_g", I64, "packaging per parcel", default=0),
        column("is_open", FLAG, default=True),
    ),
    ("warehouse",),
)
CAPACITIES = Contract(
    "capacities",
    dated(
        column("warehouse", TXT, "'' for all together", default=""),
        column("service", TXT, "'' for all together", default=""),
        column("unit", TXT, "orders, parcels or g", default="parcels"),
        column("per_day", I64, "most that leaves on one day, in the unit"),
    ),
    ("warehouse", "service", "unit", "valid_from"),
)
CHANNELS = Contract(
    "channels",
    (
        column("channel", TXT),
        column("kind", TXT, "marketplace, own or wholesale"),
        column("max_days", I64, "longest delivery its buyers are promised, in days; 0: any", default=0),
        column("schemes", TXT, "registrations the channel brings, space separated", default=""),
    ),
    ("channel",),
)
CHANNEL_FEES = Contract(
    "channel_fees",
    dated(
        column("channel", TXT),
        column("fee_category", TXT, "'' for all"),
        column("over_minor", I64, "price band begins above this unit price", default=0),
        column("to_minor", I64, "price band ends with this unit price", nullable=True),
        column("rate_ppm", I64),
        column("carry_minor", I64, "fee of the bands below, for marginal bands", default=0),
        column("marginal", FLAG, "true: the rate is on the part over the band's start", default=False),
        column("fixed_minor", I64, "per piece", default=0),
        column("min_minor", I64, "per piece", default=0),
        column("currency", TXT, "of the bands and fixed parts"),
    ),
    ("channel", "fee_category", "over_minor", "valid_from"),
)
PAYMENT_FEES = Contract(
    "payment_fees",
    dated(
        column("method", TXT),
        column("rate_ppm", I64),
        column("fixed_minor", I64, default=0),
        column("currency", TXT),
    ),
    ("method", "valid_from"),
)
REGISTRATIONS = Contract(
    "registrations", dated(column("scheme", TXT), column("number", TXT, default="")), ("scheme", "valid_from")
)
POLICIES = Contract(
    "policies",
    dated(
        column("key", TXT),
        column("value", I64, default=0),
        column("text", TXT, default=""),
        column("unit", TXT, default=""),
    ),
    ("key", "valid_from"),
)
POSTING_RULES = Contract(
    "posting_rules",
    (column("leg", TXT), column("debit", TXT, "account code"), column("credit", TXT, "account code")),
    ("leg",),
)

WORLD: dict[str, Contract] = {
    contract.name: contract
    for contract in (
        SKUS, CURRENCIES, FX, COUNTRIES, TERRITORIES, EMBARGOES, RESTRICTIONS, SANCTION_LISTS, VAT_RATES,
        IMPORT_RULES, ROUNDINGS, DUTY_RATES,
        PREFERENCES, DUTY_LAYERS, INCOTERMS, IMPORT_FEES, NEXUS, WAREHOUSES, *WAYS, CAPACITIES, CHANNELS,
        CHANNEL_FEES, PAYMENT_FEES, REGISTRATIONS, POLICIES, POSTING_RULES,
    )
}  # fmt: skip
