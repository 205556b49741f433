"""Killing real processes in the middle of their work, with proof that the kill hit something.

    with machine(committed_database) as stack:
        enqueue_the_work()
        for _ in range(10):
            hit = kill_at_work(stack, name="finops.ingest")
            ...
        finish(stack)

A fault that hit nothing proves nothing: every kill asserts that its process ran, that it is gone, and that a job which
it had claimed is unfinished.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.jobs.models import Job
from portal.local import processes
from portal.local.stack import Stack
from tests.conftest import CommittedDatabase

# Claims, heartbeats and sweeps that are short enough to see a takeover within seconds.
FAST = {"ATRIUM_JOB_CLAIM_SECONDS": "2", "ATRIUM_JOB_HEARTBEAT_SECONDS": "0.5", "ATRIUM_JOB_SWEEP_SECONDS": "0.5"}
POLL_S = 0.01
LIMIT_S = 120.0


@dataclass(frozen=True)
class Hit:
    """A claimed job that a kill left unfinished. attempt: that of the claim which died."""

    job: int
    name: str
    attempt: int


@contextmanager
def machine(
    database: CommittedDatabase, parts: tuple[str, ...] = ("worker", "sweeper"), *, faster: bool = True
) -> Iterator[Stack]:
    """Processes of their own for a test, on its own database, broker number and sandbox account."""
    folder = Path(tempfile.mkdtemp(prefix="machine-", dir=os.environ["ATRIUM_TEST_FOLDER"]))
    with Stack(folder, parts, environ={**database.environ, **(FAST if faster else {})}) as stack:
        yield stack


def kill_at_work(stack: Stack, *, name: str, when: Callable[[], bool] | None = None, part: str = "worker") -> Hit:
    """Wait until a job of that name runs (and `when()` holds), SIGKILL the part, and start it again.

    A job that ended just before the kill does not count: the kill is then repeated on the next one.
    """
    while True:
        until(lambda: bool(_running(stack, name)) and (when is None or when()), f"a job {name} runs")
        before = _running(stack, name)
        _kill(stack, part)
        left = before & _claimed(name)
        stack.start(part)
        if left:
            return min(left, key=lambda hit: hit.job)


def finish(stack: Stack, *, limit_s: float = LIMIT_S) -> None:
    """Wait until every part runs and no job waits or runs. Fails when a job died for good."""
    for part in stack.fallen():
        stack.start(part)
    open_states = [Job.State.PENDING, Job.State.CLAIMED]
    until(lambda: not Job.objects.filter(state__in=open_states).exists(), "all jobs are done", limit_s)
    dead = list(Job.objects.filter(state=Job.State.DEAD).values_list("name", "error"))
    assert not dead, f"jobs died: {dead}"


def until(condition: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
    """Wait for a condition; the limit only turns a wait for ever into a failure that says what was waited for."""
    limit = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < limit, f"waited {limit_s:.0f} s in vain: {what}"
        time.sleep(POLL_S)


def _running(stack: Stack, name: str) -> set[Hit]:
    """The claims of processes that live; that of a killed one stays until it runs out, and no kill can hit it again."""
    living = {str(process.pid) for process in stack.processes("worker")}
    rows = Job.objects.filter(name=name, state=Job.State.CLAIMED).values_list("pk", "name", "attempt", "claimed_by")
    return {Hit(*row) for *row, claimed_by in rows if claimed_by.rpartition("/")[2] in living}


def _claimed(name: str) -> set[Hit]:
    rows = Job.objects.filter(name=name, state=Job.State.CLAIMED).values_list("pk", "name", "attempt")
    return {Hit(*row) for row in rows}


def _kill(stack: Stack, part: str) -> None:
    victims = stack.processes(part)
    assert victims, f"{part} does not run, so it cannot be killed"
    stack.kill(part)
    assert not [victim for victim in victims if processes.is_alive(victim)], f"{part} survived its kill"
    assert stack.fallen() == [part], "the kill reached another part"
