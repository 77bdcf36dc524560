"""When a report is due, which days it tells of, and when a mail that failed is tried again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from entrepot.domains.insight.rules.pivot import month_end, months_on

RETRY_MINUTES = (1, 5, 15, 60, 240)


def last_due(every: str, day: int, hour: int, zone: str, now: datetime) -> tuple[date, datetime]:
    """The last day up to now on which a report was due, in its own time zone, and the instant.

    `day`: of the week (1 Monday to 7) or of the month; a month that is too short has its last day. The day names the
    period, so that an hour that comes twice when clocks change makes no second report.
    """
    local = now.astimezone(ZoneInfo(zone))
    on = _due_day(every, day, local.date())
    due = datetime(on.year, on.month, on.day, hour, tzinfo=ZoneInfo(zone))
    if due > now:
        on = _due_day(every, day, on - timedelta(days=1))
        due = datetime(on.year, on.month, on.day, hour, tzinfo=ZoneInfo(zone))
    return on, due


def days_told(every: str, on: date) -> tuple[date, date]:
    """The days a report that is due on a day tells of: the day before, the seven before, or the month before."""
    yesterday = on - timedelta(days=1)
    if every == "day":
        return yesterday, yesterday
    if every == "week":
        return on - timedelta(days=7), yesterday
    first = months_on(on, -1)
    return first, month_end(first)


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts; None when there is no more."""
    if attempts > len(RETRY_MINUTES):
        return None
    return now + timedelta(minutes=RETRY_MINUTES[attempts - 1])


def _due_day(every: str, day: int, upto: date) -> date:
    """The last due day up to a day."""
    if every == "day":
        return upto
    if every == "week":
        return upto - timedelta(days=(upto.isoweekday() - min(day, 7)) % 7)
    own = _in_month(upto, day)
    return own if own <= upto else _in_month(months_on(upto, -1), day)


def _in_month(month: date, day: int) -> date:
    end = month_end(month.replace(day=1))
    return end.replace(day=min(day, end.day))
