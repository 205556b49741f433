"""Errors as problem documents (RFC 9457): one shape for all that goes wrong, naming the field where there is one.

{"type", "title", "status", "detail", "request_id", "errors": [{"field", "message", "alternatives"?}]}
"""

import logging
import math
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from psycopg.errors import LockNotAvailable
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from portal.lib import refusing, request_id
from portal.lib.errors import NotAllowed, Refused

CONTENT_TYPE = "application/problem+json"
Errors = list[dict[str, Any]]

log = logging.getLogger(__name__)


class BadQuery(exceptions.APIException):
    """A query or a header that cannot be read. errors: as in the problem document."""

    status_code = 400

    def __init__(self, sentence: str, errors: Errors | None = None) -> None:
        super().__init__(sentence)
        self.errors = errors or []


class Changed(exceptions.APIException):
    """The thing is not at the version that If-Match named."""

    status_code = 412
    default_detail = "Somebody changed it since you read it. Read it again, and decide anew."


def answer(error: Exception, context: dict[str, Any]) -> Response:
    """The problem document of any exception. What nobody foresaw is logged and told to nobody."""
    request: Request = context["request"]
    if isinstance(error, Refused):
        refusing.note(error)
    if isinstance(error, NotAllowed):
        return problem(403, error.sentence)
    if isinstance(error, Refused):
        return problem(422, error.sentence, list(_of_refusal(error)))
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flat(error.detail))
        return problem(422, _summary(errors), errors)
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, Http404):
        return problem(404, "There is no such thing, or none that you may see.")
    if isinstance(error, PermissionDenied):
        return problem(403, str(error) or "This is not permitted.")
    if isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable):
        return problem(409, "Somebody else is changing this at the moment. Send it again.")
    log.error("The API failed on %s %s", request.method, request.path, exc_info=error)
    return problem(500, "Atrium failed. The error is in its log under this request id.")


def problem(status: int, detail: str, errors: Errors | None = None) -> Response:
    """A problem document as an answer."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id.current(),
    }
    if errors:
        document["errors"] = errors
    return Response(document, status=status, content_type=CONTENT_TYPE)


def _of_framework(error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.MethodNotAllowed):
        return problem(405, "This address does not take that method.")
    answered = problem(error.status_code, str(error.detail), getattr(error, "errors", None))
    if header := getattr(error, "auth_header", None):
        answered["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        answered["Retry-After"] = str(math.ceil(wait))
    return answered


def told(refusal: Refused) -> dict[str, Any]:
    """One refusal as an entry of `errors`, with what could stand in its field instead where that is known."""
    alternatives = [{"value": value, "label": label} for value, label in refusal.instead]
    error = {"field": refusal.field, "message": refusal.sentence}
    return error | ({"alternatives": alternatives} if alternatives else {})


def _of_refusal(refusal: Refused) -> Iterator[dict[str, Any]]:
    for one in (refusal, *refusal.also):
        yield told(one)


def _flat(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested details as one list, fields by their path: "lines.0.rate"."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _flat(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, path)
    else:
        yield {"field": path, "message": str(detail)}


def _summary(errors: Errors) -> str:
    fields = [error["field"] for error in errors if error["field"]]
    return f"Look at {', '.join(dict.fromkeys(fields))}." if fields else errors[0]["message"]
