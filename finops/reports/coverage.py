"""Whether the figures are whole: while history is known to be missing, nothing may be concluded from them."""

from dataclasses import dataclass

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Concat

from finops.models import CubeDay, LogObject
from finops.reports.ages import KIND, KIND_OF_COPIES, UNFINISHED, WHOLE_TASK
from hub.models import AccountRegion
from portal.jobs.models import Job, SyncRun
from portal.lib.numbers import count

# The few objects that each look finds, and the days that they fall on, are no reason to doubt the figures.
WORTH_SAYING = 50
DAYS_WORTH_SAYING = 3
MOST_COUNTED = 1_000_000  # the ledger is counted no further: a page waits for it

State = SyncRun.State


@dataclass(frozen=True)
class Reading:
    """Objects that are counted, and how many more are known; days whose costs must be built of what is counted."""

    done: int
    left: int
    days: int

    @property
    def words(self) -> str:
        """What is going on, as a title."""
        if self.left:
            return f"History is being read: {count(self.done)} of {count(self.done + self.left)} objects"
        if self.days > DAYS_WORTH_SAYING:
            return f"Costs are being built: {self.days} days to go"
        return f"History is being read: {count(self.done)} objects so far"


def reading() -> Reading | None:
    """What is known to be missing from the figures, None if that is too little to change a finding.

    It is, while a sync has more than a few objects before it; older logs are being copied in; a whole bucket is to be
    listed, or the last look at one ended before its end; a place that logs was never read to its end, unless it fails
    (the age of the data says that); or more than a few days wait for their costs.
    """
    foreseen = _foreseen()
    left = max(_left(), foreseen or 0)  # the same objects: what was copied in is listed next
    days = CubeDay.objects.exclude(built=F("version")).count()
    many = left > WORTH_SAYING or days > DAYS_WORTH_SAYING
    if many or foreseen is not None or _is_to_be_listed() or _has_unread_places():
        counted = LogObject.objects.filter(state=LogObject.State.LOADED).order_by()
        return Reading(counted[:MOST_COUNTED].count(), left, days)
    return None


def _left() -> int:
    """Objects that syncs which run now have listed and not counted."""
    running = SyncRun.objects.filter(kind__startswith=KIND, state=State.RUNNING).exclude(kind=KIND_OF_COPIES)
    more = Case(When(total__gt=F("done"), then=F("total") - F("done")), default=Value(0))
    found: int = running.aggregate(left=Coalesce(Sum(more), 0))["left"]
    return found


def _foreseen() -> int | None:
    """Objects that are still to come where older logs are copied in; None where that is done or never began.

    Only its latest run counts, also one that was cut off: what it did not bring is missing until another one ends.
    """
    copies = SyncRun.objects.filter(kind=KIND_OF_COPIES)
    newest = copies.order_by("scope", "-started_at", "-pk").distinct("scope")
    open_ones = [run for run in newest if run.state != State.DONE]
    return sum(max((run.total or 0) - run.done, 0) for run in open_ones) if open_ones else None


def _is_to_be_listed() -> bool:
    return Job.objects.filter(name=WHOLE_TASK, state__in=(Job.State.PENDING, Job.State.CLAIMED)).exists()


def _has_unread_places() -> bool:
    runs = SyncRun.objects.filter(kind=KIND, scope=OuterRef("place")).order_by("-started_at", "-pk")
    places = AccountRegion.objects.exclude(logging_bucket="").annotate(
        place=Concat("account__number", Value("/"), "region"),
        newest=Subquery(runs.values("state")[:1]),
        ended=Subquery(runs.exclude(state=State.RUNNING).values("error")[:1]),
        whole=Exists(runs.filter(state=State.DONE)),
    )
    never = Q(whole=False) & (Q(newest=None) | Q(newest__in=(State.RUNNING, State.PARTIAL)))
    return places.filter(never | Q(ended=UNFINISHED)).exists()
