"""Pages that belong to no one app."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from finops import words
from finops.reports import ages, coverage
from governance.models import User
from governance.policy import can_somewhere
from governance.roles import Permission
from portal import home as screen


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first screen: what waits on me."""
    user = cast(User, request.user)
    month = screen.money(user)
    reading = coverage.reading() if month else None
    mine = screen.waits_for_me(user, reading)
    context = {
        "greeting": screen.greeting(mine.total),
        "mine": mine,
        "others": screen.waits_for_others(user),
        "soon": screen.about_to_matter(user, reading),
        "estate": screen.estate(user),
        "news": screen.news(user),
        "may_ask": can_somewhere(user, Permission.REQUEST_ACCESS),
        "month": month,
        "spend": words.headline(month, current=True, reading=reading) if month else "",
        "reading": reading,
        "age": ages.data_age() if month else None,
    }
    return render(request, "home.html", context)
