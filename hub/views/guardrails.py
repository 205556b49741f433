"""Guardrails of the connected accounts, as AWS has them."""

from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from hub.models import Guardrail
from hub.models.guardrail import DRAFT
from hub.reports.guardrails import summary, version_diff
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
    versions = sorted(guardrail.versions.all(), key=lambda one: (one.version == DRAFT, _number(one.version)))
    numbered = [one for one in versions if one.version != DRAFT]
    changes = [(one, version_diff(before, one)) for before, one in zip([None, *versions], versions, strict=False)]
    context = {
        "guardrail": guardrail,
        "newest": numbered[-1] if numbered else None,
        "summary": summary((numbered or versions)[-1].content) if versions else [],
        "changes": changes[::-1],
    }
    return render(request, "hub/guardrails/detail.html", context)


def _number(version: str) -> int:
    return int(version) if version.isdecimal() else 0
