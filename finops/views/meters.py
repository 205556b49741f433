"""The health of the meters, and the small panels that other pages load."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from finops.models import Budget, OwnerDay
from finops.models.budget import BudgetQuerySet
from finops.reports import ages, coverage, meters, spend
from finops.views.entrance import costs_page
from governance.models import Tenant, UseCase, User
from governance.policy import check_can
from governance.roles import Permission
from portal.lib import clock, months


@require_safe
@costs_page
def index(request: HttpRequest, user: User) -> HttpResponse:
    """What was read, what could not be, and what is not known. For those who see the whole company."""
    check_can(user, Permission.VIEW_COSTS, what="see the meters of the whole company")
    context = {
        "age": ages.data_age(),
        "scopes": meters.scopes(),
        "failed": meters.failed_objects(),
        "bad_lines": meters.bad_lines(),
        "unmapped": meters.unmapped(),
        "unpriced": meters.unpriced(),
        "running": meters.running(),
        "reading": coverage.reading(),
    }
    return render(request, "finops/meters/page.html", context)


@require_safe
@costs_page
def use_case_panel(request: HttpRequest, user: User, uid: UUID) -> HttpResponse:
    """What a use case spent this month, for its own page."""
    case = get_object_or_404(UseCase.objects.visible_to(user), uid=uid)
    return _panel(request, user, Q(use_case=case), f"use_case={case.uid}", Budget.objects.filter(use_case=case))


@require_safe
@costs_page
def tenant_panel(request: HttpRequest, user: User, uid: UUID) -> HttpResponse:
    """What a tenant, with its teams, spent this month, for its own page."""
    tenant = get_object_or_404(Tenant.objects.visible_to(user), uid=uid)
    top = tenant.parent_id is None
    rows = Q(line_of_business=tenant) if top else Q(tenant=tenant)
    query = f"{'line_of_business' if top else 'tenant'}={tenant.uid}"
    return _panel(request, user, rows, query, Budget.objects.filter(tenant=tenant, use_case=None))


def _panel(request: HttpRequest, user: User, rows: Q, query: str, budgets: BudgetQuerySet) -> HttpResponse:
    today = clock.today()
    month = months.first_of(today)
    visible = OwnerDay.objects.visible_to(user).filter(rows)
    sums = visible.filter(day__gte=month).aggregate(
        cost=Sum("cost_nano", default=0), requests=Sum("requests", default=0), errors=Sum("errors", default=0),
        tokens_in=Sum("input", default=0), tokens_out=Sum("output", default=0),
    )  # fmt: skip
    daily = list(spend.by_day(visible, today - timedelta(days=89), today).values())
    budget = budgets.in_force(month).select_related("set_by").first()
    context = {
        "sums": sums, "daily": daily, "budget": budget, "query": query, "month": month, "age": ages.data_age(),
        "reading": coverage.reading(),
    }  # fmt: skip
    return render(request, "finops/panels/month.html", context)
