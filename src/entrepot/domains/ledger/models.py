"""Where the money is: double entry in many currencies, append-only, balanced by the database itself."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.dated import Reference, tracked


@tracked
class Currency(Reference):
    """A currency and how many decimals it is counted in."""

    code = models.CharField(_("code"), max_length=3, primary_key=True)
    minor_units = models.BigIntegerField(_("decimals"))
    name = models.CharField(_("name"), blank=True, default="")

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")

    def __str__(self) -> str:
        return self.code


class FxRate(models.Model):
    """Units of the currency for one euro on a day, times one million."""

    currency = models.CharField(_("currency"), max_length=3)
    on = models.DateField(_("day"))
    rate_e6 = models.BigIntegerField(_("rate × 1,000,000"))
    source = models.CharField(_("source"), blank=True, default="")

    class Meta:
        verbose_name = _("exchange rate")
        constraints = [
            models.UniqueConstraint(fields=["currency", "on"], name="ledger_fxrate_day"),
            models.CheckConstraint(name="ledger_fxrate_positive", condition=models.Q(rate_e6__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.on}"


class Account(Reference):
    """An account of the books."""

    class Kind(models.TextChoices):
        ASSET = "asset", _("Asset")
        LIABILITY = "liability", _("Liability")
        EQUITY = "equity", _("Equity")
        INCOME = "income", _("Income")
        EXPENSE = "expense", _("Expense")

    code = models.CharField(_("code"), unique=True)
    name_en = models.CharField(_("English name"))
    name_zh = models.CharField(_("Chinese name"), blank=True, default="")
    kind = models.CharField(_("kind"), choices=Kind.choices)

    class Meta:
        verbose_name = pgettext_lazy("ledger", "account")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


@tracked
class PostingRule(Reference):
    """Which accounts a leg of an order is booked to."""

    leg = models.CharField(_("leg"), unique=True)
    debit = models.ForeignKey(Account, models.PROTECT, to_field="code", db_column="debit", related_name="+")
    credit = models.ForeignKey(Account, models.PROTECT, to_field="code", db_column="credit", related_name="+")

    class Meta:
        verbose_name = _("posting rule")

    def __str__(self) -> str:
        return self.leg


class Entry(models.Model):
    """One booking: a day, a reason and its balanced postings. Never changed; a mistake is reversed by another entry.

    `idempotency_key` says what the entry books (`order:17:v1`); booking the same thing twice is refused.
    """

    class Kind(models.TextChoices):
        ORDER = "order", _("Order")
        RETURN = "return", _("Return")
        OPENING = "opening", _("Opening")
        WRITEOFF = "writeoff", _("Write-off")
        FEE = "fee", _("Fee")
        ADJUSTMENT = "adjustment", _("Adjustment")
        REVERSAL = "reversal", _("Reversal")

    kind = models.CharField(_("kind"), choices=Kind.choices)
    entry_date = models.DateField(_("date"), db_index=True)
    ref_kind = models.CharField(default="", blank=True)
    ref_id = models.BigIntegerField(null=True)
    memo = models.CharField(_("memo"), default="", blank=True)
    idempotency_key = models.CharField(db_collation="C")
    booked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [models.Index(fields=["ref_kind", "ref_id"], name="ledger_entry_ref")]
        constraints = [  # one index: in its collation a beginning is found along it too
            models.UniqueConstraint(fields=["idempotency_key"], name="ledger_entry_once")
        ]

    def __str__(self) -> str:
        return self.idempotency_key


class Posting(models.Model):
    """One side of an entry: debit positive, credit negative, in its currency and in the books' currency."""

    entry = models.ForeignKey(Entry, models.PROTECT, db_constraint=False, related_name="postings")
    account = models.ForeignKey(
        Account, models.PROTECT, db_constraint=False, db_index=False, related_name="postings"
    )
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    base_minor = models.BigIntegerField()

    class Meta:
        verbose_name = _("posting")
        indexes = [models.Index(fields=["account", "entry"], name="ledger_posting_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount_minor} {self.currency}"


class AccountBalance(models.Model):
    """Sums of an account by currency and month: a projection of the postings, kept by the database."""

    account = models.ForeignKey(Account, models.PROTECT, db_index=False, related_name="balances")
    currency = models.CharField(max_length=3)
    month = models.DateField()
    debit_minor = models.BigIntegerField(default=0)
    credit_minor = models.BigIntegerField(default=0)
    base_minor = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("balance")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "currency", "month"], name="ledger_accountbalance_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.currency} {self.month}"
