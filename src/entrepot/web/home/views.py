"""Home: today's figures in words, and three charts that are fetched after the page is shown."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from entrepot.core import jobboard
from entrepot.core.company import base_currency
from entrepot.core.pages import in_language
from entrepot.core.roles import permissions_of, require
from entrepot.domains.insight import queries
from entrepot.domains.logistics.queries import service_names
from entrepot.domains.orders.queries import filter_choices
from entrepot.kernel.money import to_major
from entrepot.web import badges, formats

DIMENSIONS = {"market": "country", "channel": "channel"}
# goods and freight, then fees and duties in pairs of one colour; green is what is kept
COLOURS = ("#4a6fa5", "#e08e0b", "#f0bd6a", "#7a5bb0", "#b79bdc", "#c4553b", "#e39a86", "#2e8b57")
SPANS = (7, 30, 90, 365)


@require_GET
@require("insight.view")
def home(request: HttpRequest) -> HttpResponse:
    """Today: orders, profit, what waits, what is late."""
    figures = queries.today_figures(timezone.localdate())
    names = service_names() if figures.late.first else {}
    context = {
        "figures": figures,
        "cards": cards(figures, base_currency(), may_review=_may(request, "orders.review")),
        "services": {code: in_language(pair) for code, pair in names.items()},
        "states": [
            (state, badges.badge_of(state, "order")[1], figures.states[state])
            for state in badges.ORDER_STATES
            if figures.states.get(state)
        ],
        "chart_query": f"?on={figures.on.isoformat()}&days={_span(request)}",
        "spans": SPANS,
        "trouble": jobboard.trouble() if _may(request, "jobs.view") else None,
        "span": _span(request),
    }
    return render(request, "home/home_page.html", context)


def cards(figures: queries.Today, base: str, *, may_review: bool) -> list[dict[str, Any]]:
    """The figures at the top: label, value, hint, and the list behind each."""
    orders = reverse("orders:list")
    held = reverse("orders:review") if may_review else f"{orders}?state=held"
    return [*_sales_cards(figures, base, orders), *_waiting_cards(figures, orders, held)]


def _sales_cards(figures: queries.Today, base: str, orders: str) -> list[dict[str, Any]]:
    month = figures.month
    period = queries.Period.days_up_to(figures.on, queries.SPAN)
    month_link = f"{orders}?{_between(period.first, period.last)}"
    days = {"days": queries.SPAN}
    revenue = {"revenue": formats.money_short(month.revenue, base)}
    return [
        {
            "label": _("Orders that day") if figures.is_past else _("Orders today"),
            "value": formats.whole(figures.day.orders),
            "hint": _("%(n)s in 7 days") % {"n": formats.whole(figures.week.orders)},
            "href": f"{orders}?{_between(figures.on, figures.on)}",
            "icon": "shopping-cart",
        },
        {
            "label": _("Orders, %(days)d days") % days,
            "value": formats.whole(month.orders),
            "hint": _against(month.orders, figures.orders_before),
            "href": month_link,
            "icon": "calendar-stats",
        },
        {
            "label": _("Profit, %(days)d days") % days,
            "value": formats.money_short(month.profit, base),
            "hint": _against(month.profit, figures.profit_before),
            "href": f"{month_link}&sort=-profit",
            "icon": "coins",
            "tone": "bad" if month.profit < 0 else "",
        },
        {
            "label": _("Margin, %(days)d days") % days,
            "value": formats.percent(month.margin_ppm),
            "hint": _("of %(revenue)s revenue") % revenue,
            "href": f"{month_link}&sort=margin",
            "icon": "percentage",
        },
    ]


def _waiting_cards(figures: queries.Today, orders: str, held: str) -> list[dict[str, Any]]:
    late, states = formats.whole(figures.late.count), figures.states
    waiting = [
        (_("Held"), states.get("held", 0), _("wait for a person"), held, "lock"),
        (
            _("Back-ordered"),
            states.get("backordered", 0),
            _("wait for stock"),
            f"{orders}?state=backordered",
            "package-off",
        ),
        (_("To be decided"), states.get("new", 0), _("new orders"), f"{orders}?state=new", "hourglass"),
    ]
    found = [
        {"label": label, "value": formats.whole(n), "hint": hint, "href": href, "icon": icon}
        for label, n, hint, href, icon in waiting
    ]
    hint = _("past their promise, not delivered")
    late_card = {"label": _("Late parcels"), "value": late, "hint": hint, "href": f"{orders}?late=on"}
    return [*found, {**late_card, "icon": "clock-exclamation"}]


@require_GET
@require("insight.view")
def profit_by_day(request: HttpRequest) -> JsonResponse:
    """Revenue and profit of each day, as an ECharts option."""
    days = queries.profit_series(_on(request), _span(request))
    if not any(figures.orders for _day, figures in days):
        return JsonResponse({"empty": _("No order in this period.")})
    base = base_currency()
    revenue = [_major(figures.revenue, base) for _day, figures in days]
    profit = [_major(figures.profit, base) for _day, figures in days]
    return JsonResponse(
        {
            "legend": {},
            "tooltip": {"valueFormatter": f"@money:{base}"},
            "xAxis": {
                "type": "category",
                "data": [day.isoformat() for day, _figures in days],
                "axisLabel": {"formatter": "@day"},
            },
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}},
            "series": [
                {"type": "bar", "name": _("Revenue"), "data": revenue, "itemStyle": {"opacity": 0.35}},
                {
                    "type": "line",
                    "name": _("Profit"),
                    "data": profit,
                    "showSymbol": False,
                    "lineStyle": {"width": 2.5},
                },
            ],
        }
    )


@require_GET
@require("insight.view")
def profit_by_group(request: HttpRequest, dimension: str) -> JsonResponse:
    """Profit of each market or channel, the best on top, as an ECharts option; a bar opens its orders."""
    if dimension not in DIMENSIONS:
        raise Http404(_("There is no such chart."))
    on, span = _on(request), _span(request)
    groups = [pair for pair in queries.profit_groups(dimension, on, span) if pair[1].decided]
    if not groups:
        return JsonResponse({"empty": _("No decided order in this period.")})
    base, field = base_currency(), DIMENSIONS[dimension]
    names = dict(filter_choices()[field])
    first = queries.Period.days_up_to(on, span).first
    bars = []
    for code, figures in reversed(groups):
        colour = {} if figures.profit >= 0 else {"itemStyle": {"color": "#c4553b"}}
        link = (
            {"href": f"{reverse('orders:list')}?{urlencode({field: code})}&{_between(first, on)}"}
            if code and _may(request, "orders.view")
            else {}
        )
        bars.append({"value": _major(figures.profit, base), **colour, **link})
    labels = [names.get(code, code) if code else _("Others") for code, _figures in reversed(groups)]
    return JsonResponse(
        {
            "tooltip": {"valueFormatter": f"@money:{base}", "axisPointer": {"type": "shadow"}},
            "grid": {"top": 8, "right": 24, "bottom": 8, "left": 8, "containLabel": True},
            "xAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}},
            "yAxis": {
                "type": "category",
                "data": labels,
                "axisLabel": {"width": 120, "overflow": "truncate"},
            },
            "series": [{"type": "bar", "name": _("Profit"), "data": bars, "barMaxWidth": 18}],
        }
    )


@require_GET
@require("insight.view")
def costs(request: HttpRequest) -> JsonResponse:
    """Where the revenue of a period went, as an ECharts option."""
    days = queries.profit_series(_on(request), _span(request))
    base = base_currency()
    words = {
        "cogs": _("Cost of goods"),
        "freight": _("Freight"),
        "handling": _("Handling"),
        "channel_fee": _("Channel fees"),
        "payment_fee": _("Payment fees"),
        "duty": _("Duty"),
        "import_tax": _("Import tax"),
        "profit": _("Profit"),
    }
    sums = {name: sum(getattr(figures, name) for _day, figures in days) for name in words}
    slices = [
        {"name": words[name], "value": _major(amount, base), "itemStyle": {"color": colour}}
        for (name, amount), colour in zip(sums.items(), COLOURS, strict=True)
        if amount > 0
    ]
    if not slices:
        return JsonResponse({"empty": _("No decided order in this period.")})
    return JsonResponse(
        {
            "legend": {"orient": "vertical", "right": 0, "top": "middle", "type": "plain"},
            "tooltip": {"trigger": "item", "valueFormatter": f"@money:{base}"},
            "series": [
                {
                    "type": "pie",
                    "radius": ["45%", "75%"],
                    "center": ["32%", "50%"],
                    "label": {"show": False},
                    "data": slices,
                }
            ],
        }
    )


def shift(now: int, before: int) -> int | None:
    """Change against the period before, in ppm; None where there was nothing to compare with."""
    return round((now - before) * 1_000_000 / abs(before)) if before else None


def _against(now: int, before: int) -> str:
    change = shift(now, before)
    if change is None:
        return _("nothing the month before")
    arrow = "\N{UPWARDS ARROW}" if change > 0 else "\N{DOWNWARDS ARROW}" if change < 0 else "="
    return _("%(arrow)s %(change)s on the 30 days before") % {
        "arrow": arrow,
        "change": formats.percent(abs(change)),
    }


def _between(first: date, last: date) -> str:
    return urlencode({"placed_from": first.isoformat(), "placed_to": last.isoformat()})


def _may(request: HttpRequest, permission: str) -> bool:
    return permission in permissions_of(request.user)


def _span(request: HttpRequest) -> int:
    text = request.GET.get("days", "")
    return int(text) if text.isdigit() and int(text) in SPANS else queries.SPAN


def _on(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return queries.reference_day(timezone.localdate())


def _major(minor: int, currency: str) -> float:
    return float(to_major(minor, formats.minor_units(currency)))
