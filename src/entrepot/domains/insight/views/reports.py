"""Reports by mail: order them, pause them, and the log of what went out."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from entrepot.core.roles import require
from entrepot.domains.insight import services
from entrepot.domains.insight.forms.reports import ReportForm
from entrepot.domains.insight.models import Subscription
from entrepot.domains.insight.queries import reports


@require_GET
@require("insight.view")
def report_list(request: HttpRequest) -> HttpResponse:
    """Every report, and the last mails."""
    context = {"reports": reports.reports(), "sends": reports.sends()}
    return render(request, "insight/report_list_page.html", context)


@require_http_methods(["GET", "POST"])
@require("insight.change")
def create(request: HttpRequest) -> HttpResponse:
    """Order a report; `what` and `query` may come from the page it is of."""
    given = {name: request.GET.get(name, "") for name in ("what", "query") if name in request.GET}
    form = ReportForm(request.POST or None, initial={"language": request.LANGUAGE_CODE, **given})  # type: ignore[attr-defined]
    return _edited(request, form)


@require_http_methods(["GET", "POST"])
@require("insight.change")
def change(request: HttpRequest, report_id: int) -> HttpResponse:
    """Change a report."""
    return _edited(request, ReportForm(request.POST or None, instance=_report(report_id)))


@require_POST
@require("insight.change")
def pause(request: HttpRequest, report_id: int) -> HttpResponse:
    """Pause a report, or resume it."""
    report = _report(report_id)
    services.pause_report(report, request.user, is_active=not report.is_active)
    return redirect("insight:reports")


@require_POST
@require("insight.change")
def delete(request: HttpRequest, report_id: int) -> HttpResponse:
    """Forget a report with its log."""
    services.delete_report(_report(report_id), request.user)
    messages.success(request, _("The report is deleted."))
    return redirect("insight:reports")


@require_POST
@require("insight.change")
def send_now(request: HttpRequest, report_id: int) -> HttpResponse:
    """Send the report to oneself at once."""
    services.send_now(_report(report_id), request.user)
    messages.success(request, _("It goes out to you within a minute."))
    return redirect("insight:reports")


@require_POST
@require("insight.change")
def send_again(request: HttpRequest, send_id: int) -> HttpResponse:
    """Try a mail once more that failed, or of which nobody knows whether it went out."""
    send = reports.send_numbered(send_id)
    if send is None or not services.send_again(send, request.user):
        raise Http404(_("There is no such mail, or it is on its way."))
    messages.success(request, _("It is tried again within a minute."))
    return redirect("insight:reports")


def _edited(request: HttpRequest, form: ReportForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        services.save_report(form.save(commit=False), form.cleaned_data["members"], request.user)
        messages.success(request, _("The report is kept."))
        return redirect("insight:reports")
    return render(
        request, "insight/report_form_page.html", {"form": form}, status=422 if form.errors else 200
    )


def _report(report_id: int) -> Subscription:
    found = reports.report_numbered(report_id)
    if found is None:
        raise Http404(_("There is no such report."))
    return found
