"""Whether the figures are whole: logs that are being read right now make every comparison premature."""

from dataclasses import dataclass

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from finops.reports.ages import KIND
from portal.jobs.models import SyncRun

# The few objects that each look finds are no reason to doubt the figures.
WORTH_SAYING = 50


@dataclass(frozen=True)
class Reading:
    """Logs that are being read: objects done and known so far."""

    done: int
    total: int


def reading() -> Reading | None:
    """What is being read now, if it is enough to change the figures."""
    running = SyncRun.objects.filter(kind__startswith=KIND, state=SyncRun.State.RUNNING)
    sums = running.aggregate(read=Coalesce(Sum("done"), 0), known=Coalesce(Sum(Coalesce("total", F("done"))), 0))
    left = sums["known"] - sums["read"]
    return Reading(sums["read"], sums["known"]) if left > WORTH_SAYING else None
