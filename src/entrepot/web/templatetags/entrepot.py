"""Filters and components of every page (loaded everywhere, no `{% load %}` needed). Examples: docs/guide/pages.md."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.http import HttpRequest
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from entrepot.web import badges, formats

register = template.Library()

register.filter("weight", formats.weight)
register.filter("whole", formats.whole)
register.filter("day", formats.day)
register.filter("instant", formats.instant)
TONES = {"neutral", "info", "good", "warn", "bad"}


@register.filter
def money(minor: int | None, currency: str) -> str:
    """`{{ order.total_minor|money:order.currency }}` → `1,234.56 EUR`."""
    return formats.money(minor, currency)


@register.filter
def amount(minor: int | None, currency: str) -> str:
    """The same without the currency, for columns whose head names it."""
    return formats.amount(minor, currency)


@register.filter
def money_short(minor: int | None, currency: str) -> str:
    """For cards: large sums without decimals."""
    return formats.money_short(minor, currency)


@register.filter
def percent(ppm: int | None, digits: int = 1) -> str:
    """`{{ order.margin_ppm|percent }}` → `12.5 %`."""
    return formats.percent(ppm, digits)


@register.filter
def sign_class(number: int | None) -> str:
    """`negative` for losses, for a class attribute."""
    return "negative" if number is not None and number < 0 else ""


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """`{{ totals|get:currency }}`."""
    return mapping.get(key)


@register.filter
def control(field: BoundField, extra: str = "") -> SafeString:
    """A form field with Tabler's class for its kind."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        kind = "form-check-input"
    else:
        kind = "form-select" if isinstance(widget, Select) else "form-control"
    attrs: dict[str, str | bool] = {"class": f"{kind} {extra} {'is-invalid' if field.errors else ''}".strip()}
    if field.errors:
        attrs["aria-describedby"] = f"{field.auto_id}_error"
    return field.as_widget(attrs=attrs)


@register.simple_tag
def badge(text: object, tone: str = "neutral", icon: str = "") -> SafeString:
    """A coloured word: `{% badge "late" "bad" %}`."""
    sign = format_html('<i class="ti ti-{}" aria-hidden="true"></i>', icon) if icon else ""
    return format_html(
        '<span class="tone tone-{}">{}{}</span>', tone if tone in TONES else "neutral", sign, text
    )


@register.simple_tag
def state_badge(code: str, kind: str = "order") -> SafeString:
    """A state with its own colour and wording: `{% state_badge order.state %}`, `{% state_badge run.state "run" %}`."""
    tone, text = badges.badge_of(code, kind)
    return badge(text, tone)


@register.inclusion_tag("components/kpi_card.html")
def kpi_card(
    label: object, value: object, *, hint: object = "", href: str = "", tone: str = "", icon: str = ""
) -> dict[str, object]:
    """One figure of the day: `{% kpi_card _("Profit") total hint=… href=… %}`."""
    return {"label": label, "value": value, "hint": hint, "href": href, "tone": tone, "icon": icon}


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    title: object, text: object = "", *, icon: str = "inbox", href: str = "", action: object = ""
) -> dict[str, object]:
    """What a list shows when it has no rows, and what to do next."""
    return {"title": title, "text": text, "icon": icon, "href": href, "action": action}


@register.inclusion_tag("components/chart.html")
def chart(src: str, *, label: object, size: str = "m") -> dict[str, object]:
    """A chart drawn from a JSON address that answers with an ECharts option; `size` s, m or l."""
    return {"src": src, "label": label, "size": size}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: RequestContext, page: Page[Any], *, target: str = "") -> dict[str, object]:
    """Links to the pages of a list; `target` is the htmx panel to swap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "request": context["request"],
        "target": target,
        "links": [
            {
                "number": number,
                "href": _with(context["request"], page=number) if isinstance(number, int) else "",
            }
            for number in numbers
        ],
        "previous": _with(context["request"], page=page.previous_page_number())
        if page.has_previous()
        else "",
        "next": _with(context["request"], page=page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: RequestContext, column: str, label: object, *, target: str = "", css: str = ""
) -> dict[str, object]:
    """A column head that sorts: first click ascending, second descending; the address keeps the choice in `sort`."""
    request = context["request"]
    current = request.GET.get("sort") or context.get("sort") or ""
    is_active = current.lstrip("-") == column
    is_descending = is_active and current.startswith("-")
    return {
        "label": label,
        "href": _with(request, sort=column if is_descending or not is_active else f"-{column}", page=None),
        "is_active": is_active,
        "is_descending": is_descending,
        "target": target,
        "css": css,
    }


@register.simple_tag
def moment_title(moment: date | datetime | None) -> str:
    """ISO form for a `title` or `datetime` attribute."""
    return moment.isoformat() if moment else ""


def _with(request: HttpRequest, **changes: Any) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.inclusion_tag("components/export_links.html", takes_context=True)
def export_links(context: RequestContext, name: str, **more: Any) -> dict[str, Any]:
    """`{% export_links "stock" %}`: the list as CSV and Excel, narrowed as this page is; `more` narrows it further."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    query.pop("page", None)
    for key, value in more.items():
        query[key] = str(value)
    return {"name": name, "query": query.urlencode()}
