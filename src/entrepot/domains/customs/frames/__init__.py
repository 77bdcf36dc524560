"""The tables of the border as frames, and tax entries in bulk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from entrepot.core.frames import Frame, write
from entrepot.core.worldtables import WorldTable
from entrepot.domains.customs.frames import screening
from entrepot.domains.customs.models import (
    DutyLayer,
    DutyRate,
    Embargo,
    ImportFee,
    ImportRule,
    Incoterm,
    Nexus,
    Preference,
    Registration,
    Restriction,
    Rounding,
    SanctionList,
    Territory,
    VatRate,
)
from entrepot.engine.columns import TAX_ENTRIES

DUTY_RATE_KEY = ("dest", "hs_prefix", "origin", "scheme", "reading")
DUTY_LAYER_KEY = ("layer", "dest", "hs_prefix", "origin", "reading")
TABLES = (
    WorldTable("territories", Territory, ("country",), _("Customs territories"), "tax"),
    WorldTable("embargoes", Embargo, ("country", "region"), _("Embargoes"), "tax"),
    WorldTable("restrictions", Restriction, ("dest", "hs_prefix", "category"), _("Barred goods"), "tax"),
    WorldTable(
        "sanction_lists", SanctionList, ("source",), _("Sanctions lists"), "tax", reader=screening.lists
    ),
    WorldTable("vat_rates", VatRate, ("country", "region", "tax_category", "reading"), _("Tax rates"), "tax"),
    WorldTable("import_rules", ImportRule, ("rule", "dest", "region", "reading"), _("Import rules"), "tax"),
    WorldTable("roundings", Rounding, ("rounding",), _("Roundings"), "tax"),
    WorldTable("duty_rates", DutyRate, DUTY_RATE_KEY, _("Duty rates"), "tax"),
    WorldTable("preferences", Preference, ("dest", "scheme", "code"), _("Tariff preferences"), "tax"),
    WorldTable("duty_layers", DutyLayer, DUTY_LAYER_KEY, _("Additional duties"), "tax"),
    WorldTable("incoterms", Incoterm, ("term",), _("Incoterms"), "tax"),
    WorldTable("import_fees", ImportFee, ("fee", "reading"), _("Import fees"), "tax"),
    WorldTable("nexus", Nexus, ("state",), _("Economic nexus, US states"), "tax"),
    WorldTable("registrations", Registration, ("scheme",), _("Registrations"), "tax"),
)


def write_taxes(taxes: Frame) -> None:
    """Add tax entries."""
    write("customs_taxentry", TAX_ENTRIES.check(taxes))
