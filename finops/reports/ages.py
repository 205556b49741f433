"""How old the figures are."""

from datetime import datetime

from django.db import models
from django.db.models import Max

from portal.jobs.models import SyncRun

KIND = "invocation_logs"


def data_age() -> datetime | None:
    """When the logs of the scope that lags most were last read to their end; None if any never was."""
    scopes = dict(
        SyncRun.objects.filter(kind=KIND)
        .values_list("scope")
        .annotate(Max("finished_at", filter=_complete()))
        .order_by()
    )
    if not scopes or None in scopes.values():
        return None
    return min(scopes.values())


def _complete() -> models.Q:
    return models.Q(state=SyncRun.State.DONE)
