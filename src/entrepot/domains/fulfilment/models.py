"""The spine's own records: worlds that were decided by, runs with their batches, and the decisions."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.dated import DatedRule, periods, text, tracked


@tracked
class Policy(DatedRule):
    """A number or word of our own that decisions go by."""

    key = models.CharField(_("key"))
    value = models.BigIntegerField(_("value"), default=0)
    text = models.CharField(_("text"), blank=True, default="")
    unit = models.CharField(_("unit"), blank=True, default="")

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        constraints = periods("fulfilment_policy", "key")

    def __str__(self) -> str:
        return self.key


class WorldFrame(models.Model):
    """One table of a world by the hash of its content, as compressed Arrow."""

    hash = models.CharField(max_length=64, primary_key=True)
    name = models.CharField()
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.name} {self.hash[:12]}"


class WorldVersion(models.Model):
    """A world that something was decided by: which table had which content."""

    hash = models.CharField(max_length=64, primary_key=True)
    tables = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    note = text()

    def __str__(self) -> str:
        return self.hash[:12]


class Run(models.Model):
    """One job over many orders, worked off batch by batch by any number of workers."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    kind = models.CharField(default="decide")
    state = models.CharField(_("state"), choices=State.choices, default=State.RUNNING)
    total = models.BigIntegerField(_("orders"), default=0)
    done = models.BigIntegerField(_("done"), default=0)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    options = models.JSONField(default=dict)
    error = text(_("error"))

    class Meta:
        verbose_name = _("run")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Batch(models.Model):
    """Orders that are decided and booked together, in one transaction; and what the engine saw when it did.

    A worker holds the row's lock while it works: when it dies the lock goes with it and the batch is open as before.
    `orders`, `lines`, `stock`, `booked`, `hits` are the engine's input frames (compressed Arrow); with the world of
    `world_hash` they give the same decisions again.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    run = models.ForeignKey(Run, models.PROTECT, db_index=False, related_name="batches")
    state = models.CharField(_("state"), choices=State.choices, default=State.OPEN)
    order_ids = ArrayField(models.BigIntegerField())
    order_count = models.IntegerField()
    claimed_by = text(_("worker"))
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    world_hash = text()
    engine_version = text()
    orders = models.BinaryField(null=True)
    lines = models.BinaryField(null=True)
    stock = models.BinaryField(null=True)
    booked = models.BinaryField(null=True)
    hits = models.BinaryField(null=True)
    attempts = models.SmallIntegerField(default=0)
    error = text(_("error"))

    class Meta:
        verbose_name = _("batch")
        indexes = [
            models.Index(fields=["run", "state", "id"], name="fulfilment_batch_run"),
            models.Index(fields=["id"], name="fulfilment_batch_open", condition=models.Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.pk}"


class PaperJob(models.Model):
    """The papers of many orders, printed as one file. Personal data: `content`."""

    PERSONAL_FIELDS = ("content",)

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    order_ids = ArrayField(models.BigIntegerField())
    state = models.CharField(_("state"), choices=State.choices, default=State.RUNNING)
    total = models.BigIntegerField(_("orders"))
    done = models.BigIntegerField(_("done"), default=0)
    report = models.JSONField(default=dict)
    content = models.BinaryField(null=True)
    error = text(_("error"))
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("papers")
        verbose_name_plural = _("papers")

    def __str__(self) -> str:
        return f"papers {self.pk}"


class DecisionRow(models.Model):
    """What was decided about an order: the way it goes and every figure of its profit."""

    batch = models.ForeignKey(Batch, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    version = models.IntegerField()
    world_hash = models.CharField(max_length=64)
    engine_version = models.CharField()
    decided_at = models.DateTimeField()
    status = models.CharField()
    warehouse = models.CharField(null=True)
    service = models.CharField(null=True)
    import_rule = models.CharField(null=True)
    collector = models.CharField(null=True)
    ship_on = models.DateField(null=True)
    promise_on = models.DateField(null=True)
    parcels = models.BigIntegerField(null=True)
    weight_g = models.BigIntegerField(null=True)
    chargeable_g = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, null=True)
    revenue_minor = models.BigIntegerField(null=True)
    tax_sale_minor = models.BigIntegerField(null=True)
    base_currency = models.CharField(max_length=3, null=True)
    revenue_base_minor = models.BigIntegerField(null=True)
    cogs_base_minor = models.BigIntegerField(null=True)
    freight_base_minor = models.BigIntegerField(null=True)
    handling_base_minor = models.BigIntegerField(null=True)
    channel_fee_base_minor = models.BigIntegerField(null=True)
    payment_fee_base_minor = models.BigIntegerField(null=True)
    duty_base_minor = models.BigIntegerField(null=True)
    import_tax_base_minor = models.BigIntegerField(null=True)
    profit_base_minor = models.BigIntegerField(null=True)
    landed_minor = models.BigIntegerField(null=True)
    landed_currency = models.CharField(max_length=3, null=True)
    chosen_by = models.CharField(null=True)
    waits = models.BigIntegerField(null=True)
    parts = models.TextField(null=True)

    class Meta:
        abstract = True


class Decision(DecisionRow):
    """The current decision of an order."""

    order_id = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name = _("decision")

    def __str__(self) -> str:
        return f"{self.order_id} {self.status}"


class PastDecision(DecisionRow):
    """A decision that a later one of the same order has replaced."""

    order_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("past decision")
        constraints = [
            models.UniqueConstraint(fields=["order_id", "version"], name="fulfilment_pastdecision_version")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} v{self.version} {self.status}"


class Scenario(models.Model):
    """A question about another world: named edits (`engine.scenario.Edit` as records), one's own or shared."""

    name = models.CharField(_("name"), max_length=120)
    note = text(_("note"))
    edits = models.JSONField(default=list)
    shock = text(_("shock"))
    is_shared = models.BooleanField(_("shared with the company"), default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")

    def __str__(self) -> str:
        return self.name


class ReplayRun(models.Model):
    """Past orders put through a scenario: what was asked, how far it is, and what it found in all."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    class Reading(models.TextChoices):
        FROZEN = "frozen", _("Same ways, new prices")
        FREE = "free", _("Ways chosen again, goods everywhere")
        STOCKED = "stocked", _("Ways chosen again, from the stock of the day")

    scenario = models.ForeignKey(Scenario, models.SET_NULL, null=True, related_name="runs")
    name = models.CharField(_("name"))
    edits = models.JSONField(default=list)
    reading = models.CharField(
        pgettext_lazy("replay", "reading"), choices=Reading.choices, default=Reading.FROZEN
    )
    filters = models.JSONField(default=dict)
    shock = text(_("shock"))  # of the gallery, where the run is its back-test
    state = models.CharField(_("state"), choices=State.choices, default=State.RUNNING)
    total = models.BigIntegerField(_("orders"), default=0)
    done = models.BigIntegerField(_("done"), default=0)
    off_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="")
    is_shared = models.BooleanField(_("shared with the company"), default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    advised_at = models.DateTimeField(null=True)
    advised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    advising_at = models.DateTimeField(null=True)  # while advice is worked out: when it last got on
    advice_done = models.IntegerField(default=0)
    advice_total = models.IntegerField(default=0)
    advice_error = text(_("error"))
    error = text(_("error"))

    class Meta:
        verbose_name = _("replay")
        verbose_name_plural = _("replays")

    def __str__(self) -> str:
        return self.name


class ReplayPart(models.Model):
    """Batches decided in one world, replayed together; `lines` and `orders` are the result, compressed Arrow."""

    run = models.ForeignKey(ReplayRun, models.CASCADE, db_index=False, related_name="parts")
    state = models.CharField(choices=Batch.State.choices, default=Batch.State.OPEN)
    world_hash = models.CharField(max_length=64)
    changed_hash = text()
    batch_ids = ArrayField(models.BigIntegerField())
    order_count = models.IntegerField()
    off_minor = models.BigIntegerField(default=0)
    lost = models.IntegerField(default=0)
    moved = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    orders = models.BinaryField(null=True)
    lines = models.BinaryField(null=True)
    error = text()

    class Meta:
        indexes = [models.Index(fields=["run", "state", "id"], name="fulfilment_replaypart_run")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.pk}"


class ReplayCell(models.Model):
    """Order lines of a part by article, market and channel: before, after, and the part of each cause."""

    part = models.ForeignKey(ReplayPart, models.CASCADE, related_name="cells")
    run = models.ForeignKey(ReplayRun, models.CASCADE, db_index=False, related_name="+")
    sku = models.CharField()
    market = models.CharField(max_length=2)
    channel = models.CharField()
    lines = models.BigIntegerField()
    quantity = models.BigIntegerField()
    revenue_before = models.BigIntegerField()
    revenue_after = models.BigIntegerField()
    profit_before = models.BigIntegerField()
    profit_after = models.BigIntegerField()
    paid_before = models.BigIntegerField()
    paid_after = models.BigIntegerField()
    price = models.BigIntegerField()
    fx = models.BigIntegerField()
    duty = models.BigIntegerField()
    tax = models.BigIntegerField()
    freight = models.BigIntegerField()
    handling = models.BigIntegerField()
    fee = models.BigIntegerField()
    goods = models.BigIntegerField()
    choice = models.BigIntegerField()
    route = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["run", "sku"], name="fulfilment_replaycell_run")]

    def __str__(self) -> str:
        return f"{self.sku} {self.market} {self.channel}"


class Proposal(models.Model):
    """Something to do about an article a scenario hurts, with its effect as replayed; nothing happens by itself."""

    class Kind(models.TextChoices):
        REPRICE = "reprice", _("Raise the price")
        BUNDLE = "bundle", _("Sell as a set")
        STOCK = "stock", _("Stock it near the buyers")
        ROUTE = "route", _("Send it another way")
        INCOTERM = "incoterm", _("Other terms of delivery")
        ORIGIN = "origin", _("Buy it from another country")
        DELIST = "delist", _("Take it off sale")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DISMISSED = "dismissed", _("Dismissed")

    run = models.ForeignKey(ReplayRun, models.CASCADE, related_name="proposals")
    sku = models.CharField()
    kind = models.CharField(choices=Kind.choices)
    values = models.JSONField(default=dict)
    orders = models.BigIntegerField()
    profit_before = models.BigIntegerField()
    profit_hurt = models.BigIntegerField()
    profit_then = models.BigIntegerField()
    state = models.CharField(choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.UniqueConstraint(fields=["run", "sku", "kind"], name="fulfilment_proposal_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sku}"
