"""Pages that belong to no one app."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """The first screen: what waits on me."""
    return render(request, "home.html")
