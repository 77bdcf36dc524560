"""What channels paid out and gave back, as they tell it, tied to our orders where these exist."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.dated import text
from entrepot.domains.channels.models.accounts import ChannelAccount
from entrepot.domains.channels.models.imports import ImportRun


class Settlement(models.Model):
    """One payout of an account. Minor units of `currency`; `lines_minor` is what its lines add up to.

    It is booked when both agree; one that differs is kept and listed, and booked once a complete report has come.
    """

    class State(models.TextChoices):
        BOOKED = "booked", _("Booked")
        DIFFERS = "differs", _("Lines and total differ")
        OPEN = "open", _("Not paid out yet")

    account = models.ForeignKey(ChannelAccount, models.PROTECT, db_index=False, related_name="settlements")
    external_id = models.CharField(_("number"))
    currency = models.CharField(_("currency"), max_length=3)
    start_on = models.DateField(_("from"), null=True)
    end_on = models.DateField(_("to"), null=True)
    paid_on = models.DateField(_("paid"), null=True)
    total_minor = models.BigIntegerField(_("paid out"), null=True)
    lines_minor = models.BigIntegerField(_("sum of the lines"), default=0)
    state = models.CharField(_("state"), choices=State.choices, default=State.OPEN)
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, related_name="settlements")
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    class Meta:
        verbose_name = _("settlement")
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="channels_settlement_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.external_id}"

    @property
    def difference_minor(self) -> int:
        """What the stated total has beyond the lines; nought when nothing is stated."""
        return 0 if self.total_minor is None else self.total_minor - self.lines_minor


class SettlementLine(models.Model):
    """One line of a settlement; `order_id` is ours where the order is known."""

    class Kind(models.TextChoices):
        SALE = "sale", pgettext_lazy("settlement", "Sale")
        REFUND = "refund", _("Refund")
        TAX = "tax", _("Tax")
        FEE = "fee", _("Fee")
        ADJUSTMENT = "adjustment", _("Adjustment")
        RESERVE = "reserve", _("Reserve")
        TRANSFER = "transfer", _("Payout")

    settlement = models.ForeignKey(Settlement, models.CASCADE, db_index=False, related_name="lines")
    line_no = models.IntegerField(_("line"))
    kind = models.CharField(_("kind"), choices=Kind.choices)
    what = text(_("what for"))
    external_order = text(_("order at the channel"))
    order_id = models.BigIntegerField(_("order"), null=True)
    sku = text(_("SKU"))
    quantity = models.BigIntegerField(_("quantity"), default=0)
    amount_minor = models.BigIntegerField(_("amount"))
    posted_on = models.DateField(_("date"), null=True)

    class Meta:
        verbose_name = _("settlement line")
        constraints = [
            models.UniqueConstraint(fields=["settlement", "line_no"], name="channels_settlementline_no")
        ]
        indexes = [models.Index(fields=["order_id"], name="channels_settlementline_order")]

    def __str__(self) -> str:
        return f"{self.settlement_id}/{self.line_no}"


class ChannelRefund(models.Model):
    """Money a channel gave back for an order; booked once the order itself stands in the books."""

    account = models.ForeignKey(ChannelAccount, models.PROTECT, db_index=False, related_name="refunds")
    external_id = models.CharField(_("number"))
    external_order = models.CharField(_("order at the channel"))
    order_id = models.BigIntegerField(_("order"), null=True, db_index=True)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    refunded_at = models.DateTimeField(_("given back"))
    note = text(_("note"))
    is_booked = models.BooleanField(_("booked"), default=False)

    class Meta:
        verbose_name = _("refund by the channel")
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="channels_refund_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.external_id}"
