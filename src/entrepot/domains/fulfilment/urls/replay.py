"""Addresses of scenarios and replays."""

from django.urls import path

from entrepot.domains.fulfilment.views import backtest, pivot, replay, scenario

app_name = "replay"
urlpatterns = [
    path("", scenario.scenario_list, name="list"),
    path("scenarios/new/", scenario.create, name="create"),
    path("scenarios/<int:scenario_id>/", scenario.scenario_page, name="scenario"),
    path("scenarios/<int:scenario_id>/change/", scenario.change, name="change"),
    path("scenarios/<int:scenario_id>/delete/", scenario.delete, name="delete_scenario"),
    path("scenarios/<int:scenario_id>/edits/", scenario.add_edit, name="add_edit"),
    path("scenarios/<int:scenario_id>/edits/<int:place>/remove/", scenario.remove_edit, name="remove_edit"),
    path("scenarios/<int:scenario_id>/start/", scenario.start, name="start"),
    path("backtests/", backtest.backtest_list, name="backtests"),
    path("backtests/start/", backtest.start_backtest, name="start_backtest"),
    path("backtests/<int:run_id>/", backtest.backtest_page, name="backtest"),
    path("runs/<int:run_id>/", replay.run_page, name="run"),
    path("runs/<int:run_id>/progress/", replay.progress, name="progress"),
    path("runs/<int:run_id>/stop/", replay.stop, name="stop"),
    path("runs/<int:run_id>/resume/", replay.resume, name="resume"),
    path("runs/<int:run_id>/delete/", replay.delete, name="delete"),
    path("runs/<int:run_id>/pivot/", pivot.pivot, name="pivot"),
    path("runs/<int:run_id>/lines/", replay.lines, name="lines"),
    path("runs/<int:run_id>/orders/<int:order_id>/", replay.order, name="order"),
    path("runs/<int:run_id>/replay.csv", replay.export, {"file_format": "csv"}, name="csv"),
    path("runs/<int:run_id>/replay.xlsx", replay.export, {"file_format": "xlsx"}, name="xlsx"),
    path("runs/<int:run_id>/advice/", replay.advise, name="advise"),
    path("runs/<int:run_id>/advice/progress/", replay.advice_progress, name="advice_progress"),
    path("runs/<int:run_id>/advice/<int:proposal_id>/", replay.decide_proposal, name="proposal"),
]
