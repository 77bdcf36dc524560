"""The Online Retail file (UCI): invoice lines, with cancellations, fees and stock corrections between."""

from entrepot.domains.channels.adapters.online_retail.classify import OUTCOMES, classify
from entrepot.domains.channels.adapters.online_retail.read import HeaderError, parse_lines
from entrepot.domains.channels.adapters.online_retail.records import RetailRecords, build_records

__all__ = ["OUTCOMES", "HeaderError", "RetailRecords", "build_records", "classify", "parse_lines"]
