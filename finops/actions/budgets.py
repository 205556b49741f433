"""Setting budgets, and telling people when spend crosses a threshold."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import F, Sum, Value
from django.urls import reverse

from finops.models import Budget, BudgetAlert
from finops.models.budget import default_thresholds
from finops.reports.used import used
from governance import audit
from governance.actions import notifications
from governance.models import Notification, Tenant, UseCase, User
from governance.policy import check_can, people_with_role
from governance.roles import FinOps, Owner, Permission
from governance.vocabulary import Verb
from hub.models import Grant
from portal.jobs.apart import each
from portal.lib import clock, months
from portal.lib.errors import Refused
from portal.lib.money import to_usd


def set_monthly(
    *,
    tenant: Tenant,
    use_case: UseCase | None,
    amount_nano: int,
    thresholds: Sequence[int] = (50, 80, 100),
    by: User,
) -> Budget:
    """Set what a tenant, or one of its use cases, may spend a month from this month on. The former budget ends."""
    check_can(by, Permission.MANAGE_BUDGETS, tenant, what=f"set budgets of {tenant}")
    _check(tenant, use_case, amount_nano, thresholds)
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)  # two who set it at once follow one another
        return _replace(tenant, use_case, amount_nano, sorted(set(thresholds)), by)


def set_default(tenant: Tenant, amount_nano: int) -> Budget | None:
    """Give a tenant that was just taken in the budget that its onboarding named; None if it has one already."""
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        if amount_nano <= 0 or Budget.objects.filter(tenant=tenant, use_case=None).exists():
            return None
        return _replace(tenant, None, amount_nano, default_thresholds(), None)


def follow_grants(use_case: UseCase) -> Budget | None:
    """Let a use case spend what the requests of its live grants say together, unless a person set its budget.

    Such a budget only ever rises by itself: a grant that ends takes nothing away before somebody looked at it. Grants
    that never became active do not count. None if nothing was to change.
    """
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=use_case.tenant_id)
        current = Budget.objects.filter(use_case=use_case, until=None).first()
        if current and current.set_by_id:
            return None
        live = Grant.objects.live().filter(use_case=use_case, activated_at__isnull=False)
        amount = live.aggregate(together=Sum("request__monthly_budget_nano"))["together"] or 0
        if amount <= (current.amount_nano if current else 0):
            return None
        return _replace(use_case.tenant, use_case, amount, default_thresholds(), None)


def check_all() -> int:
    """Tell who must know of each threshold that this month's spend crossed. Returns how many were new."""
    month = months.first_of(clock.today())
    budgets = list(Budget.objects.in_force(month).select_related("tenant", "use_case"))
    spent = used(budgets, month)
    return sum(each(budgets, lambda budget: _check_thresholds(budget, month, spent[budget.pk])))


def _check(tenant: Tenant, use_case: UseCase | None, amount_nano: int, thresholds: Sequence[int]) -> None:
    if use_case and use_case.tenant_id != tenant.pk:
        raise Refused(f"{use_case} is not a use case of {tenant}.", field="use_case")
    if amount_nano <= 0:
        raise Refused("A budget is more than zero. To stop spending, freeze the grants.", field="amount")
    if not thresholds or any(not 1 <= percent <= 200 for percent in thresholds):
        raise Refused("Thresholds are whole percentages from 1 to 200, like 50, 80, 100.", field="thresholds")


def _replace(
    tenant: Tenant, use_case: UseCase | None, amount_nano: int, thresholds: list[int], by: User | None
) -> Budget:
    month = months.first_of(clock.today())
    current = (
        Budget.objects.select_for_update(of=("self",)).filter(tenant=tenant, use_case=use_case, until=None).first()
    )
    before = str(to_usd(current.amount_nano)) if current else None
    if current and current.since < month:
        current.until = month
        current.save(update_fields=["until"])
        current = None
    budget = current or Budget(tenant=tenant, use_case=use_case, since=month)
    budget.amount_nano, budget.thresholds, budget.set_by, budget.set_at = amount_nano, thresholds, by, clock.now()
    budget.save()
    # What the new amount is not near to is told again when it comes; the trail keeps what was told.
    budget.alerts.filter(month=month, spent_nano__lt=F("threshold") * Value(amount_nano) / 100).delete()
    audit.record(
        Verb.BUDGET_SET, budget, by=by, tenant=tenant, before_usd=before, usd=str(to_usd(amount_nano)),
        thresholds=thresholds,
    )  # fmt: skip
    return budget


def _check_thresholds(budget: Budget, month: date, spend: int) -> int:
    crossed = [percent for percent in budget.thresholds if spend * 100 >= budget.amount_nano * percent]
    told = set(budget.alerts.filter(month=month).values_list("threshold", flat=True))
    new = [percent for percent in crossed if percent not in told]
    for percent in new:
        _tell(budget, month, percent, spend)
    return len(new)


def _tell(budget: Budget, month: date, percent: int, spend: int) -> None:
    with transaction.atomic():
        _, created = BudgetAlert.objects.get_or_create(
            budget=budget, month=month, threshold=percent, defaults={"spent_nano": spend}
        )
        if not created:
            return
        audit.record(
            Verb.BUDGET_CROSSED, budget, by=None, tenant=budget.tenant, percent=percent, spent_usd=str(to_usd(spend))
        )
        people = {*people_with_role(Owner.name, budget.tenant), *people_with_role(FinOps.name, None)}
        notifications.tell(
            people,
            kind=Notification.Kind.BUDGET,
            sentence=f"{budget.subject} has used {percent} % of its budget for {month:%B}: "
            f"${to_usd(spend):,.0f} of ${to_usd(budget.amount_nano):,.0f} (estimate).",
            url=reverse("costs:budget-detail", args=[budget.uid]),
            key=f"budget:{budget.pk}:{month}:{budget.amount_nano}:{percent}",
        )
