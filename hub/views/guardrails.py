"""Guardrails of the connected accounts, as AWS has them."""

from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from hub.models import Guardrail
from hub.models.guardrail import DRAFT
from hub.reports.guardrails import changes, summary
from hub.views.people import signed_in


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every guardrail with the number of its versions."""
    guardrails = (
        Guardrail.objects.visible_to(signed_in(request))
        .select_related("account")
        .annotate(numbered=Count("versions", filter=~Q(versions__version=DRAFT)))
    )
    return render(request, "hub/guardrails/list.html", {"guardrails": guardrails})


@require_safe
def detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One guardrail: what its newest version does, and what each version changed."""
    visible = Guardrail.objects.visible_to(signed_in(request)).select_related("account")
    guardrail = get_object_or_404(visible, uid=uid)
    found = changes(guardrail.versions.all())
    numbered = [one for one in found if one.version.version != DRAFT]
    newest = next(iter(numbered or found), None)
    context = {
        "guardrail": guardrail,
        "newest": newest,
        "summary": summary(newest.version.content) if newest else [],
        "changes": found,
    }
    return render(request, "hub/guardrails/detail.html", context)
