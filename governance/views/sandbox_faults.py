"""Platform → Sandbox faults: letting AWS's trial account fail on purpose. The page exists only where it is in use."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from governance import policy
from governance.actions import sandbox_faults
from governance.forms_sandbox import FaultForm
from governance.models import PersonRequest
from governance.roles import Permission
from governance.views.entrance import only
from portal.aws import sandbox
from portal.aws.errors import AwsError
from portal.lib.refusing import shown_on, told


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.VIEW_PLATFORM)
def index(request: PersonRequest) -> HttpResponse:
    """The faults that are set now, and a form for another one."""
    try:
        known = sandbox.faults()
    except AwsError as error:
        return render(request, "platform/sandbox_faults/list.html", {"away": error.sentence}, status=503)
    form = FaultForm(request.POST or None, known=known)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            sandbox_faults.set_fault(**form.given(), by=request.user)
        if not form.errors:
            return redirect("platform:sandbox-fault-list")
    labels = {kind.name: kind.label for kind in known.kinds}
    context = {
        "form": form,
        "rows": [(fault, labels[fault.kind], known.accounts.get(fault.account, "")) for fault in known.faults],
        "may_set": policy.can(request.user, Permission.RUN_JOBS),
    }
    return render(request, "platform/sandbox_faults/list.html", context, status=422 if form.errors else None)


@require_POST
@only(Permission.VIEW_PLATFORM)
def clear(request: PersonRequest, number: int) -> HttpResponse:
    """Take one fault away."""
    with told(request, "The fault is gone."):
        sandbox_faults.clear(number=number, by=request.user)
    return redirect("platform:sandbox-fault-list")


@require_POST
@only(Permission.VIEW_PLATFORM)
def clear_all(request: PersonRequest) -> HttpResponse:
    """Take every fault away."""
    with told(request, "No fault is set any more."):
        sandbox_faults.clear(by=request.user)
    return redirect("platform:sandbox-fault-list")
