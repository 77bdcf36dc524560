"""The page about the API: every operation, to be read and tried with a token."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from entrepot.core.roles import require


@require_GET
@require("integration.view")
def api_page(request: HttpRequest) -> HttpResponse:
    """Served from this house, without anything from elsewhere."""
    settings = {
        "url": reverse("openapi"),
        "layout": "BaseLayout",
        "deepLinking": True,
        "docExpansion": "none",
    }
    return render(request, "integration/api_page.html", {"settings": json.dumps(settings)})
