"""The review queue: held orders by reason, released or refused one by one or together."""

from __future__ import annotations

from collections import defaultdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.company import base_currency
from entrepot.core.pages import numbered_page, page_number, return_address, wants_panel
from entrepot.core.roles import require
from entrepot.domains.orders import services
from entrepot.domains.orders.forms import HoldForm
from entrepot.domains.orders.queries import (
    RELEASABLE,
    filter_choices,
    held_orders,
    hold_reasons,
    holds_by_code,
)
from entrepot.kernel.issue import ISSUES

PER_PAGE = 50
REVIEW_HOURS = 24


@require_GET
@require("orders.review")
def review(request: HttpRequest) -> HttpResponse:
    """The queue: reasons at the side, the orders of the chosen one in the middle."""
    reasons = hold_reasons()
    code = request.GET.get("reason", "")
    page = page_number(request)
    rows, count = held_orders(code, page=page, per_page=PER_PAGE)
    context = {
        "reasons": reasons,
        "waiting": sum(reason.orders for reason in reasons),
        "code": code,
        "rows": rows,
        "page": numbered_page(count.rows, page, PER_PAGE),
        "names": {name: dict(pairs) for name, pairs in filter_choices().items()},
        "base_currency": base_currency(),
        "hours": REVIEW_HOURS,
        "here": request.get_full_path(),
    }
    name = "orders/review_panel.html" if wants_panel(request, "review-panel") else "orders/review_page.html"
    return render(request, name, context)


@require_POST
@require("orders.review")
def verdict(request: HttpRequest) -> HttpResponse:
    """Release or refuse the chosen holds, with a note."""
    form = HoldForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Nothing was done: no hold was ticked."))
        return redirect(return_address(request, reverse("orders:review")))
    data = form.cleaned_data
    is_release = data["verdict"] == "release"
    orders_by_code: dict[str, list[int]] = defaultdict(list)
    for order_id, code in holds_by_code(data["hold"]):
        orders_by_code[code].append(order_id)
    act = services.release_holds if is_release else services.reject_orders
    done = stuck = 0
    for code, order_ids in sorted(orders_by_code.items()):
        if is_release and code not in RELEASABLE:
            stuck += len(order_ids)
        else:
            try:
                done += act(order_ids, request.user, codes=[code], note=data["note"])
            except services.ReasonMissing:
                reason = ISSUES[code].text(get_language() or "en") if code in ISSUES else code
                messages.warning(request, _("A note with the reason is needed to release: %s") % reason)
    _tell(request, done, stuck, is_release=is_release)
    return redirect(return_address(request, reverse("orders:review")))


def _tell(request: HttpRequest, done: int, stuck: int, *, is_release: bool) -> None:
    if stuck:
        text = ngettext(
            "%(n)d hold cannot be released: the order has to be corrected or refused.",
            "%(n)d holds cannot be released: the orders have to be corrected or refused.",
            stuck,
        )
        messages.warning(request, text % {"n": stuck})
    if not is_release:
        messages.success(
            request, ngettext("%(n)d order refused.", "%(n)d orders refused.", done) % {"n": done}
        )
    elif done:
        text = ngettext(
            "%(n)d hold released; the order is decided again.",
            "%(n)d holds released; the orders are decided again.",
            done,
        )
        messages.success(request, text % {"n": done})
