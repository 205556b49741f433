"""What a service showed a moment ago: reads that come too early see the state before a write.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency. The state
is a pickle of one account's backends of one service; only answers come from it, every write meets the truth.
"""

import pickle  # of what this process pickled itself, in its own memory
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portal.sandbox.state import KEPT

BACKENDS = {"bedrock": "bedrock", "bedrock-runtime": "bedrock", "iam": "iam", "budgets": "budgets"}
GLOBAL = ("iam", "budgets")


@dataclass(frozen=True, slots=True)
class _Before:
    until: float
    content: bytes


class Past:
    """Keeps the states before writes for as long as their faults say. Used while requests are paused."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = monotonic
        self._kept: dict[tuple[str, str], list[_Before]] = defaultdict(list)

    @property
    def any(self) -> bool:
        """Whether some state is kept, so that reads must look here."""
        return bool(self._kept)

    def keep(self, account: str, service: str, region: str, seconds: float) -> None:
        """Remember how the account's service stands before a write."""
        if service not in BACKENDS:
            return
        backends = KEPT[BACKENDS[service]][account]
        backends["aws" if service in GLOBAL else region]  # moto makes it at the first look
        content = pickle.dumps(dict(backends.items()), protocol=pickle.HIGHEST_PROTOCOL)
        self._kept[account, BACKENDS[service]].append(_Before(self._now() + seconds, content))

    @contextmanager
    def shown(self, account: str, service: str) -> Iterator[None]:
        """Let reads in the block see the oldest state that is still shown, if there is one."""
        place = account, BACKENDS.get(service, "")
        self._kept[place] = [before for before in self._kept[place] if before.until > self._now()]
        if not self._kept[place]:
            del self._kept[place]
            yield
            return
        backends = KEPT[place[1]][account]
        live = dict(backends.items())
        backends.update(_restored(self._kept[place][0], live))
        try:
            yield
        finally:
            backends.update(live)

    def forget(self) -> None:
        """Show everything from now on."""
        self._kept.clear()


def _restored(before: _Before, live: dict[str, object]) -> dict[str, object]:
    regions: dict[str, object] = pickle.loads(before.content)  # noqa: S301  # see the import
    for name, backend in regions.items():
        if hasattr(backend, "access_keys"):
            # Sessions that began since then must still be known: they are who asks.
            backend.access_keys = getattr(live[name], "access_keys")  # noqa: B009
    return regions
