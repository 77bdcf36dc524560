"""Records every room shares: the outbox, the action log, saved views and the stamp of each world table."""

from django.conf import settings
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
