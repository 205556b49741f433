"""Calendar months, as the date of their first day (UTC), and time in months."""

from calendar import monthrange
from datetime import date, datetime, timedelta


def first_of(day: date) -> date:
    """The month that a day lies in."""
    return day.replace(day=1)


def following(month: date) -> date:
    """The month after."""
    return first_of(month + timedelta(days=monthrange(month.year, month.month)[1]))


def previous(month: date) -> date:
    """The month before."""
    return first_of(month - timedelta(days=1))


def days_of(month: date) -> list[date]:
    """Each day of the month."""
    return [month + timedelta(days=n) for n in range(monthrange(month.year, month.month)[1])]


def after(moment: datetime, months: int) -> datetime:
    """The same day and time of day so many months later; the last day of a month that has no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
