"""How much a drill does, and within which limits it must end well."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """jobs: effect rows asked for, beside all other work; times: of each fault; away_s: how long the broker is out of
    reach; the last four are the settings of the outbox and the most seconds in which all must be done after the last
    fault.
    """

    jobs: int
    times: int
    away_s: float
    claim_s: float
    heartbeat_s: float
    sweep_s: float
    drain_s: float = 90.0

    @property
    def longest_s(self) -> float:
        """The most seconds that a job may take from its acceptance to its end: claim, two sweeps and ten seconds."""
        return self.claim_s + 2 * self.sweep_s + 10

    @property
    def environ(self) -> dict[str, str]:
        """The settings as the processes read them."""
        return {
            "ATRIUM_JOB_CLAIM_SECONDS": str(self.claim_s),
            "ATRIUM_JOB_HEARTBEAT_SECONDS": str(self.heartbeat_s),
            "ATRIUM_JOB_SWEEP_SECONDS": str(self.sweep_s),
            "ATRIUM_JOB_RETRY_SECONDS": "0.5",
        }


FULL = Size(jobs=400, times=3, away_s=10, claim_s=4, heartbeat_s=1, sweep_s=1)
SHORT = Size(jobs=45, times=1, away_s=3, claim_s=1, heartbeat_s=0.25, sweep_s=0.25)
P99_S = 20.0
