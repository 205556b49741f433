"""Who may open which pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse

from governance import policy
from governance.models import PersonRequest, User
from governance.roles import Permission

View = Callable[..., HttpResponse]


def only(permission: Permission) -> Callable[[View], View]:
    """For pages of the whole company: to anybody without the company-wide permission they do not exist."""

    def opened(view: View) -> View:
        @wraps(view)
        def page(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not policy.can(request.user, permission):
                raise Http404
            return view(request, *args, **kwargs)

        return page

    return opened


def area(user: User) -> dict[str, Any]:
    """What the tabs of governance depend on."""
    return {
        "may_read_audit": policy.can_somewhere(user, Permission.VIEW_AUDIT),
        "may_onboard": policy.can(user, Permission.ONBOARD_TENANT),
        "may_edit_use_cases": policy.can_somewhere(user, Permission.EDIT_USE_CASES),
    }
