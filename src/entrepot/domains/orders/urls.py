"""Addresses of the orders room."""

from django.urls import path

from entrepot.domains.orders.views import detail, export, listing, review

app_name = "orders"
urlpatterns = [
    path("", listing.order_list, name="list"),
    path("bulk/", listing.bulk, name="bulk"),
    path("views/", listing.save_view, name="save_view"),
    path("views/<int:view_id>/delete/", listing.delete_view, name="delete_view"),
    path("export.csv", export.export, {"file_format": "csv"}, name="export_csv"),
    path("export.xlsx", export.export, {"file_format": "xlsx"}, name="export_xlsx"),
    path("review/", review.review, name="review"),
    path("review/verdict/", review.verdict, name="verdict"),
    path("<int:order_id>/", detail.order_page, name="page"),
]
