"""Commands of the border: book taxes, bring tariffs in, choose codes."""

from entrepot.domains.customs.adapters.ofac import ListRefused
from entrepot.domains.customs.adapters.reading import TariffRefused
from entrepot.domains.customs.services.codes import (
    Choice,
    CodeRefused,
    choose_code,
    choose_codes,
    refuse_code,
    suggest_code,
)
from entrepot.domains.customs.services.papers import (
    Item,
    Limits,
    Papers,
    PapersIncomplete,
    Party,
    assumed_of,
    data_set,
    data_sets_of,
    documents_of,
    in_parts,
    missing_of,
    origin_csv,
    postal_item_id,
    preview,
    print_papers,
)
from entrepot.domains.customs.services.screening import (
    NamedHit,
    Upload,
    find_names,
    import_ofac,
    screen_names,
)
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
    "Choice",
    "CodeRefused",
    "Item",
    "Limits",
    "ListRefused",
    "NamedHit",
    "Papers",
    "PapersIncomplete",
    "Party",
    "TariffBusy",
    "TariffRefused",
    "Upload",
    "assumed_of",
    "book_taxes",
    "choose_code",
    "choose_codes",
    "data_set",
    "data_sets_of",
    "documents_of",
    "find_names",
    "import_ofac",
    "import_tariff",
    "in_parts",
    "missing_of",
    "origin_csv",
    "postal_item_id",
    "preview",
    "print_papers",
    "receive_tariff",
    "refuse_code",
    "reverse_taxes",
    "screen_names",
    "suggest_code",
]
