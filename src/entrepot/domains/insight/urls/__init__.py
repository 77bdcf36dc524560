"""Addresses of insight."""

from django.urls import path

from entrepot.domains.insight.views import marts, profit

app_name = "insight"
urlpatterns = [
    path("profit/", profit.explorer, name="profit"),
    path("profit/lines/", profit.lines, name="lines"),
    path("profit/export.<slug:file_format>", profit.export, name="export"),
    path("profit/views/", profit.save_view, name="save_view"),
    path("profit/views/<int:view_id>/delete/", profit.delete_view, name="delete_view"),
    path("marts/", marts.mart_page, name="marts"),
    path("marts/panel/", marts.panel, name="marts_panel"),
    path("marts/start/", marts.start, name="marts_start"),
    path("marts/<int:run_id>/stop/", marts.stop, name="marts_stop"),
]
