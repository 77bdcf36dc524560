"""Addresses of the warehouse room."""

from django.urls import path

from entrepot.domains.warehouse import views

app_name = "warehouse"
urlpatterns = [
    path("", views.stock_list, name="list"),
    path("check/", views.check, name="check"),
    path("<int:sku_id>/", views.sku_page, name="sku"),
    path("<int:sku_id>/chart.json", views.sku_chart, name="sku_chart"),
]
