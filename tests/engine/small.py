"""A small, whole world and a way to write orders down in a few words."""

from datetime import date
from typing import Any

import polars as pl

from entrepot.engine import Batch, World
from entrepot.engine.columns import LINES, ORDERS, STOCK, WORLD

START = date(2024, 1, 1)
DAY = date(2026, 5, 4)


def rows(table: str, *records: dict[str, Any]) -> pl.DataFrame:
    """Records as a frame of the world's table; dated tables are valid from 2024 when they do not say."""
    contract = WORLD[table]
    dated = "valid_from" in contract.schema
    filled = []
    for record in records:
        base = {c.name: c.default for c in contract.columns if c.default is not None}
        extra = {"valid_from": START, "valid_to": None, "source": "test", "status": "C"} if dated else {}
        filled.append({**{c.name: None for c in contract.columns}, **base, **extra, **record})
    return pl.DataFrame(filled, schema=contract.schema)


def import_rule(rule: str, dest: str, **more: Any) -> dict[str, Any]:
    """An import rule with the usual basis; `more` overrides."""
    usual = {
        "flow": "import", "priority": 50, "currency": "EUR", "cv_basis": "CIF", "tax_base": "CV+D+T",
        "duty_mode": "tariff", "tax_mode": "vat", "collector": "border",
    }  # fmt: skip
    return {"rule": rule, "dest": dest, **usual, **more}


def _law(eu: dict[str, str]) -> dict[str, pl.DataFrame]:
    return {
        "territories": rows("territories", *({"country": c, "territory": t} for c, t in (
            ("CN", "CN"), ("NL", "EU"), ("DE", "EU"), ("US", "US"), ("JP", "JP"), ("IR", "IR")))),
        "embargoes": rows("embargoes", {"country": "IR", "reason": "embargo"}),
        "vat_rates": rows("vat_rates",
            {"country": "DE", "tax_category": "standard", "rate_ppm": 190_000},
            {"country": "DE", "tax_category": "reduced", "rate_ppm": 70_000},
            {"country": "NL", "tax_category": "standard", "rate_ppm": 210_000},
            {"country": "JP", "tax_category": "standard", "rate_ppm": 100_000},
            {"country": "US", "tax_category": "standard", "rate_ppm": 0}),
        "import_rules": rows("import_rules",
            import_rule("EU-IOSS", **eu, priority=10, requires="IOSS", max_minor=15000, cv_basis="GOODS", tax_base="PRICE", duty_mode="none", collector="sale"),
            import_rule("EU-H1", **eu),
            import_rule("EU-OSS", **eu, flow="intra", cv_basis="GOODS", tax_base="PRICE", duty_mode="none", collector="sale"),
            import_rule("DOM", "*", flow="domestic", cv_basis="GOODS", tax_base="PRICE", duty_mode="none", collector="sale"),
            import_rule("US-ENTRY", "US", currency="USD", cv_basis="FOB", tax_base="CV", tax_mode="none", rounding="whole", fees="MPF"),
            import_rule("JP-LOW", "JP", priority=10, currency="JPY", measured="cif", max_minor=10000, duty_mode="none", tax_mode="none", collector="none"),
            import_rule("JP", "JP", currency="JPY")),
        "roundings": rows("roundings", {"rounding": "half_up"}, {"rounding": "whole", "value_step": 100, "duty_base_step": 100}),
        "duty_rates": rows("duty_rates",
            {"dest": "EU", "hs_prefix": "6109", "rate_ppm": 120_000}, {"dest": "EU", "hs_prefix": "", "rate_ppm": 30_000},
            {"dest": "US", "hs_prefix": "", "rate_ppm": 50_000}, {"dest": "JP", "hs_prefix": "", "rate_ppm": 40_000}),
        "duty_layers": rows("duty_layers", {"layer": "US-301", "dest": "US", "hs_prefix": "85", "origin": "CN", "rate_ppm": 250_000}),
        "import_fees": rows("import_fees", {"fee": "MPF", "base": "none", "fixed_minor": 269, "currency": "USD"}),
    }  # fmt: skip


def _terms() -> pl.DataFrame:
    """Who pays main carriage, the last leg and the import under four of the eleven terms."""
    seller = {"EXW": "", "FOB": "", "DAP": "main_carriage carry_to_destination",
              "DDP": "main_carriage carry_to_destination import_duty_tax"}  # fmt: skip
    bearers = [c.name for c in WORLD["incoterms"].columns if c.unit.startswith("S seller")]
    texts = {"letter_group": "D", "mode": "any", "risk_passes": "there"}
    flags = {"price_incl_freight": True, "price_incl_insurance": False}
    return rows("incoterms", *(
        {"term": term, "name": term, **texts, **flags, **{b: "S" if b in paid.split() else "B" for b in bearers}}
        for term, paid in seller.items()))  # fmt: skip


def small_world(**changed: pl.DataFrame) -> World:
    """Two warehouses (CN, NL), two services, four destinations, two SKUs."""
    policies = {
        "company.base_currency": (0, "CNY"), "review.duplicate_days": (3, ""), "review.risk_hold_points": (60, ""),
        "review.risk_points_billing_mismatch": (35, ""), "review.risk_points_ip_mismatch": (25, ""),
        "review.risk_points_high_amount": (30, ""), "review.high_amount_base_minor": (1_000_000, ""),
        "review.max_quantity": (50, ""), "review.min_margin_ppm": (-900_000, ""), "logistics.void_ppm": (200_000, ""),
    }  # fmt: skip
    legs = ("sale_goods 1100 4000", "sale_shipping 1100 4010", "sale_tax 1100 2200", "cogs 5000 1200",
            "freight 5100 2100", "handling 5500 2120", "channel_fee 5200 1100", "payment_fee 5300 2110",
            "duty 5400 2210", "import_tax 5410 2220", "duty_prepaid 1100 2210",
            "opening_stock 1200 3000", "stock_found 1200 5420", "stock_difference 5420 1200")  # fmt: skip
    eu = {"dest": "EU", "currency": "EUR"}
    tables = {
        **_law(eu),
        "currencies": rows("currencies", *({"currency": c, "minor_units": 0 if c == "JPY" else 2} for c in ("EUR", "USD", "CNY", "JPY"))),
        "fx": rows("fx", *({"currency": c, "on": START, "rate_e6": r} for c, r in (("USD", 1_100_000), ("CNY", 7_700_000), ("JPY", 165_000_000)))),
        "countries": rows("countries", *({"country": c, "name_en": c, "name_zh": c} for c in ("CN", "NL", "DE", "US", "JP", "IR"))),
        "incoterms": _terms(),
        "warehouses": rows("warehouses",
            {"warehouse": "SZX", "country": "CN", "currency": "CNY", "order_fee_minor": 300, "tare_g": 60},
            {"warehouse": "RTM", "country": "NL", "currency": "EUR", "order_fee_minor": 150, "tare_g": 60}),
        "services": rows("services",
            {"service": "LINE", "carrier": "L", "kind": "line", "mode": "courier", "divisor": 6000, "round_g": 10, "max_g": 30_000, "currency": "CNY", "battery": "all"},
            {"service": "EUP", "carrier": "P", "kind": "overseas", "mode": "courier", "max_g": 31_500, "currency": "EUR", "battery": "contained"}),
        "lanes": rows("lanes",
            *({"service": "LINE", "ship_from": "CN", "dest_country": c, "zone": "W", "min_days": 7, "max_days": 14} for c in ("DE", "US", "JP")),
            {"service": "EUP", "ship_from": "NL", "dest_country": "DE", "zone": "EU", "min_days": 1, "max_days": 3}),
        "rates": rows("rates",
            {"service": "LINE", "zone": "W", "over_g": 0, "to_g": 30_000, "base_minor": 1800, "step_g": 100, "step_minor": 850},
            {"service": "EUP", "zone": "EU", "over_g": 0, "to_g": 2000, "base_minor": 500},
            {"service": "EUP", "zone": "EU", "over_g": 2000, "to_g": 31_500, "base_minor": 790}),
        "surcharges": rows("surcharges", {"surcharge": "fuel", "service": "LINE", "rate_ppm": 100_000}),
        "channels": rows("channels", {"channel": "shop", "kind": "own"}, {"channel": "amazon", "kind": "marketplace", "schemes": "IOSS"}),
        "channel_fees": rows("channel_fees", {"channel": "amazon", "fee_category": "", "rate_ppm": 150_000, "min_minor": 30, "currency": "USD"}),
        "payment_fees": rows("payment_fees", {"method": "card", "rate_ppm": 29_000, "fixed_minor": 30, "currency": "USD"}),
        "registrations": rows("registrations", {"scheme": "IOSS"}),
        "policies": rows("policies", *({"key": k, "value": v, "text": t} for k, (v, t) in policies.items())),
        "posting_rules": rows("posting_rules", *(dict(zip(("leg", "debit", "credit"), leg.split(), strict=True)) for leg in legs)),
        "skus": rows("skus",
            {"sku": "TEE", "category": "apparel", "hs_code": "610910", "origin": "CN", "weight_g": 180, "length_mm": 300, "width_mm": 250, "height_mm": 20, "cost_minor": 2500, "cost_currency": "CNY"},
            {"sku": "POW", "category": "power", "hs_code": "850760", "origin": "CN", "weight_g": 350, "length_mm": 140, "width_mm": 70, "height_mm": 20, "battery": "alone", "cost_minor": 6000, "cost_currency": "CNY"}),
    }  # fmt: skip
    return World.of({**tables, **changed})


def order(
    order_id: int, lines: list[tuple[str, int, int]], **more: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One order to Germany on the shop, in euro, tax included; lines are (sku, quantity, amount in cents)."""
    usual = {
        "order_id": order_id, "channel": "shop", "placed_on": DAY, "dest_country": "DE", "currency": "EUR",
        "shipping_minor": 0, "price_includes_tax": True, "incoterm": "DDP", "payment_method": "card",
    }  # fmt: skip
    goods = [
        {"order_id": order_id, "line_no": n, "sku": sku, "quantity": quantity, "amount_minor": amount}
        for n, (sku, quantity, amount) in enumerate(lines, 1)
    ]
    return {**usual, **more}, goods


def batch(
    *orders: tuple[dict[str, Any], list[dict[str, Any]]], stock: dict[tuple[str, str], int] | None = None
) -> Batch:
    """A batch of such orders; without `stock` there is plenty everywhere."""
    heads = [{**{c.name: c.default for c in ORDERS.columns}, **head} for head, _ in orders]
    lines = [line for _, goods in orders for line in goods]
    plenty = {(w, s): 10_000 for w in ("SZX", "RTM") for s in ("TEE", "POW")}
    held = [
        {"warehouse": w, "sku": s, "available": n}
        for (w, s), n in (plenty if stock is None else stock).items()
    ]
    return Batch.of(
        orders=pl.DataFrame(heads, schema=ORDERS.schema),
        lines=pl.DataFrame([{"sent": 0, **line} for line in lines], schema=LINES.schema),
        stock=pl.DataFrame(held, schema=STOCK.schema),
    )
