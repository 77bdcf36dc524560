"""What an account and we tell each other: how far we have read, what came in, what goes out, what went wrong."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import text
from entrepot.domains.channels.models.accounts import ChannelAccount


class SyncCursor(models.Model):
    """How far a stream of an account has been read; moved in the transaction that books what was read."""

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="cursors")
    stream = models.CharField(_("stream"))
    value = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("cursor")
        constraints = [
            models.UniqueConstraint(fields=["account", "stream"], name="channels_synccursor_stream")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.stream}"


class SyncRun(models.Model):
    """One exchange with an account: what was read or told, how much of it was new, how it ended."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="runs")
    stream = models.CharField(_("stream"))
    state = models.CharField(_("state"), choices=State.choices, default=State.WAITING)
    pages = models.BigIntegerField(_("pages"), default=0)
    seen = models.BigIntegerField(_("read"), default=0)
    added = models.BigIntegerField(_("new"), default=0)
    changed = models.BigIntegerField(_("changed"), default=0)
    refused = models.BigIntegerField(_("refused"), default=0)
    requests = models.BigIntegerField(_("requests"), default=0)
    waited_ms = models.BigIntegerField(_("waited (ms)"), default=0)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = text(_("error"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("exchange")
        indexes = [models.Index(fields=["account", "-id"], name="channels_syncrun_newest")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.stream} #{self.pk}"


class ChannelListing(models.Model):
    """An article as an account lists it. `pushed_quantity` is what we last told the channel to sell."""

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="listings")
    external_id = models.CharField(_("channel's number"))
    sku = text(_("SKU at the channel"))
    title = text(_("title"))
    price_minor = models.BigIntegerField(_("price"), null=True)
    currency = text(_("currency"), max_length=3)
    quantity = models.BigIntegerField(_("pieces at the channel"), null=True)
    pushed_quantity = models.BigIntegerField(_("pieces told"), null=True)
    data = models.JSONField(default=dict)
    seen_at = models.DateTimeField(_("seen"), default=timezone.now)

    class Meta:
        verbose_name = _("listing")
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="channels_listing_once")
        ]
        indexes = [models.Index(fields=["account", "sku"], name="channels_listing_sku")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.sku}"


class DeadLetter(models.Model):
    """Something from or for an account that could not be handled, kept whole for another try. Personal: `payload`."""

    PERSONAL_FIELDS = ("payload",)

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        SOLVED = "solved", _("Solved")
        DROPPED = "dropped", _("Dropped")

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="dead_letters")
    stream = models.CharField(_("stream"))
    external_id = text(_("number"))
    reason = models.CharField(_("reason"))
    detail = text(_("detail"))
    payload = models.JSONField(default=dict)
    state = models.CharField(_("state"), choices=State.choices, default=State.OPEN)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    first_at = models.DateTimeField(_("first"), default=timezone.now)
    last_at = models.DateTimeField(_("last"), default=timezone.now)

    class Meta:
        verbose_name = _("dead letter")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "stream", "external_id"],
                name="channels_deadletter_once",
                condition=models.Q(state="open"),
            )
        ]
        indexes = [models.Index(fields=["account", "-id"], name="channels_deadletter_newest")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.stream} {self.external_id}"


class Push(models.Model):
    """Something we tell a channel: recorded first, sent afterwards, its answer recorded.

    `key` names the fact (`tracking:17`); the same fact is one row. `unsure`: sent, but no answer came, so the channel
    is asked what it knows before anything is sent again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        UNSURE = "unsure", _("No answer yet")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="pushes")
    kind = models.CharField(_("kind"))
    key = models.CharField(_("key"))
    payload = models.JSONField(default=dict)
    state = models.CharField(_("state"), choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    answer = models.JSONField(default=dict)
    error = text(_("error"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("message to a channel")
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="channels_push_once")]
        indexes = [
            models.Index(
                fields=["account", "next_at"],
                name="channels_push_due",
                condition=models.Q(state__in=["waiting", "sending", "unsure"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.key}"


class Hook(models.Model):
    """A signed message from a channel, kept by its own number before anything is done about it. Personal: `body`."""

    PERSONAL_FIELDS = ("body",)

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="hooks")
    external_id = models.CharField(_("number"))
    topic = text(_("topic"))
    body = models.JSONField(default=dict)
    state = models.CharField(_("state"), choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    error = text(_("error"))
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    class Meta:
        verbose_name = _("message from a channel")
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="channels_hook_once")]
        indexes = [
            models.Index(fields=["id"], name="channels_hook_waiting", condition=models.Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.external_id}"
