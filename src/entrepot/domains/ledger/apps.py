"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "entrepot.domains.ledger"
    label = "ledger"
    verbose_name = _("Ledger")
