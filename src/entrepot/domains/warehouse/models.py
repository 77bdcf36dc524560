"""Where goods stand: warehouses, lots, the journal of moves and the levels that follow from it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import Reference, text, tracked


@tracked
class Warehouse(Reference):
    """A place that ships, and what it takes for handling."""

    code = models.CharField(_("code"), unique=True)
    name_en = models.CharField(_("English name"))
    name_zh = text(_("Chinese name"))
    country = models.CharField(_("country"), max_length=2)
    currency = models.CharField(_("currency"), max_length=3)
    order_fee_minor = models.BigIntegerField(_("fee per order"), default=0)
    piece_fee_minor = models.BigIntegerField(_("fee per piece"), default=0)
    handling_days = models.BigIntegerField(_("handling days"), default=1)
    tare_g = models.BigIntegerField(_("packaging per parcel (g)"), default=0)
    is_open = models.BooleanField(_("open"), default=True)
    source = text(_("source"))

    class Meta:
        verbose_name = _("warehouse")

    def __str__(self) -> str:
        return self.code


class Lot(models.Model):
    """Goods of one SKU that came in together."""

    code = models.CharField(_("lot"))
    sku = models.CharField(_("SKU"))
    received_on = models.DateField(_("received on"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)

    class Meta:
        verbose_name = _("lot")
        constraints = [models.UniqueConstraint(fields=["code", "sku"], name="warehouse_lot_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.sku}"


class StockMove(models.Model):
    """One movement of goods: positive comes in, negative goes out. Never changed; undone by an opposite move."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        SALE = "sale", _("Sale")
        RETURN = "return", _("Return")
        WRITEOFF = "writeoff", _("Write-off")
        ADJUSTMENT = "adjustment", _("Adjustment")
        OPENING = "opening", _("Opening")
        TRANSFER = "transfer", _("Transfer")

    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, db_constraint=False, db_index=False, related_name="moves"
    )
    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, db_constraint=False, db_index=False, related_name="moves"
    )
    quantity = models.BigIntegerField(_("quantity"))
    kind = models.CharField(_("kind"), choices=Kind.choices)
    ref_kind = models.CharField(default="", blank=True)
    ref_id = models.BigIntegerField(null=True)
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, db_index=False, related_name="moves")
    moved_on = models.DateField(_("date"))
    idempotency_key = models.CharField(null=True, db_collation="C")
    note = models.CharField(_("note"), default="", blank=True)

    class Meta:
        verbose_name = _("stock move")
        constraints = [
            models.UniqueConstraint(
                fields=["idempotency_key"],
                name="warehouse_stockmove_key",
                condition=models.Q(idempotency_key__isnull=False),
            ),
            models.CheckConstraint(name="warehouse_stockmove_not_zero", condition=~models.Q(quantity=0)),
        ]
        indexes = [
            models.Index(fields=["sku", "warehouse"], name="warehouse_stockmove_sku"),
            models.Index(fields=["ref_kind", "ref_id"], name="warehouse_stockmove_ref"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} {self.sku_id}"


class StockLevel(models.Model):
    """What is on hand: always the sum of the moves (kept by the database), never below zero."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, db_index=False, related_name="levels")
    sku = models.ForeignKey("catalog.Sku", models.PROTECT, db_index=False, related_name="levels")
    on_hand = models.BigIntegerField(_("on hand"), default=0)

    class Meta:
        verbose_name = _("stock level")
        constraints = [
            models.UniqueConstraint(fields=["sku", "warehouse"], name="warehouse_stocklevel_place"),
            models.CheckConstraint(
                name="warehouse_stocklevel_not_negative", condition=models.Q(on_hand__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse_id} {self.sku_id} {self.on_hand}"
