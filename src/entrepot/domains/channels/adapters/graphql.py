"""Questions in GraphQL: one path, errors inside good answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.domains.channels.adapters.client import Call, Refused


def build_query(
    path: str, query: str, variables: Mapping[str, Any], *, again: bool = True, bucket: str = "graphql"
) -> Call:
    """One question; `again=False` for a change that must not be made twice."""
    body = {"query": query, "variables": dict(variables)}
    return Call("POST", path, json=body, again=again, bucket=bucket)


def codes_of(data: Any) -> set[str]:
    """The codes of the errors in an answer."""
    errors = data.get("errors") if isinstance(data, dict) else None
    found = errors if isinstance(errors, list) else []
    return {
        str((error.get("extensions") or {}).get("code", "")) for error in found if isinstance(error, dict)
    }


def refusal_of(data: Any) -> Refused | None:
    """The first error of an answer without data, as a refusal; None for a good answer."""
    if not isinstance(data, dict):
        return Refused("graphql.no_json")
    errors = data.get("errors")
    if not errors:
        return None
    if isinstance(errors, str):
        return Refused("graphql.error", errors[:300])
    first = errors[0] if isinstance(errors, list) else errors
    code = (first.get("extensions") or {}).get("code") or "graphql.error"
    return Refused(str(code), str(first.get("message", ""))[:300])


def user_errors(result: Any, *, key: str = "userErrors") -> str:
    """What a change was refused for, as one line; '' when it was made."""
    found = (result or {}).get(key) or []
    return "; ".join(
        f"{'.'.join(map(str, e.get('field') or []))} {e.get('message', '')}".strip() for e in found
    )
