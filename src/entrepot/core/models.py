"""Records every room shares: outbox, action log, saved views, world stamps, tokens of the API, webhooks sent out."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """Something that became true, written in the transaction that made it true; delivered at least once."""

    name = models.CharField()
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    error = models.CharField(default="", blank=True)

    class Meta:
        verbose_name = _("event")
        indexes = [
            models.Index(fields=["id"], name="core_outbox_pending", condition=models.Q(delivered_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class AuditLog(models.Model):
    """Who did what to which object."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    action = models.CharField()
    room = models.CharField()
    object_ref = models.CharField(default="", blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("action")
        indexes = [
            models.Index(fields=["room", "object_ref", "-id"], name="core_audit_object"),
            models.Index(fields=["-at"], name="core_audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_ref}"


class SavedView(models.Model):
    """A list's filter, sorting and columns under a name of the user's own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField()
    name = models.CharField(max_length=80)
    query = models.CharField(default="", blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("saved view")
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="core_savedview_name")]

    def __str__(self) -> str:
        return self.name


class WorldStamp(models.Model):
    """Changes whenever a row of a world table does (by trigger), so that a compiled world knows it is stale."""

    name = models.CharField(primary_key=True)
    token = models.UUIDField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.token}"


class ApiToken(models.Model):
    """A key of another program: what it may do (`scopes`, permissions of core/roles), for whom, and until when.

    Only the SHA-256 of the token is kept; its first letters (`prefix`) tell people which one it is.
    """

    name = models.CharField(_("name"), max_length=80)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    prefix = models.CharField(_("begins with"), max_length=16, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(), verbose_name=_("scopes"))
    per_minute = models.IntegerField(_("calls a minute"), default=600)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        verbose_name = _("token")
        constraints = [
            models.CheckConstraint(name="core_apitoken_rate", condition=models.Q(per_minute__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def state(self) -> str:
        """active, expired or revoked."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "active"


class ApiUse(models.Model):
    """How often a token called in the minute that began at `window_start`, and in all: one row a token."""

    token = models.OneToOneField(ApiToken, models.CASCADE, primary_key=True, related_name="use")
    window_start = models.DateTimeField()
    used = models.IntegerField()
    calls = models.BigIntegerField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.token_id}: {self.calls}"


class IdempotentCall(models.Model):
    """A call that was carried out, and what it was answered: the same key again gets the same answer."""

    token = models.ForeignKey(ApiToken, models.CASCADE, db_index=False, related_name="+")
    key = models.CharField(max_length=200, db_collation="C")
    request_hash = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="core_idempotentcall_once")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"


class WebhookEndpoint(models.Model):
    """An address of another system that is told about events. The secret that signs is encrypted at rest."""

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=500)
    events = ArrayField(models.CharField(), verbose_name=_("events"), default=list)
    secret = models.TextField()
    is_active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    disabled_at = models.DateTimeField(_("switched off"), null=True)
    disabled_reason = models.CharField(_("reason"), default="", blank=True)

    class Meta:
        verbose_name = _("webhook")

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event for one endpoint: what is sent, how it stands, and when it is tried next."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, db_index=False, related_name="deliveries")
    message_id = models.CharField(_("message"), max_length=64)
    event = models.CharField(_("event"))
    body = models.TextField()
    state = models.CharField(_("state"), choices=State.choices, default=State.WAITING)
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    next_at = models.DateTimeField(_("next attempt"), null=True, default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    last_status = models.SmallIntegerField(_("answer"), null=True)
    last_error = models.CharField(_("error"), default="", blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "message_id"], name="core_webhookdelivery_once")
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="core_webhookdelivery_due", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"


class WebhookAttempt(models.Model):
    """One try to send a delivery, and what came of it."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField(_("tried"), default=timezone.now)
    status = models.SmallIntegerField(_("answer"), null=True)
    milliseconds = models.IntegerField(_("milliseconds"))
    error = models.CharField(_("error"), default="", blank=True)
    answer = models.CharField(_("text of the answer"), default="", blank=True)

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.at}"


class JobLog(models.Model):
    """What a worker said about a job: begun, done, failed and why."""

    job_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField(_("at"), default=timezone.now)
    level = models.CharField(_("level"), max_length=10)
    text = models.TextField(_("text"))

    def __str__(self) -> str:
        return f"{self.job_id} {self.level}"
