"""Who bought what, on what terms: customers, orders with lines, what holds them, what came back."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import text


class Customer(models.Model):
    """A buyer. Personal data: the fields named in PERSONAL_FIELDS."""

    PERSONAL_FIELDS = ("name", "email", "phone")

    code = models.CharField(_("customer number"), unique=True, null=True, blank=True)
    name = text(_("name"))
    email = text(_("e-mail"))
    phone = text(_("phone"))
    country = text(_("country"), max_length=2)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("customer")
        indexes = [
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("code"), name="gin_trgm_ops"),
                OpClass(Upper("email"), name="gin_trgm_ops"),
                name="orders_customer_text",
            )
        ]

    def __str__(self) -> str:
        return self.code or str(self.pk)


class Order(models.Model):
    """One order of one channel. Personal data: the fields named in PERSONAL_FIELDS.

    `account` is the seller's account at the channel, empty where there is only one; `channel_state` is how the channel
    itself sees the order, `revised_at` when it last changed it. `tax_charged_minor` is the tax the channel charged.
    Money is in minor units of `currency`. `holds` are the codes of its open holds, `released` those a person let pass;
    warehouse, service, dates and profit are those of the current decision.
    """

    PERSONAL_FIELDS = ("recipient_name", "dest_postcode", "dest_city", "buyer_vat_id")

    class State(models.TextChoices):
        NEW = "new", _("New")
        PENDING = "pending", _("Awaiting payment")
        HELD = "held", _("Held")
        CONFIRMED = "confirmed", _("Confirmed")
        BACKORDERED = "backordered", _("Back-ordered")
        UNROUTABLE = "unroutable", _("No way to ship")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")
        RETURNED = "returned", _("Returned")

    number = models.CharField(_("number"))
    channel = models.CharField(_("channel"))
    account = text(_("account"))
    source = text(_("source"))
    external_id = models.CharField(_("channel's number"))
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="orders"
    )
    state = models.CharField(_("state"), choices=State.choices, default=State.NEW)
    channel_state = text(_("state at the channel"))
    revised_at = models.DateTimeField(_("changed at the channel"), null=True)
    placed_at = models.DateTimeField(_("placed"))
    placed_on = models.DateField(_("date"))
    dest_country = text(_("country"))
    dest_region = text(_("region"))
    dest_postcode = text(_("postcode"))
    dest_city = text(_("city"))
    recipient_name = text(_("recipient"))
    currency = models.CharField(_("currency"), max_length=3)
    goods_minor = models.BigIntegerField(_("goods"))
    shipping_minor = models.BigIntegerField(_("shipping"), default=0)
    discount_minor = models.BigIntegerField(_("discount"), default=0)
    total_minor = models.BigIntegerField(_("total"))
    tax_charged_minor = models.BigIntegerField(_("tax charged by the channel"), default=0)
    price_includes_tax = models.BooleanField(_("prices include tax"), default=False)
    buyer_kind = models.CharField(_("buyer"), default="b2c")
    buyer_vat_id = text(_("VAT number"))
    buyer_vat_valid = models.BooleanField(_("VAT number valid"), default=False)
    duties_charged = models.BooleanField(_("duties charged at checkout"), default=False)
    incoterm = models.CharField(_("incoterm"), default="DAP")
    payment_method = text(_("payment method"))
    priority = models.BigIntegerField(_("priority"), default=0)
    billing_country = text(_("billing country"))
    ip_country = text(_("country of the IP address"))
    content_hash = models.BigIntegerField(null=True)
    holds = ArrayField(models.CharField(), verbose_name=_("holds"), default=list)
    released = ArrayField(models.CharField(), default=list)
    decided_at = models.DateTimeField(_("decided"), null=True)
    warehouse = text(_("warehouse"))
    service = text(_("service"))
    ship_on = models.DateField(_("ships on"), null=True)
    promise_on = models.DateField(_("promised for"), null=True)
    profit_base_minor = models.BigIntegerField(_("profit"), null=True)
    margin_ppm = models.BigIntegerField(_("margin"), null=True)
    delivered_on = models.DateField(_("delivered on"), null=True)

    class Meta:
        verbose_name = _("order")
        constraints = [
            models.UniqueConstraint(fields=["channel", "account", "external_id"], name="orders_order_once")
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="orders_order_placed"),
            models.Index(fields=["state", "-placed_at"], name="orders_order_state"),
            models.Index(fields=["customer", "content_hash"], name="orders_order_customer"),
            GinIndex(fields=["holds"], name="orders_order_holds", condition=models.Q(state="held")),
            GinIndex(OpClass(Upper("recipient_name"), name="gin_trgm_ops"), name="orders_order_recipient"),
            models.Index(fields=["number"], name="orders_order_number", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One line of an order; a SKU we do not know stays on the line as text.

    `channel_sku` is what the channel calls the article, `channel_line_id` its own number of the line. `sent` are the
    pieces that had left through the channel before the order was decided here: they are paid for, and not sent again.
    """

    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    line_no = models.IntegerField(_("line"))
    sku_code = models.CharField(_("SKU"))
    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, null=True, db_constraint=False, related_name="order_lines"
    )
    description = text(_("description"))
    quantity = models.BigIntegerField(_("quantity"))
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=4)
    amount_minor = models.BigIntegerField(_("amount"))
    channel_sku = text(_("SKU at the channel"))
    channel_line_id = text(_("line at the channel"))
    sent = models.BigIntegerField(_("already sent by the channel"), default=0, db_default=0)

    class Meta:
        verbose_name = _("order line")
        constraints = [
            models.UniqueConstraint(fields=["order", "line_no"], name="orders_orderline_no"),
            models.CheckConstraint(
                condition=models.Q(sent=0) | models.Q(sent__gt=0, sent__lte=models.F("quantity")),
                name="orders_orderline_sent",
            ),
        ]
        indexes = [
            models.Index(fields=["sku_code"], name="orders_orderline_unknown", condition=models.Q(sku=None)),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"


class Hold(models.Model):
    """Why an order waits for a person, and what that person decided."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        RELEASED = "released", _("Released")
        REJECTED = "rejected", _("Rejected")

    order = models.ForeignKey(Order, models.PROTECT, db_index=False, related_name="hold_rows")
    code = models.CharField(_("reason"))
    detail = text(_("detail"))
    state = models.CharField(_("state"), choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = text(_("note"))

    class Meta:
        verbose_name = _("hold")
        constraints = [models.UniqueConstraint(fields=["order", "code"], name="orders_hold_once")]
        indexes = [
            models.Index(
                fields=["code", "opened_at"], name="orders_hold_open", condition=models.Q(state="open")
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.code}"


class ReturnLine(models.Model):
    """Goods that came back or an order line that was cancelled, tied to its order where one was found."""

    source = models.CharField(_("source"))
    external_id = models.CharField(_("number"))
    line_no = models.IntegerField(_("line"))
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="returns")
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, db_index=False, related_name="returns"
    )
    kind = models.CharField(_("kind"), choices=[("return", _("Return")), ("cancellation", _("Cancellation"))])
    sku_code = models.CharField(_("SKU"))
    quantity = models.BigIntegerField(_("quantity"))
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    received_on = models.DateField(_("received on"))
    tied = models.BooleanField(_("tied to its order"), default=False)
    note = text(_("note"))

    class Meta:
        verbose_name = _("return line")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id", "line_no"], name="orders_returnline_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.external_id}/{self.line_no}"
