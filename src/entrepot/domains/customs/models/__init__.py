"""The room's records."""

from entrepot.domains.customs.models.rules import (
    Embargo,
    ImportFee,
    ImportRule,
    Registration,
    Rounding,
    Territory,
    VatRate,
)
from entrepot.domains.customs.models.tariff import Combine, DutyLayer, DutyRate, Preference
from entrepot.domains.customs.models.taxes import TaxEntry
from entrepot.domains.customs.models.terms import Incoterm

__all__ = [
    "Combine",
    "DutyLayer",
    "DutyRate",
    "Embargo",
    "ImportFee",
    "ImportRule",
    "Incoterm",
    "Preference",
    "Registration",
    "Rounding",
    "TaxEntry",
    "Territory",
    "VatRate",
]
