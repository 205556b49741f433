"""Routing policies: the versions, the rules in words, and who would decide if …"""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from governance import routing
from governance.forms_platform import TryForm
from governance.models import PersonRequest, RoutingPolicy
from governance.roles import ROLES, Permission
from governance.views.entrance import only
from portal.lib.htmx import render
from portal.lib.refusing import shown_on


@require_safe
@only(Permission.VIEW_PLATFORM)
def index(request: PersonRequest) -> HttpResponse:
    """Every version, the newest first."""
    versions = RoutingPolicy.objects.select_related("proposed_by", "approved_by")
    return render(request, "platform/routing_policies/list.html", {"versions": versions})


@require_safe
@only(Permission.VIEW_PLATFORM)
def detail(request: PersonRequest, version: int) -> HttpResponse:
    """One version: its rules in words, and a form that says who would decide."""
    policy = get_object_or_404(RoutingPolicy.objects.select_related("proposed_by", "approved_by"), version=version)
    form = TryForm(request.GET or None)
    steps: list[routing.StepPlan] = []
    if form.is_bound and form.is_valid():
        with shown_on(form):
            steps = routing.route(policy.rules, form.facts())
    context = {"policy": policy, "rules": _in_words(policy), "form": form, "steps": steps}
    return render(request, "platform/routing_policies/detail.html", context, partial="answer")


def _in_words(policy: RoutingPolicy) -> list[dict[str, object]]:
    """Each rule with its steps as a sentence."""
    return [rule | {"deciders": [_step(step) for step in rule["steps"]]} for rule in policy.rules]


def _step(step: dict[str, int | str]) -> str:
    people = f"{step['quorum']} people of " if step["quorum"] != 1 else ""
    return f"{people}{ROLES[str(step['role'])].label}, stage {step['stage']}, within {step['due_hours']} h"
