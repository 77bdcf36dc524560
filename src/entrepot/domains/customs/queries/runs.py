"""Runs of the tariff importers and the lines they could not use."""

from __future__ import annotations

from django.db.models import QuerySet

from entrepot.domains.customs.models import TariffProblem, TariffRun


def find_runs() -> QuerySet[TariffRun]:
    """Runs, the newest first, without the bytes of their files."""
    return TariffRun.objects.defer("content").select_related("created_by").order_by("-pk")


def get_run(run_id: int) -> TariffRun | None:
    """One run."""
    return find_runs().filter(pk=run_id).first()


def find_problems(run: TariffRun, reason: str = "") -> QuerySet[TariffProblem]:
    """The lines of a run that gave no rate, by row; of one reason where one is asked for."""
    found = run.problems.order_by("row_no", "pk")
    return found.filter(reason=reason) if reason else found
