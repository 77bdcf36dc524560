"""Filters of a list that a user keeps under a name."""

from __future__ import annotations

from typing import Any

from entrepot.core.models import SavedView

Viewer = Any  # a request's user, signed in; Django's stubs also allow strangers there


def list_views(user: Viewer, page: str) -> list[SavedView]:
    """The user's own views of a page, by name."""
    return list(SavedView.objects.filter(user_id=user.pk, page=page).order_by("name"))


def save_view(user: Viewer, page: str, name: str, query: str) -> SavedView:
    """Keep the filters under the name; the same name again replaces what it stood for."""
    view, _made = SavedView.objects.update_or_create(
        user_id=user.pk, page=page, name=name, defaults={"query": query}
    )
    return view


def delete_view(user: Viewer, page: str, view_id: int) -> bool:
    """Forget a view; false when it is not the user's own."""
    deleted, _by_model = SavedView.objects.filter(user_id=user.pk, page=page, pk=view_id).delete()
    return bool(deleted)
