"""Papers of an order on its page, as PDF, picture and data; and of many orders as one file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.pages import return_address
from entrepot.core.roles import require
from entrepot.domains.customs import services as customs
from entrepot.domains.fulfilment import jobs, services
from entrepot.domains.fulfilment.models import PaperJob
from entrepot.domains.fulfilment.queries import paper_job
from entrepot.domains.fulfilment.world import UnknownWorld
from entrepot.domains.orders.queries import orders_found

TITLES = {
    "invoice": gettext_lazy("Commercial invoice"),
    "packing": gettext_lazy("Packing list"),
    "cn22": gettext_lazy("Customs declaration CN 22"),
    "cn23": gettext_lazy("Customs declaration CN 23"),
    "label": gettext_lazy("Waybill label"),
}
DATA_TITLES = {"h7": gettext_lazy("H7 data set"), "origin": gettext_lazy("Certificate-of-origin data")}
AT_ONCE = 50
CONFLICT = 409


@require_GET
@require("orders.view")
def panel(request: HttpRequest, order_id: int) -> HttpResponse:
    """The panel of the order page: documents and data sets, or what is missing."""
    try:
        found = services.papers_of_order(order_id)
    except (services.NoPapers, UnknownWorld):
        return render(request, "fulfilment/papers_panel.html", {"papers": None})
    except services.PapersDiffer:
        return render(request, "fulfilment/papers_panel.html", {"papers": None, "differs": True})
    shipments = [
        {
            "part": part,
            "number": one.number,
            "missing": customs.missing_of(one),
            "assumed": customs.assumed_of(one),
            "documents": [(kind, TITLES[kind]) for kind in customs.documents_of(one)],
            "data_sets": [(name, DATA_TITLES[name]) for name in customs.data_sets_of(one)],
        }
        for part, one in enumerate(found, start=1)
    ]
    context = {"papers": shipments, "order_id": order_id, "missing": any(one["missing"] for one in shipments)}
    return render(request, "fulfilment/papers_panel.html", context)


@require_GET
@require("orders.view")
def document(request: HttpRequest, order_id: int, kind: str) -> HttpResponse:
    """One document of a shipment (`part`) as PDF, or `all` that the order's shipments need."""
    found = _shipment(request, order_id)
    if kind not in (*customs.documents_of(found), "all"):
        raise Http404(_("This shipment has no such document."))
    try:
        if kind == "all":
            made = customs.print_papers(_papers(order_id))
        else:
            made = customs.print_papers([found], (kind,))
    except customs.PapersIncomplete as error:
        return _blocked(error)
    return _file(made, "application/pdf", f"{found.number}-{kind}.pdf")


@require_GET
@require("orders.view")
def picture(request: HttpRequest, order_id: int, kind: str) -> HttpResponse:
    """The first page of a document of a shipment as a picture."""
    found = _shipment(request, order_id)
    if kind not in customs.documents_of(found):
        raise Http404(_("This shipment has no such document."))
    try:
        return HttpResponse(customs.preview(found, kind), content_type="image/png")
    except customs.PapersIncomplete as error:
        return _blocked(error)


@require_GET
@require("orders.view")
def data_set(request: HttpRequest, order_id: int, name: str, file_format: str) -> HttpResponse:
    """A data set as JSON; the certificate of origin's lines as CSV too."""
    found = _shipment(request, order_id)
    if name not in customs.data_sets_of(found) or (file_format == "csv" and name != "origin"):
        raise Http404(_("This shipment has no such data set."))
    try:
        if file_format == "csv":
            return _file(
                customs.origin_csv(found).encode(), "text/csv; charset=utf-8", f"{found.number}-{name}.csv"
            )
        reply = JsonResponse(
            customs.data_set(found, name), json_dumps_params={"ensure_ascii": False, "indent": 2}
        )
    except customs.PapersIncomplete as error:
        return _blocked(error)
    reply["Content-Disposition"] = f'attachment; filename="{found.number}-{name}.json"'
    return reply


@require_POST
@require("fulfilment.change")
def start(request: HttpRequest) -> HttpResponse:
    """Print the papers of the ticked orders, or of all that the list's filters find."""
    back = return_address(request, reverse("orders:list"))
    if request.POST.get("scope") == "all":
        ids = orders_found(request.POST.get("query", ""))
    else:
        ids = [int(one) for one in request.POST.getlist("ids") if one.isdigit()]
    if not ids:
        messages.warning(request, _("Nothing was done: no order was ticked."))
        return redirect(back)
    job = services.start_papers(ids, request.user)
    if job.total <= AT_ONCE:
        jobs.print_papers(job.pk)
    else:
        transaction.on_commit(lambda: jobs.print_papers.defer(job_id=job.pk))
    return redirect("fulfilment:papers_job", job.pk)


@require_GET
@require("fulfilment.change")
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """A printing job: progress, the file, and orders left out with what their papers lack."""
    return render(request, "fulfilment/papers_page.html", {"job": _job(job_id)})


@require_GET
@require("fulfilment.change")
def job_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """The progress of a printing job, asked for again and again while it works."""
    return render(request, "fulfilment/papers_progress.html", {"job": _job(job_id)})


@require_GET
@require("fulfilment.change")
def job_file(request: HttpRequest, job_id: int) -> HttpResponse:
    """The printed file."""
    job = _job(job_id)
    if job.content is None:
        raise Http404(_("Nothing was printed."))
    return _file(bytes(job.content), "application/pdf", f"papers-{job.pk}.pdf")


def _shipment(request: HttpRequest, order_id: int) -> Any:
    """The papers of the shipment that is asked for by its part; the first where none is."""
    found, part = _papers(order_id), request.GET.get("part", "1")
    if not part.isdecimal() or not 1 <= int(part) <= len(found):
        raise Http404(_("This order has no such part."))
    return found[int(part) - 1]


def _papers(order_id: int) -> Any:
    try:
        return services.papers_of_order(order_id)
    except (services.NoPapers, services.PapersDiffer, UnknownWorld) as error:
        raise Http404(_("This order has no papers.")) from error


def _job(job_id: int) -> PaperJob:
    job = paper_job(job_id)
    if job is None:
        raise Http404(_("There is no such job."))
    return job


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    kind = "inline" if content_type == "application/pdf" else "attachment"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'{kind}; filename="{name}"'}
    )


def _blocked(error: customs.PapersIncomplete) -> HttpResponse:
    return JsonResponse({"missing": [list(pair) for pair in error.missing]}, status=CONFLICT)
