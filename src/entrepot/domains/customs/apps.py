"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomsConfig(AppConfig):
    name = "entrepot.domains.customs"
    label = "customs"
    verbose_name = _("Customs")

    def ready(self) -> None:
        from entrepot.core import worldtables
        from entrepot.domains.customs import frames

        worldtables.register(*frames.TABLES)
