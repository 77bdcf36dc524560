"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "entrepot.domains.ledger"
    label = "ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        from entrepot.core import worldtables
        from entrepot.domains.ledger import frames

        worldtables.register(*frames.TABLES)
