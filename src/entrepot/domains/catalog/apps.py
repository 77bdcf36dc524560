"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "entrepot.domains.catalog"
    label = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from entrepot.core import worldtables
        from entrepot.domains.catalog import frames

        worldtables.register(*frames.TABLES)
