"""Decide runs: start, watch, stop, go on."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.pages import page_number, return_address
from entrepot.core.roles import require
from entrepot.domains.fulfilment import jobs, queries, services
from entrepot.domains.fulfilment.models import Run
from entrepot.domains.orders.queries import orders_found

PER_PAGE = 25
AT_ONCE = 500


@require_GET
@require("fulfilment.view")
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, the newest first, and how many orders wait."""
    page = Paginator(queries.find_runs(), PER_PAGE).get_page(page_number(request))
    return render(
        request, "fulfilment/run_list_page.html", {"page": page, "pending": queries.orders_pending()}
    )


@require_POST
@require("fulfilment.run")
def start(request: HttpRequest) -> HttpResponse:
    """Decide every order that waits."""
    run = services.start_run(actor=request.user)
    _set_to_work(run)
    return redirect("fulfilment:run", run.pk)


@require_POST
@require("fulfilment.run")
def decide_orders(request: HttpRequest) -> HttpResponse:
    """Decide some orders again: those ticked, or all that the list's filters find."""
    back = return_address(request, reverse("orders:list"))
    if request.POST.get("scope") == "all":
        ids = orders_found(request.POST.get("query", ""))
    else:
        ids = [int(one) for one in request.POST.getlist("ids") if one.isdigit()]
    if not ids:
        messages.warning(request, _("Nothing was done: no order was ticked."))
        return redirect(back)
    run = services.decide_again(ids, request.user)
    if not run.total:
        messages.warning(
            request, _("None of these orders can be decided again: they have left, or were cancelled.")
        )
        return redirect(back)
    _set_to_work(run)
    if run.state == Run.State.DONE:
        text = ngettext("%(n)d order decided.", "%(n)d orders decided.", run.done)
        messages.success(request, text % {"n": run.done})
        return redirect(back)
    return redirect("fulfilment:run", run.pk)


@require_GET
@require("fulfilment.view")
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run with its batches."""
    progress = _progress(run_id)
    batches = Paginator(queries.batches_of(run_id), PER_PAGE).get_page(page_number(request))
    return render(
        request, "fulfilment/run_page.html", {"progress": progress, "run": progress.run, "page": batches}
    )


@require_GET
@require("fulfilment.view")
def run_progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The progress of a run, asked for again and again while it works."""
    progress = _progress(run_id)
    return render(request, "fulfilment/run_progress.html", {"progress": progress, "run": progress.run})


@require_POST
@require("fulfilment.run")
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let workers finish the batch they are at, and no other."""
    services.stop_run(_progress(run_id).run, request.user)
    messages.success(request, _("The run stops after the batch at work."))
    return redirect("fulfilment:run", run_id)


@require_POST
@require("fulfilment.run")
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    """Go on with a stopped or failed run: batches already booked are not touched."""
    run = _progress(run_id).run
    services.resume_run(run, request.user)
    _set_to_work(run)
    return redirect("fulfilment:run", run_id)


def _progress(run_id: int) -> queries.RunProgress:
    progress = queries.run_progress(run_id)
    if progress is None:
        raise Http404(_("There is no such run."))
    return progress


def _set_to_work(run: Run) -> None:
    """A handful of orders is decided at once; more are left to the workers."""
    if run.total <= AT_ONCE:
        services.run_inline(run)
    else:
        transaction.on_commit(lambda: jobs.work_run.defer(run_id=run.pk))
