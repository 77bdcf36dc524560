"""Tokens: made, shown once, revoked."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from entrepot.core import tokens
from entrepot.core.pages import page_number
from entrepot.core.roles import permissions_of, require
from entrepot.web.integration.forms import TokenForm

PER_PAGE = 50


@require_GET
@require("integration.view")
def token_list(request: HttpRequest) -> HttpResponse:
    """Every token with its use; never the token itself."""
    page = Paginator(tokens.list_tokens(), PER_PAGE).get_page(page_number(request))
    return render(request, "integration/token_list_page.html", {"page": page})


@require_http_methods(["GET", "POST"])
@require("integration.change")
def add(request: HttpRequest) -> HttpResponse:
    """Make a token; the answer shows it, this once."""
    form = TokenForm(request.POST or None, allowed=permissions_of(request.user))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        token, text = tokens.make_token(
            cast("User", request.user),
            told["name"],
            told["scopes"],
            expires_at=form.expires_at,
            per_minute=told["per_minute"],
        )
        response = render(
            request,
            "integration/secret_page.html",
            {"title": _("The token"), "name": token.name, "secret": text, "back": "integration:tokens"},
        )
        response["Cache-Control"] = "no-store"
        return response
    groups: dict[str, list[str]] = {}
    for name in sorted(permissions_of(request.user)):
        groups.setdefault(name.partition(".")[0], []).append(name)
    context = {"form": form, "groups": groups, "ticked": request.POST.getlist("scopes")}
    return render(request, "integration/token_form_page.html", context)


@require_POST
@require("integration.change")
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Make a token worthless."""
    if tokens.revoke_token(token_id, request.user):
        messages.success(request, _("The token is revoked: programs that use it are refused from now on."))
    return redirect("integration:tokens")
