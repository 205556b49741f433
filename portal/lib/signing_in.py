"""Where a person stands again after signing in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import middleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's, except that a form sent after the sign-in expired leads back to the page of the form.

    Django leads to the address that the form was sent to, which often answers POST only. static/js/app.js puts back
    what was typed on the page of the form.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        page = _page_of_form(request)
        if page is None:
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(page, resolve_url(settings.LOGIN_URL))


def _page_of_form(request: HttpRequest) -> str | None:
    """The path of the page that sent this form, None if this is no form or the page is not ours."""
    page = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    if request.method != "POST" or not page or not ours:
        return None
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
