"""What the border wants: territories, embargoes, registrations, tax rates, import rules, roundings, fees."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import DatedRule, Reference, periods, text, tracked


@tracked
class Territory(DatedRule):
    """Which customs territory a country belongs to."""

    country = models.CharField(_("country"), max_length=2)
    territory = models.CharField(_("customs territory"))

    class Meta:
        verbose_name = _("customs territory")
        verbose_name_plural = _("customs territories")
        constraints = periods("customs_territory", "country")

    def __str__(self) -> str:
        return f"{self.country} {self.territory}"


@tracked
class Embargo(DatedRule):
    """Where nothing is sent."""

    country = models.CharField(_("country"), max_length=2)
    region = text(_("region"))
    reason = models.CharField(_("reason"))

    class Meta:
        verbose_name = _("embargo")
        verbose_name_plural = _("embargoes")
        constraints = periods("customs_embargo", "country", "region")

    def __str__(self) -> str:
        return f"{self.country} {self.region}"


@tracked
class Registration(DatedRule):
    """A tax registration or scheme that our company has."""

    scheme = models.CharField(_("scheme"))
    number = text(_("number"))

    class Meta:
        verbose_name = _("registration")
        constraints = periods("customs_registration", "scheme")

    def __str__(self) -> str:
        return self.scheme


@tracked
class VatRate(DatedRule):
    """A VAT, GST or sales tax rate."""

    country = models.CharField(_("country"), max_length=2)
    region = text(_("region"))
    tax_category = models.CharField(_("tax category"))
    rate_ppm = models.BigIntegerField(_("rate (ppm)"))
    reading = text(_("reading"))

    class Meta:
        verbose_name = _("tax rate")
        constraints = periods("customs_vatrate", "country", "region", "tax_category", "reading")

    def __str__(self) -> str:
        return f"{self.country} {self.region} {self.tax_category}"


@tracked
class ImportRule(DatedRule):
    """How goods enter a place: which value counts, whether duty and tax are due, and who collects them."""

    rule = models.CharField(_("rule"))
    dest = models.CharField(_("destination"))
    region = text(_("region"))
    flow = models.CharField(_("flow"))
    priority = models.BigIntegerField(_("priority"))
    mode = text(_("mode"))
    buyer_kind = text(_("buyer"))
    ship_from = text(_("shipped from"))
    origins = text(_("only origins"))
    origins_except = text(_("not origins"))
    requires = text(_("requires"))
    measured = models.CharField(_("value measured"), default="goods")
    min_minor = models.BigIntegerField(_("value over"), null=True, blank=True)
    max_minor = models.BigIntegerField(_("value up to"), null=True, blank=True)
    max_excluded = models.BooleanField(_("upper limit excluded"), default=False)
    currency = models.CharField(_("currency"), max_length=3)
    limit_currency = text(_("currency of the limits"), max_length=3)
    cv_basis = models.CharField(_("customs value"))
    tax_base = models.CharField(_("tax base"))
    duty_mode = models.CharField(_("duty"))
    duty_ppm = models.BigIntegerField(_("fixed duty (ppm)"), default=0)
    flat_duty_minor = models.BigIntegerField(_("flat duty per tariff line"), default=0)
    duty_less_minor = models.BigIntegerField(_("taken off the duty"), default=0)
    tax_mode = models.CharField(_("tax"))
    tax_ppm = models.BigIntegerField(_("fixed tax (ppm)"), default=0)
    tax_waived_minor = models.BigIntegerField(_("tax waived up to"), null=True, blank=True)
    tax_place = models.CharField(_("place of tax"), default="dest")
    collector = models.CharField(_("collected"))
    duty_collector = models.CharField(_("duty collected"), default="border")
    fees = text(_("fees"))
    rounding = models.CharField(_("rounding"), default="half_up")
    reading = text(_("reading"))

    class Meta:
        verbose_name = _("import rule")
        constraints = periods("customs_importrule", "rule", "dest", "region", "reading")

    def __str__(self) -> str:
        return self.rule


@tracked
class Rounding(Reference):
    """How a country rounds values, duties and taxes: a named profile of steps and directions."""

    rounding = models.CharField(_("rounding"), unique=True)
    value_step = models.BigIntegerField(_("step of the customs value"), default=1)
    value_rounding = models.CharField(_("rounding of the customs value"), default="half_up")
    duty_base_step = models.BigIntegerField(_("step of the duty's base"), default=1)
    duty_step = models.BigIntegerField(_("step of the duty"), default=1)
    duty_rounding = models.CharField(_("rounding of the duty"), default="half_up")
    tax_base_step = models.BigIntegerField(_("step of the tax's base"), default=1)
    tax_step = models.BigIntegerField(_("step of the tax"), default=1)
    tax_rounding = models.CharField(_("rounding of the tax"), default="half_up")
    local_num = models.BigIntegerField(_("local share, numerator"), default=0)
    local_den = models.BigIntegerField(_("local share, denominator"), default=1)
    tax_per = models.CharField(_("tax rounded per"), default="order")
    source = text(_("source"))

    class Meta:
        verbose_name = _("rounding")

    def __str__(self) -> str:
        return self.rounding


@tracked
class ImportFee(DatedRule):
    """A fee of the border: processing, harbour, levy."""

    fee = models.CharField(_("fee"))
    base = models.CharField(_("base"))
    rate_ppm = models.BigIntegerField(_("rate (ppm)"), default=0)
    fixed_minor = models.BigIntegerField(_("fixed"), default=0)
    min_minor = models.BigIntegerField(_("at least"), null=True, blank=True)
    max_minor = models.BigIntegerField(_("at most"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    reading = text(_("reading"))

    class Meta:
        verbose_name = _("import fee")
        constraints = periods("customs_importfee", "fee", "reading")

    def __str__(self) -> str:
        return self.fee


@tracked
class Nexus(DatedRule):
    """From which sales into a US state a seller without a shop there must collect its sales tax."""

    state = models.CharField(_("state"), max_length=2)
    sales_minor = models.BigIntegerField(_("sales over"), null=True, blank=True)
    transactions = models.BigIntegerField(_("number of sales"), null=True, blank=True)
    joined = models.BooleanField(_("both must be passed"), default=False)
    currency = models.CharField(_("currency"), max_length=3, default="USD")

    class Meta:
        verbose_name = _("economic nexus")
        constraints = periods("customs_nexus", "state")

    def __str__(self) -> str:
        return self.state
