"""The queue of the unattributed: money that nobody owns yet, by the mark it carries."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Min, QuerySet, Sum

from finops.models import SpendDay
from governance.models import User
from portal.lib import clock

WINDOW = timedelta(days=92)


@dataclass(frozen=True)
class Stray:
    """Usage of one principal (or, where the log names none, of one account) that belongs to nobody."""

    kind: str
    value: str
    account: str
    requests: int
    cost_nano: int
    first: date
    last: date


def queue(user: User) -> list[Stray]:
    """What waits for an owner in the last 92 days, the dearest first."""
    rows = _recent(user).filter(use_case=None).values("principal", "account")
    sums = rows.annotate(
        sum_cost=Sum("cost_nano"), sum_requests=Sum("requests"), first=Min("day"), last=Max("day")
    ).order_by("-sum_cost")
    return [
        Stray(
            kind="principal" if row["principal"] else "account",
            value=row["principal"] or row["account"],
            account=row["account"],
            requests=row["sum_requests"],
            cost_nano=row["sum_cost"],
            first=row["first"],
            last=row["last"],
        )
        for row in sums
    ]


def conflicts(user: User) -> QuerySet[SpendDay]:
    """Rows whose caller named another use case than the profile proves, newest first."""
    return _recent(user).filter(conflict=True).select_related("use_case").order_by("-day", "-cost_nano")


def _recent(user: User) -> QuerySet[SpendDay]:
    return SpendDay.objects.visible_to(user).filter(day__gt=clock.today() - WINDOW)
