"""Accounts with marketplaces and shops: one login on one platform for one market."""

from django.conf import settings as installation
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import text

ADDRESS_CHARACTERS = 32


def hook_address() -> str:
    """The part of an account's address for messages from outside that nobody can guess."""
    return get_random_string(ADDRESS_CHARACTERS)


class ChannelAccount(models.Model):
    """One account with one platform. `channel` is the payments.Channel whose fees and rules its orders follow.

    `settings` hold what is no secret (base URL, marketplaces, location, schedule). `sealed` are the credentials,
    encrypted (core.secrets); nothing shows them again, `sealed_names` say which there are.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Being set up")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        CLOSED = "closed", _("Closed")

    name = models.CharField(_("name"), unique=True, max_length=80)
    platform = models.CharField(_("platform"), max_length=30)
    market = text(_("market"), max_length=10)
    channel = models.CharField(_("channel"))
    state = models.CharField(_("state"), choices=State.choices, default=State.DRAFT)
    settings = models.JSONField(_("settings"), default=dict)
    sealed = models.TextField(default="", blank=True, editable=False)
    sealed_names = models.JSONField(default=list, editable=False)
    sealed_at = models.DateTimeField(null=True, editable=False)
    hook_key = models.CharField(default=hook_address, unique=True, editable=False)
    pull_minutes = models.PositiveIntegerField(_("pull every (minutes)"), default=15)
    next_pull_at = models.DateTimeField(_("next pull"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    rest_until = models.DateTimeField(_("rests until"), null=True)
    last_ok_at = models.DateTimeField(_("last success"), null=True)
    last_error = text(_("last error"))
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(installation.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("channel account")
        verbose_name_plural = _("channel accounts")
        indexes = [
            models.Index(
                fields=["next_pull_at"], name="channels_account_due", condition=models.Q(state="active")
            )
        ]

    def __str__(self) -> str:
        return self.name
