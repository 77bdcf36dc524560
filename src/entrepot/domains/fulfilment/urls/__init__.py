"""Addresses of the spine."""

from django.urls import path

from entrepot.domains.fulfilment.views import explanation, lookup, runs

app_name = "fulfilment"
urlpatterns = [
    path("", runs.run_list, name="list"),
    path("start/", runs.start, name="start"),
    path("decide/", runs.decide_orders, name="decide_orders"),
    path("runs/<int:run_id>/", runs.run_page, name="run"),
    path("runs/<int:run_id>/progress/", runs.run_progress, name="progress"),
    path("runs/<int:run_id>/stop/", runs.stop, name="stop"),
    path("runs/<int:run_id>/resume/", runs.resume, name="resume"),
    path("landed-cost/", lookup.landed_cost, name="lookup"),
    path("orders/<int:order_id>/explanation/", explanation.explanation, name="explanation"),
]
