"""Which way goods travel: carriers, services and how they weigh, lanes, rate cards, surcharges; shipments."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
    weighing = text(_("weighing rule"))
    divisor = models.BigIntegerField(_("divisor (cm³/kg)"), default=0)
    round_g = models.BigIntegerField(_("rounds up to (g)"), default=1)
    weigh_per = models.CharField(_("weighed per"), default="parcel")
    max_g = models.BigIntegerField(_("heaviest parcel (g)"))
    max_side_mm = models.BigIntegerField(_("longest side (mm)"), default=0)
    max_girth_mm = models.BigIntegerField(_("length and girth (mm)"), default=0)
    max_sum_mm = models.BigIntegerField(_("three sides together (mm)"), default=0)
    multi_parcel = models.BooleanField(_("several parcels"), default=False)
    battery = models.CharField(_("batteries"), default="all")
    transport = text(_("battery rules of"))
    max_value_minor = models.BigIntegerField(_("highest value"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    tracked = models.BooleanField(_("tracked"), default=True)
    loss_ppm = models.BigIntegerField(_("loss (ppm)"), default=0)

    class Meta:
        verbose_name = _("service")
        constraints = periods("logistics_service", "service")

    def __str__(self) -> str:
        return self.service


@tracked
class Weighing(DatedRule):
    """How a carrier weighs: when volume counts, how sides and weights are rounded. `*_e3`: thousandths of the unit."""

    weighing = models.CharField(_("weighing rule"))
    unit = models.CharField(_("unit"), default="cm3/kg")
    divisor = models.BigIntegerField(_("divisor"), default=0)
    over_volume = models.BigIntegerField(_("volume counts above"), default=0)
    over_side_e3 = models.BigIntegerField(_("volume counts above side (1/1000)"), default=0)
    side_rounding = text(_("sides rounded"))
    step_e3 = models.BigIntegerField(_("weight step (1/1000)"), default=0)
    change_e3 = models.BigIntegerField(_("step changes above (1/1000)"), default=0)
    then_e3 = models.BigIntegerField(_("step then (1/1000)"), default=0)
    min_e3 = models.BigIntegerField(_("least weight (1/1000)"), default=0)

    class Meta:
        verbose_name = _("weighing rule")
        constraints = periods("logistics_weighing", "weighing")

    def __str__(self) -> str:
        return self.weighing


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
    tier = text(_("contract tier"))
    over_g = models.BigIntegerField(_("over (g)"))
    to_g = models.BigIntegerField(_("up to (g)"))
    base_minor = models.BigIntegerField(_("base price"))
    step_g = models.BigIntegerField(_("step (g)"), default=0)
    step_minor = models.BigIntegerField(_("price per step"), default=0)

    class Meta:
        verbose_name = _("rate")
        constraints = [
            *periods("logistics_rate", "service", "zone", "tier", "over_g"),
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
    zone = text(_("zone"))
    applies = models.CharField(_("applies to"), default="all")
    area = text(_("remote area list"))
    stage = models.BigIntegerField(_("order of computation"), default=1)
    base = models.CharField(_("rate is of"), default="transport")
    rate_ppm = models.BigIntegerField(_("rate (ppm)"), default=0)
    fixed_minor = models.BigIntegerField(_("fixed amount"), default=0)
    per_kg_minor = models.BigIntegerField(_("per started kg"), default=0)
    min_minor = models.BigIntegerField(_("at least"), null=True, blank=True)
    max_minor = models.BigIntegerField(_("at most"), null=True, blank=True)
    per = models.CharField(_("counted per"), default="parcel")
    one_of = text(_("only the dearest of"))
    unit = models.CharField(_("unit"), default="cm/kg")
    over_side_e3 = models.BigIntegerField(_("longest side above (1/1000)"), default=0)
    over_second_e3 = models.BigIntegerField(_("second side above (1/1000)"), default=0)
    over_girth_e3 = models.BigIntegerField(_("length and girth above (1/1000)"), default=0)
    over_volume = models.BigIntegerField(_("volume above"), default=0)
    over_weight_e3 = models.BigIntegerField(_("weight above (1/1000)"), default=0)
    min_billed_e3 = models.BigIntegerField(_("least weight billed (1/1000)"), default=0)

    class Meta:
        verbose_name = _("surcharge")
        constraints = periods("logistics_surcharge", "surcharge", "service", "zone")

    def __str__(self) -> str:
        return f"{self.surcharge} {self.service}"


@tracked
class ContractTier(DatedRule):
    """The tier of a service's rate card that is in force for us, by the weight we send a month."""

    service = models.CharField(_("service"))
    tier = models.CharField(_("contract tier"))
    over_g = models.BigIntegerField(_("a month, over (g)"), default=0)
    to_g = models.BigIntegerField(_("a month, up to (g)"), default=0)

    class Meta:
        verbose_name = _("contract tier")
        constraints = periods("logistics_contracttier", "service")

    def __str__(self) -> str:
        return f"{self.service} {self.tier}"


@tracked
class Area(DatedRule):
    """A range of postcodes on a carrier's list of remote areas."""

    area = models.CharField(_("remote area list"))
    country = models.CharField(_("country"), max_length=2)
    from_postcode = models.CharField(_("from postcode"))
    to_postcode = models.CharField(_("to postcode"))

    class Meta:
        verbose_name = _("remote area")
        constraints = periods("logistics_area", "area", "country", "from_postcode")

    def __str__(self) -> str:
        return f"{self.area} {self.country} {self.from_postcode}"


@tracked
class Carton(DatedRule):
    """A carton a warehouse packs into."""

    warehouse = models.CharField(_("warehouse"))
    carton = models.CharField(_("carton"))
    length_mm = models.BigIntegerField(_("length inside (mm)"))
    width_mm = models.BigIntegerField(_("width inside (mm)"))
    height_mm = models.BigIntegerField(_("height inside (mm)"))
    wall_mm = models.BigIntegerField(_("wall (mm)"), default=0)
    tare_g = models.BigIntegerField(_("weight with filling (g)"))
    max_g = models.BigIntegerField(_("heaviest contents (g)"))
    cost_minor = models.BigIntegerField(_("cost"), default=0)

    class Meta:
        verbose_name = _("carton")
        constraints = [
            *periods("logistics_carton", "warehouse", "carton"),
            models.CheckConstraint(
                name="logistics_carton_sizes",
                condition=models.Q(
                    length_mm__gt=0,
                    width_mm__gt=0,
                    height_mm__gt=0,
                    wall_mm__gte=0,
                    tare_g__gte=0,
                    max_g__gt=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse} {self.carton}"


@tracked
class BatteryRule(DatedRule):
    """How batteries of one kind travel by air: UN number, packing instruction, net weights, state of charge."""

    kind = models.CharField(_("chemistry"))
    battery = models.CharField(_("battery"))
    to_wh_e3 = models.BigIntegerField(_("up to (Wh × 1000, mg)"), default=0)
    un = models.CharField(_("UN number"))
    instruction = models.CharField(_("packing instruction"))
    passenger = models.BooleanField(_("on passenger aircraft"), default=False)
    passenger_g = models.BigIntegerField(_("net weight, passenger (g)"), default=0)
    cargo_g = models.BigIntegerField(_("net weight, cargo (g)"), default=0)
    charge = text(_("state of charge limit"))
    charge_ppm = models.BigIntegerField(_("state of charge (ppm)"), default=0)
    charge_over_wh_e3 = models.BigIntegerField(_("mandatory above (Wh × 1000)"), default=0)

    class Meta:
        verbose_name = _("battery rule")
        constraints = periods("logistics_batteryrule", "kind", "battery", "to_wh_e3")

    def __str__(self) -> str:
        return f"{self.un} {self.instruction}"


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


@tracked
class FirstLeg(DatedRule):
    """What a forwarder asks to bring goods in bulk to a warehouse: by air, sea, rail or road."""

    class Mode(models.TextChoices):
        AIR = "air", pgettext_lazy("first leg", "Air")
        SEA = "sea", pgettext_lazy("first leg", "Sea")
        RAIL = "rail", pgettext_lazy("first leg", "Rail")
        ROAD = "road", pgettext_lazy("first leg", "Road")

    ship_from = models.CharField(_("from country"), max_length=2)
    warehouse = models.CharField(_("to warehouse"))
    mode = models.CharField(_("by"), choices=Mode.choices)
    forwarder = text(_("forwarder"))
    weighing = models.CharField(_("weighing rule"))
    currency = models.CharField(_("currency"), max_length=3)
    per_kg_minor = models.BigIntegerField(_("per chargeable kg"), default=0)
    per_rt_minor = models.BigIntegerField(_("per m³ or t (W/M)"), default=0)
    min_minor = models.BigIntegerField(_("at least"), default=0)
    per_shipment_minor = models.BigIntegerField(_("per shipment"), default=0)
    min_days = models.BigIntegerField(_("days, at least"))
    max_days = models.BigIntegerField(_("days, at most"))
    battery = models.CharField(_("batteries"), default="all")

    class Meta:
        verbose_name = _("first leg")
        constraints = [
            *periods("logistics_firstleg", "warehouse", "ship_from", "mode", "forwarder"),
            models.CheckConstraint(
                name="logistics_firstleg_prices",
                condition=models.Q(
                    per_kg_minor__gte=0, per_rt_minor__gte=0, min_minor__gte=0, per_shipment_minor__gte=0
                ),
                violation_error_message=_("A price cannot be negative."),
            ),
            models.CheckConstraint(
                name="logistics_firstleg_days",
                condition=models.Q(min_days__gte=0, max_days__gte=models.F("min_days")),
                violation_error_message=_("The most days are fewer than the least."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ship_from}-{self.warehouse} {self.mode} {self.forwarder}".strip()


class RateFile(models.Model):
    """A rate file that was brought in, with the report of its checker."""

    kind = models.CharField(_("kind"))
    file_name = models.CharField(_("file"), max_length=200)
    file_sha256 = models.CharField(max_length=64)
    report = models.JSONField(_("report"), default=dict)
    imported_at = models.DateTimeField(_("imported"), auto_now=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("rate file")
        constraints = [
            models.UniqueConstraint(fields=["kind", "file_sha256"], name="logistics_ratefile_once")
        ]
        indexes = [models.Index(fields=["-imported_at"], name="logistics_ratefile_newest")]

    def __str__(self) -> str:
        return self.file_name


class Shipment(models.Model):
    """What leaves one warehouse for an order (all of it, or a part), and when it is promised to arrive."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        LOST = "lost", _("Lost")
        RETURNED = "returned", _("Returned")
        CANCELLED = "cancelled", _("Cancelled")

    order_id = models.BigIntegerField()
    part = models.SmallIntegerField(_("part"), default=1)
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
                fields=["order_id", "part"],
                name="logistics_shipment_order_part",
                condition=~models.Q(state="cancelled"),
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
