"""A circuit breaker for each account, region and service, in each process: who fails again and again is left alone.

A call counts as failed when it failed in spite of its retries and might work later (throttled, away). After FAILURES
of those in a row calls are refused at once. When REST is over one call is let through: its end decides, and the end of
no call that was let through before.
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
    """How a service stands in a region of an account, and what came of the calls since the last reading.

    since: when it came to this state; rests_until: before that no call is let through, None while it is closed;
    error: what was said last when a call failed, "" if none did; error_at: when.
    """

    account: str
    region: str
    service: str
    state: State
    since: datetime
    rests_until: datetime | None
    error: str
    error_at: datetime | None
    calls: int
    failures: int
    throttled: int


@dataclass(slots=True)
class Breaker:
    """The breaker of one service in one region of an account. Every method is called by any thread.

    admitted: what `admit` gave for the call. A call of an earlier number than the present one was let through before
    the breaker opened or tried: it is counted, and tells nothing of how AWS stands now.
    """

    account: str
    region: str
    service: str
    state: State = State.CLOSED
    since: datetime = field(default_factory=clock.wall)
    error: str = ""
    error_at: datetime | None = None
    _in_a_row: int = 0
    _free_at: float = 0.0
    _number: int = 0
    _counted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("calls", "failures", "throttled"), 0))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self) -> int:
        """Let a call through, or raise Unavailable with a sentence that says since when and why."""
        with self._lock:
            if self.state != State.CLOSED:
                if time.monotonic() < self._free_at:
                    raise Unavailable(self._sentence(), code="CircuitOpen")
                self._move(State.PROBING)
                self._rest(PROBE_LIMIT)
            return self._number

    def succeeded(self, admitted: int) -> None:
        """AWS answered, be it with a refusal: it is there."""
        with self._lock:
            self._counted["calls"] += 1
            if admitted == self._number:
                self._in_a_row = 0
                self._move(State.CLOSED)

    def failed(self, error: AwsError, admitted: int) -> None:
        """A call failed in spite of its retries and might work later."""
        with self._lock:
            self._counted["calls"] += 1
            self._counted["failures"] += 1
            self._counted["throttled"] += isinstance(error, Throttled)
            self.error, self.error_at = error.sentence, clock.wall()
            if admitted == self._number:
                self._in_a_row += 1
                if self.state == State.PROBING or self._in_a_row >= FAILURES:
                    self._move(State.OPEN)
                    self._rest(REST)

    def given_up(self, admitted: int) -> None:
        """A call ended before it reached AWS: it says nothing of AWS, and another one may go first."""
        with self._lock:
            if self.state == State.PROBING and admitted == self._number:
                self._move(State.OPEN)
                self._free_at = 0.0

    def news(self) -> Reading | None:
        """What came of the calls since the last time that this was asked; None if there were none and it is closed."""
        with self._lock:
            if not self._counted["calls"] and self.state == State.CLOSED:
                return None
            counted = dict(self._counted)
            self._counted.update(dict.fromkeys(counted, 0))
            return Reading(
                self.account, self.region, self.service, self.state, self.since, self._rests_until(), self.error,
                self.error_at, **counted,
            )  # fmt: skip

    def _move(self, state: State) -> None:
        if state != self.state:
            self.state, self.since = state, clock.wall()

    def _rest(self, rest: timedelta) -> None:
        """Let nobody through for that long; what was let through before decides nothing any more."""
        self._free_at = time.monotonic() + rest.total_seconds()
        self._number += 1

    def _rests_until(self) -> datetime | None:
        left = max(0.0, self._free_at - time.monotonic())
        return None if self.state == State.CLOSED else clock.wall() + timedelta(seconds=left)

    def _sentence(self) -> str:
        where = f"in account {self.account}, {self.region}," if self.account else f"in {self.region} for Atrium itself"
        left = max(1, round(self._free_at - time.monotonic()))
        return (
            f"AWS {self.service} {where} failed {FAILURES} times in a row or more; it is left alone for {left} more "
            f"second{'s' if left > 1 else ''}. The last thing it said: {self.error}"
        )


_breakers: dict[tuple[str, str, str], Breaker] = {}
_lock = threading.Lock()


def of(account: str, region: str, service: str) -> Breaker:
    """The breaker of a place, the same one for all threads of this process; account "" is Atrium's own identity."""
    place = account, region, service
    with _lock:
        return _breakers.setdefault(place, Breaker(*place))


def readings() -> list[Reading]:
    """The news of all breakers, sorted by place; calls are told once, and a breaker that is not closed each time."""
    with _lock:
        known = [_breakers[place] for place in sorted(_breakers)]
    return [news for one in known if (news := one.news())]


def forget() -> None:
    """Start anew with every breaker closed."""
    with _lock:
        _breakers.clear()
