"""The budgets that people set, for the apps below that ask."""

from finops.models import Budget
from governance.models import UseCase
from hub.needs import SetBudget
from portal.lib import clock, months


def set_for(use_case: UseCase) -> SetBudget | None:
    """The budget of a use case that holds this month, if a person set it; None for one that follows its requests."""
    month = months.first_of(clock.today())
    held = Budget.objects.in_force(month).filter(use_case=use_case, set_by__isnull=False).select_related("set_by")
    budget = held.first()
    return SetBudget(budget.amount_nano, str(budget.set_by)) if budget else None
