"""The words for everything the checker of rate cards may say, for pages and for the command line."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]
KIND_NAMES: Words = {
    "royal-mail": _("Royal Mail price tables"),
    "karrio": _("Karrio rate sheet"),
    "generic": _("Any rate table"),
    "first-legs": _("Forwarders' quotations for the first leg"),
}
REASONS: Words = {
    "date.unreadable": _("This is no date."),
    "weight.unreadable": _("The weight is missing or cannot be read."),
    "weight.order": _("The band ends before it begins."),
    "price.missing": _("The price is missing."),
    "price.unreadable": _("This is no price in the currency."),
    "price.zero": _("The price is nought."),
    "price.falls": _("A heavier band costs less than a lighter one; this price does not fit the others."),
    "band.repeated": _("The same weight stands twice in this zone."),
    "band.start": _("The first band does not begin at nought."),
    "band.gap": _("No band covers these weights."),
    "band.overlap": _("Two bands cover these weights."),
    "currency.missing": _("The currency is missing."),
    "currency.unknown": _("This currency is unknown."),
    "currency.mixed": _("The service has another currency on its other rows."),
    "service.missing": _("The service is missing."),
    "country.unknown": _("This country is unknown."),
    "country.repeated": _("The country stands in two zones."),
    "country.missing": _("No country is named; the prices are kept, but lead nowhere."),
    "origin.unknown": _("The country it ships from is unknown; the prices are kept, but lead nowhere."),
    "days.unreadable": _("The days cannot be read; those usual for the kind of service are taken."),
    "zone.swapped": _("Two countries stand crosswise in each other's zones."),
    "zone.stranger": _("The country stands alone among those of a customs union, or the other way round."),
    "leg.warehouse": _("This warehouse is unknown."),
    "leg.origin": _("The country the goods come from is missing or unknown."),
    "leg.mode": _("This is no way to bring goods: air, sea, rail or road."),
    "leg.weighing": _("This weighing rule is unknown."),
    "leg.days": _("The days are missing or cannot be read."),
    "leg.battery": _("This says nothing about batteries."),
    "leg.status": _("This is no degree of certainty."),
    "leg.period": _("The quotation ends before it begins."),
    "leg.repeated": _("The same leg of the same forwarder stands twice for this day."),
}
REMEDIES: Words = {
    "date.unreadable": _("Write it as 2026-12-31."),
    "weight.unreadable": _("Write the weight in digits, with the unit in its own column."),
    "weight.order": _("Exchange the two weights."),
    "price.missing": _("Ask the carrier for the price, or leave the row out."),
    "price.unreadable": _("Write the price in digits, with no more decimals than the currency has."),
    "price.zero": _("Enter the price of your contract; the row is left out until then."),
    "price.falls": _("Compare it with the carrier's list; until then the next heavier price is taken."),
    "band.repeated": _("Keep the right one of the two; the first is used."),
    "band.start": _("Nothing to do if the service has a least weight."),
    "band.gap": _("Add the missing band; until then nothing of this weight can be sent."),
    "band.overlap": _("Let one band begin where the other ends; the lighter one is used."),
    "currency.missing": _("Fill in the three-letter code."),
    "currency.unknown": _("Write the three-letter code, such as EUR."),
    "currency.mixed": _("Give the service one currency, or two names."),
    "service.missing": _("Fill in the service, or name one for the whole file."),
    "country.unknown": _("Write the two-letter ISO code, such as GB."),
    "country.repeated": _("Keep the right zone; the first is used."),
    "country.missing": _("Add lanes to this service under World."),
    "origin.unknown": _("Say where the file ships from and import it again."),
    "days.unreadable": _("Write 3 or 3-5."),
    "zone.swapped": _("Exchange the two in the file; both are left out until then."),
    "zone.stranger": _("Look the zone up in the carrier's list; the country is left out until then."),
    "leg.warehouse": _("Write the warehouse's code as it stands under World, Warehouses."),
    "leg.origin": _("Write the two-letter ISO code, or name one for the whole file."),
    "leg.mode": _("Write air, sea, rail or road."),
    "leg.weighing": _("Write a rule of the table of weighing rules, or leave the cell empty."),
    "leg.days": _("Write 30 or 28-35."),
    "leg.battery": _("Write none, contained, packed or all."),
    "leg.status": _("Write C, P, D, G or U, or leave the cell empty."),
    "leg.period": _("Exchange the two days."),
    "leg.repeated": _("Keep the right one of the two; the first is used."),
}
FILE_PROBLEMS: Words = {
    "file.empty": _("The file is empty."),
    "file.workbook": _("The workbook cannot be opened; save it again as .xlsx."),
    "file.no_header": _("No row with column names was found."),
    "file.columns": _("Columns that are missing:"),
}


def word(words: Words, code: str) -> str:
    """The words for a code; an unknown code as it is."""
    return str(words.get(code, code))
