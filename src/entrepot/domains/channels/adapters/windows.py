"""Reading a stream of changes without losing one, whatever happens between two pages.

A window is closed in the past, so that nothing can enter it any more: an order that changes while we read leaves it
and comes again in the next. Where pages are counted (offset, page number) such a leaving moves the later rows up by
one, and one would be passed over: the total the platform names has changed then, and the window is read anew, as it is
when the platform no longer knows the name of a page. The next window begins some minutes before the end of this one,
for platforms that show a change late; what is read twice is booked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from entrepot.domains.channels.adapters.client import Refused, Unreachable
from entrepot.domains.channels.adapters.port import Cursor, Page, Parse, Window, parse_records

MAX_RESTARTS = 20


class Unsettled(Unreachable):
    """The stream changed faster than it could be read; the next pull begins where this one did."""


@dataclass(frozen=True)
class Slice:
    """One answer: its records, the name of the next page ('' for none), and how many there are in all if it says so."""

    records: list[Any]
    token: str = ""
    total: int | None = None


@dataclass(frozen=True)
class Reader:
    """How a platform's stream is read: `fetch` gets one page of a window, `parse` reads a record, `name` numbers it."""

    fetch: Callable[[Window], Slice]
    parse: Parse
    name: Callable[[Any], str]
    now: datetime
    first: datetime
    overlap: timedelta

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        """Page by page from the cursor to now; every page carries the cursor that is right once it is booked."""
        window, restarts = Window.of(cursor, first=self.first, now=self.now), 0
        while True:
            found = self._fetch(window)
            if found is None:
                restarts += 1
                if restarts > MAX_RESTARTS:
                    raise Unsettled("stream.unsettled")
                window = window.restarted()
                continue
            last = not found.token
            following = self.ended(window) if last else window.cursor(found.token, found.total)
            yield Page(*parse_records(found.records, self.parse, self.name), cursor=following)
            if last and window.until >= self.now:
                return
            window = Window.of(following, first=self.first, now=self.now)

    def _fetch(self, window: Window) -> Slice | None:
        try:
            found = self.fetch(window)
        except Refused:
            if window.token:  # names of pages grow old
                return None
            raise
        moved = found.total is not None and window.total is not None and found.total != window.total
        return None if moved else found

    def ended(self, window: Window) -> Cursor:
        """Where the next window begins: some minutes back, and never before this one began."""
        return {"since": max(window.since, window.until - self.overlap).isoformat()}
