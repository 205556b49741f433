"""Reading invocation logs in the background."""

from finops.actions import log_sync
from finops.reports.ages import WHOLE_TASK
from hub.models import AccountRegion
from portal.jobs.registry import task


@task("finops.sync_logs", every=300)
def sync_logs(_: None) -> None:
    log_sync.enqueue_all(log_sync.REGION_TASK)


@task(log_sync.REGION_TASK)
def sync_region_logs(place_id: int) -> None:
    log_sync.sync_logs(AccountRegion.objects.select_related("account").get(pk=place_id))


@task(WHOLE_TASK)
def sync_region_logs_whole(place_id: int) -> None:
    log_sync.sync_whole(AccountRegion.objects.select_related("account").get(pk=place_id))


# What AWS delivered too late for the other.
@task("finops.sync_late_logs", every=86400)
def sync_late_logs(_: None) -> None:
    log_sync.enqueue_all(log_sync.DAYS_TASK)


@task(log_sync.DAYS_TASK)
def sync_region_days(place_id: int) -> None:
    log_sync.sync_days(AccountRegion.objects.select_related("account").get(pk=place_id))
