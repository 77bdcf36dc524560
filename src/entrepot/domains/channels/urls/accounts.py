"""Addresses of the accounts and how they stand."""

from django.urls import path

from entrepot.domains.channels.views import accounts

app_name = "accounts"
urlpatterns = [
    path("", accounts.account_list, name="list"),
    path("<int:account_id>/", accounts.account_page, name="detail"),
    path("<int:account_id>/measure/", accounts.measure, name="measure"),
    path("<int:account_id>/papers/", accounts.add_paper, name="add_paper"),
    path("<int:account_id>/papers/<int:document_id>/", accounts.paper, name="paper"),
    path("<int:account_id>/traits/", accounts.add_trait, name="add_trait"),
    path("<int:account_id>/traits/<int:trait_id>/forget/", accounts.forget_trait, name="forget_trait"),
    path("<int:account_id>/cases/", accounts.open_case, name="open_case"),
    path("<int:account_id>/cases/<int:case_id>/", accounts.answer_case, name="answer_case"),
    path("<int:account_id>/skus/", accounts.map_sku, name="map_sku"),
    path("<int:account_id>/skus/forget/", accounts.forget_sku, name="forget_sku"),
]
