"""Who may open which pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse

from governance import policy
from governance.models import PersonRequest, User
from governance.roles import Permission
from portal.lib.errors import NotAllowed

View = Callable[..., HttpResponse]


def only(permission: Permission) -> Callable[[View], View]:
    """For pages of the whole company: who lacks the permission is told so, of a single thing that it is not there."""

    def opened(view: View) -> View:
        @wraps(view)
        def page(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if policy.can(request.user, permission):
                return view(request, *args, **kwargs)
            if kwargs:
                raise Http404
            raise NotAllowed("Your roles do not let you open this part of Atrium.")

        return page

    return opened


def area(user: User) -> dict[str, Any]:
    """What the tabs of governance depend on."""
    return {
        "may_read_audit": policy.can_somewhere(user, Permission.VIEW_AUDIT),
        "may_onboard": policy.can(user, Permission.ONBOARD_TENANT),
        "may_edit_use_cases": policy.can_somewhere(user, Permission.EDIT_USE_CASES),
    }
