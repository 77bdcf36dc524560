"""The shell around every page: sign-in, languages, errors, and what the browser is allowed to do."""

import json

import pytest
from django.template import Context, Template
from django.test import RequestFactory

LOGIN = "/accounts/login/"
PASSWORD = "correct horse battery"


def test_sign_in_by_name_or_address(client, ada):
    for login in ("ada", "ada@example.com"):
        reply = client.post(LOGIN, {"login": login, "password": PASSWORD})
        assert (reply.status_code, reply["Location"]) == (302, "/")
        client.logout()


def test_wrong_password_is_refused(client, ada):
    reply = client.post(LOGIN, {"login": "ada", "password": "wrong"})

    assert reply.status_code == 200
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client, db):
    reply = client.post(
        "/accounts/signup/", {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    )

    from django.contrib.auth.models import User

    assert reply.status_code == 200
    assert not User.objects.filter(username="eve").exists()


def test_many_wrong_passwords_lock_the_name(client, ada, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(LOGIN, {"login": "ada", "password": "wrong"})

    reply = client.post(LOGIN, {"login": "ada", "password": PASSWORD})

    assert reply.status_code == 429
    assert "_auth_user_id" not in client.session


def test_no_page_allows_inline_scripts_or_styles(client, db):
    policy = client.get(LOGIN)["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_page_has_no_inline_script_or_style(client, ada):
    client.force_login(ada)
    for address in ("/nope/", "/accounts/2fa/", "/accounts/password/change/"):
        page = client.get(address).content.decode()
        assert "<script>" not in page
        assert " style=" not in page
        assert "onclick=" not in page


def test_language_is_switched_and_kept(client, db):
    assert "Sign in" in client.get(LOGIN).content.decode()

    reply = client.post("/language/", {"language": "zh-hans", "next": LOGIN})
    page = client.get(LOGIN).content.decode()

    assert reply["Location"] == LOGIN
    assert 'lang="zh-hans"' in page
    assert "登录" in page


def test_unknown_address_has_a_page_of_its_own(client, ada):
    client.force_login(ada)
    reply = client.get("/nope/")

    assert reply.status_code == 404
    assert "There is no such page or record" in reply.content.decode()


def test_forbidden_page_says_whom_to_ask(cy):
    from entrepot.web import views

    request = RequestFactory().get("/orders/")
    request.user = cy
    reply = views.forbidden(request, PermissionError("orders.view"))

    assert reply.status_code == 403
    assert "Ask the owner" in reply.content.decode()


def test_broken_page_needs_neither_database_nor_session():
    from entrepot.web import views

    reply = views.server_error(RequestFactory().get("/"))

    assert reply.status_code == 500
    assert "Nothing was half saved" in reply.content.decode()


def test_sign_of_life(client, db):
    assert client.get("/health/").content == b"ok\n"


def test_demo_logins_are_shown_to_strangers_only_where_a_demo_wrote_them(client, ada, settings, tmp_path):
    settings.DEMO_LOGINS = tmp_path / "demo-logins.json"
    assert "Demo logins" not in client.get(LOGIN).content.decode()

    settings.DEMO_LOGINS.write_text(json.dumps({"ada": "secret-1"}))
    assert "secret-1" in client.get(LOGIN).content.decode()

    client.force_login(ada)
    assert "secret-1" not in client.get("/accounts/2fa/").content.decode()


def test_sidebar_shows_what_the_role_may_open(ada, cy):
    from entrepot.web.navigation import navigation_for

    def labels(user):
        request = RequestFactory().get("/stock/")
        request.user = user
        return {str(link.label) for link in navigation_for(request)}

    assert {"Stock", "Ledger", "Orders"} <= labels(ada)
    assert labels(cy) <= {"Home"}


@pytest.mark.parametrize(
    ("query", "href", "sorted_as"),
    [
        ("", "?sort=total", None),
        ("sort=total&page=3", "?sort=-total", "ascending"),
        ("sort=-total&q=a", "?sort=total&amp;q=a", "descending"),
    ],
)
def test_column_head_sorts_both_ways_and_keeps_the_filter(query, href, sorted_as):
    request = RequestFactory().get(f"/orders/?{query}")
    html = Template('{% sort_header "total" "Total" %}').render(Context({"request": request}))

    assert f'href="{href}"' in html
    assert (f'aria-sort="{sorted_as}"' in html) is (sorted_as is not None)


def test_text_in_components_is_escaped():
    html = Template("{% badge text %}{% kpi_card text text %}{% empty_state text text %}").render(
        Context({"text": "<b>x</b>"})
    )
    assert "<b>" not in html
