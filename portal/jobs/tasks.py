"""The outbox's own jobs."""

from portal.jobs import pruning
from portal.jobs.registry import task


@task("jobs.canary", every=20, max_attempts=1)
def canary(argument: int | None) -> None:
    """Nothing to do: that it was scheduled, sent, claimed and finished is what /readyz looks at."""


@task("jobs.prune", every=3600)
def prune(argument: int | None) -> None:
    """Delete what is over and was kept long enough."""
    pruning.prune()
