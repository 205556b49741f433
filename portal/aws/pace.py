"""How fast Atrium may call: a token bucket for each account, region and service, which all processes share.

AWS counts an account's calls for all who make them, the account's own people included; Atrium stays well below what
is known of the quotas (docs.aws.amazon.com/general/latest/gr/bedrock.html, …/gr/iam-service.html), since it is never
in a hurry. The buckets are rows (portal.aws.shared_pace); while the database is away each process has its own.
"""

import threading
import time
from dataclasses import dataclass

from django.conf import settings

from portal.aws import shared_pace
from portal.aws.errors import Throttled

# Longer than this nobody waits inside a job: it is tried again later, and its worker is free meanwhile.
MOST_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls per second in the long run, and how many may come at once."""

    per_second: float
    burst: int


RATES = {
    "bedrock": Rate(20, 100),
    "bedrock-runtime": Rate(10, 20),
    "budgets": Rate(5, 20),
    "iam": Rate(10, 60),
    "s3": Rate(300, 600),
    "sts": Rate(20, 60),
}
OTHERS = Rate(5, 20)


class Bucket:
    """One token bucket. Threads take tokens in the order in which they ask."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._lock = threading.Lock()
        self._tokens = float(rate.burst)
        self._filled_at = time.monotonic()

    def reserve(self) -> float:
        """Take a token; seconds until it is there. Raises Throttled, and takes none, if that were too long."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self.rate.burst, self._tokens + (now - self._filled_at) * self.rate.per_second)
            self._filled_at = now
            wait = max(0.0, (1 - self._tokens) / self.rate.per_second)
            if wait > MOST_WAIT_S:
                raise _too_much(self.rate)
            self._tokens -= 1
            return wait


_buckets: dict[tuple[str, str, str], Bucket] = {}
_lock = threading.Lock()


def take(account: str, region: str, service: str) -> None:
    """Wait until a call may be made there. Raises Throttled if that would take more than ten seconds."""
    wait = _shared(account, region, service) if settings.AWS_RATES_SHARED else None
    if wait is None:
        wait = bucket(account, region, service).reserve()
    if wait:
        time.sleep(wait)


def _shared(account: str, region: str, service: str) -> float | None:
    """Seconds until the token that was taken is there; None while the database is away."""
    rate = RATES.get(service, OTHERS)
    place = f"{account or 'atrium'}/{region}/{service}"
    wait = shared_pace.reserve(place, per_second=rate.per_second, burst=rate.burst, most_wait=MOST_WAIT_S)
    if wait is not None and wait > MOST_WAIT_S:
        raise _too_much(rate)
    return wait


def _too_much(rate: Rate) -> Throttled:
    return Throttled(
        f"Atrium itself calls AWS at most {rate.per_second:g} times a second here, and too much waits already.",
        code="OwnPace",
    )


def bucket(account: str, region: str, service: str) -> Bucket:
    """The bucket of a place, the same one for all threads of this process."""
    with _lock:
        place = account, region, service
        if place not in _buckets:
            _buckets[place] = Bucket(RATES.get(service, OTHERS))
        return _buckets[place]


def forget() -> None:
    """Start anew with full buckets of this process."""
    with _lock:
        _buckets.clear()
