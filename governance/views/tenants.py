"""Tenants: the tree, one of them, and changing it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance import policy
from governance.actions import tenants
from governance.forms import TenantForm
from governance.models import Onboarding, PersonRequest, Tenant
from governance.models.tenant import DataClass
from governance.regions import REGIONS
from governance.reports import accountable
from governance.roles import Permission
from governance.views.entrance import area
from portal.lib.errors import NotAllowed
from portal.lib.refusing import shown_on


@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """Lines of business with their teams, and what is being taken in."""
    page = accountable.lines_of_business(request.user, number=request.GET.get("page", 1))
    waiting = Onboarding.objects.visible_to(request.user).filter(
        state__in=[Onboarding.State.DRAFT, Onboarding.State.IN_REVIEW]
    )
    context = {
        "page": page,
        "rows": accountable.tenant_rows(page, request.user),
        "onboardings": waiting.select_related("requested_by")[:20],
        **area(request.user),
    }
    return render(request, "governance/tenants/list.html", context)


@require_safe
def detail(request: PersonRequest, uid: UUID) -> HttpResponse:
    """One tenant: what it may use, who acts in it, what it does."""
    tenant = _load(request, uid)
    context = {
        "tenant": tenant,
        "pairs": _pairs(tenant),
        "members": accountable.members(tenant),
        "use_cases": tenant.use_cases.select_related("owner"),
        "teams": Tenant.objects.visible_to(request.user).filter(parent=tenant),
        "may_change": policy.can(request.user, Permission.ONBOARD_TENANT),
        "may_edit": policy.can(request.user, Permission.EDIT_USE_CASES, tenant),
        "may_see_costs": policy.can(request.user, Permission.VIEW_COSTS, tenant),
    }
    return render(request, "governance/tenants/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Change what a tenant is called, who pays, and what it may use."""
    tenant = _load(request, uid)
    if not policy.can(request.user, Permission.ONBOARD_TENANT):
        raise NotAllowed("Your roles do not let you change tenants.")
    initial = {name: getattr(tenant, name) for name in tenants.CHANGEABLE}
    form = TenantForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            tenants.change(_load(request, uid), by=request.user, **form.cleaned_data)
            messages.success(request, f"{form.cleaned_data['name']} was changed.")
            return redirect("governance:tenant-detail", uid=uid)
    return render(request, "governance/tenants/form.html", {"form": form, "tenant": tenant})


def _load(request: PersonRequest, uid: UUID) -> Tenant:
    return get_object_or_404(Tenant.objects.visible_to(request.user).select_related("parent"), uid=uid)


def _pairs(tenant: Tenant) -> list[tuple[str, str]]:
    return [
        ("Part of", str(tenant.parent) if tenant.parent else "nothing: it is a line of business"),
        ("Cost centre", tenant.cost_centre),
        ("Data it may use", ", ".join(DataClass(name).label for name in tenant.data_classes)),
        ("Regions it may use", ", ".join(f"{name} ({REGIONS.get(name, 'unknown')})" for name in tenant.regions)),
        ("In AWS tags", tenant.slug),
    ]
