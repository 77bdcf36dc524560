"""Lists as files."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from entrepot.core import audit
from entrepot.core.exports import FORMATS, as_file
from entrepot.core.roles import permissions_of, require
from entrepot.web.lists.registry import find_list, lists_for


@require_GET
@require("catalog.view")
def index(request: HttpRequest) -> HttpResponse:
    """Every list the user may take away."""
    return render(request, "lists/lists_page.html", {"lists": lists_for(permissions_of(request.user))})


@require_GET
@require("catalog.view")
def export(request: HttpRequest, name: str, file_format: str) -> HttpResponseBase:
    """One list, narrowed as its page is, as CSV or Excel."""
    wanted = find_list(name)
    if wanted is None or file_format not in FORMATS:
        raise Http404(_("There is no such list."))
    if wanted.permission not in permissions_of(request.user):
        raise PermissionDenied(wanted.permission)
    audit.record(request.user, "lists.export", name, query=request.GET.urlencode(), format=file_format)
    return as_file(wanted.table(request.GET), name, file_format, sheet=str(wanted.title))
