"""Addresses under /api/v1/ that do not exist."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from portal.lib.api.problems import CONTENT_TYPE, problem


@login_not_required
@csrf_exempt
def nothing(request: HttpRequest) -> JsonResponse:
    """A problem instead of a page: whoever calls reads JSON. Nothing is changed here, so it needs no CSRF token."""
    answered = problem(404, "There is no such address. /api/docs/ lists them.")
    return JsonResponse(answered.data, status=404, content_type=CONTENT_TYPE)
