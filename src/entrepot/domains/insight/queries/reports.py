"""Reports by mail as pages show them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from entrepot.domains.insight.models import ReportSend, Subscription


def reports() -> Sequence[Subscription]:
    """Every report with its readers, by name."""
    return list(Subscription.objects.prefetch_related("members").order_by("name", "pk"))


def report_records() -> QuerySet[Subscription]:
    """Every report, for a list taken away."""
    return Subscription.objects.order_by("name", "pk")


def send_records() -> QuerySet[ReportSend]:
    """Every mail that was meant, for a list taken away."""
    return ReportSend.objects.select_related("subscription", "member").order_by("pk")


def report_numbered(report_id: int) -> Subscription | None:
    """One report."""
    return Subscription.objects.prefetch_related("members").filter(pk=report_id).first()


def sends(limit: int = 60) -> Sequence[ReportSend]:
    """The last mails, the newest first."""
    return list(ReportSend.objects.select_related("subscription", "member").order_by("-pk")[:limit])


def send_numbered(send_id: int) -> ReportSend | None:
    """One mail."""
    return ReportSend.objects.select_related("subscription", "member").filter(pk=send_id).first()
