"""How long answers take, by route and class of status, as this process counts it for /metrics (docs/adr/0016).

Routes by their name, never by their address: an address has no end of values, and may name a person or a thing.
"""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics

# When a series began is of no use here, and doubles what is sent.
disable_created_metrics()  # type: ignore[no-untyped-call]

# What nothing here answers to: a wrong address, and a refusal before the address was looked at.
NO_ROUTE = "none"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

registry = CollectorRegistry()
seconds = Histogram(
    "atrium_request_seconds",
    "Time from the first middleware to the finished answer, by route, method and class of status.",
    ("route", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30),
    registry=registry,
)


class LatencyMiddleware:
    """Counts each answer; the outermost middleware, so that what the others cost and refuse is counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.view_name if request.resolver_match else NO_ROUTE
        method = request.method if request.method in METHODS else "other"
        seconds.labels(route, method, f"{response.status_code // 100}xx").observe(time.perf_counter() - began)
        return response
