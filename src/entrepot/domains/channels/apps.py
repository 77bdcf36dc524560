"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "entrepot.domains.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        from entrepot.core import worldtables
        from entrepot.domains.channels import models

        key = ("marketplace", "metric", "level")
        worldtables.register_beside(
            worldtables.BesideTable(
                "account_metrics", models.MarketplaceMetric, key, _("Account metrics"), "sales"
            )
        )
