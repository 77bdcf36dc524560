"""Files of marketplaces and shops: recognised by their content, read into orders and settlements, line by line."""

from entrepot.domains.channels.adapters.marketplace.cells import Surroundings
from entrepot.domains.channels.adapters.marketplace.parsed import MEASURES, PLACES, ParsedFile
from entrepot.domains.channels.adapters.marketplace.reading import parse_file

__all__ = ["MEASURES", "PLACES", "ParsedFile", "Surroundings", "parse_file"]
