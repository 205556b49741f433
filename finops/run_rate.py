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
    # By how many days before today the last such weekday was: today's own was a week ago.
    paces = {back: _pace(daily, today - timedelta(days=back), begun) for back in range(1, 8)}
    last = months.days_of(months.first_of(today))[-1]
    left = {today + timedelta(days=n): paces[7 - n % 7] for n in range(1, (last - today).days + 1)}
    return {today: max(paces[7] - daily.get(today, 0), 0)} | left


def _pace(daily: Mapping[date, int], latest: date, begun: date) -> int:
    """The mean of a day and the same weekday in the weeks before it, as far back as spending goes."""
    alike = [daily.get(day, 0) for n in range(WEEKS) if (day := latest - timedelta(weeks=n)) >= begun]
    return sum(alike) // len(alike) if alike else 0
