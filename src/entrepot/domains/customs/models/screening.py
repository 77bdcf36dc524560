"""With whom and with what we may not trade: sanctions lists by version, and goods that a country bars."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.dated import DatedRule, periods, text, tracked


class SanctionList(models.Model):
    """One version of a list of persons nothing may be sold to, with what differed from the version before."""

    source = models.CharField(_("list"))
    version = models.DateField(_("version"))
    file_name = models.CharField(_("file"))
    digest = models.CharField(max_length=64)
    entries = models.IntegerField(pgettext_lazy("list", "entries"))
    names = models.IntegerField(_("names"))
    report = models.JSONField(default=dict)
    imported_at = models.DateTimeField(_("imported"), default=timezone.now)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("sanctions list")
        constraints = [
            models.UniqueConstraint(fields=["source", "version"], name="customs_sanctionlist_version")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.version}"


class SanctionEntry(models.Model):
    """A person, firm, vessel or aircraft on a version of a list."""

    edition = models.ForeignKey(SanctionList, models.CASCADE, db_index=False, related_name="rows")
    uid = models.CharField(_("number"))
    name = models.CharField(_("name"))
    kind = models.CharField(_("kind"))
    programs = text(_("programmes"))
    title = text(pgettext_lazy("person", "title"))
    remarks = text(_("remarks"))
    aliases = models.JSONField(_("other names"), default=list)

    class Meta:
        verbose_name = _("sanctions entry")
        constraints = [models.UniqueConstraint(fields=["edition", "uid"], name="customs_sanctionentry_once")]

    def __str__(self) -> str:
        return f"{self.uid} {self.name}"


@tracked
class Restriction(DatedRule):
    """Goods that must not be sent to a country, or only with papers."""

    dest = models.CharField(_("country or customs territory"))
    hs_prefix = text(_("HS code begins with"))
    category = text(_("category"))
    verdict = models.CharField(_("verdict"), default="prohibited")
    reason = models.CharField(_("reason"))

    class Meta:
        verbose_name = _("barred goods")
        verbose_name_plural = _("barred goods")
        constraints = [
            *periods("customs_restriction", "dest", "hs_prefix", "category"),
            models.CheckConstraint(
                name="customs_restriction_verdict",
                condition=models.Q(verdict__in=["prohibited", "restricted"]),
            ),
            models.CheckConstraint(
                name="customs_restriction_goods",
                condition=~models.Q(hs_prefix="") | ~models.Q(category=""),
                violation_error_message=_("Name an HS code or a category."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dest} {self.hs_prefix or self.category}"
