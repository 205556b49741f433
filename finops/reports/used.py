"""How much of each budget is used, for many budgets in one question."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Sum

from finops.models import Budget, OwnerDay
from portal.lib import months


def used(budgets: Iterable[Budget], month: date) -> dict[int, int]:
    """nano-USD that the subject of each budget (by id) spent in a month, estimated. A tenant's includes its teams."""
    rows = (
        OwnerDay.objects.filter(day__gte=month, day__lt=months.following(month))
        .values_list("line_of_business", "tenant", "use_case")
        .annotate(Sum("cost_nano"))
        .order_by()
    )
    tenants: dict[int, int] = defaultdict(int)
    cases: dict[int, int] = defaultdict(int)
    for line, tenant, case, nano in rows:
        cases[case] += nano
        for pk in {line, tenant}:
            tenants[pk] += nano
    return {b.pk: cases[b.use_case_id] if b.use_case_id else tenants[b.tenant_id] for b in budgets}
