"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogisticsConfig(AppConfig):
    name = "entrepot.domains.logistics"
    label = "logistics"
    verbose_name = _("Logistics")

    def ready(self) -> None:
        from entrepot.core import worldtables
        from entrepot.domains.logistics import frames

        worldtables.register(*frames.TABLES)
        worldtables.register_beside(*frames.BESIDE)
