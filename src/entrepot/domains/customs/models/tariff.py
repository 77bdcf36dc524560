"""The tariff: ordinary and preferential duty rates, additional duties, preferences and whom they favour."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import DatedRule, periods, text, tracked


class Combine(models.TextChoices):
    """How the share of the value and the amount per unit make one duty."""

    SUM = "sum", _("both together")
    GREATER = "greater", _("the greater of both")
    LESSER = "lesser", _("the lesser of both")


@tracked
class DutyRate(DatedRule):
    """A duty rate by the longest matching HS prefix and origin."""

    dest = models.CharField(_("destination"))
    hs_prefix = text(_("HS prefix"))
    origin = text(_("origin"))
    rate_ppm = models.BigIntegerField(_("rate (ppm)"))
    specific_e4 = models.BigIntegerField(_("specific duty (1/10,000 minor unit)"), default=0)
    unit = text(_("per unit"))
    currency = text(_("currency"), max_length=3)
    combine = models.CharField(_("combined as"), default=Combine.SUM, choices=Combine.choices)
    floor_ppm = models.BigIntegerField(_("at least (ppm)"), null=True, blank=True)
    ceiling_ppm = models.BigIntegerField(_("at most (ppm)"), null=True, blank=True)
    floor_e4 = models.BigIntegerField(_("at least per unit"), null=True, blank=True)
    ceiling_e4 = models.BigIntegerField(_("at most per unit"), null=True, blank=True)
    scheme = text(_("preference"))
    reading = text(_("reading"))

    class Meta:
        verbose_name = _("duty rate")
        constraints = periods("customs_dutyrate", "hs_prefix", "scheme", "origin", "dest", "reading")

    def __str__(self) -> str:
        return f"{self.dest} {self.hs_prefix} {self.origin}"


@tracked
class DutyLayer(DatedRule):
    """An additional duty on top of the ordinary rate."""

    layer = models.CharField(_("layer"))
    dest = models.CharField(_("destination"))
    hs_prefix = text(_("HS prefix"))
    origin = text(_("origin"))
    origins_except = text(_("not origins"))
    rate_ppm = models.BigIntegerField(_("rate (ppm)"))
    specific_e4 = models.BigIntegerField(_("specific duty (1/10,000 minor unit)"), default=0)
    unit = text(_("per unit"))
    currency = text(_("currency"), max_length=3)
    displaces = text(_("displaces"))
    reading = text(_("reading"))

    class Meta:
        verbose_name = _("additional duty")
        verbose_name_plural = _("additional duties")
        constraints = periods("customs_dutylayer", "hs_prefix", "layer", "origin", "dest", "reading")

    def __str__(self) -> str:
        return f"{self.layer} {self.hs_prefix}"


@tracked
class Preference(DatedRule):
    """A preference of a destination: the goods of which countries it favours, and the paper that proves it."""

    dest = models.CharField(_("destination"))
    scheme = models.CharField(_("preference"))
    code = text(_("sign in the tariff"))
    name = text(_("name"))
    countries = models.CharField(_("countries of origin"))
    proof = text(_("proof of origin"))

    class Meta:
        verbose_name = _("tariff preference")
        constraints = periods("customs_preference", "dest", "scheme", "code")

    def __str__(self) -> str:
        return f"{self.dest} {self.scheme}"
