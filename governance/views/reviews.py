"""The reviewer's inbox and the review page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.models import Approval


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "governance/reviews/list.html", {})


@require_safe
def detail(request: HttpRequest, uid: str) -> HttpResponse:
    approval = get_object_or_404(Approval.objects.visible_to(request.user), uid=uid)
    return render(request, "governance/reviews/detail.html", {"approval": approval})
