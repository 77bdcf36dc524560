"""Addresses of insight."""

from django.urls import path

from entrepot.domains.insight.views import asking, kpis, marts, profit, reports

app_name = "insight"
urlpatterns = [
    path("", kpis.tree, name="index"),
    path("kpis/", kpis.tree, name="kpis"),
    path("kpis/<slug:code>/", kpis.kpi_page, name="kpi"),
    path("kpis/<slug:code>/goal/", kpis.set_goal, name="set_goal"),
    path("kpis/<slug:code>/goals/<int:goal_id>/delete/", kpis.delete_goal, name="delete_goal"),
    path("kpis/<slug:code>/reading/", kpis.enter_reading, name="enter_reading"),
    path("profit/", profit.explorer, name="profit"),
    path("profit/lines/", profit.lines, name="lines"),
    path("profit/export.<slug:file_format>", profit.export, name="export"),
    path("profit/views/", profit.save_view, name="save_view"),
    path("profit/views/<int:view_id>/delete/", profit.delete_view, name="delete_view"),
    path("sql/", asking.page, name="sql"),
    path("sql/run/", asking.run, name="sql_run"),
    path("sql/stop/", asking.stop, name="sql_stop"),
    path("sql/save/", asking.save, name="sql_save"),
    path("sql/<int:query_id>/delete/", asking.delete, name="sql_delete"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/new/", reports.create, name="report_create"),
    path("reports/<int:report_id>/", reports.change, name="report"),
    path("reports/<int:report_id>/pause/", reports.pause, name="report_pause"),
    path("reports/<int:report_id>/delete/", reports.delete, name="report_delete"),
    path("reports/<int:report_id>/now/", reports.send_now, name="report_now"),
    path("reports/mails/<int:send_id>/again/", reports.send_again, name="report_again"),
    path("marts/", marts.mart_page, name="marts"),
    path("marts/panel/", marts.panel, name="marts_panel"),
    path("marts/start/", marts.start, name="marts_start"),
    path("marts/<int:run_id>/stop/", marts.stop, name="marts_stop"),
]
