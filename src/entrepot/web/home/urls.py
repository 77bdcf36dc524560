"""Addresses of the home page."""

from django.urls import path

from entrepot.web.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("home/profit.json", views.profit_by_day, name="home_profit"),
    path("home/costs.json", views.costs, name="home_costs"),
    path("home/<slug:dimension>.json", views.profit_by_group, name="home_group"),
]
