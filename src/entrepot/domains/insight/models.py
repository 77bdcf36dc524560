"""The room's own records: exports of the marts, KPIs with goals, own queries, and reports by mail."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.dated import Reference, text, tracked


class MartRun(models.Model):
    """One export of the marts: how far it is, how many months were written anew."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    state = models.CharField(_("state"), choices=State.choices, default=State.RUNNING)
    total = models.IntegerField(_("months"), default=0)
    done = models.IntegerField(_("done"), default=0)
    written = models.IntegerField(_("written anew"), default=0)
    rows = models.BigIntegerField(_("rows written"), default=0)
    at_work = text(_("at work"))
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    error = text(_("error"))

    class Meta:
        verbose_name = _("export of the marts")

    def __str__(self) -> str:
        return f"marts {self.pk}"


@tracked
class Kpi(Reference):
    """A figure the company steers by: its words, its unit, which way is good, and the sums it is made of.

    `numerator` and `denominator` name sums of the marts; value = numerator × scale / denominator, half-up. Without a
    numerator its values are entered by people (`KpiReading`).
    """

    class Unit(models.TextChoices):
        MONEY = "money", _("money")
        COUNT = "count", _("number")
        PPM = "ppm", _("share")
        DAYS_E1 = "days_e1", _("days")

    code = models.CharField(_("code"), unique=True)
    parent = text(_("part of"))
    position = models.BigIntegerField(_("place"), default=0)
    name_en = models.CharField(_("English name"))
    name_zh = text(_("Chinese name"))
    formula_en = text(_("formula"))
    formula_zh = text(_("formula, Chinese"))
    unit = models.CharField(_("unit"), choices=Unit.choices)
    is_up_good = models.BooleanField(_("more is better"), default=True)
    numerator = text(_("numerator"))
    denominator = text(_("denominator"))
    scale = models.BigIntegerField(_("scale"), default=1)
    warn_ppm = models.BigIntegerField(_("warns when off its goal by (ppm)"), default=100_000)
    source = text(_("source"))

    class Meta:
        verbose_name = _("KPI")
        verbose_name_plural = _("KPIs")

    def __str__(self) -> str:
        return self.code


@tracked
class KpiGoal(models.Model):
    """What a KPI shall be in each month of a period, and who answers for it."""

    kpi = models.ForeignKey(Kpi, models.CASCADE, related_name="goals")
    first_month = models.DateField(_("from month"))
    last_month = models.DateField(_("to month"))
    value = models.BigIntegerField(_("goal a month"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )

    class Meta:
        verbose_name = _("goal")
        constraints = [
            models.UniqueConstraint(fields=["kpi", "first_month"], name="insight_kpigoal_once"),
            models.CheckConstraint(
                name="insight_kpigoal_period", condition=models.Q(last_month__gte=models.F("first_month"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.first_month}"


@tracked
class KpiReading(models.Model):
    """A month's value of a KPI that no mart can give: a survey, a market study, an advertising account."""

    kpi = models.ForeignKey(Kpi, models.CASCADE, related_name="readings")
    month = models.DateField(_("month"))
    value = models.BigIntegerField(_("value"))
    source = models.CharField(_("source"), max_length=200)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("reading")
        constraints = [models.UniqueConstraint(fields=["kpi", "month"], name="insight_kpireading_once")]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.month}"


class SavedQuery(models.Model):
    """A query of one's own under a name; shared ones are seen by all who may ask."""

    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(_("query"), max_length=20_000)
    is_shared = models.BooleanField(_("shared with the company"), default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("saved query")
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="insight_savedquery_name")]

    def __str__(self) -> str:
        return self.name


class QueryRun(models.Model):
    """A query somebody ran over the marts: kept as a log, and the place where it is told to stop."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    ticket = models.CharField(max_length=36, unique=True)
    query = models.TextField()
    state = models.CharField(_("state"), choices=State.choices, default=State.RUNNING)
    rows = models.BigIntegerField(_("rows"), null=True)
    milliseconds = models.IntegerField(_("milliseconds"), null=True)
    error = text(_("error"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    stop_asked = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"query {self.pk}"


class Subscription(models.Model):
    """A page that goes out by mail: what, how often, at which hour where, to whom, in which language."""

    class What(models.TextChoices):
        KPIS = "kpis", _("KPIs")
        PROFIT = "profit", _("Profit explorer")

    class Every(models.TextChoices):
        DAY = "day", pgettext_lazy("every", "day")
        WEEK = "week", pgettext_lazy("every", "week")
        MONTH = "month", pgettext_lazy("every", "month")

    class File(models.TextChoices):
        NONE = "", _("none")
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"

    name = models.CharField(_("name"), max_length=80)
    what = models.CharField(_("what"), choices=What.choices, default=What.KPIS)
    query = text(_("view"), max_length=2_000)
    every = models.CharField(_("every"), choices=Every.choices, default=Every.WEEK)
    day = models.SmallIntegerField(_("on day"), default=1)
    hour = models.SmallIntegerField(_("at hour"), default=8)
    time_zone = models.CharField(_("time zone"), default="Asia/Shanghai")
    language = models.CharField(_("language"), choices=settings.LANGUAGES, default="en")
    attachment = models.CharField(_("attached file"), choices=File.choices, default=File.XLSX, blank=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("to"))
    is_active = models.BooleanField(_("active"), default=True)
    since = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("report")
        constraints = [
            models.CheckConstraint(name="insight_subscription_hour", condition=models.Q(hour__range=(0, 23))),
            models.CheckConstraint(name="insight_subscription_day", condition=models.Q(day__range=(1, 31))),
        ]

    def __str__(self) -> str:
        return self.name


class ReportSend(models.Model):
    """One report of one period for one member: meant, then sent, then noted; never a second time."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", pgettext_lazy("mail", "Sent")
        FAILED = "failed", _("Failed")
        UNSURE = "unsure", _("Not known whether sent")
        SKIPPED = "skipped", _("Left out")

    subscription = models.ForeignKey(Subscription, models.CASCADE, db_index=False, related_name="sends")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    period = models.CharField(_("period"), max_length=10)
    state = models.CharField(_("state"), choices=State.choices, default=State.WAITING)
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), null=True, default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = text(_("error"))
    message_id = text()

    class Meta:
        verbose_name = _("report sent")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "member", "period"], name="insight_reportsend_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="insight_reportsend_due", condition=models.Q(state="waiting")
            )
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.period}"
