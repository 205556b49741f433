"""Keeping how AWS answers, as the breakers of all processes have met it: the worst that a living one tells is shown."""

import os
import socket
from datetime import timedelta
from functools import cache
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q

from hub.models import ServiceHealth
from portal.aws import breaker
from portal.aws.breaker import Reading
from portal.lib import clock

# A process tells of a breaker that is not closed after each of its jobs, whatever they are about. Who had none for so
# long is gone, or leaves nothing alone.
REPORT_LASTS = timedelta(minutes=30)
State = ServiceHealth.State
WORST_FIRST = (State.OPEN, State.PROBING)


def note(*, process: str = "") -> int:
    """Keep what came of the calls of this process since it was asked last. Returns how many rows that touched.

    process: a name that no other process has, made up if it is not given.

    Called after each job and each test of a connection, outside their transactions: what a job undoes was called all
    the same. Each row is its own transaction, in one order, so that processes do not wait for each other in a circle.
    """
    readings = breaker.readings()
    for reading in readings:
        _keep(reading, process or _process(os.getpid()))
    return len(readings)


def _keep(reading: Reading, process: str) -> None:
    place = {"account_number": reading.account, "region": reading.region, "service": reading.service}
    now = clock.wall()
    with transaction.atomic():
        row, _ = ServiceHealth.objects.select_for_update().get_or_create(
            **place, defaults={"since": reading.since, "called_at": now}
        )
        if reading.rests_until or row.expires_at:
            _report(row, reading, process)
            _show_worst(row, reading)
        if reading.calls:
            _count(row, reading)


def _report(row: ServiceHealth, reading: Reading, process: str) -> None:
    """What this process tells stands beside what others tell. Who reached AWS speaks for all whose rest is over."""
    now = clock.wall()
    if reading.rests_until:
        told = {"state": reading.state.value, "since": reading.since, "rests_until": reading.rests_until}
        row.reports.update_or_create(process=process, defaults=told | {"expires_at": now + REPORT_LASTS})
        return
    reached = Q(rests_until__lt=now) if reading.calls > reading.failures else Q()
    row.reports.filter(Q(process=process) | Q(expires_at__lt=now) | reached).delete()


def _show_worst(row: ServiceHealth, reading: Reading) -> None:
    """since: of the first living report of the worst state; when all is well again, of this reading."""
    living = list(row.reports.filter(expires_at__gt=clock.wall()).order_by("since"))
    of_state = {State(one.state): one for one in reversed(living)}
    worst = next((state for state in WORST_FIRST if state in of_state), State.CLOSED)
    if worst in of_state:
        row.since = of_state[worst].since
    elif row.state != State.CLOSED:
        row.since = reading.since
    row.state = worst
    row.expires_at = max((one.expires_at for one in living), default=None)
    row.save(update_fields=["state", "since", "expires_at"])


def _count(row: ServiceHealth, reading: Reading) -> None:
    failed = {"error": reading.error, "error_at": reading.error_at} if reading.failures else {}
    ServiceHealth.objects.filter(pk=row.pk).update(
        called_at=clock.wall(),
        calls=F("calls") + reading.calls,
        failures=F("failures") + reading.failures,
        throttled=F("throttled") + reading.throttled,
        **failed,
    )


@cache
def _process(number: int) -> str:
    """A name of this process that no other has: a forked child has another number."""
    return f"{socket.gethostname()[:24]}/{number}/{uuid4().hex[:12]}"
