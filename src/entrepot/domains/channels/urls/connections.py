"""Addresses of connected accounts: the list, connecting, and what each exchanges with us."""

from django.urls import path

from entrepot.domains.channels.views import connecting, connections

app_name = "connections"
urlpatterns = [
    path("", connections.account_list, name="list"),
    path("new/", connecting.new, name="new"),
    path("<int:account_id>/", connections.account_page, name="detail"),
    path("<int:account_id>/panel/", connections.panel, name="panel"),
    path("<int:account_id>/edit/", connecting.edit, name="edit"),
    path("<int:account_id>/test/", connecting.test, name="test"),
    path("<int:account_id>/state/", connecting.state, name="state"),
    path("<int:account_id>/sync/<slug:stream>/", connections.sync, name="sync"),
    path("<int:account_id>/stock/", connections.tell_stock, name="stock"),
    path("runs/<int:run_id>/stop/", connections.stop, name="stop"),
    path("letters/<int:letter_id>/replay/", connections.replay, name="replay"),
    path("letters/<int:letter_id>/drop/", connections.drop, name="drop"),
]
