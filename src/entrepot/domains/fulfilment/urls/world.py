"""Addresses of the world's tables."""

from django.urls import path

from entrepot.domains.fulfilment.views import world

app_name = "world"
urlpatterns = [
    path("", world.table_list, name="list"),
    path("<slug:name>/", world.table_page, name="table"),
    path("<slug:name>/export.csv", world.export, name="export"),
    path("<slug:name>/add/", world.add_row, name="add"),
    path("<slug:name>/<str:pk>/", world.row_page, name="row"),
    path("<slug:name>/<str:pk>/change/", world.change_row, name="change"),
    path("<slug:name>/<str:pk>/correct/", world.correct_row, name="correct"),
]
