"""Who may do what: five roles, each a set of permissions of the form `<room>.<verb>`.

A role is a Django group of the same name. What a role may do stands here, in code, so that a page can never ask for a
permission that nobody has: `require` refuses an unknown name when the module is loaded.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

ROOMS = (
    "catalog",
    "ledger",
    "logistics",
    "warehouse",
    "customs",
    "payments",
    "orders",
    "fulfilment",
    "channels",
    "insight",
    "world",
    "team",
)
VIEW = frozenset(f"{room}.view" for room in ROOMS) - {"team.view"}
CHANGE = frozenset(f"{room}.change" for room in ROOMS) - {"team.change"}
SPECIAL = frozenset({
    "orders.review",  # release, refuse or edit what the engine held
    "orders.export",  # take lists of customers out of the house
    "channels.import",  # bring order files in
    "fulfilment.run",  # let the engine decide pending orders
    "insight.query",  # ask one's own questions of every fact, postings included
})  # fmt: skip
TEAM = frozenset({"team.view", "team.change"})
INTEGRATION = frozenset({"integration.view", "integration.change"})  # tokens and webhooks: keys to the house
JOBS = frozenset({"jobs.view", "jobs.change"})
PERMISSIONS = VIEW | CHANGE | SPECIAL | TEAM | INTEGRATION | JOBS

ROLES: dict[str, frozenset[str]] = {
    "owner": PERMISSIONS,
    "manager": PERMISSIONS - {"team.change", "integration.change"},
    "operator": VIEW - {"ledger.view"}
    | SPECIAL - {"orders.export", "insight.query"}
    | {
        "orders.change",
        "warehouse.change",
        "logistics.change",
        "fulfilment.change",
        "channels.change",
        "catalog.change",
        "jobs.view",
    },
    "accountant": VIEW | {"ledger.change", "payments.change", "orders.export", "insight.query"},
    "viewer": VIEW,
}
ROLE_NAMES = {
    "owner": _("Owner"),
    "manager": _("Manager"),
    "operator": _("Operator"),
    "accountant": _("Accountant"),
    "viewer": _("Viewer"),
}

View = Callable[..., HttpResponseBase]


class UnknownPermission(ValueError):
    """A page, template or test asks for a permission that no role can have."""


def give_role(user: User, role: str) -> None:
    """Make this the one role of the user."""
    if role not in ROLES:
        raise ValueError(f"unknown role {role!r}; there are {', '.join(ROLES)}")
    group, _made = Group.objects.get_or_create(name=role)
    user.groups.set([group])
    user.__dict__.pop("_entrepot_permissions", None)


def permissions_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[str]:
    """What the user's roles allow together; read once per request."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    cached: frozenset[str] | None = getattr(user, "_entrepot_permissions", None)
    if cached is None:
        if user.is_superuser:
            cached = PERMISSIONS
        else:
            names = user.groups.values_list("name", flat=True)
            cached = frozenset().union(*(ROLES.get(name, frozenset()) for name in names))
        setattr(user, "_entrepot_permissions", cached)  # noqa: B010  # reaches the user behind a lazy request.user
    return cached


def require(permission: str) -> Callable[[View], View]:
    """A view for those with the permission: strangers are sent to sign in, others without it get a 403."""
    _check(permission)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if permission not in permissions_of(request.user):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]  # tests list pages without one
        return guarded

    return decorate


class RequireMixin:
    """The same for class-based views: set `permission`."""

    permission: str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _check(cls.permission)

    @classmethod
    def as_view(cls, **initkwargs: Any) -> View:
        view: View = super().as_view(**initkwargs)  # type: ignore[misc]
        return require(cls.permission)(view)


class RoleBackend:
    """Answers `user.has_perm("orders.view")` and `{% if perms.orders.view %}` from the roles, and only from them."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        return None

    def has_perm(self, user_obj: User, perm: str, obj: object = None) -> bool:
        if perm not in permissions_of(user_obj):
            raise PermissionDenied(perm)  # Django's way for "no, and ask no other backend"
        return True

    def has_module_perms(self, user_obj: User, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in permissions_of(user_obj))


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """A page is redirected; a panel that htmx asked for sends its whole page there instead."""
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
    page = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
    return HttpResponse(
        status=204, headers={"HX-Redirect": f"{resolve_url('account_login')}?next={quote(page)}"}
    )


def _check(permission: str) -> None:
    if permission not in PERMISSIONS:
        raise UnknownPermission(f"{permission!r} is no permission; see core/roles.py")
