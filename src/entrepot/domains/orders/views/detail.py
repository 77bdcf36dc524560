"""The page of one order."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from entrepot.core.company import base_currency
from entrepot.core.roles import require
from entrepot.domains.orders import rules
from entrepot.domains.orders.forms import PRIORITIES
from entrepot.domains.orders.queries import UNDERWAY, filter_choices, order_file


@require_GET
@require("orders.view")
def order_page(request: HttpRequest, order_id: int) -> HttpResponse:
    """One order with its lines, money, way, holds and everything that was booked for it."""
    found = order_file(order_id)
    if found is None:
        raise Http404(_("There is no such order."))
    choices = filter_choices()
    today = timezone.localdate()
    order = found.order
    context = {
        "file": found,
        "order": order,
        "names": {name: dict(pairs) for name, pairs in choices.items()},
        "priorities": PRIORITIES,
        "priority_name": dict(PRIORITIES).get(order.priority, order.priority),
        "base_currency": base_currency(),
        "is_late": order.state in UNDERWAY and order.promise_on is not None and order.promise_on < today,
        "may_cancel": rules.can_cancel(order.state),
        "may_decide": order.state == "new" or rules.can_decide_again(order.state),
    }
    return render(request, "orders/order_page.html", context)
