"""Whether the meters run: objects that could not be read, lines that are no records, models that nobody knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from finops.models import BadLine, LogObject, SpendDay
from portal.jobs.models import SyncRun
from portal.lib import clock

WINDOW = timedelta(days=92)


@dataclass(frozen=True)
class Scope:
    """One place that logs: an account and region."""

    account: str
    region: str
    objects: int
    records: int
    bad: int
    failed: int
    newest: datetime | None


def scopes() -> list[Scope]:
    """What was read from each account and region in the last 92 days."""
    recent = LogObject.objects.filter(hour__gte=clock.now() - WINDOW)
    counted = recent.values("account", "region").annotate(
        n=Count("id"), sum_records=Sum("records"), sum_bad=Sum("bad"), newest=Max("last_at"),
        failed=Count("id", filter=Q(state=LogObject.State.FAILED)),
    )  # fmt: skip
    return [
        Scope(s["account"], s["region"], s["n"], s["sum_records"], s["sum_bad"], s["failed"], s["newest"])
        for s in counted.order_by("account", "region")
    ]


def failed_objects(limit: int = 50) -> QuerySet[LogObject]:
    """Objects that could not be read yet; each is tried again."""
    return LogObject.objects.filter(state=LogObject.State.FAILED).order_by("-hour")[:limit]


def bad_lines(limit: int = 50) -> QuerySet[BadLine]:
    """Lines that were skipped, by reference."""
    return BadLine.objects.select_related("object").order_by("-object__hour", "number")[:limit]


def unmapped() -> list[dict[str, Any]]:
    """References to models that nobody knows, with their traffic of 92 days."""
    recent = SpendDay.objects.filter(mapped=False, day__gt=clock.today() - WINDOW)
    return [dict(row) for row in recent.values("model_id", "account").annotate(n=Sum("requests")).order_by("-n")]


def unpriced() -> list[dict[str, Any]]:
    """Every model that was called without a known price: also those that nobody knows (`mapped` says which)."""
    recent = SpendDay.objects.filter(priced=False, day__gt=clock.today() - WINDOW)
    rows = recent.values("model_id", "region", "mapped").annotate(n=Sum("requests"))
    return [dict(row) for row in rows.order_by("-n", "model_id", "region")]


def running() -> QuerySet[SyncRun]:
    """Reads of logs that run now."""
    return SyncRun.objects.filter(kind="invocation_logs", state=SyncRun.State.RUNNING)
