"""Who may open what."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory

from entrepot.core import roles


@roles.require("orders.view")
def page(request):
    return HttpResponse("orders")


def request_of(user, **headers):
    request = RequestFactory().get("/orders/?q=1", headers=headers)
    request.user = user
    return request


def test_owner_and_operator_see_orders(ada, bo):
    assert page(request_of(ada)).content == b"orders"
    assert page(request_of(bo)).content == b"orders"


def test_stranger_is_refused(cy):
    with pytest.raises(PermissionDenied):
        page(request_of(cy))


def test_signed_out_goes_to_sign_in_and_comes_back(client, db):
    from django.contrib.auth.models import AnonymousUser

    reply = page(request_of(AnonymousUser()))

    assert reply.status_code == 302
    assert reply["Location"] == "/accounts/login/?next=/orders/%3Fq%3D1"


def test_signed_out_panel_sends_its_whole_page_to_sign_in(db):
    from django.contrib.auth.models import AnonymousUser

    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/orders/7/"}
    reply = page(request_of(AnonymousUser(), **headers))

    assert reply.status_code == 204
    assert reply["HX-Redirect"] == "/accounts/login/?next=/orders/7/"


def test_unknown_permission_fails_when_the_module_is_loaded():
    with pytest.raises(roles.UnknownPermission):
        roles.require("orders.veiw")


def test_operator_keeps_out_of_the_ledger_and_of_the_team(bo):
    assert bo.has_perm("orders.review")
    assert not bo.has_perm("ledger.view")
    assert not bo.has_perm("team.change")
    assert not bo.has_perm("orders.export")


def test_a_role_replaces_the_one_before(bo):
    assert bo.has_perm("orders.change")

    roles.give_role(bo, "viewer")

    assert not bo.has_perm("orders.change")
    assert bo.has_perm("ledger.view")


def test_permissions_cost_one_query(bo, django_assert_num_queries):
    fresh = type(bo).objects.get(pk=bo.pk)
    with django_assert_num_queries(1):
        assert fresh.has_perm("orders.view")
        assert fresh.has_module_perms("warehouse")
        assert not fresh.has_perm("ledger.change")


def test_inactive_owner_may_do_nothing(ada):
    ada.is_active = False
    assert roles.permissions_of(ada) == frozenset()


def test_unknown_role_is_named(cy):
    with pytest.raises(ValueError, match="king"):
        roles.give_role(cy, "king")
