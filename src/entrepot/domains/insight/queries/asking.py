"""What the page of own queries shows: the schema, saved queries, the last runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from entrepot.domains.insight.adapters import duck
from entrepot.domains.insight.models import QueryRun, SavedQuery

schema = duck.schema


def saved_queries(user: Any) -> Sequence[SavedQuery]:
    """One's own and shared queries, by name."""
    rows = SavedQuery.objects.filter(Q(owner_id=user.pk) | Q(is_shared=True))
    return list(rows.select_related("owner").order_by("name", "pk"))


def saved_query(user: Any, query_id: int) -> SavedQuery | None:
    """A query one may see."""
    return SavedQuery.objects.filter(Q(owner_id=user.pk) | Q(is_shared=True), pk=query_id).first()


def query_runs(user: Any, limit: int = 12) -> Sequence[QueryRun]:
    """The last queries one ran."""
    return list(QueryRun.objects.filter(user_id=user.pk).order_by("-pk")[:limit])
