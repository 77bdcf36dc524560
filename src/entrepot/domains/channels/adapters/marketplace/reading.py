"""Any file of a marketplace or shop: recognised, then read by its kind."""

from __future__ import annotations

from entrepot.domains.channels.adapters.leftover import of_element
from entrepot.domains.channels.adapters.marketplace.amazon_xml import parse_amazon
from entrepot.domains.channels.adapters.marketplace.cells import Surroundings
from entrepot.domains.channels.adapters.marketplace.orders import parse_orders
from entrepot.domains.channels.adapters.marketplace.parsed import ParsedFile
from entrepot.domains.channels.adapters.marketplace.recognise import Recognised, recognise
from entrepot.domains.channels.adapters.marketplace.settlement import parse_payouts, parse_settlement
from entrepot.domains.channels.adapters.marketplace.shop_json import parse_json
from entrepot.domains.channels.adapters.markup import Element


def parse_file(content: bytes, around: Surroundings) -> ParsedFile:
    """Everything a file says. Errors: FileRefused when it is of no known kind; else values within the result."""
    found = recognise(content)
    if isinstance(found, Element):
        told = parse_amazon(found, around)
        told = told if isinstance(told, ParsedFile) else parse_orders(told, around)
        told.leftovers = of_element(found)
        return told
    if not isinstance(found, Recognised):
        return parse_json(found, around)
    if found.kind.layout == "settlement":
        return parse_settlement(found, around)
    if found.kind.layout == "payouts":
        return parse_payouts(found, around)
    return parse_orders(found, around)
