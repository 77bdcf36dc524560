"""Where orders come from and what it costs to be paid: channels, their fees, payment methods' fees."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import DatedRule, Reference, periods, text, tracked


@tracked
class Channel(Reference):
    """A marketplace, our own shop, or wholesale."""

    code = models.CharField(_("code"), unique=True)
    name_en = models.CharField(_("English name"))
    name_zh = text(_("Chinese name"))
    kind = models.CharField(_("kind"))
    schemes = text(_("schemes"))
    prices_include_tax = models.BooleanField(_("prices include tax"), default=False)
    currency = text(_("currency"), max_length=3)
    settlement_days = models.BigIntegerField(_("settlement (days)"), default=0)
    max_days = models.BigIntegerField(_("longest delivery promised (days)"), default=0)
    source = text(_("source"))

    class Meta:
        verbose_name = _("channel")

    def __str__(self) -> str:
        return self.code


@tracked
class ChannelFee(DatedRule):
    """What a channel keeps of a sale, by category and price band."""

    channel = models.CharField(_("channel"))
    fee_category = text(_("fee category"))
    over_minor = models.BigIntegerField(_("price over"), default=0)
    to_minor = models.BigIntegerField(_("price up to"), null=True, blank=True)
    rate_ppm = models.BigIntegerField(_("rate (ppm)"))
    carry_minor = models.BigIntegerField(_("fee of the bands below"), default=0)
    marginal = models.BooleanField(_("on the part over the band's start"), default=False)
    fixed_minor = models.BigIntegerField(_("fixed per piece"), default=0)
    min_minor = models.BigIntegerField(_("at least, per piece"), default=0)
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("channel fee")
        constraints = periods("payments_channelfee", "channel", "fee_category", "over_minor")

    def __str__(self) -> str:
        return f"{self.channel} {self.fee_category}"


@tracked
class PaymentFee(DatedRule):
    """What a payment method costs."""

    method = models.CharField(_("method"))
    rate_ppm = models.BigIntegerField(_("rate (ppm)"))
    fixed_minor = models.BigIntegerField(_("fixed"), default=0)
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("payment fee")
        constraints = periods("payments_paymentfee", "method")

    def __str__(self) -> str:
        return self.method
