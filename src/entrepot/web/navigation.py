"""The sidebar: its entries in the order of an order's life, each shown to those who may open it."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.roles import permissions_of


@dataclass(frozen=True)
class Entry:
    """One line of the sidebar; `children` open beneath it."""

    label: str | Promise
    icon: str
    url_name: str = ""
    permission: str = ""
    children: tuple["Entry", ...] = ()


@dataclass(frozen=True)
class Link:
    """An entry as the user sees it on this page."""

    label: str | Promise
    icon: str
    href: str
    is_active: bool
    children: tuple["Link", ...] = ()


ENTRIES = (
    Entry(pgettext_lazy("navigation", "Home"), "home", "home"),
    Entry(_("Orders"), "shopping-cart", "orders:list", "orders.view"),
    Entry(_("Review queue"), "shield-check", "orders:review", "orders.review"),
    Entry(_("Stock"), "building-warehouse", "warehouse:list", "warehouse.view"),
    Entry(
        _("Ways"),
        "truck-delivery",
        "logistics:compare",
        "logistics.view",
        (
            Entry(_("Compare services"), "arrows-shuffle", "logistics:compare", "logistics.view"),
            Entry(_("Rate cards"), "report-money", "logistics:cards", "logistics.view"),
            Entry(_("First legs"), "ship", "logistics:first_legs", "logistics.view"),
        ),
    ),
    Entry(_("Ledger"), "scale", "ledger:list", "ledger.view"),
    Entry(_("Connections"), "plug-connected", "connections:list", "channels.view"),
    Entry(
        _("Imports"),
        "file-import",
        "channels:list",
        "channels.view",
        (
            Entry(_("Files"), "file-import", "channels:list", "channels.view"),
            Entry(_("Channel accounts"), "building-store", "accounts:list", "channels.view"),
            Entry(_("Settlements"), "receipt", "channels:settlements", "ledger.view"),
        ),
    ),
    Entry(_("Screening"), "shield-search", "customs:screening", "customs.view"),
    Entry(_("Landed cost"), "calculator", "fulfilment:lookup", "world.view"),
    Entry(
        _("Tariffs"),
        "receipt-tax",
        "customs:tariffs",
        "customs.view",
        (
            Entry(_("Rates by code"), "binary-tree", "customs:tariffs", "customs.view"),
            Entry(_("Goods codes"), "barcode", "customs:codes", "customs.view"),
            Entry(_("Rule changes"), "history", "customs:changes", "customs.view"),
            Entry(_("Tariff files"), "file-import", "customs:runs", "customs.view"),
        ),
    ),
    Entry(
        _("Insight"),
        "chart-histogram",
        "insight:kpis",
        "insight.view",
        (
            Entry(_("KPIs"), "target-arrow", "insight:kpis", "insight.view"),
            Entry(_("Profit explorer"), "chart-treemap", "insight:profit", "insight.view"),
            Entry(_("Own queries"), "sql", "insight:sql", "insight.query"),
            Entry(_("Reports by mail"), "mail-share", "insight:reports", "insight.view"),
            Entry(_("Marts"), "database-export", "insight:marts", "insight.view"),
        ),
    ),
    Entry(_("What if"), "arrows-split-2", "replay:list", "insight.view"),
    Entry(_("World"), "world", "world:list", "world.view"),
    Entry(_("Runs"), "player-play", "fulfilment:list", "fulfilment.view"),
    Entry(_("Lists as files"), "file-export", "lists:index", "catalog.view"),
    Entry(_("Jobs"), "clock-play", "integration:jobs", "jobs.view"),
    Entry(
        _("Integration"),
        "plug-connected",
        "integration:tokens",
        "integration.view",
        (
            Entry(_("Tokens"), "key", "integration:tokens", "integration.view"),
            Entry(_("Webhooks"), "webhook", "integration:webhooks", "integration.view"),
            Entry(
                pgettext_lazy("webhook", "Deliveries"), "send", "integration:deliveries", "integration.view"
            ),
            Entry(_("About the API"), "api", "integration:docs", "integration.view"),
        ),
    ),
)


def navigation_for(request: HttpRequest) -> list[Link]:
    """The entries this user may open, the one of the current page marked."""
    allowed = permissions_of(request.user)
    return _deepest([link for entry in ENTRIES if (link := _link(entry, allowed, request.path))])


def _deepest(links: list[Link]) -> list[Link]:
    """Of links that all lead towards the page, the one that leads furthest is marked."""
    deepest = max((len(link.href) for link in links if link.is_active), default=0)
    return [link if len(link.href) == deepest else _inactive(link) for link in links]


def _link(entry: Entry, allowed: frozenset[str], path: str) -> Link | None:
    if entry.permission and entry.permission not in allowed:
        return None
    children = tuple(_deepest([link for child in entry.children if (link := _link(child, allowed, path))]))
    try:
        href = reverse(entry.url_name) if entry.url_name else ""
    except NoReverseMatch:
        return None
    is_active = (path == href if href == "/" else bool(href) and path.startswith(href)) or any(
        c.is_active for c in children
    )
    return Link(entry.label, entry.icon, href, is_active, children)


def _inactive(link: Link) -> Link:
    return Link(link.label, link.icon, link.href, False, link.children)
