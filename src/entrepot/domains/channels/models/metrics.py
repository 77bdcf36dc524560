"""What marketplaces ask of an account's rates: limits with period and source, changed like every rule of the world."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import DatedRule, periods, text, tracked


@tracked
class MarketplaceMetric(DatedRule):
    """A marketplace's limit on a rate. `window` in the platform's own words (docs/methods/account_health.md)."""

    class Test(models.TextChoices):
        BELOW = "<", _("below")
        UP_TO = "<=", _("at most")
        ABOVE = ">", _("above")
        FROM = ">=", _("at least")

    marketplace = models.CharField(_("marketplace"), max_length=40)
    metric = models.CharField(_("metric"), max_length=40)
    level = models.CharField(_("level"), max_length=20)
    name = models.CharField(_("English name"), max_length=120)
    name_zh = text(_("Chinese name"), max_length=120)
    window = text(_("window"), max_length=80)
    operator = models.CharField(_("test"), choices=Test.choices, max_length=2)
    threshold_ppm = models.BigIntegerField(_("limit (ppm)"))
    least_count = models.BigIntegerField(_("counts from (cases)"), default=0)
    consequence = text(_("consequence"))

    class Meta:
        verbose_name = _("account metric")
        constraints = periods("channels_marketplacemetric", "marketplace", "metric", "level")

    def __str__(self) -> str:
        return f"{self.marketplace} {self.metric} {self.level}"
