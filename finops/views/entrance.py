"""Who may open the pages of costs, and how they answer a request that cannot be read."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from governance.models import User
from governance.policy import can_somewhere
from governance.roles import Permission
from portal.lib.errors import NotAllowed, Refused
from portal.lib.refusing import note

View = Callable[..., HttpResponse]


def costs_page(view: View) -> View:
    """Hands the signed-in person to the view; an unreadable query goes to the start.

    Who may see no costs at all is told so, of a single budget, row or panel that it is not there.
    """

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        if not can_somewhere(user, Permission.VIEW_COSTS):
            if kwargs:
                raise Http404
            raise NotAllowed("Your roles do not let you see costs.")
        try:
            return view(request, user, *args, **kwargs)
        except NotAllowed:
            raise
        except Refused as error:
            note(error)
            messages.error(request, error.sentence)
            return redirect("costs:index")

    return opened
