"""What a sync tells about itself while it runs and when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db.models import Q, QuerySet

from portal.jobs.claims import current
from portal.jobs.errors import in_words
from portal.jobs.models import Job, SyncRun
from portal.lib import clock

PROGRESS_EVERY_S = 1.0
# A run outside any job (a command) that showed no progress for so long is taken for dead.
SILENCE = timedelta(hours=1)
DIED = "It was interrupted: its worker died or was cut off."


class Run:
    """The handle of a running sync. `rows` counts what it stored and is the caller's to raise."""

    def __init__(self, record: SyncRun) -> None:
        self.record = record
        self.rows = 0
        self._reason = ""
        self._failure = ""
        self._told_at = monotonic()

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far it is, in units of work; written at most each second.

        Call it between transactions: inside one, nobody would see it before the end.
        """
        self.record.done, self.record.total = done, total
        if monotonic() - self._told_at >= PROGRESS_EVERY_S:
            self._told_at = monotonic()
            self._write(done=done, total=total, rows=self.rows, seen_at=clock.wall())

    def partial(self, reason: str) -> None:
        """Say in a sentence what could not be done while the rest was: the run will end as done in part."""
        self._reason = reason

    def failed(self, reason: str) -> None:
        """Say in a sentence why nothing at all could be done: the run will end as failed, and its caller goes on."""
        self._failure = reason

    def end(self, error: str = "") -> None:
        """Write how it ended: failed with an error, in part with a reason, else done."""
        error = error or self._failure
        partly = SyncRun.State.PARTIAL if self._reason else SyncRun.State.DONE
        self._write(
            state=SyncRun.State.FAILED if error else partly,
            error=error or self._reason,
            finished_at=clock.now(),
            seen_at=clock.wall(),
            rows=self.rows,
            done=self.record.done,
            total=self.record.total,
        )

    def _write(self, **changes: object) -> None:
        """A run that was declared dead stays so: its successor counts."""
        SyncRun.objects.filter(pk=self.record.pk, state=SyncRun.State.RUNNING).update(**changes)


@contextmanager
def running(kind: str, *, scope: str, window: tuple[datetime, datetime] | None = None) -> Iterator[Run]:
    """Record a block as one sync of `kind` over `scope`; an exception ends it as failed and goes on upwards.

    window: the period that it covers, aware, from inclusive to exclusive. Enter it outside any transaction.
    """
    job = current()
    if job is not None:
        _fail(SyncRun.objects.filter(job=job, kind=kind, scope=scope))
    start, until = window or (None, None)
    run = Run(SyncRun.objects.create(kind=kind, scope=scope, window_from=start, window_to=until, job=job))
    try:
        yield run
    except BaseException as error:
        run.end(in_words(error))
        raise
    run.end()


def fail_abandoned() -> int:
    """End the runs whose job is over or back in the queue, and those of no job that went silent. Returns how many.

    A job that has just ended gets the time of a claim, since `fenced(final=True)` ends it before its sync ends.
    """
    now = clock.wall()
    just_now = now - timedelta(seconds=settings.JOB_CLAIM_SECONDS)
    over = Q(job__state=Job.State.PENDING) | Q(job__finished_at__lt=just_now)
    return _fail(SyncRun.objects.filter(over | Q(job=None, seen_at__lt=now - SILENCE)))


def _fail(runs: QuerySet[SyncRun]) -> int:
    living = runs.filter(state=SyncRun.State.RUNNING).values("pk")
    changes = {"state": SyncRun.State.FAILED, "error": DIED, "finished_at": clock.now()}
    return SyncRun.objects.filter(pk__in=living).update(**changes)
