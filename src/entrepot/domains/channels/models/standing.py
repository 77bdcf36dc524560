"""How an account stands with its platform: papers, traits it may share with another, health over time, cases."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import text
from entrepot.domains.channels.models.accounts import ChannelAccount


class AccountDocument(models.Model):
    """A paper the platform wants (data/onboarding.csv), or any other. Personal: the file itself."""

    PERSONAL_FIELDS = ("file_sha256",)

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="documents")
    requirement = models.CharField(_("document"))
    number = text(_("number"), max_length=80)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    file_name = text(_("file"))
    file_sha256 = text(max_length=64)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("account document")
        indexes = [models.Index(fields=["account", "requirement", "-id"], name="channels_document_newest")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.requirement}"


class AccountTrait(models.Model):
    """Something by which a platform may link two accounts, kept as a keyed hash only. Personal: `digest`, `hint`."""

    PERSONAL_FIELDS = ("digest", "hint")

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("Payment account")
        PHONE = "phone", _("Phone")
        LOGIN = "login", _("Login or e-mail")
        ADDRESS = "address", _("Address")
        NETWORK = "network", _("Network address")

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="traits")
    kind = models.CharField(_("kind"), choices=Kind.choices)
    digest = models.CharField(max_length=64)
    hint = text(_("ends in"), max_length=8)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("account trait")
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "digest"], name="channels_trait_once")
        ]
        indexes = [models.Index(fields=["kind", "digest"], name="channels_trait_digest")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}"


class HealthFigure(models.Model):
    """One metric of an account on one day: count, of how many, and how it stands against the platform's limit."""

    class Level(models.TextChoices):
        GOOD = "good", _("Good")
        NEAR = "near", _("Near the limit")
        BREACH = "breach", _("Beyond the limit")
        NONE = "none", _("No cases yet")

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="health")
    metric = models.CharField(_("metric"))
    measured_on = models.DateField(_("day"))
    count = models.BigIntegerField(_("count"))
    among = models.BigIntegerField(_("of"))
    level = models.CharField(_("level"), choices=Level.choices)

    class Meta:
        verbose_name = _("health figure")
        constraints = [
            models.UniqueConstraint(fields=["account", "metric", "measured_on"], name="channels_health_day")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.metric} {self.measured_on}"


class AccountCase(models.Model):
    """Something a buyer or the platform wants answered; `answer_by` is the clock."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Buyer's message")
        CLAIM = "claim", _("Claim or guarantee case")
        CHARGEBACK = "chargeback", _("Chargeback")
        NEGATIVE = "negative", _("Negative feedback")
        POLICY = "policy", _("Notice by the platform")

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="cases")
    kind = models.CharField(_("kind"), choices=Kind.choices)
    subject = models.CharField(_("subject"), max_length=200)
    external_order = text(_("order at the channel"), max_length=80)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    answer_by = models.DateTimeField(_("answer by"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    is_lost = models.BooleanField(_("closed without our solution"), default=False)

    class Meta:
        verbose_name = _("case")
        indexes = [
            models.Index(fields=["account", "-opened_at"], name="channels_case_newest"),
            models.Index(
                fields=["answer_by"], name="channels_case_waiting", condition=models.Q(answered_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class CaseEntry(models.Model):
    """One line of a case's log."""

    case = models.ForeignKey(AccountCase, models.CASCADE, related_name="entries")
    at = models.DateTimeField(_("at"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.CharField(_("text"), max_length=2000)

    class Meta:
        verbose_name = _("case log")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at}"
