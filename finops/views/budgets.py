"""Budgets: what may be spent, what was, and what was told."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from finops.actions import budgets
from finops.forms import BudgetForm
from finops.models import Budget
from finops.reports import coverage
from finops.reports.used import used
from finops.views.entrance import costs_page
from governance.models import User
from governance.policy import can_somewhere, check_can
from governance.roles import Permission
from portal.lib import clock, months
from portal.lib.numbers import usd
from portal.lib.refusing import shown_on


@require_safe
@costs_page
def index(request: HttpRequest, user: User) -> HttpResponse:
    """The budgets in force this month with what they have left."""
    month = months.first_of(clock.today())
    found = list(Budget.objects.visible_to(user).in_force(month).select_related("tenant", "use_case"))
    spent = used(found, month)
    rows = [(budget, spent[budget.pk]) for budget in found]
    may = can_somewhere(user, Permission.MANAGE_BUDGETS)
    context = {"rows": rows, "month": month, "may_set": may, "reading": coverage.reading()}
    return render(request, "finops/budgets/list.html", context)


@require_safe
@costs_page
def detail(request: HttpRequest, user: User, uid: UUID) -> HttpResponse:
    """One budget: this month, the thresholds that were crossed, who set it."""
    found = get_object_or_404(Budget.objects.visible_to(user).select_related("tenant", "use_case", "set_by"), uid=uid)
    month = months.first_of(clock.today())
    history = Budget.objects.filter(tenant=found.tenant, use_case=found.use_case).select_related("set_by")
    context = {
        "budget": found,
        "month": month,
        "spent": used([found], month)[found.pk],
        "alerts": found.alerts.all(),
        "history": history.order_by("-since"),
        "may_set": can_somewhere(user, Permission.MANAGE_BUDGETS),
        "reading": coverage.reading(),
    }
    return render(request, "finops/budgets/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@costs_page
def new(request: HttpRequest, user: User) -> HttpResponse:
    """Set a budget."""
    if not can_somewhere(user, Permission.MANAGE_BUDGETS):
        check_can(user, Permission.MANAGE_BUDGETS, what="set budgets")
    form = BudgetForm(request.POST or None, user=user, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        with shown_on(form):
            budget = budgets.set_monthly(
                tenant=chosen["tenant"], use_case=chosen["use_case"], amount_nano=chosen["amount"],
                thresholds=chosen["thresholds"], by=user,
            )  # fmt: skip
            messages.success(request, f"{budget} is {usd(budget.amount_nano)} a month.")
            return redirect("costs:budget-detail", uid=budget.uid)
    return render(request, "finops/budgets/form.html", {"form": form})


def _initial(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("tenant", "use_case") if request.GET.get(name, "").isdigit()}
