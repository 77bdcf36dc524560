"""Every address of the product: the shell, sign-in, and each room under its own word."""

from importlib.util import find_spec

from django.urls import include, path

ROOMS = {
    "orders/": "entrepot.domains.orders.urls",
    "imports/": "entrepot.domains.channels.urls",
    "stock/": "entrepot.domains.warehouse.urls",
    "ledger/": "entrepot.domains.ledger.urls",
    "fulfilment/": "entrepot.domains.fulfilment.urls",
    "catalog/": "entrepot.domains.catalog.urls",
    "customs/": "entrepot.domains.customs.urls",
    "logistics/": "entrepot.domains.logistics.urls",
    "payments/": "entrepot.domains.payments.urls",
    "insight/": "entrepot.domains.insight.urls",
    "world/": "entrepot.domains.fulfilment.urls.world",
}


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


urlpatterns = [
    path("accounts/", include("allauth.urls")),
    *(path(prefix, include(module)) for prefix, module in ROOMS.items() if _exists(module)),
    path("", include("entrepot.web.urls")),
]
handler403 = "entrepot.web.views.forbidden"
handler404 = "entrepot.web.views.not_found"
handler500 = "entrepot.web.views.server_error"
