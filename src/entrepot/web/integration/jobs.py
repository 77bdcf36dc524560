"""Jobs: what waits, works and failed; by the clock, too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from entrepot.core import jobboard
from entrepot.core.pages import page_number
from entrepot.core.roles import require
from entrepot.domains.channels import queries as channels
from entrepot.domains.fulfilment import queries as fulfilment

PER_PAGE = 50
HAPPENED = {
    "deferred": pgettext_lazy("job", "put in the queue"),
    "scheduled": pgettext_lazy("job", "put off"),
    "started": pgettext_lazy("job", "begun"),
    "deferred_for_retry": pgettext_lazy("job", "failed, to be tried again"),
    "succeeded": pgettext_lazy("job", "done"),
    "failed": pgettext_lazy("job", "failed"),
    "cancelled": pgettext_lazy("job", "cancelled"),
    "abort_requested": pgettext_lazy("job", "asked to stop"),
    "aborted": pgettext_lazy("job", "stopped"),
}


@require_GET
@require("jobs.view")
def job_list(request: HttpRequest) -> HttpResponse:
    """Jobs by state and task, the newest first."""
    state, task = request.GET.get("state", ""), request.GET.get("task", "")
    page = Paginator(jobboard.find_jobs(state, task), PER_PAGE).get_page(page_number(request))
    counts, figures = jobboard.job_counts(), _figures(list(page.object_list))
    context = {
        "page": page,
        "rows": [(job, *_progress_of(job, figures)) for job in page.object_list],
        "state": state,
        "task": task,
        "tasks": jobboard.task_names(),
        "counts": [(one, counts.get(one, 0)) for one in jobboard.STATES],
    }
    return render(request, "integration/job_list_page.html", context)


@require_GET
@require("jobs.view")
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job: its arguments, what happened, and what the worker said."""
    job = jobboard.find_jobs().filter(pk=job_id).first()
    if job is None:
        raise Http404(_("There is no such job."))
    done, total, href = _progress_of(job, _figures([job]))
    context = {
        "job": job,
        "done": done,
        "total": total,
        "href": href,
        "arguments": json.dumps(job.args, indent=2, ensure_ascii=False),
        "events": [(HAPPENED.get(kind, kind), at) for kind, at in jobboard.job_events(job_id)],
        "logs": jobboard.job_logs(job_id),
    }
    return render(request, "integration/job_page.html", context)


@require_GET
@require("jobs.view")
def schedule(request: HttpRequest) -> HttpResponse:
    """Tasks that run by the clock, and when next."""
    return render(request, "integration/schedule_page.html", {"planned": jobboard.planned_tasks()})


@require_POST
@require("jobs.change")
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Once more."""
    if jobboard.retry_job(job_id, request.user):
        messages.success(request, _("The job waits for a worker again, as a new job."))
    else:
        messages.warning(request, _("Nothing was done: the job did not fail, or its like waits already."))
    return redirect("integration:jobs")


@require_POST
@require("jobs.change")
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Take it back, or ask it to stop."""
    if jobboard.cancel_job(job_id, request.user):
        messages.success(request, _("The job is cancelled; one that works already stops at its next pause."))
    else:
        messages.warning(request, _("Nothing was done: the job is over already."))
    return redirect("integration:job", job_id)


Figures = dict[tuple[str, int], tuple[int, int, str]]


def _figures(jobs: Sequence[Any]) -> Figures:
    """How far the runs and imports behind some jobs have come: at most two queries."""
    found: Figures = {}
    ids = {
        name: [j.args["run_id"] for j in jobs if j.task_name == name and "run_id" in j.args] for name in TASKS
    }
    if runs := ids["fulfilment.work_run"]:
        for run in fulfilment.find_runs().filter(pk__in=runs):
            found["fulfilment.work_run", run.pk] = (
                run.done,
                run.total,
                reverse("fulfilment:run", args=[run.pk]),
            )
    if imports := ids["channels.import_file"]:
        for one in channels.find_runs().filter(pk__in=imports):
            href = reverse("channels:detail", args=[one.pk])
            found["channels.import_file", one.pk] = (one.done_rows, one.total_rows, href)
    return found


TASKS = ("fulfilment.work_run", "channels.import_file")


def _progress_of(job: Any, figures: Figures) -> tuple[int, int, str]:
    return figures.get((job.task_name, job.args.get("run_id", 0)), (0, 0, ""))
