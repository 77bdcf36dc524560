"""Which way goods travel: carriers, services, lanes, rate cards, surcharges; and the shipments themselves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import DatedRule, Reference, periods, text, tracked


@tracked
class Carrier(Reference):
    """A company that carries."""

    code = models.CharField(_("code"), unique=True)
    name = models.CharField(_("name"))

    class Meta:
        verbose_name = _("carrier")

    def __str__(self) -> str:
        return self.code


@tracked
class Service(DatedRule):
    """A way to send: what it takes, how it weighs."""

    service = models.CharField(_("service"))
    name_en = text(_("English name"))
    name_zh = text(_("Chinese name"))
    carrier = models.CharField(_("carrier"))
    kind = models.CharField(_("kind"))
    mode = models.CharField(_("mode"))
    divisor = models.BigIntegerField(_("divisor (cm³/kg)"), default=0)
    round_g = models.BigIntegerField(_("rounds up to (g)"), default=1)
    max_g = models.BigIntegerField(_("heaviest parcel (g)"))
    max_side_mm = models.BigIntegerField(_("longest side (mm)"), default=0)
    multi_parcel = models.BooleanField(_("several parcels"), default=False)
    battery = models.CharField(_("batteries"), default="all")
    currency = models.CharField(_("currency"), max_length=3)
    tracked = models.BooleanField(_("tracked"), default=True)
    loss_ppm = models.BigIntegerField(_("loss (ppm)"), default=0)

    class Meta:
        verbose_name = _("service")
        constraints = periods("logistics_service", "service")

    def __str__(self) -> str:
        return self.service


@tracked
class Lane(DatedRule):
    """Where a service goes from a country, in which zone and how many days."""

    service = models.CharField(_("service"))
    ship_from = models.CharField(_("from country"), max_length=2)
    dest_country = models.CharField(_("to country"), max_length=2)
    zone = models.CharField(_("zone"))
    min_days = models.BigIntegerField(_("days, at least"))
    max_days = models.BigIntegerField(_("days, at most"))
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("lane")
        constraints = periods("logistics_lane", "service", "ship_from", "dest_country")

    def __str__(self) -> str:
        return f"{self.service} {self.ship_from}-{self.dest_country}"


@tracked
class Rate(DatedRule):
    """One weight band of a rate card."""

    service = models.CharField(_("service"))
    zone = models.CharField(_("zone"))
    over_g = models.BigIntegerField(_("over (g)"))
    to_g = models.BigIntegerField(_("up to (g)"))
    base_minor = models.BigIntegerField(_("base price"))
    step_g = models.BigIntegerField(_("step (g)"), default=0)
    step_minor = models.BigIntegerField(_("price per step"), default=0)

    class Meta:
        verbose_name = _("rate")
        constraints = [
            *periods("logistics_rate", "service", "zone", "over_g"),
            models.CheckConstraint(
                name="logistics_rate_band", condition=models.Q(to_g__gt=models.F("over_g"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.zone} {self.over_g}-{self.to_g}"


@tracked
class Surcharge(DatedRule):
    """What a carrier adds: fuel, battery, peak."""

    surcharge = models.CharField(_("surcharge"))
    service = models.CharField(_("service"))
    applies = models.CharField(_("applies to"), default="all")
    rate_ppm = models.BigIntegerField(_("rate (ppm)"), default=0)
    fixed_minor = models.BigIntegerField(_("fixed per parcel"), default=0)

    class Meta:
        verbose_name = _("surcharge")
        constraints = periods("logistics_surcharge", "surcharge", "service")

    def __str__(self) -> str:
        return f"{self.surcharge} {self.service}"


@tracked
class Capacity(DatedRule):
    """The most that leaves on one day: from a warehouse, with a service, or with a service from a warehouse."""

    warehouse = text(_("warehouse"), help_text=_("empty: all warehouses together"))
    service = text(_("service"), help_text=_("empty: all services together"))
    unit = models.CharField(_("unit"), default="parcels")
    per_day = models.BigIntegerField(_("most on one day"))

    class Meta:
        verbose_name = _("capacity")
        verbose_name_plural = _("capacities")
        constraints = [
            *periods("logistics_capacity", "warehouse", "service", "unit"),
            models.CheckConstraint(
                name="logistics_capacity_unit", condition=models.Q(unit__in=["orders", "parcels", "g"])
            ),
            models.CheckConstraint(
                name="logistics_capacity_not_negative", condition=models.Q(per_day__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse or '*'} {self.service or '*'} {self.per_day} {self.unit}"


class Shipment(models.Model):
    """What leaves a warehouse for one order, and when it is promised to arrive."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        LOST = "lost", _("Lost")
        RETURNED = "returned", _("Returned")
        CANCELLED = "cancelled", _("Cancelled")

    order_id = models.BigIntegerField()
    number = models.CharField(_("number"))
    warehouse = models.CharField(_("warehouse"))
    service = models.CharField(_("service"))
    state = models.CharField(_("state"), choices=State.choices, default=State.PLANNED)
    ship_on = models.DateField(_("ships on"))
    promise_on = models.DateField(_("promised for"))
    shipped_at = models.DateTimeField(_("shipped at"), null=True)
    delivered_on = models.DateField(_("delivered on"), null=True)
    parcels = models.BigIntegerField(_("parcels"))
    weight_g = models.BigIntegerField(_("weight (g)"))
    chargeable_g = models.BigIntegerField(_("chargeable weight (g)"))
    freight_base_minor = models.BigIntegerField(_("freight"))
    tracking_no = models.CharField(_("tracking number"), blank=True, default="")

    class Meta:
        verbose_name = _("shipment")
        constraints = [
            models.UniqueConstraint(
                fields=["order_id"], name="logistics_shipment_order", condition=~models.Q(state="cancelled")
            )
        ]
        indexes = [
            models.Index(
                fields=["ship_on"], name="logistics_shipment_planned", condition=models.Q(state="planned")
            ),
            models.Index(
                fields=["promise_on"],
                name="logistics_shipment_under_way",
                condition=models.Q(state="shipped"),
            ),
        ]

    def __str__(self) -> str:
        return self.number
