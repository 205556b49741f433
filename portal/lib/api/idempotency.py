"""A write that is sent twice takes place once: the answer is kept under the caller's key, with the effect."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from portal.lib import clock
from portal.lib.api import callers
from portal.lib.api.models import StoredAnswer
from portal.lib.api.problems import BadQuery
from portal.lib.errors import Refused

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEPT = timedelta(hours=24)
KEPT_HEADERS = ("ETag", "Location")
LONGEST = 255


def once(request: Request, act: Callable[[], Response], *, seen: Callable[[Any], bool]) -> Response:
    """The answer of `act`, or the one that was kept under this request's key. Runs inside the caller's transaction.

    seen: whether the caller may still see what a kept body tells of; raises 404 if not.

    Of two at the same moment the second waits for the first. Only success is kept: what failed has no effect, and may
    be sent again under its key. Raises Refused if the key was used for another request.
    """
    key = _key_of(request)
    if key is None:
        return act()
    mine = _asked(request, key)
    StoredAnswer.objects.filter(caller=mine.caller, key=key, stored_at__lt=clock.wall() - KEPT).delete()
    try:
        with transaction.atomic():
            mine.save()
    except IntegrityError:
        return _replayed(StoredAnswer.objects.get(caller=mine.caller, key=key), mine, seen)
    answered = act()
    if answered.status_code >= 300:
        mine.delete()
    else:
        _keep(mine, answered)
    return answered


def prune() -> int:
    """Forget what was kept long enough. Returns how many answers."""
    return StoredAnswer.objects.filter(stored_at__lt=clock.wall() - KEPT).delete()[0]


def _key_of(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not (1 <= len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise BadQuery(f"{HEADER} is 1 to {LONGEST} printable ASCII characters.")
    return key


def _asked(request: Request, key: str) -> StoredAnswer:
    return StoredAnswer(
        caller=callers.name_of(request),
        key=key,
        route=f"{request.method} {request.path}"[:400],
        digest=_digest(request),
    )


def _digest(request: Request) -> str:
    """Of the body, and of the version that it is meant for. NUL stands in no JSON, so the two cannot be confused."""
    version = request.headers.get("If-Match")
    return hashlib.sha256(request.body + (b"" if version is None else b"\0" + version.encode())).hexdigest()


def _replayed(stored: StoredAnswer, asked: StoredAnswer, seen: Callable[[Any], bool]) -> Response:
    if (stored.route, stored.digest) != (asked.route, asked.digest):
        raise Refused(f"This {HEADER} was used for another request. Take a new key for a new request.")
    data = json.loads(stored.body) if stored.body else None
    if data is not None and not seen(data):
        raise Http404
    return Response(data, status=stored.status, headers={**stored.headers, REPLAYED: "true"})


def _keep(stored: StoredAnswer, answered: Response) -> None:
    stored.status = answered.status_code
    stored.headers = {name: answered[name] for name in KEPT_HEADERS if name in answered}
    stored.body = "" if answered.data is None else JSONRenderer().render(answered.data).decode()
    stored.save(update_fields=["status", "headers", "body"])
