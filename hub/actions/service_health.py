"""Keeping how AWS answers, as the breakers of this process have met it."""

from django.db.models import F

from hub.models import ServiceHealth
from portal.aws import breaker
from portal.aws.breaker import Reading
from portal.lib import clock


def note() -> int:
    """Keep what came of the calls of this process since it was asked last. Returns how many rows that touched.

    Called after each job and each test of a connection, outside their transactions: what a job undoes was called all
    the same. Each row is its own transaction, in one order, so that processes do not wait for each other in a circle.
    """
    readings = breaker.readings()
    for reading in readings:
        _keep(reading)
    return len(readings)


def _keep(reading: Reading) -> None:
    now = clock.wall()
    row, _ = ServiceHealth.objects.get_or_create(
        account_number=reading.account, service=reading.service, defaults={"since": reading.since, "called_at": now}
    )
    mine = ServiceHealth.objects.filter(pk=row.pk)
    mine.exclude(state=reading.state.value).update(state=reading.state.value, since=reading.since)
    failed = {"error": reading.error, "error_at": reading.error_at} if reading.failures else {}
    mine.update(
        called_at=now,
        calls=F("calls") + reading.calls,
        failures=F("failures") + reading.failures,
        throttled=F("throttled") + reading.throttled,
        **failed,
    )
