"""/metrics for Prometheus: the latencies of this process, and the state of the whole as the database has it.

Every web process answers the same gauges (alarms take their maximum) and its own latencies (they are added up). Why
so, and why no process but the web answers: docs/adr/0016.
"""

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from portal import gauges
from portal.lib import latency


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything, in Prometheus' text format; 401 without the token, 403 from elsewhere while no token is set."""
    if settings.METRICS_TOKEN:
        if not _carries_token(request):
            refusal = HttpResponse("The metrics need the token in ATRIUM_METRICS_TOKEN.\n", "text/plain", status=401)
            refusal["WWW-Authenticate"] = 'Bearer realm="metrics"'
            return refusal
    elif not _is_of_this_machine(request):
        sentence = "Without ATRIUM_METRICS_TOKEN only this machine may read the metrics.\n"
        return HttpResponse(sentence, "text/plain", status=403)
    return HttpResponse(generate_latest(latency.registry) + generate_latest(_state()), CONTENT_TYPE_LATEST)


def _carries_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


def _is_of_this_machine(request: HttpRequest) -> bool:
    """Whether the other end is on loopback and asks for nobody else: a proxy on this machine says for whom it asks."""
    try:
        near = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return near and not {"X-Forwarded-For", "Forwarded"} & set(request.headers)


def _state() -> CollectorRegistry:
    """The gauges of the database, or only that it does not answer: this page must work when all else does not."""
    registry = CollectorRegistry()
    try:
        registry.register(gauges.Snapshot(gauges.collect()))
        answers = 1
    except Error:
        answers = 0
    up = Gauge("atrium_database_up", "Whether the database answered this process just now.", registry=registry)
    up.set(answers)
    return registry
