"""Versions of what is shown: the ETag of a representation, and the two conditions that carry one."""

import hashlib
from typing import Any

from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from portal.lib.api.problems import BadQuery, Changed


def of(data: Any) -> str:
    """The strong ETag of a representation, as its JSON will be sent."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]}"'


def unchanged(request: Request, etag: str) -> bool:
    """Whether the caller has this version already (If-None-Match)."""
    return _names(request, "If-None-Match", etag, weak=True)


def check_version(request: Request, etag: str) -> None:
    """Raise Changed unless the thing is at the version that If-Match names, where it names one."""
    if "If-Match" in request.headers and not _names(request, "If-Match", etag, weak=False):
        raise Changed


def _names(request: Request, header: str, etag: str, *, weak: bool) -> bool:
    value = request.headers.get(header, "").strip()
    if not value:
        return False
    named = parse_etags(value)
    if not named and not weak:
        raise BadQuery(f'{header} must be * or entity tags in quotes, like "1a2b".')
    return named == ["*"] or etag in [one.removeprefix("W/") if weak else one for one in named]
