"""The room's records."""

from entrepot.domains.customs.models.files import TariffProblem, TariffRun
from entrepot.domains.customs.models.goods import CodeChoice, CodeRefusal, HsCode, HsSection, NationalCode
from entrepot.domains.customs.models.rules import (
    Embargo,
    ImportFee,
    ImportRule,
    Nexus,
    Registration,
    Rounding,
    Territory,
    VatRate,
)
from entrepot.domains.customs.models.screening import Restriction, SanctionEntry, SanctionList
from entrepot.domains.customs.models.tariff import Combine, DutyLayer, DutyRate, Preference
from entrepot.domains.customs.models.taxes import TaxEntry
from entrepot.domains.customs.models.terms import Incoterm

__all__ = [
    "CodeChoice",
    "CodeRefusal",
    "Combine",
    "DutyLayer",
    "DutyRate",
    "Embargo",
    "HsCode",
    "HsSection",
    "ImportFee",
    "ImportRule",
    "Incoterm",
    "NationalCode",
    "Nexus",
    "Preference",
    "Registration",
    "Restriction",
    "Rounding",
    "SanctionEntry",
    "SanctionList",
    "TariffProblem",
    "TariffRun",
    "TaxEntry",
    "Territory",
    "VatRate",
]
