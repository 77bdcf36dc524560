"""Connect an account: name it, fill in what its platform asks for, try it, let it work or rest."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from entrepot.core.roles import require
from entrepot.domains.channels import services
from entrepot.domains.channels.adapters.client import ChannelError
from entrepot.domains.channels.adapters.platforms import platforms
from entrepot.domains.channels.adapters.port import NotOffered
from entrepot.domains.channels.forms.connecting import PROBLEMS, ConnectForm, NewAccountForm
from entrepot.domains.channels.models import ChannelAccount
from entrepot.domains.channels.queries import connections as queries
from entrepot.domains.payments import queries as payments


@require_http_methods(["GET", "POST"])
@require("channels.change")
def new(request: HttpRequest) -> HttpResponse:
    """A new account; its platform's form follows."""
    is_chinese = (get_language() or "").startswith("zh")
    channels = {code: zh if is_chinese else en for code, (en, zh) in payments.channel_names().items()}
    form = NewAccountForm(request.POST or None, platforms=platforms(), channels=channels)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            account = services.open_account(
                values["name"], values["platform"], values["channel"], values["market"].upper(), request.user
            )
            return redirect("connections:edit", account.pk)
        except services.ConnectionInvalid as error:
            form.add_error(error.field, str(PROBLEMS.get(error.code, error.code)))
    status = 422 if form.errors else 200
    return render(request, "channels/connection_new_page.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@require("channels.change")
def edit(request: HttpRequest, account_id: int) -> HttpResponse:
    """Settings and secrets of an account; what is kept already is not shown."""
    account = account_or_404(account_id)
    platform = services.platform_of(account)
    if platform is None:
        raise Http404
    form = ConnectForm(request.POST or None, account=account, platform=platform)
    if request.method == "POST" and form.is_valid():
        try:
            account.pull_minutes = form.cleaned_data["pull_minutes"]
            services.connect(account, form.settings(), form.credentials(), request.user)
        except services.ConnectionInvalid as error:
            form.refuse(error.field, error.code)
        else:
            if account.state == ChannelAccount.State.DRAFT:
                services.set_state(account, ChannelAccount.State.ACTIVE, request.user)
            messages.success(request, _("Kept. Secrets are encrypted and never shown again."))
            return redirect("connections:detail", account.pk)
    context = {
        "form": form,
        "account": account,
        "platform": platform,
        "hook_address": request.build_absolute_uri(f"/hooks/{account.hook_key}/"),
    }
    return render(request, "channels/connection_form_page.html", context, status=422 if form.errors else 200)


@require_POST
@require("channels.change")
def test(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ask the platform who we are."""
    account = account_or_404(account_id)
    try:
        name = services.test_connection(account)
    except NotOffered:
        messages.info(request, _("This platform tells us of its orders by itself; there is nothing to test."))
    except ChannelError as error:
        messages.error(request, _("No connection: %(reason)s") % {"reason": error})
    else:
        messages.success(request, _("Connected with %(name)s.") % {"name": name})
    return redirect("connections:detail", account.pk)


@require_POST
@require("channels.change")
def state(request: HttpRequest, account_id: int) -> HttpResponse:
    """Let an account work, rest or end."""
    account = account_or_404(account_id)
    wanted = request.POST.get("state", "")
    if wanted not in ChannelAccount.State.values:
        raise Http404
    services.set_state(account, wanted, request.user)
    return redirect("connections:detail", account.pk)


def account_or_404(account_id: int) -> ChannelAccount:
    """The account, or the page that says there is none."""
    account = queries.get_account(account_id)
    if account is None:
        raise Http404
    return account
