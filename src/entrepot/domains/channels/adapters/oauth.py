"""Access by a refresh token (OAuth 2): a short-lived token is fetched when one is needed, and anew when it ran out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from entrepot.domains.channels.adapters.client import Call, Client, NotAllowed, PlainManners


class TokenManners(PlainManners):
    """Adds the token to each call. `ask`: the request for a token; `carry`: the headers a token goes in."""

    renew_on = frozenset({401, 403})

    def __init__(self, ask: Call, carry: Callable[[str], Mapping[str, str]]) -> None:
        super().__init__()
        self.ask, self.carry, self.token = ask, carry, ""
        self.client: Client | None = None

    def headers(self, fresh: bool) -> Mapping[str, str]:
        """With a token that is good as far as we know."""
        if fresh or not self.token:
            assert self.client is not None
            data = self.client.call(self.ask).data
            if not isinstance(data, dict) or not data.get("access_token"):
                raise NotAllowed("oauth.no_token", "", 401)
            self.token = str(data["access_token"])
        return self.carry(self.token)

    def words(self, status: int, data: object) -> tuple[str, str]:
        """`errors` of the platform, or `error` of its sign-in."""
        if not isinstance(data, dict):
            return "", ""
        errors = data.get("errors")
        if isinstance(errors, list) and errors and isinstance(errors[0], dict):
            first = errors[0]
            text = first.get("longMessage") or first.get("message") or first.get("details") or ""
            return str(first.get("code") or first.get("errorId") or ""), str(text)[:300]
        return str(data.get("error") or ""), str(data.get("error_description") or "")[:300]
