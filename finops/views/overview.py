"""The page that executives read."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from finops import words
from finops.reports import ages, coverage, spend
from finops.reports.rows import Selection
from finops.run_rate import remaining
from finops.views.entrance import costs_page
from governance.models import User
from governance.policy import can
from governance.roles import Permission
from portal.lib import charts, clock, months
from portal.lib.money import to_usd


@require_safe
@costs_page
def index(request: HttpRequest, user: User) -> HttpResponse:
    """Spend against budget by line of business, the trend with its run rate, and what is nobody's."""
    selection = Selection.read(request.GET)
    first, today = selection.span()[0], clock.today()
    month = spend.month_of(user, first, today)
    moved = spend.moves(user, month)
    found = spend.lines(user, first, today)
    current, reading = month.today == today, coverage.reading()
    context = {
        "selection": selection, "month": month, "current": current, "lines": found, "moves": moved,
        "headline": words.headline(month, current, reading), "reason": words.reason(found, current, reading),
        "trend": words.trend(month, moved, reading), "age": ages.data_age(), "reading": reading,
        "sees_all": can(user, Permission.VIEW_COSTS),
        "earlier": months.previous(first), "later": None if current else months.following(first),
        "unpriced": words.listed(spend.unpriced_models(user, month)) if month.unpriced_requests else "",
        "month_key": f"{month.first:%Y-%m}", "budgets_url": reverse("costs:budget-list"),
        "strays_url": reverse("costs:unattributed"), "pace": words.PACE_LATER if reading else words.PACE,
        **_daily(month, ahead=current and not reading),
    }  # fmt: skip
    return render(request, "finops/overview/page.html", context)


def _daily(month: spend.Month, *, ahead: bool) -> dict[str, Any]:
    since = month.today - timedelta(days=spend.DAYS_SHOWN - 1)
    spent = {day: nano for day, nano in month.daily.items() if day >= since}
    left = remaining(spent, month.today) if ahead else {}
    bars = spent | {day: nano for day, nano in left.items() if day > month.today}
    figure = charts.bars_by_day(
        list(bars),
        [to_usd(nano) for nano in bars.values()],
        strong_from=month.first,
        forecast_from=month.today + timedelta(days=1) if ahead else None,
        notes=_peak(spent),
    )
    return {"figure": figure, "days": list(reversed(spent.items()))}


def _peak(spent: dict[Any, int]) -> dict[Any, str]:
    """Name the highest day if it stands out: more than twice the middle of the days that had spend."""
    amounts = sorted(nano for nano in spent.values() if nano)
    if not amounts:
        return {}
    day = max(spent, key=lambda d: spent[d])
    stands_out = Decimal(spent[day]) > 2 * Decimal(amounts[len(amounts) // 2])
    return {day: f"highest day, {day:%-d %b}"} if stands_out else {}
