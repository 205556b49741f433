"""Use cases: the list, one of them, creating and changing, its stage, and the live risk tier of the form."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from governance import policy, risk
from governance.actions import use_cases
from governance.forms import StageForm, UseCaseForm
from governance.models import PersonRequest, Tenant, UseCase
from governance.reports import accountable
from governance.roles import Permission
from governance.views.entrance import area
from portal.lib.addresses import words_of
from portal.lib.errors import NotAllowed
from portal.lib.htmx import render
from portal.lib.refusing import shown_on, told
from portal.lib.verbs import verb


@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """All use cases that one may see."""
    chosen = {name: words_of(request, name, 80) for name in ("words", "stage", "risk")}
    page = accountable.use_cases(request.user, **chosen, number=request.GET.get("page", 1))
    context = {
        "page": page,
        "rows": page.object_list,
        "chosen": chosen,
        "stages": UseCase.Stage.choices,
        "risks": UseCase.Risk.choices,
        **area(request.user),
    }
    return render(request, "governance/use_cases/list.html", context, partial="rows")


@require_safe
def detail(request: PersonRequest, uid: UUID) -> HttpResponse:
    """One use case: what for, how risky and why, what it costs, what was decided about it."""
    use_case = _load(request, uid)
    context = {
        "use_case": use_case,
        "pairs": _pairs(use_case),
        "stages": [(stage, stage.label) for stage in UseCase.Stage if stage in use_cases.STAGES[use_case.stage]],
        "may_edit": policy.can(request.user, Permission.EDIT_USE_CASES, use_case.tenant),
        "may_request": policy.can(request.user, Permission.REQUEST_ACCESS, use_case.tenant),
        "may_see_costs": policy.can(request.user, Permission.VIEW_COSTS, use_case.tenant),
    }
    return render(request, "governance/use_cases/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest) -> HttpResponse:
    """Describe a new use case."""
    if not policy.can_somewhere(request.user, Permission.EDIT_USE_CASES):
        raise NotAllowed("Your roles do not let you create use cases.")
    form = UseCaseForm(request.POST or None, user=request.user, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            made = use_cases.create(by=request.user, **form.cleaned_data)
            messages.success(request, f"{made} was created; its risk is {made.risk}.")
            return redirect("governance:use-case-detail", uid=made.uid)
    return render(request, "governance/use_cases/form.html", {"form": form, "assessment": _assessed(form.instance)})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Change a use case."""
    use_case = _load(request, uid)
    policy.check_can(request.user, Permission.EDIT_USE_CASES, use_case.tenant, what="change this use case")
    form = UseCaseForm(request.POST or None, user=request.user, instance=use_case)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            # Loaded again: the form has written into its own instance, and the change is told against what is stored.
            use_cases.change(_load(request, uid), by=request.user, **form.cleaned_data)
            messages.success(request, f"{form.cleaned_data['name']} was changed.")
            return redirect("governance:use-case-detail", uid=uid)
    context = {"form": form, "use_case": _load(request, uid), "assessment": _assessed(form.instance)}
    return render(request, "governance/use_cases/form.html", context)


@verb(back="governance:use-case-detail")
def move(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Bring it into another stage."""
    use_case = _load(request, uid)
    form = StageForm(request.POST)
    if form.is_valid():
        with told(request, f"{use_case} is in another stage now."):
            use_cases.move_stage(use_case, form.cleaned_data["stage"], by=request.user)
    else:
        messages.error(request, "There is no such stage.")
    return redirect("governance:use-case-detail", uid=uid)


@require_safe
def live_risk(request: PersonRequest) -> HttpResponse:
    """The risk tier of what stands in the form, for htmx."""
    form = UseCaseForm(request.GET, user=request.user)
    form.is_valid()
    return render(request, "governance/use_cases/_risk.html", {"assessment": _assessed(form.instance)})


def _load(request: PersonRequest, uid: UUID) -> UseCase:
    visible = UseCase.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("tenant__parent", "owner"), uid=uid)


def _initial(request: PersonRequest) -> dict[str, object]:
    """The tenant that the address names, or the only one there is."""
    tenants = Tenant.objects.filter(policy.within(request.user, Permission.EDIT_USE_CASES))[:2]
    only = tenants[0].pk if len(tenants) == 1 else None
    return {"tenant": request.GET.get("tenant") or only}


def _assessed(use_case: UseCase) -> risk.Assessment | None:
    """The assessment, as soon as data and audience are known."""
    if not use_case.data_class or not use_case.audience:
        return None
    return risk.of_use_case(use_case)


def _pairs(use_case: UseCase) -> list[tuple[str, object]]:
    kpi = use_case.kpi
    if use_case.kpi_baseline is not None and use_case.kpi_target is not None:
        kpi = f"{kpi}: {use_case.kpi_baseline.normalize():f} → {use_case.kpi_target.normalize():f}"
    return [
        ("What for", use_case.purpose),
        ("Worth", use_case.outcome),
        ("KPI", kpi),
        ("Stage", use_case.get_stage_display()),
        ("Data", use_case.get_data_class_display()),
        ("Audience", f"{use_case.get_audience_display()}, {use_case.people:,} people"),
        ("Autonomy", use_case.get_autonomy_display()),
        ("Decisions about people", "takes part in them" if use_case.affects_people else "none"),
        ("Owner", use_case.owner),
        ("Sponsor", use_case.sponsor),
    ]
