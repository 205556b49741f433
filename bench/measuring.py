"""Wall and processor time of this process. On a busy machine the second says more."""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Things a second: of the clock, and of this process's time on a processor."""

    wall: float
    cpu: float


class Timer:
    """Runs from the moment it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def measured(self, things: int) -> Measured:
        """How many a second."""
        return Measured(things / (time.perf_counter() - self._wall), things / (time.process_time() - self._cpu))
