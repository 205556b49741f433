"""How old the figures are."""

from datetime import datetime

from django.db.models import Max, Q

from portal.jobs.models import SyncRun

KIND = "invocation_logs"


def data_age() -> datetime | None:
    """When the logs of the scope that lags most were last read to their end; None if any never was."""
    done = Max("finished_at", filter=Q(state=SyncRun.State.DONE))
    ends = [end for _, end in SyncRun.objects.filter(kind=KIND).values_list("scope").annotate(end=done).order_by()]
    known = [end for end in ends if end is not None]
    return min(known) if known and len(known) == len(ends) else None
