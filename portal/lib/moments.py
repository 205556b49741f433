"""Moments as people say them, against the one clock and in the reader's time zone."""

from datetime import datetime, timedelta

from django.utils import timezone

from portal.lib import clock

NEVER = "never"


def ago(moment: datetime | None) -> str:
    """How long ago, in words: "a moment ago", "6 min ago", "yesterday 19:02", "Tue 14:00", "17 Nov"; None → "never"."""
    if moment is None:
        return NEVER
    past = clock.now() - moment
    if past < timedelta(0):
        return due(moment)
    if past < timedelta(minutes=1):
        return "a moment ago"
    if past < timedelta(hours=1):
        return f"{past // timedelta(minutes=1)} min ago"
    days = _days_from_today(moment)
    if days == 0:
        return f"{past // timedelta(hours=1)} h ago"
    if days == -1:
        return f"yesterday {_time(moment)}"
    return f"{_local(moment):%a} {_time(moment)}" if days > -7 else day(moment)


def span(length: timedelta) -> str:
    """A length of time in its largest unit: "40 s", "6 min", "22 h", "3 days"."""
    length = abs(length)
    if length < timedelta(minutes=1):
        return f"{length.seconds} s"
    if length < timedelta(hours=1):
        return f"{length // timedelta(minutes=1)} min"
    if length < timedelta(hours=48):
        return f"{length // timedelta(hours=1)} h"
    return f"{length.days} days"


def since(moment: datetime | None) -> str:
    """How long it lasts by now: "22 h"; None → "never"."""
    return NEVER if moment is None else span(clock.now() - moment)


def due(moment: datetime | None) -> str:
    """When it is due: "today 17:00", "tomorrow 17:00", "Mon 17:00", "9 Dec", "overdue by 2 days"; None → "no date"."""
    if moment is None:
        return "no date"
    if moment < clock.now():
        return f"overdue by {span(clock.now() - moment)}"
    days = _days_from_today(moment)
    if days < 2:
        return f"{'tomorrow' if days else 'today'} {_time(moment)}"
    return f"{_local(moment):%a} {_time(moment)}" if days < 7 else day(moment)


def day(moment: datetime) -> str:
    """The date: "17 Nov", with the year when it is another one than now."""
    local = _local(moment)
    same_year = local.year == _local(clock.now()).year
    return f"{local.day} {local:%b}" if same_year else f"{local.day} {local:%b %Y}"


def exact(moment: datetime) -> str:
    """The moment to the second with its zone: "17 Nov 2026, 14:03:22 UTC"."""
    local = _local(moment)
    return f"{local.day} {local:%b %Y, %H:%M:%S %Z}"


def _days_from_today(moment: datetime) -> int:
    return (_local(moment).date() - _local(clock.now()).date()).days


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)


def _time(moment: datetime) -> str:
    return f"{_local(moment):%H:%M}"
