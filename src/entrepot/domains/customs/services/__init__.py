"""Commands of the border: book taxes, bring tariffs in, choose codes."""

from entrepot.domains.customs.adapters.reading import TariffRefused
from entrepot.domains.customs.services.tariffs import (
    KINDS,
    STAGES,
    TariffBusy,
    import_tariff,
    receive_tariff,
)
from entrepot.domains.customs.services.taxes import book_taxes, reverse_taxes

__all__ = [
    "KINDS",
    "STAGES",
    "TariffBusy",
    "TariffRefused",
    "book_taxes",
    "import_tariff",
    "receive_tariff",
    "reverse_taxes",
]
