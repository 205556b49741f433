"""Spend as people read it: by day, by line of business, by what moved. Amounts are nano-USD, estimated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from finops.models import Budget, OwnerDay, SpendDay
from finops.run_rate import remaining
from governance.models import Tenant, UseCase, User
from portal.lib import months
from portal.lib.numbers import percent, usd

DAYS_SHOWN = 92
ALMOST = Decimal("0.999")
Spend = QuerySet[OwnerDay]


@dataclass(frozen=True)
class Month:
    """A month's figures, as far as one person may see them."""

    first: date
    today: date
    so_far: int
    run_rate: int
    budget: int | None
    unattributed: int
    unpriced_requests: int
    compared: int  # the same days of the month before
    daily: Mapping[date, int]  # each day from DAYS_SHOWN days before `first` to `today`

    @property
    def attributed_share(self) -> Decimal | None:
        """Share of the money that is known to be somebody's; never rounded up to the whole while some of it waits."""
        if not self.so_far:
            return None
        share = 1 - Decimal(self.unattributed) / self.so_far
        return min(share, ALMOST) if self.unattributed else share

    @property
    def over_budget(self) -> Decimal | None:
        """By how much the run rate ends above (below: negative) the budget, as a share of it."""
        return Decimal(self.run_rate) / self.budget - 1 if self.budget else None

    @property
    def change(self) -> Decimal | None:
        """Against the same days of the month before, as a share."""
        return Decimal(self.so_far) / self.compared - 1 if self.compared else None


@dataclass(frozen=True)
class Line:
    """One line of business in a month, or one team for those who see no more of it."""

    tenant: Tenant
    daily: list[int]
    spent: int
    run_rate: int
    budget: int | None
    ended: bool

    @property
    def words(self) -> str:
        """Whether the pace keeps within the budget; of a month that ended, whether the spend did."""
        if not self.budget:
            return ""
        if self.spent > self.budget:
            return "over budget"
        if self.ended:
            return "within budget"
        return "on course" if self.run_rate <= self.budget else "run rate ends over budget"


@dataclass(frozen=True)
class Move:
    """How much more or less a use case spent than in the same days of the month before.

    known: whether it spent anything at all before this month; earlier: that month's name.
    """

    name: str
    uid: str
    before: int
    after: int
    known: bool
    earlier: str

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def words(self) -> str:
        """Against before: "up 41 % from $36.11", or that there is nothing to compare with."""
        if not self.before:
            return f"nothing in the same days of {self.earlier}" if self.known else "new this month"
        way = "up" if self.difference > 0 else "down"
        return f"{way} {percent(Decimal(abs(self.difference)) / self.before)} from {usd(self.before)}"

    @property
    def signed(self) -> str:
        """The difference with its sign."""
        return f"{'+' if self.difference > 0 else ''}{usd(self.difference)}"


def by_day(spend: Spend, since: date, until: date) -> dict[date, int]:
    """Spend of each day from `since` to `until`, both included; 0 where there was none."""
    sums = dict(spend.filter(day__gte=since, day__lte=until).values_list("day").annotate(Sum("cost_nano")).order_by())
    return {since + timedelta(days=n): sums.get(since + timedelta(days=n), 0) for n in range((until - since).days + 1)}


def month_of(user: User, first: date, today: date) -> Month:
    """The figures of the month that begins on `first`, seen on `today`."""
    spend = OwnerDay.objects.visible_to(user)
    end = min(today, months.days_of(first)[-1])
    days = by_day(spend, first - timedelta(days=DAYS_SHOWN), end)
    this = _between(spend, first, end)
    so_far = sum(nano for day, nano in days.items() if day >= first)
    facts = this.aggregate(
        unattributed=Sum("cost_nano", filter=Q(use_case=None), default=0),
        unpriced=Sum("requests", filter=Q(priced=False), default=0),
    )
    before = months.previous(first)
    same_days = _between(spend, before, min(before + (end - first), first - timedelta(days=1)))
    return Month(
        first=first,
        today=end,
        so_far=so_far,
        run_rate=so_far + (sum(remaining(days, today).values()) if end == today else 0),
        budget=_budget(user, first),
        unattributed=facts["unattributed"],
        unpriced_requests=facts["unpriced"],
        compared=same_days.aggregate(sum=Sum("cost_nano", default=0))["sum"],
        daily=days,
    )


def lines(user: User, first: date, today: date) -> list[Line]:
    """The lines of business that this person sees, the largest spender first; alone for a team, the team."""
    spend = OwnerDay.objects.visible_to(user).exclude(line_of_business=None)
    seen = set(Tenant.objects.visible_to(user).values_list("pk", flat=True))
    since = first - timedelta(days=DAYS_SHOWN)
    end = min(today, months.days_of(first)[-1])
    daily: dict[int, dict[date, int]] = {}
    sums = spend.filter(day__gte=since, day__lte=end).values_list("line_of_business", "tenant", "day")
    for line, team, day, nano in sums.annotate(Sum("cost_nano")).order_by():
        days = daily.setdefault(line if line in seen else team, {})
        days[day] = days.get(day, 0) + nano
    budgets = _budgets_of_lines(user, first)
    tenants = Tenant.objects.in_bulk({*daily, *budgets})
    found = [_line(tenants[pk], daily.get(pk, {}), budgets.get(pk), first, end, today) for pk in tenants]
    return sorted(found, key=lambda line: -line.spent)


def moves(user: User, month: Month, limit: int = 5) -> list[Move]:
    """The use cases whose spend changed most against the same days of the month before."""
    spend = OwnerDay.objects.visible_to(user).exclude(use_case=None)
    before = months.previous(month.first)
    last = min(before + (month.today - month.first), month.first - timedelta(days=1))
    rows = (
        spend.filter(day__gte=before, day__lte=month.today)
        .values_list("use_case")
        .annotate(
            earlier=Sum("cost_nano", filter=Q(day__lte=last), default=0),
            later=Sum("cost_nano", filter=Q(day__gte=month.first), default=0),
        )
        .order_by()
    )
    moved = sorted((row for row in rows if row[1] != row[2]), key=lambda row: -abs(row[2] - row[1]))[:limit]
    cases = UseCase.objects.in_bulk([case for case, _, _ in moved])  # named after the choice: a few of many
    known = _spent_before(spend, month.first, [case for case, earlier, _ in moved if not earlier])
    return [
        Move(cases[case].name, str(cases[case].uid), earlier, later, bool(earlier) or case in known, f"{before:%B}")
        for case, earlier, later in moved
    ]


def _spent_before(spend: Spend, first: date, cases: list[int]) -> set[int | None]:
    """Which of these use cases (by id) spent anything before a day."""
    if not cases:
        return set()
    found = spend.filter(use_case__in=cases, day__lt=first, cost_nano__gt=0)
    return set(found.order_by().values_list("use_case", flat=True).distinct())


def unpriced_models(user: User, month: Month) -> list[str]:
    """The models that were called in the month without a known price, the most called first."""
    rows = SpendDay.objects.visible_to(user).filter(priced=False, day__gte=month.first, day__lte=month.today)
    sums = rows.values_list("model_id").annotate(n=Sum("requests")).order_by("-n", "model_id")
    return [model for model, _ in sums]


def _between(spend: Spend, first: date, last: date) -> Spend:
    return spend.filter(day__gte=first, day__lte=last)


def _line(tenant: Tenant, daily: Mapping[date, int], budget: int | None, first: date, end: date, today: date) -> Line:
    start = end - timedelta(days=89)
    spent = sum(nano for day, nano in daily.items() if day >= first)
    left = sum(remaining(daily, today).values()) if end == today else 0
    shown = [daily.get(start + timedelta(days=n), 0) for n in range(90)]
    return Line(tenant, shown, spent, spent + left, budget, ended=end != today)


def _budgets_of_lines(user: User, first: date) -> dict[int, int]:
    """The budgets of the tenants that stand highest among those which this person sees."""
    below = Tenant.objects.visible_to(user).filter(parent__in=Tenant.objects.visible_to(user))
    budgets = Budget.objects.visible_to(user).in_force(first).filter(use_case=None).exclude(tenant__in=below)
    return dict(budgets.values_list("tenant_id", "amount_nano"))


def _budget(user: User, first: date) -> int | None:
    return sum(_budgets_of_lines(user, first).values()) or None
