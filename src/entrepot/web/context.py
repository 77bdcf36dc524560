"""What every page needs besides its own figures: the navigation the user may see, and the search box's text."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from entrepot import __version__
from entrepot.web.navigation import navigation_for


def shell(request: HttpRequest) -> dict[str, Any]:
    """Variables of the base template."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "navigation": navigation_for(request) if signed_in else [],
        "theme": "dark" if request.COOKIES.get("theme") == "dark" else "light",
        "version": __version__,
        "demo_logins": {} if signed_in else _demo_logins(),
    }


def _demo_logins() -> dict[str, str]:
    """What `entrepot demo` wrote: password by username; empty everywhere else."""
    path = settings.DEMO_LOGINS
    if path is None or not path.exists():
        return {}
    logins: dict[str, str] = json.loads(path.read_text("utf-8"))
    return logins
