"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FulfilmentConfig(AppConfig):
    name = "entrepot.domains.fulfilment"
    label = "fulfilment"
    verbose_name = _("Fulfilment")

    def ready(self) -> None:
        from entrepot.core import worldtables
        from entrepot.domains.fulfilment import frames

        worldtables.register(*frames.TABLES)
