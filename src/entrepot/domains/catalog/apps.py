"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "entrepot.domains.catalog"
    label = "catalog"
    verbose_name = _("Catalogue")
