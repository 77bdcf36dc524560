"""Pages of a list by cursor: rows that come or go meanwhile neither repeat nor hide another row."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from pydantic import Field

from entrepot.core.api.problems import Problem
from entrepot.core.api.words import Given, Shown

T = TypeVar("T")
MOST = 200


class PageQuery(Given):
    """How much of a list is wanted, and from where on."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    cursor: Annotated[str, Field(max_length=500, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    direction: Literal["asc", "desc"] = "desc"


class Page(Shown, Generic[T]):
    """Some rows, and the cursor of the next ones; null after the last."""

    items: list[T]
    next_cursor: str | None


def page_of(
    rows: QuerySet[Any], wanted: Any, shape: Callable[[Any], Any], *, keys: Sequence[str] = ("pk",)
) -> dict[str, Any]:
    """One page of rows in the order of `keys`, which together are unique: one query, however long the list is.

    Errors: Problem 422 for a cursor that is not of this list.
    """
    sign, beyond = ("-", "lt") if wanted.direction == "desc" else ("", "gt")
    if wanted.cursor:
        rows = rows.filter(_after(keys, _read(wanted.cursor, rows, keys), beyond))
    found = list(rows.order_by(*(f"{sign}{key}" for key in keys))[: wanted.limit + 1])
    shown, more = found[: wanted.limit], len(found) > wanted.limit
    cursor = _write(rows, [_value(shown[-1], key) for key in keys]) if more else None
    return {"items": [shape(row) for row in shown], "next_cursor": cursor}


def _after(keys: Sequence[str], values: Sequence[Any], beyond: str) -> Q:
    """Rows that come after the given keys: (a > x) or (a = x and b > y)."""
    found, same = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        found |= same & Q(**{f"{key}__{beyond}": value})
        same &= Q(**{key: value})
    return found


def _write(rows: QuerySet[Any], values: list[Any]) -> str:
    text = json.dumps([rows.model._meta.label_lower, *values], default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, rows: QuerySet[Any], keys: Sequence[str]) -> list[Any]:
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        label, *values = told
        if label != rows.model._meta.label_lower:
            raise ValueError(label)
        columns = [_column(rows.model, key) for key in keys]
        return [column.to_python(_small(value)) for column, value in zip(columns, values, strict=True)]
    except (ValueError, TypeError, KeyError, ValidationError, OverflowError):
        told = {"field": "query.cursor", "reason": "not a cursor of this list"}
        raise Problem(422, "The cursor is not one of this list.", errors=[told]) from None


def _small(value: Any) -> Any:
    """A value of a cursor that we may have written ourselves."""
    if isinstance(value, bool) or not isinstance(value, int | str) or "\0" in str(value):
        raise ValueError(value)
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError(value)
    return value


def _column(model: Any, key: str) -> Any:
    *path, name = key.split("__")
    for part in path:
        model = model._meta.get_field(part).related_model
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _value(row: Any, key: str) -> Any:
    for part in key.split("__"):
        row = getattr(row, part)
    return row
