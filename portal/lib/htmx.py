"""One address, one view, one context: the whole page, or the part of it that htmx asked for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_page
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; a boosted link and a restored history entry want the whole page."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request  # type: ignore[union-attr]


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    partial: str | None = None,
    status: int | None = None,
) -> HttpResponse:
    """The page `template`, or its `{% partialdef partial %}` when htmx asks for a part. Caches keep the two apart."""
    name = f"{template}#{partial}" if partial and wants_part(request) else template
    response = render_page(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response
