"""A request id that goes from the page through the job to the audit event and every log line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from portal.lib.uid import new_uid

_current: ContextVar[str] = ContextVar("request_id", default="")

HEADER = "X-Request-Id"


def current() -> str:
    """The id of the request (or job) that this code runs for, "" outside any."""
    return _current.get()


@contextmanager
def running(request_id: str) -> Iterator[None]:
    """Run a block under `request_id`: how a job carries on the id of the page that caused it."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)


class RequestIdMiddleware:
    """Gives each request a fresh id (a client's own is not trusted) and returns it in a header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with running(str(new_uid())):
            response = self.get_response(request)
            response[HEADER] = current()
            return response
