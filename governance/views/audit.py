"""Reading the audit trail, and taking it away."""

from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_POST, require_safe

from governance import policy
from governance.actions import audit_exports
from governance.forms import AuditForm
from governance.models import PersonRequest
from governance.reports import audit_state, audit_trail
from governance.roles import Permission
from governance.views.entrance import area
from portal.lib import clock
from portal.lib.errors import NotAllowed
from portal.lib.htmx import render


@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """The trail, newest first, narrowed by who, what, which thing, tenant and dates."""
    if not policy.can_somewhere(request.user, Permission.VIEW_AUDIT):
        raise NotAllowed("Your roles do not let you read the audit trail.")
    form = AuditForm(request.GET, user=request.user)
    chosen = form.cleaned_data if form.is_valid() else {}
    cursor = {name: chosen.pop(name, "") for name in ("before", "after")}
    events = audit_trail.visible_to(request.user)
    events = audit_trail.matching(events, **chosen) if form.is_valid() else events.none()
    page = audit_trail.page(events, reader=request.user, **cursor)
    whole = policy.can(request.user, Permission.VIEW_AUDIT)
    context = {
        "form": form,
        "page": page,
        "kept": _kept(request),
        "trail": audit_state.current(),
        "may_take_away": whole,
        **area(request.user),
    }
    return render(request, "governance/audit/list.html", context, partial="rows")


@require_POST
def export(request: PersonRequest) -> StreamingHttpResponse:
    """The whole trail as a file that proves itself without Atrium."""
    lines = audit_exports.take_away(by=request.user)
    name = f"atrium-audit-{clock.now():%Y%m%dT%H%M%SZ}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines, content_type="application/x-ndjson", headers=headers)


def _kept(request: PersonRequest) -> str:
    """The filters of this address, without its cursor."""
    query = request.GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    return query.urlencode()
