"""What every page needs besides its own figures: the navigation the user may see, and the search box's text."""

from typing import Any

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
    }
