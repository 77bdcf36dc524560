"""Whole lists over the REST API, as CSV or Excel."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from ninja import Query
from pydantic import Field

from entrepot.core import audit
from entrepot.core.api import Given, Problem, Routes, Shown, Word, caller_of
from entrepot.core.exports import XLSX, as_file
from entrepot.web.lists.registry import find_list, lists_for

routes = Routes("lists")
FILES = {
    "responses": {
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            }
        }
    }
}


class FormQuery(Given):
    """CSV or Excel."""

    form: Annotated[Literal["csv", "xlsx"], Field(description="csv or xlsx")] = "csv"


class ListShown(Shown):
    """A list that the token may take away."""

    name: str
    title: str
    scope: str


@routes.read("/lists", scope="catalog.view", response=list[ListShown], name="list_lists")
def list_lists(request: HttpRequest) -> list[dict[str, Any]]:
    """Every list that the token may take away."""
    found = lists_for(caller_of(request).scopes)
    return [{"name": one.name, "title": str(one.title), "scope": one.permission} for one in found]


@routes.read("/lists/{name}", scope="catalog.view", response=None, name="get_list", extra=FILES)
def get_list(request: HttpRequest, name: Word, wanted: Query[FormQuery]) -> HttpResponseBase:
    """A whole list as a file, streamed."""
    found = find_list(name)
    if found is None:
        raise Problem(404, "There is no such list.")
    caller = caller_of(request)
    if found.permission not in caller.scopes:
        raise Problem(403, f"The token lacks the scope {found.permission}.")
    audit.record(caller.user, "lists.export", name, format=wanted.form, token=caller.token.prefix)
    return as_file(found.table(QueryDict()), name, wanted.form, sheet=str(found.title))
