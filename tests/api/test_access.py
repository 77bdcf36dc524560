"""Every route of the API asks for a token with its scope, counts calls, and tells errors in one form only."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from entrepot.config import api as served
from entrepot.core import tokens
from entrepot.core.models import ApiToken, ApiUse
from entrepot.core.roles import PERMISSIONS, give_role
from entrepot.domains.orders import services
from tests.callers import Caller

pytestmark = pytest.mark.django_db
ROUTES = sorted(
    (method, "/" + path.strip("/"), operation.auth_callbacks[0].scope)
    for bound in served.api._get_bound_routers()
    for path, view in bound.path_operations.items()
    for operation in view.operations
    for method in operation.methods
)


def ask(caller: Caller, method: str, path: str) -> Any:
    path = path.replace("{code}", "X").replace("{", "").replace("}", "")
    path = "/".join("1" if part.endswith("_id") else part for part in path.split("/"))
    return caller.get(path) if method == "GET" else caller.post(path)


def problem(reply: Any) -> dict[str, Any]:
    assert reply.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = reply.json()
    assert told["request_id"] == reply.headers["X-Request-ID"]
    assert told["status"] == reply.status_code
    return told


def test_the_list_of_routes_is_whole():
    described = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in served.description()["paths"].items()
        for method in methods
    }
    assert {(method, path) for method, path, _scope in ROUTES} == described
    assert len(ROUTES) >= 24
    assert {scope for *_, scope in ROUTES} <= PERMISSIONS | {""}


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES)
def test_nobody_calls_without_a_token(method: str, path: str, scope: str):
    for token in ("", "ep_00000000_guessed", "Basic"):
        reply = ask(Caller(token), method, path)
        assert problem(reply)["code"] == "not_signed_in"
        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path", "scope"), [route for route in ROUTES if route[2]])
def test_cy_and_tokens_without_the_scope_are_refused(
    method: str, path: str, scope: str, ada: Any, cy: Any, call_as: Any
):
    narrow = call_as(ada, *(PERMISSIONS - {scope}))

    for caller in (call_as(cy), narrow):
        reply = ask(caller, method, path)
        assert reply.status_code == 403
        assert scope in problem(reply)["detail"]


def test_a_token_is_kept_as_a_hash_and_never_outlives_its_rights(ada: Any, bo: Any, call_as: Any):
    token, text = tokens.make_token(bo, "shop", ["orders.view"])
    assert text not in str(ApiToken.objects.values().get(pk=token.pk))
    assert text.startswith(token.prefix)
    with pytest.raises(tokens.ScopeRefused, match=r"ledger\.view"):
        tokens.make_token(bo, "books", ["ledger.view"])
    caller = Caller(text)

    assert caller.get("/orders").status_code == 200
    bo.groups.clear()
    assert caller.get("/orders").status_code == 403
    give_role(bo, "operator")
    assert tokens.revoke_token(token.pk, ada)
    assert not tokens.revoke_token(token.pk, ada)
    assert caller.get("/orders").status_code == 401


def test_expired_tokens_and_people_who_left_are_refused(ada: Any, bo: Any, call_as: Any):
    expired = call_as(ada, "orders.view", expires_at=timezone.now() - timedelta(seconds=1))
    leaver = call_as(bo, "orders.view")
    bo.is_active = False
    bo.save()

    assert {caller.get("/orders").status_code for caller in (expired, leaver)} == {401}


def test_calls_are_counted_by_token_and_the_one_too_many_waits(ada: Any, call_as: Any, monkeypatch: Any):
    now = timezone.now().replace(second=10)
    monkeypatch.setattr(tokens.timezone, "now", lambda: now)
    caller, other = (call_as(ada, "orders.view", per_minute=2) for _ in range(2))

    replies = [caller.get("/orders") for _ in range(3)]

    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert [reply.headers["RateLimit-Remaining"] for reply in replies] == ["1", "0", "0"]
    assert problem(replies[2])["code"] == "too_many_calls"
    assert replies[2].headers["Retry-After"] == replies[2].headers["RateLimit-Reset"] == "50"
    assert other.get("/orders").status_code == 200
    now += timedelta(minutes=1)
    assert caller.get("/orders").status_code == 200
    assert ApiUse.objects.get(token__digest=tokens._digest(caller.token)).calls == 4


def test_errors_have_one_form(ada: Any, call_as: Any, monkeypatch: Any):
    caller = call_as(ada)
    broken = caller.post("/orders", raw=b"{")
    keyless = caller.post("/orders/1/cancel", key="")
    wrong = caller.post("/orders", {"channel": 5, "colour": "red"})
    monkeypatch.setattr(services, "cancel_orders", lambda *a, **k: 1 / 0)

    assert (broken.status_code, problem(broken)["code"]) == (400, "bad_request")
    assert (keyless.status_code, problem(keyless)["code"]) == (400, "idempotency_key_missing")
    assert wrong.status_code == 422
    fields = {one["field"] for one in problem(wrong)["errors"]}
    assert {"body.given.channel", "body.given.colour", "body.given.lines"} <= fields
    for path in ("/nothing", "/orders/0x1", "/orders/99999", "/skus/%00"):
        assert caller.get(path).status_code in (404, 422)
        problem(caller.get(path))
    refused = Client().delete("/api/v1/orders")
    assert (refused.status_code, problem(refused)["code"]) == (405, "method_not_allowed")
    assert problem(Client().get("/api/v2/"))["code"] == "not_found"


def test_a_fault_of_ours_is_logged_and_told_without_details(
    ada: Any, call_as: Any, monkeypatch: Any, caplog: Any
):
    monkeypatch.setattr("entrepot.domains.orders.api.find_orders", lambda search: 1 / 0)

    reply = call_as(ada).get("/orders")

    told = problem(reply)
    assert (reply.status_code, told["code"]) == (500, "server_error")
    assert "Zero" not in str(told)
    assert told["request_id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_request_id_of_the_caller_is_kept_if_it_is_harmless():
    given = Client().get("/api/v1/me", headers={"X-Request-ID": "abc-1"})
    odd = Client().get("/api/v1/me", headers={"X-Request-ID": "a b<"})

    assert given.headers["X-Request-ID"] == "abc-1"
    assert len(odd.headers["X-Request-ID"]) == 32


def test_the_description_is_for_people_of_the_house_and_tokens(
    ada: Any, cy: Any, call_as: Any, client: Client
):
    address = "/api/v1/openapi.json"
    assert client.get(address).status_code == 401
    client.force_login(cy)
    assert client.get(address).status_code == 401
    client.force_login(ada)
    assert client.get(address).json()["info"]["title"] == "Entrepôt"
    assert call_as(cy).get("/openapi.json").status_code == 200
