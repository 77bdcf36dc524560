"""Rules with a period: what holds from which day to which day, by which source, and how sure we are of it.

Every rule table of the world is a `DatedRule`. Two rows of the same key never overlap: the database refuses it
(`periods` gives the constraint). Changes are kept row by row by `tracked`.
"""

from __future__ import annotations

from typing import TypeVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

Model = TypeVar("Model", bound=type[models.Model])


def tracked(model: Model) -> Model:
    """Keep the history of every row by triggers, so that bulk loads and plain SQL leave a trace too."""
    track = pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return track(model)  # type: ignore[no-any-return]


class Status(models.TextChoices):
    """How sure a row is."""

    CONFIRMED = "C", _("Confirmed")
    PRINTED = "P", _("Printed in a source")
    DERIVED = "D", _("Derived")
    GENERAL = "G", _("General knowledge")
    UNCONFIRMED = "U", _("Unconfirmed")


class DateRange(models.Func):
    """`daterange(from, to, '[]')`: both ends belong to the period; an empty end is open."""

    function = "daterange"
    output_field = DateRangeField()


class Reference(models.Model):
    """A row that the package may ship: once a user has edited it, loading the package leaves it alone."""

    is_edited = models.BooleanField(_("edited here"), default=False, editable=False)

    class Meta:
        abstract = True


class DatedRule(Reference):
    """A rule with its period, source and certainty. Both ends are included; no end means until further notice."""

    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    source = models.CharField(_("source"), blank=True, default="")
    status = models.CharField(
        _("certainty"), max_length=1, choices=Status.choices, default=Status.UNCONFIRMED
    )
    note = models.CharField(_("note"), blank=True, default="")

    class Meta:
        abstract = True


def periods(table: str, *key: str) -> list[models.BaseConstraint]:
    """Constraints of a dated table: no overlapping periods of one key, no period that ends before it begins.

    The key column with the most different values comes first: the index is searched by it.
    """
    return [
        ExclusionConstraint(
            name=f"{table}_one_at_a_time",
            expressions=[
                *((name, RangeOperators.EQUAL) for name in key),
                (
                    DateRange(
                        "valid_from", "valid_to", RangeBoundary(inclusive_lower=True, inclusive_upper=True)
                    ),
                    RangeOperators.OVERLAPS,
                ),
            ],
            violation_error_message=_("Another row of the same key is valid in this period."),
        ),
        models.CheckConstraint(
            name=f"{table}_period",
            condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
            violation_error_message=_("The period ends before it begins."),
        ),
    ]


def text(verbose_name: object = None, **options: object) -> models.CharField:  # type: ignore[type-arg]
    """A short text that is never null; empty means "any" or "unknown" unless `blank=False` is given."""
    defaults: dict[str, object] = {"blank": True, "default": ""}
    if options.get("blank") is False or options.get("unique"):
        defaults = {}
    return models.CharField(verbose_name, **{**defaults, **options})  # type: ignore[arg-type]
