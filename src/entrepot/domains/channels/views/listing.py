"""The list of imports and the page where a file is handed in."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from entrepot.core.pages import page_number
from entrepot.core.roles import permissions_of, require
from entrepot.domains.channels import jobs, queries, services
from entrepot.domains.channels.forms import KINDS, STAGES, UploadForm, word

PER_PAGE = 30


@require_GET
@require("channels.view")
def import_list(request: HttpRequest) -> HttpResponse:
    """Imports, the newest first, and the saved profiles."""
    page = Paginator(queries.find_runs(), PER_PAGE).get_page(page_number(request))
    rows = [
        {
            "run": run,
            "kind": word({kind: words[0] for kind, words in KINDS.items()}, run.kind),
            "stage": word(STAGES, run.stage),
        }
        for run in page.object_list
    ]
    context = {"page": page, "rows": rows, "profiles": queries.profiles()}
    return render(request, "channels/import_list_page.html", context)


@require_http_methods(["GET", "POST"])
@require("channels.import")
def upload(request: HttpRequest) -> HttpResponse:
    """Hand in a file: known kinds start at once, any other table goes to its columns first."""
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        profiles=queries.profiles(),
        accounts=queries.open_accounts(),
    )
    if request.method == "POST" and form.is_valid():
        kind, file, profile = (form.cleaned_data[name] for name in ("kind", "file", "profile"))
        refuse_without_right(request, kind)
        run = services.receive_file(kind, file.name, file.read(), user=request.user, profile=profile)
        if run.state == "done":
            messages.info(request, _("This very file was imported before; nothing was changed."))
            return redirect("channels:detail", run.pk)
        if kind in services.COLUMN_KINDS and run.state == "uploaded":
            return redirect("channels:columns", run.pk)
        if not services.is_under_way(run.pk):
            if kind == "file":
                services.choose_account(run, form.cleaned_data["account"], request.user)
            services.queue_again(run, request.user)
            start(run.pk)
        return redirect("channels:detail", run.pk)
    kinds = [
        {"code": code, "name": name, "text": text, "icon": icon} for code, (name, text, icon) in KINDS.items()
    ]
    asked = request.GET.get("kind", "")
    chosen = form["kind"].value() or (asked if asked in KINDS else "file")
    status = 422 if form.errors else 200
    return render(
        request, "channels/upload_page.html", {"form": form, "kinds": kinds, "chosen": chosen}, status=status
    )


@require_POST
@require("channels.change")
def delete_profile(request: HttpRequest, profile_id: int) -> HttpResponse:
    """Forget a saved profile; imports made with it stay."""
    services.delete_profile(profile_id, request.user)
    messages.success(request, _("Profile forgotten."))
    return redirect("channels:list")


def start(run_id: int) -> None:
    """Let a worker carry out the import."""
    transaction.on_commit(lambda: jobs.import_file.defer(run_id=run_id))


def refuse_without_right(request: HttpRequest, kind: str) -> None:
    """Who imports goods or stock must be allowed to change them."""
    needed = services.needed_permission(kind)
    if needed not in permissions_of(request.user):
        raise PermissionDenied(needed)
