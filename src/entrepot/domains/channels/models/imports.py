"""Files from outside: profiles (how to read them), runs (reading them), and what became of every line."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import text


class ImportProfile(models.Model):
    """How the columns of one kind of file are to be read."""

    name = models.CharField(_("name"), unique=True)
    kind = models.CharField(_("kind"), default="generic")
    mapping = models.JSONField(_("columns"), default=dict)
    options = models.JSONField(_("options"), default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("import profile")

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One file being imported; `stage` says how far it has come."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    kind = models.CharField(_("kind"))
    file_name = models.CharField(_("file"))
    file_sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), choices=State.choices, default=State.UPLOADED)
    stage = text(_("stage"))
    total_rows = models.BigIntegerField(_("rows"), default=0)
    done_rows = models.BigIntegerField(_("rows done"), default=0)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    profile = models.ForeignKey(ImportProfile, models.SET_NULL, null=True, related_name="runs")
    options = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    error = text(_("error"))

    class Meta:
        verbose_name = _("import")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "file_sha256"],
                name="channels_importrun_once",
                condition=models.Q(state="done"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class SourceLine(models.Model):
    """What one row of a file became. Amounts in 1/10000 of the major unit, exactly as in the file."""

    class Outcome(models.IntegerChoices):
        ORDER_LINE = 1, _("Order line")
        RETURN = 2, _("Return or cancellation")
        WRITE_OFF = 3, _("Stock write-off")
        FEE = 4, _("Fee or postage")
        ADJUSTMENT = 5, _("Adjustment")
        DUPLICATE = 6, _("Duplicate")
        REJECTED = 7, _("Rejected")
        TAX = 8, _("Tax")
        TRANSFER = 9, _("Payout")
        NOTE = 10, _("Says nothing of its own")
        CANCELLED = 11, _("Cancelled, not decided")
        SETTLED = 12, _("Sale settled")
        ADDED = 13, _("New")
        CHANGED = 14, _("Changed")
        SAME = 15, _("As it was")

    pk = models.CompositePrimaryKey("run_id", "row_no")
    run = models.ForeignKey(
        ImportRun, models.PROTECT, db_constraint=False, db_index=False, related_name="source_lines"
    )
    row_no = models.IntegerField()
    outcome = models.SmallIntegerField(choices=Outcome.choices)
    reason = text()
    currency = text(max_length=3)
    amount_e4 = models.BigIntegerField(default=0)
    quantity = models.BigIntegerField(default=0)
    ref_kind = text()
    ref_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("source line")

    def __str__(self) -> str:
        return f"{self.run_id}/{self.row_no}"


class SourceReject(models.Model):
    """Why a row could not be used, and what to do about it."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rejects")
    row_no = models.IntegerField(_("row"))
    field = text(_("column"))
    value = text(_("value"))
    reason = models.CharField(_("reason"))
    remedy = text(_("remedy"))

    class Meta:
        verbose_name = _("rejected row")

    def __str__(self) -> str:
        return f"{self.run_id}/{self.row_no} {self.reason}"
