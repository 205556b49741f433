"""How old the figures are."""

from datetime import datetime

from django.db.models import Max

from hub.models import AccountRegion
from portal.jobs.models import SyncRun

KIND = "invocation_logs"
KIND_OF_COPIES = "invocation_logs_copies"  # whoever brings older logs into the buckets; done: what of it is counted
WHOLE_TASK = "finops.sync_region_logs_whole"
UNFINISHED = "The time of one run was up; the next one goes on."


def data_age() -> datetime | None:
    """When the logs of the place that lags most were last read to their end; None if those of any never were."""
    places = AccountRegion.objects.exclude(logging_bucket="").select_related("account")
    scopes = {place.scope for place in places}
    done = SyncRun.objects.filter(kind=KIND, scope__in=scopes, state=SyncRun.State.DONE).order_by()
    ends = dict(done.values_list("scope").annotate(Max("finished_at")))
    return min(ends.values()) if ends.keys() == scopes and ends else None
