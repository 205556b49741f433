"""The queue of usage that nobody owns yet."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from finops.actions import attribution
from finops.forms import AssignForm
from finops.reports import coverage, unattributed
from finops.views.entrance import costs_page
from governance.models import User
from governance.policy import can, check_can
from governance.roles import Permission
from portal.lib.refusing import shown_on


@require_safe
@costs_page
def index(request: HttpRequest, user: User) -> HttpResponse:
    """What waits for an owner, what callers say otherwise than their profile, and what people said."""
    strays = unattributed.queue(user)
    context = {
        "reading": coverage.reading(),
        "strays": strays,
        "waiting": sum(stray.assigned is None for stray in strays),
        "conflicts": unattributed.conflicts(user),
        "assigned": unattributed.assigned(user, request.GET.get("page", 1)),
        # A caller without an owner belongs to no line of business, so only the whole company's readers see it.
        "sees_all": can(user, Permission.VIEW_COSTS),
        "may_assign": can(user, Permission.MANAGE_ATTRIBUTION),
    }
    return render(request, "finops/unattributed/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@costs_page
def assign(request: HttpRequest, user: User) -> HttpResponse:
    """Say whose it is, or correct who it was said to be."""
    check_can(user, Permission.MANAGE_ATTRIBUTION, what="attribute usage")
    first = {name: request.GET.get(name, "") for name in ("kind", "value", "since")}
    form = AssignForm(request.POST or None, user=user, initial=first)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            handle = attribution.assign(**form.cleaned_data, by=user)
            messages.success(
                request, f"Its usage belongs to {handle.use_case} now; the figures follow within a minute."
            )
            return redirect("costs:unattributed")
    kind, value = form["kind"].value(), form["value"].value()
    before = unattributed.said_before(kind, value, user)
    return render(request, "finops/unattributed/form.html", {"form": form, "value": value, "before": before})
