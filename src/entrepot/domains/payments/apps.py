"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "entrepot.domains.payments"
    label = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from entrepot.core import worldtables
        from entrepot.domains.payments import frames

        worldtables.register(*frames.TABLES)
