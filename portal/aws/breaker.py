"""A circuit breaker for each account and service, in each process: who fails again and again is left alone for a while.

A call counts as failed when it failed in spite of its retries and might work later (throttled, away). After FAILURES
of those in a row calls are refused at once. When REST is over one call is let through: its end decides.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from portal.aws.errors import AwsError, Throttled, Unavailable
from portal.lib import clock

FAILURES = 5
REST = timedelta(seconds=30)
# A call that was let through and never ended, because its process was stopped in it, blocks nobody for longer.
PROBE_LIMIT = timedelta(seconds=90)


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a service of an account stands, and what came of the calls since the last reading.

    since: when it came to this state; error: what was said last when a call failed, "" if none did; error_at: when.
    """

    account: str
    service: str
    state: State
    since: datetime
    error: str
    error_at: datetime | None
    calls: int
    failures: int
    throttled: int


@dataclass(slots=True)
class Breaker:
    """The breaker of one service in one account. Every method is called by any thread."""

    account: str
    service: str
    state: State = State.CLOSED
    since: datetime = field(default_factory=clock.wall)
    error: str = ""
    error_at: datetime | None = None
    _in_a_row: int = 0
    _free_at: float = 0.0
    _counted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("calls", "failures", "throttled"), 0))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self) -> None:
        """Let a call through, or raise Unavailable with a sentence that says since when and why."""
        with self._lock:
            if self.state == State.CLOSED:
                return
            if time.monotonic() < self._free_at:
                raise Unavailable(self._sentence(), code="CircuitOpen")
            self._move(State.PROBING)
            self._free_at = time.monotonic() + PROBE_LIMIT.total_seconds()

    def succeeded(self) -> None:
        """AWS answered, be it with a refusal: it is there."""
        with self._lock:
            self._counted["calls"] += 1
            self._in_a_row = 0
            self._move(State.CLOSED)

    def failed(self, error: AwsError) -> None:
        """A call failed in spite of its retries and might work later."""
        with self._lock:
            self._counted["calls"] += 1
            self._counted["failures"] += 1
            self._counted["throttled"] += isinstance(error, Throttled)
            self._in_a_row += 1
            self.error, self.error_at = error.sentence, clock.wall()
            if self.state == State.PROBING or self._in_a_row >= FAILURES:
                self._move(State.OPEN)
                self._free_at = time.monotonic() + REST.total_seconds()

    def given_up(self) -> None:
        """A call ended before it reached AWS: it says nothing of AWS, and another one may go first."""
        with self._lock:
            if self.state == State.PROBING:
                self._move(State.OPEN)
                self._free_at = 0.0

    def news(self) -> Reading | None:
        """What came of the calls since the last time that this was asked; None if there were none."""
        with self._lock:
            if not self._counted["calls"]:
                return None
            counted = dict(self._counted)
            self._counted.update(dict.fromkeys(counted, 0))
            return Reading(
                self.account, self.service, self.state, self.since, self.error, self.error_at, **counted
            )  # fmt: skip

    def _move(self, state: State) -> None:
        if state != self.state:
            self.state, self.since = state, clock.wall()

    def _sentence(self) -> str:
        where = f"in account {self.account}" if self.account else "for Atrium itself"
        left = max(1, round(self._free_at - time.monotonic()))
        return (
            f"AWS {self.service} {where} failed {FAILURES} times in a row or more; it is left alone for {left} more "
            f"second{'s' if left > 1 else ''}. The last thing it said: {self.error}"
        )


_breakers: dict[tuple[str, str], Breaker] = {}
_lock = threading.Lock()


def of(account: str, service: str) -> Breaker:
    """The breaker of a service in an account, "" for Atrium's own; the same one for all threads of this process."""
    with _lock:
        return _breakers.setdefault((account, service), Breaker(account, service))


def readings() -> list[Reading]:
    """The news of all breakers, sorted by account and service; each is told once."""
    with _lock:
        known = [_breakers[place] for place in sorted(_breakers)]
    return [news for one in known if (news := one.news())]


def forget() -> None:
    """Start anew with every breaker closed."""
    with _lock:
        _breakers.clear()
