"""Onboarding of tenants: the form, its draft, and the evidence for its review."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance import needs
from governance.actions import onboardings
from governance.forms import OnboardingForm
from governance.models import Approval, Onboarding, PersonRequest
from governance.models.tenant import DataClass
from governance.regions import REGIONS
from governance.roles import Permission
from governance.views.entrance import only
from portal.lib.errors import NotAllowed
from portal.lib.money import to_usd
from portal.lib.numbers import CENT, usd
from portal.lib.refusing import show, shown_on, told
from portal.lib.verbs import verb


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.ONBOARD_TENANT)
def new(request: PersonRequest) -> HttpResponse:
    """Ask to take in a line of business or a team."""
    form = OnboardingForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            made = onboardings.ask(by=request.user, **form.cleaned_data)
            messages.success(request, "Saved. Look it over, then submit it for review.")
            return redirect("governance:onboarding-detail", uid=made.uid)
    elif request.method == "POST":
        show(form, onboardings.faults(form.cleaned_data))
    context = {"form": form, "reach": _reach(request, request.POST)}
    return render(request, "governance/onboardings/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Change a draft."""
    onboarding = _load(request, uid)
    if onboarding.requested_by_id != request.user.pk:
        raise NotAllowed("Only who asked for this onboarding can change it.")
    form = OnboardingForm(request.POST or None, user=request.user, initial=_initial(onboarding))
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            onboardings.change(onboarding, by=request.user, **form.cleaned_data)
            return redirect("governance:onboarding-detail", uid=uid)
    elif request.method == "POST":
        show(form, onboardings.faults(form.cleaned_data))
    given = (onboarding.parent, onboarding.data_classes, onboarding.regions)
    found = _reach(request, request.POST) if form.is_bound else needs.model_reach(*given)
    context = {"form": form, "onboarding": onboarding, "reach": found}
    return render(request, "governance/onboardings/form.html", context)


@require_safe
@only(Permission.ONBOARD_TENANT)
def reach(request: PersonRequest) -> HttpResponse:
    """Which approved models could be asked for with the answers typed so far."""
    return render(request, "governance/onboardings/_reach.html", {"reach": _reach(request, request.GET)})


@require_safe
def detail(request: PersonRequest, uid: UUID) -> HttpResponse:
    """What was asked for and where it stands."""
    onboarding = _load(request, uid)
    mine = onboarding.requested_by_id == request.user.pk
    context = {
        "onboarding": onboarding,
        "pairs": _pairs(onboarding),
        "approval": Approval.objects.filter(kind=onboardings.KIND, subject_id=onboarding.pk).first(),
        "may_submit": mine and onboarding.state == Onboarding.State.DRAFT,
    }
    return render(request, "governance/onboardings/detail.html", context)


@require_safe
def evidence(request: PersonRequest, uid: UUID) -> HttpResponse:
    """What the review page shows on its left: what will be put in place, and why."""
    onboarding = _load(request, uid)
    context = {"onboarding": onboarding, "pairs": _pairs(onboarding), "lines": _lines(onboarding)}
    return render(request, "governance/onboardings/evidence.html", context)


@verb(back="governance:onboarding-detail")
def submit(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Send it into review."""
    onboarding = _load(request, uid)
    with told(request, "It is in review now; you are told when somebody decides."):
        onboardings.submit(onboarding, by=request.user)
    return redirect("governance:onboarding-detail", uid=uid)


def _load(request: PersonRequest, uid: UUID) -> Onboarding:
    visible = Onboarding.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("requested_by", "parent", "tenant"), uid=uid)


def _reach(request: PersonRequest, typed: QueryDict) -> needs.ModelReach | None:
    """By what is chosen of line of business, data and regions; None until data and regions are."""
    lines = OnboardingForm(user=request.user).fields["parent"].queryset  # type: ignore[attr-defined]
    chosen = typed.get("parent", "")
    parent = lines.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 18 else None
    data_classes = [name for name in DataClass.values if name in typed.getlist("data_classes")]
    regions = [region for region in REGIONS if region in typed.getlist("regions")]
    return needs.model_reach(parent, data_classes, regions) if data_classes and regions else None


def _initial(onboarding: Onboarding) -> dict[str, Any]:
    names = ("parent", "name", "purpose", "cost_centre", "data_classes", "regions", "owner_email")
    return {name: getattr(onboarding, name) for name in names} | {
        "monthly_budget_usd": to_usd(onboarding.monthly_budget_nano).quantize(CENT),
        "builder_emails": "\n".join(onboarding.builder_emails),
    }


def _pairs(onboarding: Onboarding) -> list[tuple[str, object]]:
    return [
        ("What for", onboarding.purpose),
        ("Part of", onboarding.parent or "nothing: it becomes a line of business"),
        ("Cost centre", onboarding.cost_centre),
        ("Budget", f"{usd(onboarding.monthly_budget_nano)} a month"),
        ("Data", ", ".join(DataClass(name).label for name in onboarding.data_classes)),
        ("Regions", ", ".join(f"{name} ({REGIONS.get(name, 'unknown')})" for name in onboarding.regions)),
        ("Owner", onboarding.owner_email),
        ("Builders", ", ".join(onboarding.builder_emails) or "none yet"),
    ]


def _lines(onboarding: Onboarding) -> list[tuple[str, str]]:
    """What approval puts in place, as lines of a diff."""
    below = f" below {onboarding.parent}" if onboarding.parent else ""
    members = [("+", f"owner    {onboarding.owner_email}")]
    members += [("+", f"builder  {email}") for email in onboarding.builder_emails]
    return [
        ("", "in Atrium"),
        ("+", f"tenant   {onboarding.name}{below}, cost centre {onboarding.cost_centre}"),
        *members,
        ("+", f"budget   {usd(onboarding.monthly_budget_nano)} a month"),
        ("+", f"data     {', '.join(onboarding.data_classes)}"),
        ("+", f"regions  {', '.join(onboarding.regions)}"),
    ]
