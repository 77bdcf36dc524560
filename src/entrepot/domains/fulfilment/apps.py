"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FulfilmentConfig(AppConfig):
    name = "entrepot.domains.fulfilment"
    label = "fulfilment"
    verbose_name = _("Fulfilment")
