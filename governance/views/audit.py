"""Reading the audit trail."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from governance import policy
from governance.forms import AuditForm
from governance.models import PersonRequest
from governance.reports import audit_trail
from governance.roles import Permission
from governance.views.entrance import area
from portal.lib.htmx import render


@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """The trail, newest first, narrowed by who, what, which thing, tenant and dates."""
    if not policy.can_somewhere(request.user, Permission.VIEW_AUDIT):
        raise Http404
    form = AuditForm(request.GET, user=request.user)
    chosen = form.cleaned_data if form.is_valid() else {}
    cursor = {name: chosen.pop(name, "") for name in ("before", "after")}
    events = audit_trail.visible_to(request.user)
    events = audit_trail.matching(events, **chosen) if form.is_valid() else events.none()
    page = audit_trail.page(events, reader=request.user, **cursor)
    context = {"form": form, "page": page, "kept": _kept(request), **area(request.user)}
    return render(request, "governance/audit/list.html", context, partial="rows")


def _kept(request: PersonRequest) -> str:
    """The filters of this address, without its cursor."""
    query = request.GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    return query.urlencode()
