"""Every address of the product: sign-in, each room under its own word, and the shell."""

from django.urls import include, path

from entrepot.config import api

urlpatterns = [
    path("api/v1/openapi.json", api.openapi, name="openapi"),
    path("api/v1/", api.api.urls),
    path("api/", api.unknown),
    path("api/<path:rest>", api.unknown),
    path("accounts/", include("allauth.urls")),
    path("orders/", include("entrepot.domains.orders.urls")),
    path("imports/", include("entrepot.domains.channels.urls")),
    path("connections/", include("entrepot.domains.channels.urls.connections")),
    path("hooks/", include("entrepot.domains.channels.urls.hooks")),
    path("channels/", include("entrepot.domains.channels.urls.accounts")),
    path("stock/", include("entrepot.domains.warehouse.urls")),
    path("logistics/", include("entrepot.domains.logistics.urls")),
    path("ledger/", include("entrepot.domains.ledger.urls")),
    path("customs/", include("entrepot.domains.customs.urls")),
    path("fulfilment/", include("entrepot.domains.fulfilment.urls")),
    path("replay/", include("entrepot.domains.fulfilment.urls.replay")),
    path("world/", include("entrepot.domains.fulfilment.urls.world")),
    path("insight/", include("entrepot.domains.insight.urls")),
    path("lists/", include("entrepot.web.lists.urls")),
    path("integration/", include("entrepot.web.integration.urls")),
    path("", include("entrepot.web.home.urls")),
    path("", include("entrepot.web.urls")),
]
handler403 = "entrepot.web.views.forbidden"
handler404 = "entrepot.web.views.not_found"
handler500 = "entrepot.web.views.server_error"
