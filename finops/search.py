"""What of costs is found by search."""

from collections.abc import Iterable

from django.urls import reverse

from finops.models import Budget
from governance.models import User
from governance.search import Hit, containing
from portal.lib import clock, months
from portal.lib.numbers import usd


def budgets(user: User, words: str, limit: int) -> Iterable[Hit]:
    """The budgets in force, by tenant or use case."""
    wanted = " ".join(word for word in words.split() if word.lower() not in {"budget", "budgets"})
    month = months.first_of(clock.today())
    found = Budget.objects.visible_to(user).in_force(month).filter(containing(wanted, "tenant__name", "use_case__name"))
    for budget in found.select_related("tenant", "use_case")[:limit]:
        note = f"{usd(budget.amount_nano)} a month · {budget.origin}"
        yield Hit(str(budget), "budget", reverse("costs:budget-detail", args=[budget.uid]), note)
