"""Codes of goods: the world's nomenclature, national tariffs beneath it, and which code was chosen for which SKU."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.dated import DatedRule, Reference, periods, text, tracked


class HsSection(Reference):
    """A section of the nomenclature: a group of chapters."""

    code = models.CharField(_("section"), max_length=5, unique=True)
    first_chapter = models.CharField(_("first chapter"), max_length=2)
    last_chapter = models.CharField(_("last chapter"), max_length=2)
    name_en = models.CharField(_("English name"))
    name_zh = text(_("Chinese name"))

    class Meta:
        verbose_name = _("section")

    def __str__(self) -> str:
        return self.code


class HsCode(DatedRule):
    """A chapter, heading or subheading of the Harmonized System, the same for the whole world."""

    code = models.CharField(_("code"), max_length=6)
    description_en = models.CharField(_("English description"))
    description_zh = text(_("Chinese description"))

    class Meta:
        verbose_name = _("HS code")
        constraints = periods("customs_hscode", "code")

    def __str__(self) -> str:
        return self.code


class NationalCode(DatedRule):
    """A line of a national tariff: the digits a country adds to the six of the world, and its rates as printed."""

    country = models.CharField(_("country"), max_length=2)
    code = models.CharField(_("code"), max_length=10)
    description = models.CharField(_("description"))
    units = text(_("units"))
    general_text = text(_("general rate"))
    special_text = text(_("preferential rates"))
    other_text = text(_("column 2"))
    added_ppm = models.BigIntegerField(_("on top of another rate (ppm)"), null=True, blank=True)

    class Meta:
        verbose_name = _("national code")
        constraints = periods("customs_nationalcode", "code", "country")
        indexes = [models.Index(fields=["country", "code"], name="customs_nationalcode_code")]

    def __str__(self) -> str:
        return f"{self.country} {self.code}"


@tracked
class CodeChoice(models.Model):
    """The code somebody chose for a SKU, and why. Suggestions never touch it; a later choice replaces it."""

    sku = models.CharField(_("SKU"))
    country = text(_("country"), max_length=2)
    code = models.CharField(_("HS code"), max_length=10)
    version = text(_("edition"))
    reason = text(_("why"))
    ruling = text(_("binding ruling"))
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    chosen_at = models.DateTimeField(pgettext_lazy("time", "chosen"), default=timezone.now)
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    class Meta:
        verbose_name = _("chosen code")
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "country"],
                name="customs_codechoice_one",
                condition=models.Q(replaced_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.code}"


class CodeRefusal(models.Model):
    """A suggestion somebody refused for a SKU, so that it is not made again."""

    sku = models.CharField(_("SKU"))
    code = models.CharField(_("HS code"), max_length=10)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    refused_at = models.DateTimeField(_("refused"), default=timezone.now)

    class Meta:
        verbose_name = _("refused code")
        constraints = [models.UniqueConstraint(fields=["sku", "code"], name="customs_coderefusal_once")]

    def __str__(self) -> str:
        return f"{self.sku} {self.code}"
