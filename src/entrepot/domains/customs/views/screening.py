"""Sanctions lists: their versions with what changed, a new one, and a name looked up in any script."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.roles import require
from entrepot.domains.customs import services
from entrepot.domains.customs.forms.screening import ListForm, NameForm
from entrepot.domains.customs.queries import sanction_lists

SHOWN = 20


@require_GET
@require("customs.view")
def page(request: HttpRequest) -> HttpResponse:
    """Versions, newest first; with a name, the listed names like it."""
    return _shown(request, ListForm())


@require_POST
@require("customs.change")
def upload(request: HttpRequest) -> HttpResponse:
    """Take a version of the list in."""
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, form, status=422)
    data = form.cleaned_data
    sdn = services.Upload(data["sdn"].name, data["sdn"].read())
    alt = services.Upload(data["alt"].name, data["alt"].read()) if data["alt"] else None
    try:
        one, is_new = services.import_ofac(sdn, alt, version=data["version"], user=request.user)
    except (services.ListRefused, ValueError) as error:
        form.add_error("sdn", str(error))
        return _shown(request, form, status=422)
    if is_new:
        messages.success(request, _("%(list)s: %(n)d entries.") % {"list": one, "n": one.entries})
    else:
        messages.info(request, _("These files were imported before; nothing was changed."))
    return redirect("customs:screening")


def _shown(request: HttpRequest, form: ListForm, status: int = 200) -> HttpResponse:
    asked = NameForm(request.GET)
    name = asked.cleaned_data["name"] if asked.is_valid() else ""
    context = {
        "form": form,
        "name": name,
        "hits": services.find_names(name)[:SHOWN] if name else None,
        "lists": sanction_lists(),
    }
    return render(request, "customs/screening_page.html", context, status=status)
