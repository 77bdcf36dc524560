"""The orders list: filters in the address, a panel that htmx swaps, saved views and bulk actions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from entrepot.core import saved_views
from entrepot.core.company import base_currency
from entrepot.core.pages import numbered_page, page_number, return_address, wants_panel
from entrepot.core.roles import permissions_of, require
from entrepot.domains.orders import rules, services
from entrepot.domains.orders.forms import PRIORITIES, BulkForm, OrderFilterForm, SaveViewForm
from entrepot.domains.orders.queries import (
    DEFAULT_SORT,
    RELEASABLE,
    SELECTION_LIMIT,
    UNDERWAY,
    filter_choices,
    order_window,
    orders_found,
    read_search,
)

PAGE = "orders.list"
PER_PAGE = 50
NEEDED = {"release": "orders.review", "priority": "orders.change", "cancel": "orders.change"}


@require_GET
@require("orders.view")
def order_list(request: HttpRequest) -> HttpResponse:
    """The list, or only its panel when htmx asks."""
    choices = filter_choices()
    form = OrderFilterForm(request.GET, choices=choices)
    search = read_search(request.GET)
    window = order_window(search, page=page_number(request), per_page=PER_PAGE)
    query = canonical_query(request.GET)
    here = f"{request.path}?{query}" if query else request.path
    context = {
        "form": form,
        "search": search,
        "sort": search.sort,
        "window": window,
        "page": numbered_page(window.count.rows, window.page, PER_PAGE),
        "selectable": min(window.count.rows, SELECTION_LIMIT),
        "query": query,
        "here": here,
        "chips": chips(form, request.GET),
        "names": {name: dict(pairs) for name, pairs in choices.items()},
        "base_currency": base_currency(),
        "priorities": PRIORITIES,
        "today": timezone.localdate(),
        "underway": UNDERWAY,
    }
    if wants_panel(request, "orders-panel"):
        response = render(request, "orders/list_panel.html", context)
        response["HX-Push-Url"] = (
            f"{here}{'&' if query else '?'}page={window.page}" if window.page > 1 else here
        )
        return response
    context["saved"] = saved_views.list_views(request.user, PAGE)
    return render(request, "orders/list_page.html", context)


@require_POST
@require("orders.view")
def bulk(request: HttpRequest) -> HttpResponse:
    """One action on the ticked orders, or on all that the filters find."""
    form = BulkForm(request.POST)
    back = back_to_list(request)
    if not form.is_valid():
        messages.error(request, _("Nothing was done: choose orders and an action first."))
        return redirect(back)
    action = form.cleaned_data["action"]
    if NEEDED[action] not in permissions_of(request.user):
        raise PermissionDenied(NEEDED[action])
    ids = chosen_ids(request, form)
    if not ids:
        messages.warning(request, _("Nothing was done: no order was ticked."))
        return redirect(back)
    messages.success(request, _ACTIONS[action](ids, request, form.cleaned_data))
    return redirect(back)


@require_POST
@require("orders.view")
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters as they stand under a name of the user's own."""
    form = SaveViewForm(request.POST)
    if form.is_valid():
        query = canonical_query(QueryDict(form.cleaned_data["query"]))
        saved_views.save_view(request.user, PAGE, form.cleaned_data["name"], query)
        messages.success(request, _("View “%(name)s” saved.") % {"name": form.cleaned_data["name"]})
    else:
        messages.error(request, _("The view needs a name of at most 60 characters."))
    return redirect(back_to_list(request))


@require_POST
@require("orders.view")
def delete_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a saved view; only one's own."""
    saved_views.delete_view(request.user, PAGE, view_id)
    return redirect(back_to_list(request))


def canonical_query(data: QueryDict) -> str:
    """The filters as the shortest address that means the same: known names, nothing empty or usual, no page."""
    return urlencode(_given(data))


def chips(form: OrderFilterForm, data: QueryDict) -> list[dict[str, str]]:
    """Each active filter in words, with the address that drops it."""
    given = _given(data)
    found = []
    for name, value in given:
        if name == "sort":
            continue
        field = form.fields[name]
        labels = {str(code): str(label) for code, label in getattr(field, "choices", [])}
        words = labels.get(value, value) if name != "late" else ""
        rest = [pair for pair in given if pair != (name, value)]
        found.append({"label": str(field.label), "value": words, "query": urlencode(rest)})
    return found


def _given(data: QueryDict) -> list[tuple[str, str]]:
    pairs = [(name, value) for name in OrderFilterForm.base_fields for value in data.getlist(name)]
    return [(name, value) for name, value in pairs if value and (name, value) != ("sort", DEFAULT_SORT)]


def chosen_ids(request: HttpRequest, form: Any) -> list[int]:
    """Ids of the ticked orders, or of everything the list's filters find."""
    if form.cleaned_data.get("scope") == "all":
        return orders_found(request.POST.get("query", ""))
    return list(form.cleaned_data["ids"])


def back_to_list(request: HttpRequest) -> str:
    """Where a posted form returns to: the list as it stood."""
    query = request.POST.get("query", "")
    return return_address(
        request, reverse("orders:list") + (f"?{canonical_query(QueryDict(query))}" if query else "")
    )


def _release(ids: list[int], request: HttpRequest, data: dict[str, Any]) -> str:
    codes = [code for code in RELEASABLE if data["note"].strip() or code not in rules.NEEDS_REASON]
    done = services.release_holds(ids, request.user, codes=codes, note=data["note"])
    return ngettext("%(n)d order released.", "%(n)d orders released.", done) % {"n": done}


def _prioritise(ids: list[int], request: HttpRequest, data: dict[str, Any]) -> str:
    done = services.change_priority(ids, data["priority"], request.user)
    return ngettext("Priority of %(n)d order changed.", "Priority of %(n)d orders changed.", done) % {
        "n": done
    }


def _cancel(ids: list[int], request: HttpRequest, data: dict[str, Any]) -> str:
    done = services.cancel_orders(ids, request.user, note=data["note"])
    return ngettext("%(n)d order cancelled.", "%(n)d orders cancelled.", done) % {"n": done}


_ACTIONS = {"release": _release, "priority": _prioritise, "cancel": _cancel}
