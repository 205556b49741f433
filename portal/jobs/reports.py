"""What the Platform pages and /readyz tell about jobs and syncs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, QuerySet

from portal.jobs.models import Job, SyncRun
from portal.jobs.registry import TASKS
from portal.lib import clock

CANARY = "jobs.canary"


def counts() -> dict[str, int]:
    """The number of jobs in each state; a state without jobs has 0."""
    found = dict(Job.objects.order_by().values_list("state").annotate(number=Count("pk")))
    return {state: found.get(state, 0) for state in Job.State.values}


def waiting() -> QuerySet[Job]:
    """Jobs that are due and not begun, the longest waiting first."""
    return Job.objects.filter(state=Job.State.PENDING, not_before__lte=clock.wall()).order_by("not_before", "pk")


def longest_wait() -> timedelta:
    """For how long the oldest due job has waited; zero when none does."""
    oldest = waiting().values_list("not_before", flat=True).first()
    return clock.wall() - oldest if oldest else timedelta()


def dead() -> QuerySet[Job]:
    """Jobs that failed for good, the newest first."""
    return Job.objects.filter(state=Job.State.DEAD).order_by("-finished_at", "-pk")


def failing() -> QuerySet[Job]:
    """Jobs that failed and will be tried again, those with the most failures first."""
    return Job.objects.filter(state=Job.State.PENDING, failures__gt=0).order_by("-failures", "not_before")


def canary_age() -> timedelta | None:
    """How long ago the last canary job finished; None when none ever did."""
    done = Job.objects.filter(name=CANARY, state=Job.State.DONE).order_by("-pk").values_list("finished_at", flat=True)
    finished_at = done.first()
    return clock.wall() - finished_at if finished_at else None


@dataclass(frozen=True)
class Schedule:
    """A task of the schedule with its newest job, None before the first. every: seconds."""

    name: str
    every: int
    job: Job | None


def schedules() -> list[Schedule]:
    """The schedule by name, in three queries or fewer."""
    every = {task.name: task.every for task in TASKS.values() if task.every}
    newest = Job.objects.filter(name__in=every).order_by().values("name").annotate(newest=Max("pk"))
    jobs = Job.objects.in_bulk([row["newest"] for row in newest])
    by_name = {job.name: job for job in jobs.values()}
    return [Schedule(name, seconds, by_name.get(name)) for name, seconds in sorted(every.items())]


@dataclass(frozen=True)
class SyncState:
    """How one kind of sync stands over one scope.

    newest: its last run, in whatever state. data_from: when the last run that brought data (done, or in part) ended.
    """

    newest: SyncRun
    data_from: datetime | None

    @property
    def age(self) -> timedelta | None:
        """How old the data is by the business clock; None when there is none."""
        return clock.now() - self.data_from if self.data_from else None


def syncs(kind: str | None = None) -> list[SyncState]:
    """The state of each kind and scope, ordered so; `kind` restricts it to one. Two queries."""
    runs = SyncRun.objects.all() if kind is None else SyncRun.objects.filter(kind=kind)
    brought = runs.filter(state__in=(SyncRun.State.DONE, SyncRun.State.PARTIAL)).order_by()
    ended = {(row[0], row[1]): row[2] for row in brought.values_list("kind", "scope").annotate(Max("finished_at"))}
    newest = runs.order_by("kind", "scope", "-started_at", "-pk").distinct("kind", "scope").select_related("job")
    return [SyncState(run, ended.get((run.kind, run.scope))) for run in newest]


def sync(kind: str, scope: str) -> SyncState | None:
    """The state of one kind over one scope, None when it never ran."""
    newest = SyncRun.objects.filter(kind=kind, scope=scope).first()
    if newest is None:
        return None
    brought = SyncRun.objects.filter(kind=kind, scope=scope, state__in=(SyncRun.State.DONE, SyncRun.State.PARTIAL))
    return SyncState(newest, brought.aggregate(at=Max("finished_at"))["at"])
