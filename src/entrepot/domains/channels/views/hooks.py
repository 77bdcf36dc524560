"""Signed messages from channels. The answer comes at once; the work is a job's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from entrepot.domains.channels import jobs, services
from entrepot.domains.channels.adapters.signed import SignatureWrong

MAX_BYTES = 2 * 2**20


@csrf_exempt
@require_POST
def receive(request: HttpRequest, hook_key: str) -> HttpResponse:
    """Keep a message whose signature is right: 202; the same again: 202 too. Wrong: 401; no such address: 404."""
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > MAX_BYTES:
        return _problem(413, "too large")
    content = request.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        return _problem(413, "too large")
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        hook = services.receive_hook(hook_key, headers, content)
    except services.HookUnknown:
        return _problem(404, "no such address")
    except SignatureWrong:
        return _problem(401, "the signature is missing or wrong")
    except ValueError:
        return _problem(400, "no JSON object")
    if hook is None:
        return JsonResponse({"accepted": False, "test": True})
    if hook.state == hook.State.WAITING:
        jobs.start_hooks()
    return JsonResponse({"accepted": True, "id": hook.external_id}, status=202)


def _problem(status: int, title: str) -> HttpResponse:
    return JsonResponse(
        {"title": title, "status": status}, status=status, content_type="application/problem+json"
    )
