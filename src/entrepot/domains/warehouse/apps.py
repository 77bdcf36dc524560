"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WarehouseConfig(AppConfig):
    name = "entrepot.domains.warehouse"
    label = "warehouse"
    verbose_name = _("Warehouse")

    def ready(self) -> None:
        from entrepot.core import worldtables
        from entrepot.domains.warehouse import frames

        worldtables.register(*frames.TABLES)
