"""An answer that costs something, asked for once and told to many."""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Calls `ask` at most once at a time, and not again for `fresh_s` seconds after it answered.

    While somebody asks anew, all others get the last answer unless it is older than `at_most_s`: then they wait.
    What `ask` raises goes to who asked, and nothing is kept.
    """

    def __init__(self, ask: Callable[[], T], *, fresh_s: float, at_most_s: float) -> None:
        self.ask, self.fresh_s, self.at_most_s = ask, fresh_s, at_most_s
        self._asking = Lock()
        self._last: tuple[float, T] | None = None

    def __call__(self) -> T:
        last = self._younger_than(self.fresh_s)
        if last is None:
            usable = self._younger_than(self.at_most_s)
            last = usable if usable and self._asking.locked() else self._asked()
        return last[1]

    def forget(self) -> None:
        """Ask anew at the next call."""
        self._last = None

    def _asked(self) -> tuple[float, T]:
        with self._asking:
            last = self._younger_than(self.fresh_s)
            if last is None:
                answer = self.ask()
                last = self._last = (monotonic(), answer)
            return last

    def _younger_than(self, seconds: float) -> tuple[float, T] | None:
        last = self._last
        return last if last and monotonic() - last[0] < seconds else None
