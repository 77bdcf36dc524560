"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WarehouseConfig(AppConfig):
    name = "entrepot.domains.warehouse"
    label = "warehouse"
    verbose_name = _("Warehouse")
