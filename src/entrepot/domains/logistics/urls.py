"""Addresses of the ways: comparison of services, rate cards."""

from django.urls import path

from entrepot.domains.logistics.views import cards, compare, legs

app_name = "logistics"
urlpatterns = [
    path("compare/", compare.compare, name="compare"),
    path("first-legs/", legs.first_legs, name="first_legs"),
    path("cards/", cards.card_list, name="cards"),
    path("cards/import/", cards.upload, name="upload"),
    path("cards/files/<int:file_id>/", cards.report, name="report"),
    path("cards/files/<int:file_id>/findings.csv", cards.findings, name="findings"),
    path("cards/show/", cards.card, name="card"),
    path("cards/difference/", cards.difference, name="difference"),
]
