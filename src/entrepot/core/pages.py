"""What every list page does with its address: which page, whole or panel, where to return to."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language


def page_number(request: HttpRequest) -> int:
    """The page asked for; anything that is no positive number means the first."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isdigit() and len(text) < 9 else 1


def numbered_page(rows: int, page: int, per_page: int) -> Page[Any]:
    """A page for the pagination component where the rows were already counted and read."""
    paginator = Paginator(range(rows), per_page)
    return paginator.page(min(page, paginator.num_pages))


def wants_panel(request: HttpRequest, target: str) -> bool:
    """Whether htmx asks for one panel of the page; after the browser's back button it wants the whole page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and htmx.target == target and not htmx.history_restore_request


def return_address(request: HttpRequest, fallback: str) -> str:
    """Where a posted form goes back to: the `next` it names, if that is a page of ours."""
    target = request.POST.get("next", "")
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, {request.get_host()})
    return target if is_ours else fallback


def in_language(pair: tuple[str, str]) -> str:
    """Of an English and a Chinese text the one for the reader."""
    return pair[1] if (get_language() or "").startswith("zh") else pair[0]
