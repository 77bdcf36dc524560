"""Connected accounts: the list, and what each exchanges with us."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.roles import require
from entrepot.domains.channels import jobs, services
from entrepot.domains.channels.adapters.client import ChannelError
from entrepot.domains.channels.adapters.platforms import platforms
from entrepot.domains.channels.models import ChannelAccount, DeadLetter
from entrepot.domains.channels.queries import connections as queries
from entrepot.domains.channels.services.pulling import STREAMS
from entrepot.domains.channels.views.connecting import account_or_404
from entrepot.domains.channels.views.named import Names

STREAM_NAMES: dict[str, str | Promise] = {
    "orders": gettext_lazy("Orders"),
    "listings": gettext_lazy("Listings"),
    "statements": gettext_lazy("Settlements"),
    "push:tracking": pgettext_lazy("number", "Tracking"),
    "push:stock": gettext_lazy("Stock"),
    "push:price": gettext_lazy("Prices"),
    "tracking": pgettext_lazy("number", "Tracking"),
    "stock": gettext_lazy("Stock"),
    "price": gettext_lazy("Prices"),
    "refund": gettext_lazy("Refunds"),
    "push:refund": gettext_lazy("Refunds"),
}
REASONS: dict[str, str | Promise] = {
    "value.missing": gettext_lazy("A value is missing."),
    "amount.unreadable": gettext_lazy("This is no amount."),
    "amount.too_fine": gettext_lazy("The amount is finer than its currency."),
    "currency.unknown": gettext_lazy("This currency is unknown."),
    "date.unreadable": gettext_lazy("This is no date."),
    "date.no_zone": gettext_lazy("The time has no time zone."),
    "quantity.unreadable": gettext_lazy("This is no whole number."),
    "quantity.not_positive": gettext_lazy("The quantity must be above nought."),
    "record.unreadable": gettext_lazy("The order has another form than the platform documents."),
    "order.not_bookable": gettext_lazy("The order cannot be booked."),
    "order.unknown": gettext_lazy("The channel does not know this order."),
    "order.nothing_open": gettext_lazy("Nothing of this order is left to be shipped there."),
    "sku.unknown": gettext_lazy("The channel does not know this SKU."),
    "busy": gettext_lazy("Another worker was at it."),
    "killed": gettext_lazy("The worker was ended; the next reading went on from there."),
}


@require_GET
@require("channels.view")
def account_list(request: HttpRequest) -> HttpResponse:
    """All accounts, and which platforms come by file."""
    known, names = platforms(), Names()
    rows = [{"account": account, "named": names.of(account)} for account in queries.find_accounts()]
    by_file = [platform.name for platform in known.values() if platform.way == "file"]
    return render(request, "channels/connection_list_page.html", {"rows": rows, "by_file": by_file})


@require_GET
@require("channels.view")
def account_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account: how it stands, its exchanges, its messages, and what waits for a person."""
    return render(request, "channels/connection_page.html", _context(account_or_404(account_id)))


@require_GET
@require("channels.view")
def panel(request: HttpRequest, account_id: int) -> HttpResponse:
    """The same without the frame, while something is under way."""
    return render(request, "channels/connection_panel.html", _context(account_or_404(account_id)))


@require_POST
@require("channels.import")
def sync(request: HttpRequest, account_id: int, stream: str) -> HttpResponse:
    """Read a stream now."""
    account = account_or_404(account_id)
    if stream not in STREAMS:
        raise Http404
    jobs.start_pull(services.ask_for(account, stream, request.user).pk)
    return redirect("connections:detail", account.pk)


@require_POST
@require("channels.change")
def tell_stock(request: HttpRequest, account_id: int) -> HttpResponse:
    """Tell the channel our stock of everything it lists."""
    account = account_or_404(account_id)
    count = services.record_stock(account, whole=True)
    if count:
        jobs.start_push(account.pk)
        text = ngettext(
            "Stock of %(n)s article will be told.", "Stock of %(n)s articles will be told.", count
        )
        messages.success(request, text % {"n": count})
    else:
        messages.info(request, _("Nothing to tell: read the listings first, or map their SKUs."))
    return redirect("connections:detail", account.pk)


@require_POST
@require("channels.import")
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let a run stop after the page it is at."""
    run = queries.get_run(run_id)
    if run is None:
        raise Http404
    services.stop_pull(run, request.user)
    return redirect("connections:detail", run.account_id)


@require_POST
@require("channels.change")
def replay(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Try a dead letter again."""
    letter = _letter(letter_id)
    try:
        came_through = services.replay(letter, request.user)
    except (ChannelError, services.NotReplayable) as error:
        messages.error(request, _("Not now: %(reason)s") % {"reason": error})
    else:
        if came_through and letter.stream.startswith("push:"):
            jobs.start_push(letter.account_id)
        if came_through:
            messages.success(request, _("It came through."))
        else:
            messages.warning(request, _("Still refused; the reason may have changed."))
    return redirect("connections:detail", letter.account_id)


@require_POST
@require("channels.change")
def drop(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Decide that nothing is to be done about a dead letter."""
    letter = _letter(letter_id)
    services.drop_letter(letter, request.user)
    return redirect("connections:detail", letter.account_id)


def _letter(letter_id: int) -> DeadLetter:
    letter = queries.get_letter(letter_id)
    if letter is None:
        raise Http404
    return letter


def _context(account: ChannelAccount) -> dict[str, Any]:
    exchange = queries.exchange_of(account)
    return {
        "account": account,
        "named": Names().of(account),
        "platform": services.platform_of(account),
        "exchange": exchange,
        "error": _reason(account.last_error),
        "runs": [
            {"run": run, "stream": _stream(run.stream), "error": _reason(run.error)} for run in exchange.runs
        ],
        "letters": [
            {"letter": letter, "stream": _stream(letter.stream), "reason": _reason(letter.reason)}
            for letter in exchange.letters
        ],
        "pushes": [
            {"push": push, "kind": _stream(push.kind), "what": _what(push.payload)}
            for push in exchange.pushes
        ],
    }


def _stream(code: str) -> str:
    return str(STREAM_NAMES.get(code, code))


def _reason(text: str) -> str:
    code, _sep, detail = text.partition(": ")
    return f"{REASONS[code]} {detail}".strip() if code in REASONS else text


def _what(payload: dict[str, Any]) -> str:
    if "tracking_no" in payload:
        return f"{payload.get('number') or payload['external_id']} · {payload['tracking_no']}"
    if "capture_id" in payload:
        return f"{payload['capture_id']} · {payload.get('invoice') or payload.get('note') or ''}".strip(" ·")
    rows = payload.get("rows", [])
    return ", ".join(str(row["sku"]) for row in rows[:3]) + (" …" if len(rows) > 3 else "")
