"""What is left of a month at the pace of the last four weeks. A run rate, not a forecast. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta

from portal.lib import months

WEEKS = 4


def remaining(daily: Mapping[date, int], today: date) -> dict[date, int]:
    """Expected nano-USD for the rest of today and each later day of its month.

    A day is expected to cost the mean of the same weekday in the four weeks before today (days without spend count
    as 0 once spending has begun). Nothing is expected while nothing was ever spent.
    """
    begun = min((day for day, nano in daily.items() if nano), default=None)
    if begun is None:
        return {}
    expected = {day: _pace(daily, today, day.weekday(), begun) for day in months.days_of(months.first_of(today))}
    left = {day: nano for day, nano in expected.items() if day > today}
    return {today: max(expected[today] - daily.get(today, 0), 0)} | left


def _pace(daily: Mapping[date, int], today: date, weekday: int, begun: date) -> int:
    past = (today - timedelta(days=n) for n in range(1, 7 * WEEKS + 1))
    alike = [daily.get(day, 0) for day in past if day.weekday() == weekday and day >= begun]
    return sum(alike) // len(alike) if alike else 0
