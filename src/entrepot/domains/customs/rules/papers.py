"""The papers of a shipment: one object of facts, from which every document and data set is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from entrepot.domains.customs.rules.numbers import is_eori, is_ioss
from entrepot.domains.customs.rules.postal import postal_form

KINDS = ("invoice", "packing", "cn22", "cn23", "label")
DATA_SETS = ("h7", "origin")
POST = "post"


@dataclass(frozen=True)
class Party:
    """Who sells or who receives, with the numbers the border knows them by."""

    name: str
    address: tuple[str, ...]
    country: str
    numbers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One line of goods. Value in minor units of the papers' currency, without tax; weight of all pieces in g."""

    number: int
    sku: str
    name_en: str
    name_zh: str
    hs_code: str
    origin: str
    quantity: int
    net_g: int
    value_minor: int
    assumed: str = ""


@dataclass(frozen=True)
class Limits:
    """What the forms go by: policies of the papers, in minor units of the euro and in g."""

    cn22_value_minor: int
    cn22_weight_g: int
    h7_value_minor: int


@dataclass(frozen=True)
class Papers:
    """A shipment as its papers tell it. Money in minor units of `currency`; `euro_minor` is the goods' value in euro.

    shipping is what the buyer pays for carriage without tax, tax what is collected at the sale and handed on.
    scheme is the registration the import rule asks for, collector who collects the tax.
    """

    number: str
    order_number: str
    on: date
    seller: Party
    buyer: Party
    buyer_kind: str
    incoterm: str
    currency: str
    digits: int
    items: tuple[Item, ...]
    shipping_minor: int
    tax_minor: int
    euro_minor: int
    parcels: int
    gross_g: int
    service: str
    mode: str
    ship_from: str
    to_union: bool
    from_union: bool
    import_rule: str
    scheme: str
    collector: str
    tracking: str
    limits: Limits

    @property
    def goods_minor(self) -> int:
        """Value of the goods: what every document declares."""
        return sum(item.value_minor for item in self.items)

    @property
    def total_minor(self) -> int:
        """Goods and carriage, without tax."""
        return self.goods_minor + self.shipping_minor

    @property
    def net_g(self) -> int:
        """Weight of the goods without packing."""
        return sum(item.net_g for item in self.items)

    @property
    def is_border_crossed(self) -> bool:
        """Whether the goods pass a customs border."""
        return self.ship_from != self.buyer.country and not (self.to_union and self.from_union)


def kinds_of(papers: Papers) -> tuple[str, ...]:
    """Documents a shipment needs: a label always; across a border invoice and packing list, and by post CN22 or CN23.

    CN22 up to its limit of value and of weight, both included; CN23 above either.
    """
    if not papers.is_border_crossed:
        return ("packing", "label")
    if papers.mode != POST:
        return ("invoice", "packing", "label")
    limits = papers.limits
    value, weight = Fraction(papers.euro_minor), Fraction(papers.gross_g)
    form = postal_form(value, weight, limit=limits.cn22_value_minor, limit_g=limits.cn22_weight_g)
    return ("invoice", "packing", form.lower(), "label")


def needs_h7(papers: Papers) -> bool:
    """Whether the super-reduced data set of the union fits: to a consumer, goods up to the limit, from outside."""
    is_inside = papers.euro_minor <= papers.limits.h7_value_minor
    return papers.to_union and not papers.from_union and papers.buyer_kind == "b2c" and is_inside


def missing(papers: Papers) -> list[tuple[str, str]]:
    """What must be known before the shipment may leave: (code, which line or number); empty when nothing is wanting."""
    found = []
    for field_name, code in (("name", "papers.name_missing"), ("country", "papers.country_missing")):
        found += [(code, who) for who, party in (("seller", papers.seller), ("buyer", papers.buyer))
                  if not getattr(party, field_name)]  # fmt: skip
    if not any(papers.buyer.address):
        found.append(("papers.address_missing", ""))
    if not papers.gross_g or any(not item.net_g for item in papers.items):
        found.append(("papers.weight_missing", _lines(papers, lambda item: not item.net_g)))
    if not papers.is_border_crossed:
        return found
    if lines := _lines(papers, lambda item: len(item.hs_code) < 6):
        found.append(("papers.hs_missing", lines))
    if lines := _lines(papers, lambda item: len(item.origin) != 2):
        found.append(("papers.origin_missing", lines))
    numbers = papers.seller.numbers
    if papers.scheme == "IOSS" and not is_ioss(numbers.get("IOSS", "")):
        found.append(("papers.ioss_missing", numbers.get("IOSS", "")))
    if (
        papers.to_union
        and papers.scheme != "IOSS"
        and papers.incoterm == "DDP"
        and not is_eori(numbers.get("EORI", ""))
    ):
        found.append(("papers.eori_missing", numbers.get("EORI", "")))
    if papers.buyer_kind == "b2b" and papers.to_union and not papers.buyer.numbers.get("VAT"):
        found.append(("papers.vat_missing", ""))
    return found


def assumed(papers: Papers) -> list[tuple[int, str]]:
    """Lines whose facts are taken from the category's assumptions: to be checked, not in the way."""
    return [(item.number, item.assumed) for item in papers.items if item.assumed]


def h7(papers: Papers) -> dict[str, Any]:
    """The H7 data set: one goods item for each HS6 heading, description and origin. Weights in kg, values in units."""
    procedure = {"IOSS": "F48", "EU-SA": "F49"}.get(papers.scheme, "F53")
    return {
        "declaration_type": "H7",
        "local_reference_number": papers.number,
        "procedure": "4000",
        "additional_procedure": procedure,
        "exporter": _party(papers.seller),
        "importer": _party(papers.buyer),
        "ioss_number": papers.seller.numbers.get("IOSS", "") if papers.scheme == "IOSS" else "",
        "currency": papers.currency,
        "intrinsic_value": _units(papers.goods_minor, papers.digits),
        "transport_cost": _units(papers.shipping_minor, papers.digits),
        "gross_mass_kg": _kilos(papers.gross_g),
        "packages": papers.parcels,
        "items": [
            {
                "item_number": number,
                "goods_code": code,
                "description": name,
                "origin": origin,
                "quantity": sum(item.quantity for item in lines),
                "net_mass_kg": _kilos(sum(item.net_g for item in lines)),
                "intrinsic_value": _units(sum(item.value_minor for item in lines), papers.digits),
            }
            for number, ((code, name, origin), lines) in enumerate(_same_goods(papers), start=1)
        ],
    }


def origin_data(papers: Papers) -> dict[str, Any]:
    """What a certificate of origin asks for, line by line."""
    return {
        "exporter": _party(papers.seller),
        "consignee": _party(papers.buyer),
        "transport": {"from": papers.ship_from, "to": papers.buyer.country, "service": papers.service},
        "invoice": {"number": papers.number, "date": str(papers.on)},
        "packages": papers.parcels,
        "gross_mass_kg": _kilos(papers.gross_g),
        "items": [
            {
                "item_number": item.number,
                "description": item.name_en,
                "goods_code": item.hs_code,
                "origin": item.origin,
                "quantity": item.quantity,
                "net_mass_kg": _kilos(item.net_g),
                "value": _units(item.value_minor, papers.digits),
                "currency": papers.currency,
            }
            for item in papers.items
        ],
    }


def shared(total: int, weights: list[int]) -> list[int]:
    """A total cut into whole parts by weights: each rounded down, the rest to the largest remainders, in order.

    Holds: the parts add up to the total.
    """
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    parts = [total * weight // whole for weight in weights]
    rank = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in rank[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _same_goods(papers: Papers) -> list[tuple[tuple[str, str, str], list[Item]]]:
    groups: dict[tuple[str, str, str], list[Item]] = {}
    for item in papers.items:
        groups.setdefault((item.hs_code[:6], item.name_en, item.origin), []).append(item)
    return list(groups.items())


def _lines(papers: Papers, wanting: Any) -> str:
    return ", ".join(f"{item.number} {item.sku}" for item in papers.items if wanting(item))


def _party(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "address": list(party.address),
        "country": party.country,
        "numbers": party.numbers,
    }


def _units(minor: int, digits: int) -> str:
    if not digits:
        return str(minor)
    return f"{'-' if minor < 0 else ''}{abs(minor) // 10**digits}.{abs(minor) % 10**digits:0{digits}}"


def _kilos(grams: int) -> str:
    return f"{grams // 1000}.{grams % 1000:03}"
