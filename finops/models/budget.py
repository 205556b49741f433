"""Budgets: how much a tenant or a use case may spend in a calendar month (UTC), and when somebody is told."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from governance.policy import within
from governance.roles import Permission
from portal.lib import clock
from portal.lib.identified import Identified

if TYPE_CHECKING:
    from governance.models import Tenant, User


def default_thresholds() -> list[int]:
    """Percent of the budget at which people are told."""
    return [50, 80, 100]


class BudgetQuerySet(models.QuerySet["Budget"]):
    def visible_to(self, user: "User") -> Self:
        """Budgets of the tenants whose costs this person may see."""
        return self.filter(within(user, Permission.VIEW_COSTS, "tenant"))

    def in_force(self, month: object) -> Self:
        """Budgets that hold in the month that begins on this date."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=month), since__lte=month)


class Budget(Identified):
    """USD a month for a tenant, or for one of its use cases. Periods begin and end on the first of a month."""

    tenant = models.ForeignKey("governance.Tenant", on_delete=models.PROTECT, related_name="budgets")
    use_case = models.ForeignKey(
        "governance.UseCase", null=True, blank=True, on_delete=models.PROTECT, related_name="budgets"
    )
    amount_nano = models.BigIntegerField()
    thresholds = ArrayField(models.PositiveSmallIntegerField(), default=default_thresholds)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey("governance.User", null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=clock.now)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        ordering = ("tenant__name", "use_case__name", "-since")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "use_case"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="budget_one_in_force",
            ),
            models.CheckConstraint(condition=Q(amount_nano__gt=0), name="budget_is_money"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="budget_has_a_period"
            ),
        ]

    def __str__(self) -> str:
        return f"Budget of {self.use_case or self.tenant}"

    @property
    def subject(self) -> "Tenant | models.Model":
        """What the budget is for."""
        return self.use_case or self.tenant

    @property
    def origin(self) -> str:
        """Who or what set the amount, in words. What nobody set comes from the tenant's onboarding, or from what the
        access requests of a use case name.
        """
        if self.set_by:
            return f"set by {self.set_by}"
        return "from the access requests of its live grants" if self.use_case_id else "from the onboarding"


class BudgetAlert(models.Model):
    """A threshold that a budget's spend crossed in a month; told once."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="alerts")
    month = models.DateField()
    threshold = models.PositiveSmallIntegerField()
    spent_nano = models.BigIntegerField()
    crossed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-crossed_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["budget", "month", "threshold"], name="budget_alert_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.budget}: {self.threshold} % in {self.month:%B %Y}"
