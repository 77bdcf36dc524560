"""The tax of each order."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaxEntry(models.Model):
    """A tax, duty or fee of one order: how much, on what, to whom. A cancelled order gets opposite rows."""

    order_id = models.BigIntegerField()
    kind = models.CharField(_("kind"))
    code = models.CharField(_("code"))
    country = models.CharField(_("country"), max_length=2)
    region = models.CharField(_("region"), blank=True, default="")
    collector = models.CharField(_("collected by"))
    currency = models.CharField(_("currency"), max_length=3)
    taxable_minor = models.BigIntegerField(_("taxable amount"))
    rate_ppm = models.BigIntegerField(_("rate (ppm)"), null=True)
    amount_minor = models.BigIntegerField(_("amount"))
    tax_point = models.DateField(_("tax point"))

    class Meta:
        verbose_name = _("tax entry")
        verbose_name_plural = _("tax entries")
        indexes = [models.Index(fields=["order_id"], name="customs_taxentry_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.amount_minor} {self.currency}"
