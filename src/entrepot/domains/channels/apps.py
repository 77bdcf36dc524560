"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "entrepot.domains.channels"
    label = "channels"
    verbose_name = _("Channels")
