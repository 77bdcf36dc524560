"""The room as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    name = "entrepot.domains.insight"
    label = "insight"
    verbose_name = _("Insight")
