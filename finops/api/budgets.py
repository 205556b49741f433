"""Budgets in the API: what may be spent a month, what was, whom it told, and setting them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finops.actions import budgets
from finops.api.usage import check_sees_costs
from finops.models import Budget, BudgetAlert
from finops.models.budget import default_thresholds
from finops.reports.used import used
from governance.api.named import PersonShape, TenantName, of_tenant
from governance.models import Tenant, UseCase
from governance.scopes import Scope
from hub.api.named import UseCaseName
from portal.lib import clock, months
from portal.lib.api.money import Usd
from portal.lib.api.references import Named, visible
from portal.lib.api.resource import Listed, Shown
from portal.lib.api.schema import takes
from portal.lib.money import to_nano


class AlertShape(serializers.ModelSerializer[BudgetAlert]):
    """A threshold that was crossed in a month, with what was spent by then."""

    spent = Usd(source="spent_nano")

    class Meta:
        model = BudgetAlert
        fields = ("month", "threshold", "spent", "crossed_at")


class BudgetShape(serializers.ModelSerializer[Budget]):
    """USD a month for a tenant with its teams, or for a use case. spent: this month, estimated; null once it ended."""

    tenant = TenantName()
    use_case = UseCaseName(allow_null=True)
    amount = Usd(source="amount_nano")
    spent = Usd(source="spent_nano", allow_null=True)
    set_by = PersonShape(allow_null=True)

    class Meta:
        model = Budget
        fields = ("uid", "tenant", "use_case", "amount", "thresholds", "since", "until", "spent", "set_by", "set_at")


class BudgetWhole(BudgetShape):
    """With who or what set it, and the thresholds that were crossed."""

    origin = serializers.CharField()
    alerts = AlertShape(many=True)

    class Meta(BudgetShape.Meta):
        fields = (*BudgetShape.Meta.fields, "origin", "alerts")  # type: ignore[assignment]


class BudgetFilters(serializers.Serializer[Any]):
    tenant = Named(visible(Tenant), required=False, help_text="Of this tenant and its teams.")
    use_case = Named(visible(UseCase), required=False)
    ended = serializers.BooleanField(required=False, help_text="Also those that ended; else those of this month.")


class BudgetNew(serializers.Serializer[Any]):
    """What a tenant, or one of its use cases, may spend a month from this month on. thresholds: per cent."""

    tenant = Named(visible(Tenant))
    use_case = Named(visible(UseCase), required=False, allow_null=True, default=None)
    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), max_value=Decimal(1_000_000_000)
    )
    thresholds = serializers.ListField(child=serializers.IntegerField(), required=False, max_length=20)


class Budgets(Listed, Shown):
    """What may be spent a month, and what was."""

    reads, writes = Scope.BUDGETS_READ, Scope.BUDGETS_WRITE
    shape, whole = BudgetShape, BudgetWhole
    filters = BudgetFilters

    def visible(self) -> QuerySet[Budget]:
        if "uid" not in self.kwargs:  # a single one is not there, as on its page
            check_sees_costs(self.person)
        seen = Budget.objects.visible_to(self.person).select_related("tenant__parent", "use_case", "set_by")
        return seen if self.action == "list" else seen.prefetch_related("alerts")

    def narrowed(self, rows: Any, chosen: dict[str, Any]) -> QuerySet[Budget]:
        if not chosen.pop("ended", False):
            rows = rows.in_force(_month())
        if tenant := chosen.pop("tenant", None):
            rows = rows.filter(of_tenant(tenant))
        found: QuerySet[Budget] = rows.filter(**chosen)
        return found

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        return _with_spent(list(super().paginate_queryset(queryset) or []))

    def told(self, thing: Any) -> Any:
        return super().told(_with_spent([thing])[0])

    @takes(BudgetNew, BudgetWhole, 201)
    def create(self, request: Request) -> Response:
        """Set a budget. The one that held before ends, or is changed if it began this month."""
        given = self.given(BudgetNew)
        return self.made(
            budgets.set_monthly(
                tenant=given["tenant"],
                use_case=given["use_case"],
                amount_nano=to_nano(given["amount"]),
                thresholds=given.get("thresholds", default_thresholds()),
                by=self.person,
            )
        )


def _with_spent(found: list[Any]) -> list[Any]:
    """The same budgets, each with what this month has used of it; None for those that do not hold now."""
    month = _month()
    spent = used(found, month)
    for budget in found:
        holds = budget.since <= month and (budget.until is None or budget.until > month)
        budget.spent_nano = spent[budget.pk] if holds else None
    return found


def _month() -> date:
    return months.first_of(clock.today())
