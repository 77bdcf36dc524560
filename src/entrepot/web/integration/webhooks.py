"""Webhooks and their deliveries."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from entrepot.core import webhooks
from entrepot.core.models import WebhookEndpoint
from entrepot.core.pages import page_number
from entrepot.core.roles import require
from entrepot.domains.orders import events as orders
from entrepot.web.integration.forms import EndpointForm

PER_PAGE = 50
NAMES = sorted(value for name, value in vars(orders).items() if name.isupper() and isinstance(value, str))
STATES = ("", "waiting", "sent", "failed")


@require_GET
@require("integration.view")
def endpoint_list(request: HttpRequest) -> HttpResponse:
    """Every endpoint and how it fares."""
    return render(request, "integration/webhook_list_page.html", {"endpoints": webhooks.list_endpoints()})


@require_http_methods(["GET", "POST"])
@require("integration.change")
def add(request: HttpRequest) -> HttpResponse:
    """Add an endpoint; the answer shows its secret, this once."""
    form = EndpointForm(request.POST or None, names=NAMES)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            endpoint, secret = webhooks.add_endpoint(told["name"], told["url"], told["events"], request.user)
        except webhooks.EndpointRefused as error:
            form.add_error("url", _("Nothing may be sent there: %(why)s.") % {"why": error})
        else:
            return _shown_once(request, endpoint, secret)
    return render(
        request,
        "integration/webhook_form_page.html",
        {"form": form, "ticked": request.POST.getlist("events"), "names": NAMES},
    )


@require_GET
@require("integration.view")
def endpoint_page(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """One endpoint with its latest deliveries."""
    endpoint = _endpoint(endpoint_id)
    page = Paginator(webhooks.list_deliveries(endpoint_id), PER_PAGE).get_page(page_number(request))
    return render(request, "integration/webhook_page.html", {"endpoint": endpoint, "page": page})


@require_POST
@require("integration.change")
def act(request: HttpRequest, endpoint_id: int, action: str) -> HttpResponse:
    """Switch on or off, test, or take another secret."""
    endpoint = _endpoint(endpoint_id)
    if action == "secret":
        return _shown_once(request, endpoint, webhooks.new_secret(endpoint, request.user))
    if action == "test":
        webhooks.send_test(endpoint, request.user)
        messages.success(request, _("A test event is on its way."))
    elif action in ("on", "off"):
        webhooks.change_endpoint(endpoint, request.user, is_active=action == "on")
        messages.success(
            request, _("The webhook is switched on.") if action == "on" else _("The webhook is switched off.")
        )
    else:
        raise Http404(_("There is no such action."))
    return redirect("integration:webhook", endpoint_id)


@require_GET
@require("integration.view")
def delivery_list(request: HttpRequest) -> HttpResponse:
    """Deliveries of all endpoints, by state."""
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    page = Paginator(webhooks.list_deliveries(state=state), PER_PAGE).get_page(page_number(request))
    context = {"page": page, "state": state, "states": STATES[1:]}
    return render(request, "integration/delivery_list_page.html", context)


@require_GET
@require("integration.view")
def delivery_page(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """One delivery: what is sent, and every attempt."""
    delivery = webhooks.list_deliveries().filter(pk=delivery_id).first()
    if delivery is None:
        raise Http404(_("There is no such delivery."))
    tries: Any = delivery.tries.order_by("-pk")[:PER_PAGE]
    return render(request, "integration/delivery_page.html", {"delivery": delivery, "tries": tries})


@require_POST
@require("integration.change")
def replay(request: HttpRequest) -> HttpResponse:
    """Send the ticked deliveries again."""
    ids = [int(one) for one in request.POST.getlist("ids") if one.isdigit() and len(one) < 19]
    done = webhooks.replay(ids, request.user)
    if done:
        text = ngettext("%(n)d delivery is sent again.", "%(n)d deliveries are sent again.", done)
        messages.success(request, text % {"n": done})
    else:
        messages.warning(request, _("Nothing was sent: tick deliveries of a webhook that is switched on."))
    return redirect("integration:deliveries")


def _endpoint(endpoint_id: int) -> WebhookEndpoint:
    endpoint = webhooks.list_endpoints().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise Http404(_("There is no such webhook."))
    return endpoint


def _shown_once(request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
    response = render(
        request,
        "integration/secret_page.html",
        {"title": _("The secret"), "name": endpoint.name, "secret": secret, "back": "integration:webhooks"},
    )
    response["Cache-Control"] = "no-store"
    return response
