"""Tariff files: each run of an importer, its report, and the lines no duty can be computed from."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import text


class TariffRun(models.Model):
    """One tariff file being imported; `stage` says how far it has come."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("kind"))
    file_name = models.CharField(_("file"))
    file_sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    valid_from = models.DateField(_("valid from"))
    state = models.CharField(_("state"), choices=State.choices, default=State.WAITING)
    stage = text(_("stage"))
    lines = models.BigIntegerField(_("lines"), default=0)
    report = models.JSONField(default=dict)
    error = text(_("error"))
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("tariff import")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "file_sha256", "valid_from"], name="customs_tariffrun_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class TariffProblem(models.Model):
    """A line of a tariff file that gives no rate, or that looks damaged: where, what, why."""

    run = models.ForeignKey(TariffRun, models.CASCADE, related_name="problems")
    row_no = models.IntegerField(_("row"))
    code = text(_("code"))
    field = text(_("column"))
    value = text(_("value"))
    reason = models.CharField(_("reason"))

    class Meta:
        verbose_name = _("tariff line without a rate")

    def __str__(self) -> str:
        return f"{self.run_id}/{self.row_no} {self.reason}"
